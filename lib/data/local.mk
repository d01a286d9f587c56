lib_libfilters_la_SOURCES += lib/data/data.h lib/data/batch.c lib/data/texture.h lib/data/texture.c lib/data/synth.c \
	lib/data/inflate.h lib/data/inflate.c lib/data/gunzip.h lib/data/gunzip.c lib/data/pack.h lib/data/pack.c lib/data/walk.h lib/data/walk.c \
	lib/data/store.h lib/data/store.c lib/data/root.h lib/data/root.c lib/data/source.h lib/data/source.c lib/data/cursor.c lib/data/braces.h lib/data/braces.c \
	lib/data/format.h lib/data/format.c lib/data/notes.h lib/data/notes.c lib/data/labels.h lib/data/labels.c lib/data/naming.c \
	lib/data/select.h lib/data/select.c lib/data/decode.h lib/data/decode.c lib/data/feed.h lib/data/feed.c lib/data/reading.h lib/data/reading.c \
	lib/data/dataset.c lib/data/cifar.c lib/data/folders.c lib/data/stl10.c lib/data/tiny_imagenet.c \
	lib/data/webdataset.c
