lib_libmyopic_la_SOURCES += lib/train/train.h lib/train/private.h lib/train/schedule.c lib/train/span.c lib/train/log.c \
	lib/train/optimiser.h lib/train/optimiser.c lib/train/muon.c lib/train/average.c lib/train/trainer.c lib/train/rows.c lib/train/budget.c lib/train/run.c \
	lib/train/checkpoint.c lib/train/begin.c lib/train/intake.c lib/train/validator.c
