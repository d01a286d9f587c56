# What a plugin outside the tree is built with.
include_HEADERS = lib/plugin/myopic-plugin.h
pkgconfigdir = $(libdir)/pkgconfig
nodist_pkgconfig_DATA = lib/plugin/myopic.pc
