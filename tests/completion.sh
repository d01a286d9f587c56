#!/bin/sh
# Completion for bash offers what the programs have: options, choices, architectures, files.
. "${srcdir:-.}/tests/setup.sh"
command -v bash >/dev/null || skip "no bash"
touch one.images two.images
mkdir folder

# offered WORD...: what a press of the key after these words offers, on one line
offered() {
	# shellcheck disable=SC2016  # for bash
	bash --norc -c '
		. "$0/bin/completion.bash" || exit 1
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_myopic "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
		printf "%s\n" ${COMPREPLY[@]+"${COMPREPLY[@]}"}' "$top" "$@" 2>errors | LC_ALL=C sort | grep . | tr '\n' ' '
	test ! -s errors || { fail "completion of '$*' complains"; cat errors >&2; }
}

expect() { # WANTED WORD...
	want=$1; shift
	got=$(offered "$@")
	test "$got" = "$want" || fail "'$*' offers '$got', not '$want'"
}

expect '--grid ' myopic-sample --g
expect '--milestones --momentum --muon-iterations --muon-lr --muon-momentum ' myopic-train --m
expect '--split ' myopic-synth --sp
expect 'classes cover entropy evidence logit margin paper ' myopic-heat --method ''
expect 'paper ' myopic-heat -m p
expect 'paper ' myopic-heat --method = p
expect 'classes cover entropy evidence logit margin paper ' myopic-heat --method =
expect 'cifar10 cifar100 ' myopic-unpack --format cifar
expect 'adam adamw ' myopic-train --optimizer ad
expect 'constant cosine one-cycle step triangle ' myopic-train --schedule ''
expect 'resnet resnet9 ' myopic-train --arch res
# one that is refused is none
echo nonsense >refusal.so
MYOPIC_PLUGIN_PATH="$MYOPIC_PLUGIN_PATH:$work" expect 'resnet resnet9 ' myopic-train --arch re
expect 'linear ' myopic-plugin lin
expect 'two.images ' myopic-heat -i tw
expect 'folder ' myopic-heat -o ''
expect 'one.images ' myopic-info --json o
expect 'one.images ' myopic-eval --against o
expect 'stl10-32/resnet9 stl10/resnet18 stl10/resnet9 ' myopic-plot --paper stl
expect 'epochs minutes ' myopic-plot --curves -a ''
expect '' myopic-synth --count ''
# after a flag come operands, not values
expect 'one.images ' myopic-sample --flip one

mkdir recipes
echo '# x' | tee recipes/ten.recipe >recipes/twenty.recipe
MYOPIC_RECIPE_PATH=recipes; export MYOPIC_RECIPE_PATH
expect 'ten twenty ' myopic-sample --recipe ''
expect 'twenty ' myopic-train --recipe = tw
expect 'ten ' myopic-eval --show-recipe te
expect 'recipes/ten.recipe recipes/twenty.recipe ' myopic-eval --recipe recipes/
expect '--recipe ' myopic-train --rec
expect '--no-margin --no-memory ' myopic-sample --no-m
expect '' myopic-sample --no-q

# every program is completed, and what is completed is a program
names=$(bash --norc -c '. "$0/bin/completion.bash"; complete -p' "$top" | sed 's/.* //' | sort)
wanted=$(cd "$top/bin" && ls myopic-*.c | sed 's/\.c$//')
test "$names" = "$wanted" || fail "completed are $names"
