#!/bin/sh
# The scripts of the experiments, on next to nothing: that they run, that every line of results says what it is, and that a
# second call makes nothing again.
. "${srcdir:-.}/tests/setup.sh"
. "$src/mkdata.sh"

myopic-synth -q -n 120 --size 32 | "$builddir/tests/mkdata" cifar10 . && tar -czf cifar.tar.gz cifar-10-batches-bin ||
	fail "no data"
EPOCHS=1 SEEDS=1 SIZES='8 16' MINUTES=0.01; export EPOCHS SEEDS SIZES MINUTES
# They ask the processor for bfloat16; MYOPIC_KERNELS, or the compiler, may have left the programs without.
myopic-synth -q -n 4 --size 16 | myopic-train -q --arch linear --precision bfloat16 -o half 2>said || {
	grep -q 'no products of bfloat16' said || fail "not for want of bfloat16: $(cat said)"
	PRECISION=float32; export PRECISION
}

ln -s "$top/experiments" scripts || fail "ln" # they are called by a path that is not absolute, as people do

# table FILE FIELDS LINES: results in so many tab-separated fields, the lines all different
table() {
	awk -F '\t' -v want="$2" 'NF != want { print "line " NR " of " FILENAME ": " $0; bad = 1 } END { exit bad }' "$1" ||
		fail "$1 is no table"
	test "$(cut -f "1-$(($2 - 4))" "$1" | sort -u | wc -l)" -eq "$3" || { fail "not $3 lines"; cat "$1"; }
}

# runs NAME FIELDS LINES [DATASET]
runs() {
	# shellcheck disable=SC2086  # perhaps no word
	sh "scripts/$1.sh" ${4-cifar.tar.gz} "$1" >output 2>said || { fail "$1.sh"; cat said >&2; }
	table "$1/$1.tsv" "$2" "$3"
	cp "$1/$1.tsv" once
	# shellcheck disable=SC2086  # perhaps no word
	sh "scripts/$1.sh" ${4-cifar.tar.gz} "$1" >output 2>said || { fail "$1.sh, once more"; cat said >&2; }
	same once "$1/$1.tsv"
	grep -q 'begins anew' said && fail "$1 trains again what it has trained"
	tail -n "$3" output | cmp -s - once || fail "$1 doesn't end with its results"
}

runs tile-sizes 8 7
runs controls 8 16
runs networks 9 5
runs published 6 3
COUNT=60 SIZE=32 CORRELATIONS='0 0.9'; export COUNT SIZE CORRELATIONS
runs evidence 8 4 ''
runs shortcut 9 3 ''
test "$(find evidence -name sheet.png | wc -l)" -eq 3 || fail "no maps of evidence"

# What a folder has of one data set isn't taken for another's.
cp cifar.tar.gz other.tar.gz
status 2 sh scripts/tile-sizes.sh other.tar.gz tile-sizes
says 'what is in tile-sizes was made of cifar.tar.gz: give other.tar.gz a folder of its own'

# Made anew, a model is the same, to the byte.
first=tile-sizes/crop8-1e-seed1.model
mv "$first" whole.model
rm tile-sizes/tile-sizes.tsv
SIZES=8 sh scripts/tile-sizes.sh cifar.tar.gz tile-sizes >output 2>said || { fail "tile-sizes.sh, of one size"; cat said >&2; }
same "$first" whole.model
same tile-sizes/tile-sizes.tsv output

need_python PIL, numpy
PYTHON3=$python; export PYTHON3
"$python" "$src/layouts.py" make . && runs jpeg 9 13 tiny-imagenet-200.zip
