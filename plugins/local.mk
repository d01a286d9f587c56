# One file is one architecture, compiled as one outside of the tree would be: it sees the
# installed header alone. build-aux/new-plugin.sh NAME adds the lines of a new one. By the "exec" in the folder's name
# Automake knows that they are of this machine.
pluginexecdir = $(pkglibdir)/plugins
plugin_cppflags = -I$(top_srcdir)/lib/plugin
plugin_ldflags = -module -avoid-version -shared -no-undefined \
	-export-symbols-regex '^myopic_plugin_entry$$'

pluginexec_LTLIBRARIES += plugins/linear.la
plugins_linear_la_SOURCES = plugins/linear.c
plugins_linear_la_CPPFLAGS = $(plugin_cppflags)
plugins_linear_la_LDFLAGS = $(plugin_ldflags)
plugins_linear_la_LIBADD = lib/libmyopic.la

pluginexec_LTLIBRARIES += plugins/resnet9.la
plugins_resnet9_la_SOURCES = plugins/resnet9.c
plugins_resnet9_la_CPPFLAGS = $(plugin_cppflags)
plugins_resnet9_la_LDFLAGS = $(plugin_ldflags)
plugins_resnet9_la_LIBADD = lib/libmyopic.la

pluginexec_LTLIBRARIES += plugins/resnet.la
plugins_resnet_la_SOURCES = plugins/resnet.c
plugins_resnet_la_CPPFLAGS = $(plugin_cppflags)
plugins_resnet_la_LDFLAGS = $(plugin_ldflags)
plugins_resnet_la_LIBADD = lib/libmyopic.la

pluginexec_LTLIBRARIES += plugins/airbench.la
plugins_airbench_la_SOURCES = plugins/airbench.c
plugins_airbench_la_CPPFLAGS = $(plugin_cppflags)
plugins_airbench_la_LDFLAGS = $(plugin_ldflags)
plugins_airbench_la_LIBADD = lib/libmyopic.la
