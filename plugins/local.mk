# One file is one architecture.
plugindir = $(pkglibdir)/plugins
PLUGIN_LDFLAGS = -module -avoid-version -shared -no-undefined \
	-export-symbols-regex '^myopic_plugin_entry$$'
