lib_libmyopic_la_SOURCES += lib/score/score.h lib/score/ids.h lib/score/ids.c lib/score/score.c lib/score/report.c
