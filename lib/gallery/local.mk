lib_libfilters_la_SOURCES += lib/gallery/gallery.h lib/gallery/private.h lib/gallery/style.c lib/gallery/pixels.c lib/gallery/legend.c \
	lib/gallery/page.c lib/gallery/sheet.c lib/gallery/tells.c lib/gallery/names.c lib/gallery/folder.c lib/gallery/spool.c
