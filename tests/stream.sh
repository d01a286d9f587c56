#!/bin/sh
# Streams between programs: cut off at any place, a producer that is killed or fails, and who hears of it.
. "${srcdir:-.}/tests/setup.sh"

myopic-synth --quiet --count 40 --size 16 --classes 2 >images || fail "synth"
myopic-sample --quiet --size 8 <images | myopic-train --quiet --arch linear --batch 8 -o m.safetensors || fail "train"
myopic-predict --quiet -m m.safetensors <images >predictions || fail "predict"
myopic-sample --quiet --grid --stride 4 <images >patches || fail "sample"
myopic-sample --quiet --grid --size 8 --stride 4 --pad <images | myopic-predict --quiet -m m.safetensors >tiles || fail "predict"
myopic-heat --quiet --method cover --tensors <tiles >maps || fail "heat"
myopic-sample --quiet --size 8 <images | myopic-train --quiet --arch resnet9:width=1 --batch 8 -o normal.safetensors || fail "train"

# reads PROGRAM... : what every program does with a stream on standard input, its results in ./out and ./stdout.
sample() { myopic-sample --quiet --size 8; }
grid() { myopic-sample --quiet --grid --stride 4; }
train() { myopic-train --quiet --arch linear --batch 8 -o out/new.safetensors; }
predict() { myopic-predict --quiet -m m.safetensors; }
evaluate() { myopic-eval --quiet; }
heat() { myopic-heat --quiet --images images -o out/heat; }
tell() { myopic-tiles --images images -o out/tiles.png; }
enough() { myopic-enough cut; }
average() { myopic-mean -; }
erase() { myopic-erase --quiet --images images; }
calibrate() { myopic-calibrate --quiet -m normal.safetensors -o out/new.safetensors; }
report() { myopic-report --quiet --images images -o out/page.html; }
info() { myopic-info; }
replay() { myopic-info --replay; }
compare() { myopic-cmp - "$source"; }

# A result is a stream with its end record, or anything that is no stream at all.
published() {
	if test -s stdout; then
		head -c 200 stdout | grep -aEq '"record":"(header|error)"' || echo "words: $(head -n 1 stdout)"
		myopic-info stdout >/dev/null 2>&1 && echo "a whole stream"
	fi
	if test -e out/new.safetensors; then echo "a model"; fi
	find out -type f
}

# refuses NAME SOURCE HOW: the program in NAME must fail on ./cut with one line and without a result.
refuses() {
	rm -rf out; mkdir out
	"$1" <cut >stdout 2>stderr
	got=$?
	if test $got -eq 0 || test $got -gt 2; then fail "$1: status $got on $2 $3"; fi
	test "$(wc -l <stderr)" -eq 1 || { fail "$1: not one line on $2 $3:"; cat stderr >&2; }
	found=$(published)
	test -z "$found" || fail "$1 publishes on $2 $3: $found"
}

# Cut at some places, in the header, the data and the end, for every program; test_refuse.c cuts at every byte.
for source in images patches predictions tiles maps; do
	size=$(($(wc -c <$source)))
	for n in 1 8 9 200 $((size / 2)) $((size - 200)) $((size - 64)) $((size - 2)); do
		head -c $n $source >cut
		refuses info $source "cut after $n of $size"
	done
	case $source in
	images) readers="sample grid predict calibrate replay compare" ;;
	patches) readers="train predict calibrate compare" ;;
	predictions) readers="evaluate average enough report compare" ;;
	tiles) readers="evaluate average enough heat tell report compare" ;;
	maps) readers="erase compare" ;;
	esac
	for reader in $readers; do
		# What it refuses further down it takes when it is whole.
		rm -rf out; mkdir out
		cp $source cut
		"$reader" <cut >stdout 2>stderr || { fail "$reader on all of $source:"; cat stderr >&2; }
		for n in 0 7 100 $((size / 3)) $((size - 300)) $((size - 1)); do
			head -c $n $source >cut
			refuses $reader $source "cut after $n of $size"
		done
		# One byte changed, in the middle of the data.
		{ head -c $((size / 2)) $source; printf '\251\252\253'; tail -c +$((size / 2 + 4)) $source; } >cut
		refuses $reader $source "with three bytes changed"
		# Whole, and something after it.
		{ cat $source; echo "more"; } >cut
		refuses $reader $source "with something behind it"
	done
done

# A producer that is killed half-way: everybody after it fails, with or without pipefail, and publishes nothing.
mkfifo pipe
killed() {
	myopic-synth --quiet --count 1000000 --classes 2 --size 64 >pipe &
	producer=$!
	{ head -c 3000000; kill -9 $producer; cat; } <pipe
	wait $producer
}
rm -rf out; mkdir out
{ killed; } 2>/dev/null | myopic-sample --quiet --grid --size 32 2>one.err | myopic-predict --quiet -m m.safetensors 2>two.err |
	myopic-eval >report 2>three.err
test $? -eq 1 || fail "a killed producer goes unnoticed"
test ! -s report || fail "a report of a producer that was killed"
for err in one.err two.err three.err; do
	test "$(wc -l <$err)" -eq 1 || { fail "$err is not one line:"; cat $err >&2; }
done
grep -q 'myopic-sample: standard input: the stream is cut off' one.err || fail "$(cat one.err)"
grep -q 'myopic-predict: myopic-sample failed upstream: ' two.err || fail "$(cat two.err)"
grep -q 'myopic-eval: myopic-sample failed upstream: ' three.err || fail "$(cat three.err)"

# The one that failed is named by all after it, in its own words.
head -c 9000 images >cut
myopic-sample --quiet --grid --size 8 <cut 2>one.err | myopic-predict --quiet -m m.safetensors 2>two.err |
	myopic-eval >report 2>three.err
test $? -eq 1 || fail "a program that failed goes unnoticed"
test ! -s report || fail "a report of a program that failed"
words=$(sed 's/^myopic-sample: //' one.err)
test "$(cat two.err)" = "myopic-predict: myopic-sample failed upstream: $words" || fail "$(cat two.err)"
# They fail at the same time, on the same terminal, and still each in a line of its own.
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
	myopic-predict --quiet -m m.safetensors <cut | myopic-eval
done >/dev/null 2>said
test "$(sort -u said | wc -l)" -eq 2 && test "$(wc -l <said)" -eq 24 || { fail "lines are mixed:"; cat said >&2; }
test "$(cat three.err)" = "myopic-eval: myopic-sample failed upstream: $words" || fail "$(cat three.err)"

# Who fails before its first record is named as well, and only where a stream was to come.
early() { # early PROGRAM INPUT OPTIONS...
	program=$1 input=$2; shift 2
	"$program" "$@" <$input >early 2>said
	test $? -eq 1 || fail "$program $* doesn't fail"
	test "$(wc -l <said)" -eq 1 || fail "$program $*: not one line: $(cat said)"
}
for how in 'myopic-unpack /dev/null no.file' 'myopic-sample /dev/null' 'myopic-sample patches' 'myopic-sample patches --grid' \
	'myopic-predict images -m no.file' 'myopic-mean /dev/null no.file' 'myopic-heat predictions --tensors -i no.file' \
	'myopic-erase maps -i no.file' 'myopic-erase images -i images'; do
	# shellcheck disable=SC2086  # words
	early $how
	status 1 myopic-info early
	says "myopic-info: ${how%% *} failed upstream: "
done
for how in 'myopic-heat predictions --score -i no.file' 'myopic-erase images --curves' 'myopic-sample images --show-recipe no.recipe'; do
	# shellcheck disable=SC2086  # words
	early $how
	test ! -s early || fail "$how: a stream where a text was asked for"
done

# So is one whose command line or recipe is wrong.
printf 'myopic-sample --no-such\n' >wrong.recipe
for how in 'myopic-unpack --no-such' 'myopic-mean - -' 'myopic-synth one' 'myopic-sample --recipe no.recipe' \
	'myopic-sample --recipe ./wrong.recipe'; do
	$how </dev/null >early 2>said && fail "$how doesn't fail"
	test "$(wc -l <said)" -eq 1 || fail "$how: not one line: $(cat said)"
	status 1 myopic-info early
	says "myopic-info: ${how%% *} failed upstream: "
done
status 2 myopic-erase --curves --no-such
test ! -s stdout || fail "a stream where a text was asked for"

# A name that isn't UTF-8 can't be in a history, which is said before the work; the words reach the end of the pipe.
odd=$(printf 'caf\351')
cp images "$odd"
status 2 myopic-unpack "$odd"
one_line; says "'caf\xe9' isn't UTF-8"
mv stdout early
status 1 myopic-info early
says "myopic-info: myopic-unpack failed upstream: 'caf?' isn't UTF-8, so the history can't hold it: give the file another name"

# Of another kind: the header says so, before the rest is read, which isn't all there.
head -c $(($(wc -c <patches) - 1)) patches >cut
status 1 sh -c 'myopic-sample <cut'
one_line; says 'standard input: holds patches, not images'
status 1 sh -c 'myopic-heat --score -i cut <predictions'
one_line; says 'cut: holds patches, not images'

# Joined streams go through everybody; of two kinds they don't.
cat images images >both
for reader in sample grid predict info; do
	source=both
	"$reader" <both >joined 2>stderr || { fail "$reader on joined streams:"; cat stderr >&2; }
done
cat images patches >cut
for reader in sample predict info; do refuses $reader images "joined with patches"; done
# Nor of two grids, of which only the first would be believed.
"$builddir/tests/make_heat" a.images 2 1 >dense && "$builddir/tests/make_heat" b.images 2 3 >coarse || fail "make_heat"
cat dense coarse >cut
status 1 sh -c 'myopic-heat --tensors <cut >maps'
one_line; says "joined of streams whose 'stride' is '1' and '3'"
