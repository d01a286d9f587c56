#!/bin/sh
# myopic-predict, end to end: logits of images and patches, and everything that can go wrong.
. "${srcdir:-.}/tests/setup.sh"

myopic-synth -q -n 400 -s 32 -k 4 --evidence both >train.images || fail "myopic-synth"
myopic-synth -q -n 300 -s 32 -k 4 --evidence both --split test >test.images || fail "myopic-synth"
myopic-sample --size 16 --epochs 4 <train.images >train.patches || fail "myopic-sample"
ok myopic-train -q -a resnet9:width=8 -b 32 -o m.safetensors --log log.tsv --validate test.images <train.patches

# header FILE: the JSON of a stream's first record
header() { head -c "$((8 + $(od -An -tu8 -N8 "$1")))" "$1" | tail -c +9; }
# rows FILE: a stream without its first record and most of its last, whose history may differ
rows() { tail -c +"$((9 + $(od -An -tu8 -N8 "$1")))" "$1" | head -c -2500; }

# ---- images -----------------------------------------------------------------------------------
status 0 sh -c 'myopic-predict -m m.safetensors <test.images'
test ! -s stderr || fail "speaks in the middle of a pipe"
mv stdout test.predictions
header test.predictions | grep -q '"kind":"predictions"' || fail "not a stream of predictions"
header test.predictions | grep -q '"tile"' && fail "whole images have no tile"
for word in myopic-synth myopic-predict m.safetensors myopic-train; do
	header test.predictions | grep -q "$word" || fail "$word is not in the history"
done
# The same accuracy as the last validation of the training found.
ok myopic-eval <test.predictions >report
found=$(awk '$1 == "accuracy" { sub("%", "", $2); print $2; exit }' report)
awk -F '\t' -v found="$found" 'END { exit !(found >= 60 && 100 * $8 - found < 0.01 && found - 100 * $8 < 0.01) }' log.tsv ||
	fail "accuracy $found, validation $(tail -n 1 log.tsv)"

# ---- the same for any batch and number of threads --------------------------------------------------
for how in '-b 64 --threads 1' '-b 64 --threads 2' '-b 64 --threads 3' '-b 01 --threads 2' '-b 17 --threads 2'; do
	# shellcheck disable=SC2086  # options are words
	ok myopic-predict -m m.safetensors $how <test.images >how.predictions
	rows how.predictions >how.rows
	test -s first.rows || mv how.rows first.rows
	test ! -e how.rows || same first.rows how.rows
done
test "$(wc -c <first.rows)" -gt 5000 || fail "too few rows to compare"

# ---- with mirror images ----------------------------------------------------------------------------------
ok myopic-predict -m m.safetensors --mirror <test.images >mirror.predictions
rows mirror.predictions >mirror.rows
unlike mirror.rows first.rows "--mirror changes nothing"
ok myopic-eval <mirror.predictions >report

# ---- patches ------------------------------------------------------------------------------------------
ok sh -c 'myopic-sample --grid --size 16 --stride 8 --pad <test.images | myopic-predict -m m.safetensors >grid.predictions'
header grid.predictions | grep -q '"tile":"16"' || fail "the tile's size is lost"
header grid.predictions | grep -q '"stride":"8"' || fail "the stride is lost"
ok myopic-eval <grid.predictions >report
grep -q '4800 tiles of 300 images' report || { fail "not 16 tiles of each image"; cat report >&2; }

# ---- evidence -----------------------------------------------------------------------------------------
rm -f first.rows how.rows
for how in '-b 64 --threads 1' '-b 64 --threads 3' '-b 01 --threads 2' '-b 17 --threads 2'; do
	# shellcheck disable=SC2086  # options are words
	ok myopic-predict -m m.safetensors --evidence $how <test.images >evidence.predictions
	rows evidence.predictions >how.rows
	test -s first.rows || mv how.rows first.rows
	test ! -e how.rows || same first.rows how.rows
done
test "$(wc -c <first.rows)" -gt 75000 || fail "too few rows to compare"
myopic-info evidence.predictions >info || fail "myopic-info"
grep -q '^  evidence  *F32 \[300, 4, 4, 4\] ' info || { fail "no evidence of 4x4 positions"; cat info >&2; }
grep -q 'myopic-predict --model m.safetensors --evidence' info || { fail "the history is silent"; cat info >&2; }
# All else is as without it; people read a line for each position.
myopic-info --rows 300 test.predictions >plain.text || fail "myopic-info"
myopic-info --rows 300 evidence.predictions | grep -v -e '^    ' -e '^  evidence:$' | cmp - plain.text ||
	fail "--evidence changes what isn't evidence"
test "$(myopic-info --rows 1 --first 7 evidence.predictions | grep -cE '^    [0-3],[0-3]:( [-+.e0-9]+){4}$')" -eq 16 ||
	fail "not a line for each position"
ok myopic-eval <evidence.predictions >with.report
ok myopic-eval <test.predictions >report
same with.report report
# Of tiles and of other sizes, in one stream.
myopic-synth -q -n 6 -s 24 -k 4 >some.images || fail "myopic-synth"
ok sh -c 'cat some.images test.images | myopic-predict -m m.safetensors --evidence --mirror | myopic-info - >info'
grep -q '^  evidence  *F32 \[6, 3, 3, 4\] ' info || { fail "no evidence of 3x3 positions"; cat info >&2; }
grep -q '^  evidence  *F32 \[300, 4, 4, 4\] ' info || { fail "no evidence of 4x4 positions"; cat info >&2; }
ok sh -c 'myopic-sample --grid --size 16 --stride 8 --pad <some.images | myopic-predict -m m.safetensors --evidence >grid.evidence'
myopic-info grid.evidence | grep -q '^  evidence  *F32 \[54, 2, 2, 4\] ' || fail "no evidence of tiles"
ok myopic-heat --quiet --images some.images -o heat <grid.evidence
status 1 sh -c 'myopic-sample --grid --size 8 --stride 8 <some.images | myopic-predict -m m.safetensors --evidence'
one_line
says 'standard input: resnet9: evidence wants a feature map of more than one position, and 8x8 pixels leave 1x1'

# ---- parts joined by cat: the history has both --------------------------------------------------------
myopic-synth -q -n 30 -s 32 -k 4 -S 77 >other.images || fail "myopic-synth"
myopic-synth -q -n 5 -s 24 -k 4 -S 78 >small.images || fail "myopic-synth"
ok sh -c 'cat test.images other.images small.images | myopic-predict -m m.safetensors >joined'
tail -c 3000 joined | grep -aq '"77\\*"' || fail "the second part is not in the history"

# ---- classes -------------------------------------------------------------------------------------------
myopic-synth -q -n 40 -s 32 -k 5 >five.images || fail "myopic-synth"
myopic-synth -q -n 40 -s 32 -k 3 >three.images || fail "myopic-synth"
fifth=$(header five.images | sed 's/.*"classes":"\(\[[^]]*\]\).*/\1/; s/[]["\\]//g' | cut -d, -f5)
status 1 sh -c 'myopic-predict -m m.safetensors <five.images'
one_line
says "the model has no class '$fifth'"
status 0 sh -c 'myopic-predict -m m.safetensors --ignore-classes <five.images >five.predictions'
header five.predictions | grep -q "$fifth" && fail "the predictions have a class that the model lacks"
ok sh -c 'myopic-predict -m m.safetensors <three.images | myopic-eval >report'

# ---- what can't be read ----------------------------------------------------------------------------------
bad() { # bad TEXT COMMAND
	status 1 sh -c "$2"
	one_line
	says "$1"
}
status 2 sh -c 'myopic-predict <test.images'
one_line
says '-m, --model is missing'
bad 'nosuch: ' 'myopic-predict -m nosuch <test.images'
bad 'train.images: ' 'myopic-predict -m train.images <test.images'
bad 'standard input' 'myopic-predict -m m.safetensors <test.predictions'
bad 'standard input' 'myopic-predict -m m.safetensors </dev/null'
bad 'standard input' 'myopic-predict -m m.safetensors <m.safetensors'
ok sh -c 'myopic-sample -q --grid --size 6 --stride 6 <some.images >tiny.patches'
bad 'an input of 6x6 does not fit' 'myopic-predict -m m.safetensors <tiny.patches'
size=$(wc -c <m.safetensors)
for keep in 0 1 7 8 100 $((size / 2)) $((size - 1)); do
	head -c "$keep" m.safetensors >cut.safetensors
	bad 'cut.safetensors: ' 'myopic-predict -m cut.safetensors <test.images'
done
{ cat m.safetensors; printf x; } >long.safetensors
bad 'long.safetensors: ' 'myopic-predict -m long.safetensors <test.images'

# ---- a stream that breaks off: downstream is told ------------------------------------------------------
size=$(wc -c <test.images)
head -c $((size / 2)) test.images >cut.images
bad 'standard input' 'myopic-predict -m m.safetensors <cut.images >cut.predictions'
bad 'myopic-predict failed upstream' 'myopic-eval <cut.predictions'
# a reader that has enough ends it quietly
status 0 sh -c 'cat test.images | myopic-predict -m m.safetensors | head -c 100 >/dev/null'
test ! -s stderr || fail "not quiet on a closed pipe: $(cat stderr)"
if test -w /dev/full; then
	bad 'standard output' 'myopic-predict -m m.safetensors <test.images >/dev/full'
fi
