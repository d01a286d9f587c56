#!/bin/sh
# new-plugin.sh NAME - start a new architecture: plugins/NAME.c from linear.c, and its lines in
# plugins/local.mk. After `make` it can be used; tests/plugin.sh checks it like all others.
set -eu
cd "$(dirname "$0")/.."

if test $# -ne 1; then
	echo "usage: build-aux/new-plugin.sh NAME" >&2
	exit 2
fi
name=$1
case $name in
'' | [!a-z]* | *[!a-z0-9_]*)
	echo "new-plugin.sh: '$name' must begin with a-z and hold only a-z, 0-9 and _" >&2
	exit 2
	;;
esac
if test -e "plugins/$name.c"; then
	echo "new-plugin.sh: plugins/$name.c exists already" >&2
	exit 1
fi

# The comment at the top and the summary are yours to write; what stands there says so.
sed -e "1,/\*\//c\\
/* $name - say what this network is and where it comes from. */" \
	-e "s/\.name = \"linear\"/.name = \"$name\"/" \
	-e "s/\.summary = \".*\"/.summary = \"started from linear: say what it is\"/" \
	plugins/linear.c >"plugins/$name.c"
cat >>plugins/local.mk <<END

pluginexec_LTLIBRARIES += plugins/$name.la
plugins_${name}_la_SOURCES = plugins/$name.c
plugins_${name}_la_CPPFLAGS = \$(plugin_cppflags)
plugins_${name}_la_LDFLAGS = \$(plugin_ldflags)
plugins_${name}_la_LIBADD = lib/libmyopic.la
END
echo "plugins/$name.c is there; describe your network in build(), then make and
myopic-plugin --check $name"
