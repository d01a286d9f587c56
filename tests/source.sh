#!/bin/sh
# The house rules that a machine can check; HACKING.md has the others.
. "${srcdir:-.}/tests/setup.sh"
cd "$top" || exit 99
: "${CC:=cc}"

# files PATTERN FOLDER...: what belongs to the tree, whatever was built in it
files() { pattern=$1; shift; find "$@" -name "$pattern" -type f ! -path 'lib/report/assets.c' | sort; }

# refuse WHAT: fail for each line on standard input. At the end of a pipe this is a process of its own, so it leaves a file.
refuse() {
	while read -r line; do fail "$1: $line"; done >"$work/said" 2>&1
	test ! -s "$work/said" || { cat "$work/said" >&2; : >"$work/refused"; }
}

# ---- lib never prints and never exits; only cli does -------------------------------------
# plugin/check.c runs plugins in a process of their own, which ends by _exit; cli/stop.c ends so in a signal's handler.
files '*.c' lib | grep -v '^lib/cli/' | xargs grep -nE \
	'(^|[^a-zA-Z0-9_>.])(printf|puts|putchar|perror|exit|abort|assert)[[:space:]]*\(|fprintf\((stderr|stdout)' |
	refuse "prints or exits"
files '*.[ch]' lib | grep -v '^lib/cli/' | xargs grep -nw argv | refuse "reads argv"
files '*.c' lib | grep -v '^lib/plugin/check.c\|^lib/cli/stop.c' | xargs grep -nE '(^|[^a-zA-Z0-9_])_[eE]xit[[:space:]]*\(' | refuse "exits"

# ---- rooms use what the table of HACKING.md lets them use ----------------------------------------
# Each use on a line: the room, and the header that it includes from another one.
for file in $(files '*.[ch]' lib); do
	room=${file#lib/}
	sed -n "s|^#include \"\([a-z]*/[a-z0-9-]*\.h\)\".*|${room%%/*} \1 $file|p" "$file"
done >"$work/uses"
awk -F '|' '/^\| `[a-z]+` \|/ { gsub(/[` ]/, "", $2); print $2, $4 }' HACKING.md | tr -d ',' >"$work/rooms"
test "$(wc -l <"$work/rooms")" -gt 15 || fail "the table of rooms isn't found in HACKING.md"
awk 'NR == FNR { for (i = 2; i <= NF; i++) may[$1, $i] = 1; next }
	{ split($2, part, "/") }
	part[1] != $1 && !(may[$1, part[1]] && (part[1] != "plugin" || $1 != "net" || $2 == "plugin/myopic-plugin.h")) {
		print $3 " uses " $2 }' "$work/rooms" "$work/uses" | refuse "not in the table of rooms"

# ---- nothing is left over ---------------------------------------------------------------------
scripts="bootstrap build-aux/demo.sh build-aux/new-plugin.sh bench/compare bench/memory bench/pipe bench/unpack
	$(files '*.sh' experiments)"
everything=$(files '*.[ch]' lib bin plugins tests bench; files '*.sh' tests; echo "$scripts")
# shellcheck disable=SC2086  # a list
grep -nE 'TO[D]O|FIX[M]E|#if[ ]0|/ho[m]e/|/roo[t]/|/wor[k]/' $everything | refuse "left over"
for file in $everything; do
	case $(head -n 1 "$file") in
	/\** | '#!'*) ;;
	'# '*) ;;
	*) fail "$file does not say in its first line what it is" ;;
	esac
done
files '*.[ch]' lib bin plugins | xargs wc -l | awk '$1 > 700 && $2 != "total" { print $2, $1, "lines" }' | refuse "too long"

for file in $(files '*.[ch]' lib bin plugins); do
	expand "$file" | awk -v file="$file" 'length($0) > 120 && !/"/ { print file ":" NR ": " length($0) " columns" }'
done | refuse "too wide"

# ---- every test runs ---------------------------------------------------------------------------------
for test in tests/*.sh tests/test_*.c; do
	case $test in tests/setup.sh | tests/mkdata.sh) continue ;; esac
	grep -qE "^(TESTS|C_TESTS) \+=.*${test%.c}( |\$)" tests/local.mk || fail "$test is not among the tests of tests/local.mk"
done

# ---- every header stands alone, and can be read alone --------------------------------------------
headers=$(files '*.h' lib)
mkdir "$work/alone"
folders=$(sed -n 's/^[A-Z0-9]*_CFLAGS = //p' "$builddir/Makefile" | tr ' ' '\n' | grep '^-I' | sort -u)
for header in $headers; do
	case $header in
	# included several times, or by the one file that knows the names
	lib/net/tiles.h | lib/net/kernels.h) continue ;;
	esac
	name=$(echo "$header" | tr '/.' '__')
	printf '#include "%s"\n' "${header#lib/}" >"$work/alone/$name.c"
done
test -f "$builddir/config.h" && for unit in "$work"/alone/*.c; do
	# shellcheck disable=SC2086  # $CC and $folders are words
	$CC -std=c11 -Wall -Wextra -Werror -include "$builddir/config.h" -Ilib $folders -fsyntax-only "$unit" 2>"$work/errors" ||
		{ fail "$(cat "$unit") does not stand alone"; head -n 3 "$work/errors" >&2; }
done
# A public function has a comment: behind it, above it, above the lines it stands among, or above the
# type it is for. What frees or clears says all by its name.
for header in $headers; do
	awk -v file="$header" '
	/^$/ { commented = of_type; of_type = 0 }
	/\*\// { commented = 1 }
	/^struct [a-z_]*;$/ || /^};$/ { of_type = commented }
	/^[a-zA-Z].*[ *]myo_[a-z0-9_]*\(/ && !/_(free|clear)\(/ && !commented { print file ": " $0 }' "$header"
done | refuse "no comment above"

test ! -e "$work/refused" || fail "the house rules"

# ---- scripts ------------------------------------------------------------------------------------------
command -v shellcheck >/dev/null || { echo "shellcheck is not there: scripts are not checked"; exit; }
# SC1091: setup.sh is found at run time; SC2154 comes from there; SC2238: files may be called like programs
# shellcheck disable=SC2086  # a list
shellcheck -S warning -s sh -e SC1091,SC2154,SC2238 $scripts tests/*.sh >"$work/said" 2>&1 || { fail "shellcheck"; cat "$work/said" >&2; }
shellcheck -S warning -s bash bin/completion.bash .ci/run >"$work/said" 2>&1 || { fail "shellcheck"; cat "$work/said" >&2; }
