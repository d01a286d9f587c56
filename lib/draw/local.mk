lib_libfilters_la_SOURCES += lib/draw/draw.h lib/draw/page.h lib/draw/page.c lib/draw/text.c lib/draw/shapes.c lib/draw/svg.c \
	lib/draw/scale.c lib/draw/colours.c
