#!/bin/sh
# Drawn data sets: the same for a seed, and with the evidence where it was ordered.
. "${srcdir:-.}/tests/setup.sh"

# rows of a drawn set, one line each, without the number of the record
draw() { status 0 myopic-synth "$@"; "$builddir/tests/rows" stdout >rows || fail "rows of $*"; sed 's/record [0-9]* //' rows; }
digests() { sed -n 's/^id .* //p' "$1" | sort; }

draw --count 700 --threads 1 >one
draw --count 700 --threads 3 >three
same one three
test "$(grep -c '^id' one)" -eq 700 || fail "700 pictures"
draw --count 30 --threads 2 >few
head -31 one | cmp - few || fail "a smaller set is not the beginning of a larger one"
digests few >few.digests; digests one >one.digests
draw --count 30 --seed 2 >other
digests other | comm -12 - few.digests | grep -q . && fail "two seeds draw a picture in common"
draw --count 30 --split test >test
grep -q '^id 1000000029 ' test || fail "ids of the test pictures"
digests test | comm -12 - one.digests | grep -q . && fail "training pictures in the test set"

# All labels in each run of K.
draw --count 60 --classes 6 --size 16 >six
sed -n 's/.*label \([0-9]\) 16x16.*/\1/p' six >labels
for start in 1 31 55; do
	test "$(tail -n +$start labels | head -6 | sort | tr -d '\n')" = 012345 || fail "labels from $start"
done
grep -q '^classes columns rows checkers dots zigzag net$' six || fail "class names"

# Where the other part agrees with the label by order or by chance, the picture is the one that
# has its evidence on both. So the share of equal ones tells the correlation: p + (1 - p) / K.
draw --count 400 --size 16 --classes 4 --evidence both >both
sort both >both.sorted
share() { draw --count 400 --size 16 --classes 4 "$@" >part; sort part | comm -12 - both.sorted | grep -c '^id'; }
within() { test "$1" -ge "$2" && test "$1" -le "$3" || fail "$4: $1 of 400 agree, not $2 to $3"; }
for part in object background; do
	within "$(share --evidence $part)" 65 135 "$part, no correlation"
	within "$(share --evidence $part --correlation 0.6)" 240 320 "$part, 0.6"
	within "$(share --evidence $part --correlation 1)" 400 400 "$part, 1"
done
draw --count 400 --size 16 --classes 4 --evidence object >object
draw --count 400 --size 16 --classes 4 --evidence background >background
unlike object background "object and background are one"

# Noise is added to what is drawn, each value by itself.
draw --count 20 --noise 0 >quiet
draw --count 20 --noise 20 >noisy
digests quiet >quiet.digests
digests noisy | comm -12 - quiet.digests | grep -q . && fail "--noise changes nothing"

# What can't be.
for bad in "--count 0" "--size 15" "--classes 11" "--classes 1" "--evidence sky" "--correlation 1.5" "--noise -1" \
	"--evidence both --correlation 0.5" "extra" "--seed x"; do
	# shellcheck disable=SC2086  # words
	status 2 myopic-synth $bad
	one_line
done
if test -w /dev/full; then
	myopic-synth --quiet --count 10 >/dev/full 2>stderr
	test $? -eq 1 || fail "a full disk is not noticed"
	one_line
fi
myopic-synth --quiet --count 100000 2>stderr | head -c 100 >head
test ! -s stderr || fail "a closed pipe is no cause for words: $(cat stderr)"
