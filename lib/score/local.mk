lib_libmyopic_la_SOURCES += lib/score/score.h lib/score/score.c lib/score/report.c
