lib_libfilters_la_SOURCES += lib/score/score.h lib/score/private.h lib/score/score.c lib/score/numbers.c \
	lib/score/images.h lib/score/images.c lib/score/tiles.h lib/score/tiles.c lib/score/positions.h \
	lib/score/positions.c lib/score/result.c lib/score/against.c lib/score/mean.c lib/score/best.c lib/score/report_text.c \
	lib/score/report_json.c lib/score/report_tsv.c
