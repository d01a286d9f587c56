#!/bin/sh
# An architecture made outside of the tree, as myopic-plugin(3) has it: the page's own example is
# compiled with what is installed (header, library, pkg-config file), checked, and trained for a step.
. "${srcdir:-.}/tests/setup.sh"
: "${builddir:?is set by make check}"
command -v pkg-config >/dev/null || skip "no pkg-config"
unset MAKEFLAGS MAKELEVEL MFLAGS

# The plugins stay where they are: to install them, libtool takes them away from under other tests.
root=$work/root
make -C "$builddir" install-libLTLIBRARIES install-binPROGRAMS install-includeHEADERS \
	install-nodist_pkgconfigDATA DESTDIR="$root" >install.log 2>&1 || {
	fail "make install"
	tail -20 install.log >&2
}
pc=$(find "$root" -name myopic.pc)
library=$(find "$root" -name 'libmyopic.so')
bin=$(dirname "$(find "$root" -name myopic-plugin -type f)")
if test -z "$pc" || test -z "$library"; then
	fail "myopic.pc or libmyopic.so is not installed"
	exit 1
fi
PKG_CONFIG_PATH=$(dirname "$pc") PKG_CONFIG_SYSROOT_DIR=$root
PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
LD_LIBRARY_PATH=$(dirname "$library")${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_ALLOW_SYSTEM_CFLAGS PKG_CONFIG_ALLOW_SYSTEM_LIBS LD_LIBRARY_PATH
PATH=$bin:$PATH
export PATH
test "$(command -v myopic-plugin)" = "$bin/myopic-plugin" || fail "not the installed program"
case $(pkg-config --variable=plugindir myopic) in
*/myopic/plugins) ;;
*) fail "pkg-config does not know the plugins' folder" ;;
esac

# ---- the example of the page ---------------------------------------------------------------
# Between the marker and .Ed; \e is roff's backslash.
sed -n '/^\.\\" tests\/outside\.sh takes/,/^\.Ed/p' "$top/man/myopic-plugin.3" |
	sed -e '/^\./d' -e 's/\\e/\\/g' -e 's/\\-/-/g' >swish.c
grep -q myopic_plugin_entry swish.c || fail "the page has no example"
# shellcheck disable=SC2046,SC2086  # flags are words
$CC -std=c11 -O2 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden -o swish.so swish.c \
	$(pkg-config --cflags --libs myopic) -lm || fail "the example does not compile"
if command -v nm >/dev/null; then
	test "$(nm -D --defined-only swish.so | sed 's/.* //')" = myopic_plugin_entry || fail "it exports more"
fi
myopic-plugin --check ./swish.so:width=4 >report || { fail "the example breaks the contract"; cat report >&2; }
status 1 myopic-plugin --size 3 ./swish.so
one_line
says "swish: an input of 3x3 is too small; at least 4x4 are needed"

# ---- a model of it ---------------------------------------------------------------------------
myopic-synth --count 32 --size 16 >images 2>/dev/null || fail "synth"
myopic-sample --size 8 <images 2>/dev/null |
	myopic-train --quiet --batch 16 --arch ./swish.so:width=4 -o m.safetensors || fail "train"
# A model knows its architecture by name.
mkdir folder && mv swish.so folder
MYOPIC_PLUGIN_PATH=$work/folder myopic-predict -m m.safetensors <images >predictions || fail "predict"
test -s predictions || fail "no predictions"
status 1 sh -c "myopic-predict -m m.safetensors <images >predictions"
says "swish"
