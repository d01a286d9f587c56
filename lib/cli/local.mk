lib_libcli_la_SOURCES += lib/cli/cli.h lib/cli/private.h lib/cli/options.c lib/cli/values.c lib/cli/help.c \
	lib/cli/history.c lib/cli/recipe.c lib/cli/message.c lib/cli/progress.c lib/cli/stop.c
