lib_libfilters_la_SOURCES += lib/erase/erase.h lib/erase/erase.c lib/erase/curves.c
