lib_libbase_la_SOURCES += lib/base/base.h lib/base/hash.h lib/base/error.c lib/base/clock.c lib/base/memory.c lib/base/rng.c \
	lib/base/pool.c lib/base/file.c lib/base/search.c lib/base/ids.c lib/base/share.c lib/base/softmax.c lib/base/utf8.c lib/base/column.c
