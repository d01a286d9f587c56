lib_libfilters_la_SOURCES += lib/patch/patch.h lib/patch/private.h lib/patch/patches.c lib/patch/crops.c \
	lib/patch/augment.c lib/patch/window.c lib/patch/grid.c
