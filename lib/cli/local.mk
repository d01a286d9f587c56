lib_libcli_la_SOURCES += lib/cli/cli.h lib/cli/private.h lib/cli/options.c lib/cli/message.c \
	lib/cli/progress.c lib/cli/stop.c
