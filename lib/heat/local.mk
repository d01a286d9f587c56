lib_libfilters_la_SOURCES += lib/heat/heat.h lib/heat/method.c lib/heat/grid.c lib/heat/tiles.h lib/heat/collect.c \
	lib/heat/tiles.c lib/heat/spread.c lib/heat/map.c lib/heat/floor.c lib/heat/picks.c lib/heat/sink.c \
	lib/heat/images.c lib/heat/places.h lib/heat/places.c lib/heat/score.c lib/heat/scores.c lib/heat/table.c
