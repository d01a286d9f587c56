lib_libmyopic_la_SOURCES += lib/data/data.h lib/data/batch.c lib/data/texture.h lib/data/texture.c lib/data/synth.c \
	lib/data/pack.h lib/data/pack.c lib/data/gunzip.h lib/data/gunzip.c lib/data/source.h lib/data/source.c \
	lib/data/format.h lib/data/format.c lib/data/select.h lib/data/select.c lib/data/dataset.c \
	lib/data/cifar.c lib/data/tiny_imagenet.c lib/data/folders.c
