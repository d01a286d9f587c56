lib_libfilters_la_SOURCES += lib/telling/telling.h lib/telling/tells.c lib/telling/enough.c
