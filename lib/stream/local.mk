lib_libbase_la_SOURCES += lib/stream/stream.h lib/stream/private.h lib/stream/record.c lib/stream/document.c \
	lib/stream/header.c lib/stream/history.c lib/stream/reader.c lib/stream/writer.c lib/stream/table.c lib/stream/input.c lib/stream/json.c
