# What a plugin outside the tree is built with.
include_HEADERS = lib/plugin/myopic-plugin.h
pkgconfigdir = $(libdir)/pkgconfig
nodist_pkgconfig_DATA = lib/plugin/myopic.pc
lib_libmyopic_la_SOURCES += lib/plugin/myopic-plugin.h lib/plugin/plugin.h lib/plugin/arch.h \
	lib/plugin/load.c lib/plugin/options.c lib/plugin/describe.c lib/plugin/build.c \
	lib/plugin/contract.h lib/plugin/contract.c lib/plugin/gradients.c lib/plugin/check.c
