lib_libfilters_la_SOURCES += lib/chart/chart.h lib/chart/private.h lib/chart/chart.c lib/chart/table.c lib/chart/lines.c \
	lib/chart/curves.c lib/chart/report.c lib/chart/calibration.c lib/chart/paper.c lib/chart/ticks.c lib/chart/axes.c \
	lib/chart/series.c lib/chart/words.c lib/chart/draw.c
