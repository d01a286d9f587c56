lib_libmyopic_la_SOURCES += lib/model/model.h lib/model/private.h lib/model/new.c lib/model/save.c lib/model/load.c \
	lib/model/normalise.c lib/model/classes.c lib/model/predictor.c lib/model/calibrator.c lib/model/predictions.c
