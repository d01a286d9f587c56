lib_libfilters_la_SOURCES += lib/inspect/inspect.h lib/inspect/summary.c lib/inspect/labels.c lib/inspect/compare.c
