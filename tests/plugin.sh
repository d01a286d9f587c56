#!/bin/sh
# Every architecture that is built keeps the contract, and every way to break it has its message.
. "${srcdir:-.}/tests/setup.sh"
: "${builddir:?is set by make check}"
built=$MYOPIC_PLUGIN_PATH

# ---- what is built ------------------------------------------------------------------------
# Narrow ones, to be quick; every form and kind of block.
narrow() {
	case $1 in
	linear) echo linear linear:grid=3,bias=0 ;;
	resnet9) echo resnet9:width=6 resnet9:width=4,momentum=0.9 ;;
	airbench) echo airbench:width=6 airbench:width=4,width2=9,width3=5,activation=relu,pools=2 \
		airbench:width=5,depth=3,whiten=0 airbench:width=4,pools=2,head=max ;;
	resnet) echo resnet:depth=8,width=6 resnet:form=imagenet,width=4 \
		resnet:form=imagenet,depth=50,width=2 resnet:form=small,depth=34,width=3 ;;
	*) echo "$1" ;;
	esac
}

count=0
for file in "$built"/*.so; do
	name=$(basename "$file" .so)
	count=$((count + 1))
	for spec in $(narrow "$name"); do
		myopic-plugin --check "$spec" >report 2>stderr || {
			fail "$spec does not keep the contract"
			cat report stderr >&2
		}
		test "$(grep -c '^  ok ' report)" -eq 9 || fail "$spec: not 9 points were checked"
	done
	if command -v nm >/dev/null; then
		test "$(nm -D --defined-only "$file" | sed 's/.* //')" = myopic_plugin_entry ||
			fail "$file exports more than myopic_plugin_entry"
	fi
done
test "$count" -ge 4 || fail "only $count plugins are built"

# ---- what is broken -------------------------------------------------------------------------
compile() {
	# shellcheck disable=SC2086  # CC may hold flags
	$CC -std=c11 -Wall -Wextra -Werror -shared -fPIC -I"$top/lib/plugin" -o "$1.so" "$src/plugins/$1.c" \
		-L"$builddir/lib/.libs" -lmyopic || fail "$1 does not compile"
}

# refused NAME TEXT: can't be loaded, and TEXT is why.
refused() {
	compile "$1"
	status 1 myopic-plugin "./$1.so"
	one_line
	says "myopic-plugin: ./$1.so: $2"
	checked="$checked $1"
}

# breaks NAME POINT TEXT: loads, but the contract's POINT fails and TEXT is why.
breaks() {
	compile "$1"
	status 1 myopic-plugin --check "./$1.so"
	one_line
	says "of the contract fail"
	grep "^  FAIL  $2 " stdout >line || { fail "$1: '$2' does not fail"; sed 's/^/  | /' stdout >&2; }
	grep -qF -e "$3" line || { fail "$1 does not say '$3'"; sed 's/^/  | /' line >&2; }
	checked="$checked $1"
}

checked=
refused no-entry "not a plugin: it does not export myopic_plugin_entry()"
refused null-entry "myopic_plugin_entry() returns NULL"
refused wrong-abi "made for plugin interface 43, this is 2; compile it again"
refused small-size "its struct has 8 bytes, at least"
refused other-name "calls itself 'someone'; file and name must agree"
refused null-build "has no build(); set .build"
refused wrong-default "its table of options is wrong: option 'width': the default 8 is not within 16 to 64"
refused twice "its table of options is wrong: option 'width' stands twice in the table"
refused two-lines "its table of options is wrong: option 'depth' has no help of one line"
refused unknown-type "its table of options is wrong: option 'width' has the unknown type 77"
refused undefined "can't be loaded: "
says myo_no_such_operation
says "(define it, or link the plugin with the library that does)"

breaks unbuildable builds "nothing suits me"
breaks silent-failure builds "build() failed without saying why"
breaks no-output builds "output"
breaks unknown-option builds "build() asks for the whole number 'depth', which is not in its table"
breaks other-type builds "build() asks for 'depth' as a whole number, and its table has it as a real number"
breaks odd-name builds "the name of an operation must be a line of UTF-8"
breaks talks "keeps to itself" "writes to standard output or standard error: building for "
breaks catches "keeps to itself" "catches signal 2"
breaks crashes builds "crashed: signal 11"
breaks crashes-early loads "crashed: signal 6"
breaks exits builds "ended the process with status 0; a plugin must never exit"
breaks changes-its-mind "builds the same twice" "another shape in the next build"
breaks wrong-gradient gradients "the loss changes by"
breaks forgets-a-column gradients "the input"
breaks spills "thread invariance" "twice: writes beyond its result"
breaks shares "thread invariance" "twice: gives other results while another thread calls it"
breaks remembers "tensors are all" "another network with the same tensors gives different logits"
breaks mixes-rows "batch invariance" "rows must be independent"
breaks never-learns "loss falls" "the loss on 8 patches only went from"
for file in "$src"/plugins/*.c; do
	case "$checked " in
	*" $(basename "$file" .c) "*) ;;
	*) fail "$file is not tested" ;;
	esac
done

# files that are no shared objects, or no files
echo 'not an object' >text.so
status 1 myopic-plugin ./text.so
one_line
says "./text.so: can't be loaded: "
: >empty.so
status 1 myopic-plugin ./empty.so
one_line
says "./empty.so: can't be loaded: "
mkdir folder.so
status 1 myopic-plugin ./folder.so
one_line
says "./folder.so: can't be loaded: not a regular file"
cp "$built/linear.so" linear.module
status 1 myopic-plugin ./linear.module
one_line
says "./linear.module: a plugin is a file NAME.so"
status 1 myopic-plugin ./absent.so
one_line
says "./absent.so: can't be loaded: No such file or directory"

# ---- the search path ---------------------------------------------------------------------------
mkdir first second
cp "$built/linear.so" first
cp "$built/linear.so" "$built/resnet9.so" second
cp wrong-abi.so first/resnet.so
cp crashes-early.so first/ # which mustn't take the list with it
MYOPIC_PLUGIN_PATH=$work/first::$work/none:$work/second myopic-plugin --list >list || fail "--list"
grep -q "^linear *$work/first/linear.so\$" list || fail "linear is not found in the first folder"
grep -q "^linear *$work/second/linear.so (hidden" list || fail "the second linear is not marked as hidden"
grep -q "^resnet9 *$work/second/resnet9.so\$" list || fail "resnet9 is not found in the second folder"
grep -q "^refused *$work/first/resnet.so: made for plugin interface" list || fail "nothing is refused"
grep -q "^refused *$work/first/crashes-early.so: crashes when it is loaded: signal 6" list || fail "no crash: $(cat list)"
MYOPIC_PLUGIN_PATH=$work/first:$work/second myopic-plugin linear >described || fail "linear"
grep -q "^file $work/first/linear.so" described || fail "the first match does not win"

status 1 env MYOPIC_PLUGIN_PATH="$work/first" myopic-plugin resnet9
one_line
says "resnet9: no such architecture in $work/first (myopic-plugin --list"
cd second || exit 99
status 1 env MYOPIC_PLUGIN_PATH="$work/first" myopic-plugin resnet9.so
one_line
says "resnet9.so: no such architecture"
status 0 env MYOPIC_PLUGIN_PATH="$work/first" myopic-plugin ./resnet9.so:width=8
cd "$work" || exit 99

# ---- describe -------------------------------------------------------------------------------------
myopic-plugin --size 16 --classes 10 resnet9 >described || fail "resnet9"
grep -q '^  width=64  (whole number, 1 to 1024; default 64)$' described || fail "no option width"
grep -q '^parameters  *2447946$' described || fail "not 2,447,946 parameters"
grep -q '^multiply-accumulates  *71231488 ' described || fail "not 71 million multiply-accumulates"
myopic-plugin resnet:form=small,depth=34 >described || fail "resnet"
grep -q '^  form=small  (one of cifar, imagenet, small; default cifar)$' described || fail "no option form"

status 1 myopic-plugin resnet9:wide=3
one_line
says "resnet9: there is no option 'wide'; the options are width, momentum"
for words in '--check --size 64 linear' '--list --classes 3' '--size 64'; do
	# shellcheck disable=SC2086  # words
	status 2 myopic-plugin $words
	one_line; says '--size and --classes are for describing an architecture'
done
status 1 myopic-plugin --size 4 resnet9
one_line
says "resnet9: an input of 4x4 is too small; at least 8x8 are needed"
status 1 myopic-plugin --size 32 resnet:depth=19
one_line
says "depth=19: the cifar form has 6n + 2 layers"
status 1 myopic-plugin :width=8
one_line
says "':width=8' names no architecture"
status 2 myopic-plugin --check
one_line
says "--check wants an architecture"
status 2 myopic-plugin --list linear
one_line
says "--list"
if test -c /dev/full; then
	status 1 sh -c 'myopic-plugin --list >/dev/full'
	one_line
fi

# ---- a new one, by the script ------------------------------------------------------------------------
mkdir -p tree/build-aux tree/plugins
cp "$top/build-aux/new-plugin.sh" tree/build-aux
cp "$top/plugins/linear.c" "$top/plugins/local.mk" tree/plugins
chmod -R u+w tree
ok sh tree/build-aux/new-plugin.sh my_net >stdout
test "$(grep -c 'plugins[/_]my_net' tree/plugins/local.mk)" -eq 5 || fail "local.mk has not its five lines"
# shellcheck disable=SC2086  # CC may hold flags
$CC -std=c11 -Wall -Wextra -Werror -shared -fPIC -I"$top/lib/plugin" -o my_net.so tree/plugins/my_net.c \
	-L"$builddir/lib/.libs" -lmyopic || fail "a new plugin does not compile"
ok myopic-plugin --check ./my_net.so >report
status 1 sh tree/build-aux/new-plugin.sh my_net
one_line
says "plugins/my_net.c exists already"
status 2 sh tree/build-aux/new-plugin.sh ../net
one_line
