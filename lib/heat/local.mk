lib_libmyopic_la_SOURCES += lib/heat/heat.h lib/heat/grid.c lib/heat/tiles.h lib/heat/read.c \
	lib/heat/map.c lib/heat/sink.c lib/heat/images.c lib/heat/colour.c lib/heat/canvas.h \
	lib/heat/canvas.c lib/heat/page.c lib/heat/sheet.c lib/heat/gallery.c lib/heat/score.c
