lib_libmyopic_la_SOURCES += lib/data/data.h lib/data/batch.c lib/data/texture.h lib/data/texture.c lib/data/synth.c
