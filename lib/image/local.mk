lib_libfilters_la_SOURCES += lib/image/image.h lib/image/private.h lib/image/image.c lib/image/png.c \
	lib/image/jpeg.c lib/image/exif.c lib/image/turn.c lib/image/resize.c
