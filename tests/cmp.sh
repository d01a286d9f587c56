#!/bin/sh
# myopic-cmp: same, different, trouble; and the first difference named.
. "${srcdir:-.}/tests/setup.sh"

myopic-synth --quiet --count 200 --size 64 --classes 3 >one || fail "synth"
myopic-synth --quiet --count 200 --size 64 --classes 3 --seed 2 >other || fail "synth"

# differs TEXT FILE FILE [OPTION...]: status 1 and this text on standard output.
differs() {
	difference=$1; shift
	status 1 myopic-cmp "$@"
	test ! -s stderr || fail "words on standard error: $(cat stderr)"
	grep -qF -e "$difference" stdout || fail "does not say '$difference': $(cat stdout)"
}

status 0 myopic-cmp one one
test ! -s stdout || fail "words about what is the same"
cat one | myopic-cmp - one || fail "a pipe is not the same"
cat one | myopic-cmp one - || fail "a pipe is not the same"

# One that is longer.
myopic-synth --quiet --count 150 --size 64 --classes 3 >less || fail "synth"
differs "the second ends after 150 rows, the other goes on" one less
differs "the first ends after 150 rows, the other goes on" less one
status 1 myopic-cmp one other
grep -q "^row 0, tensor 'label', element 0: \|^row [0-9]*, tensor '[a-z]*', element" stdout || fail "no place: $(cat stdout)"
grep -Eq '^and [0-9]+ more; largest difference of values [0-9]+' stdout || fail "no largest: $(cat stdout)"
status 1 myopic-cmp --silent one other
test ! -s stdout || fail "--silent isn't"
status 1 myopic-cmp --tolerance 255 one other # labels, say
grep -q "tensor 'image'" stdout && fail "no tolerance of pixels: $(cat stdout)"

# Values within a tolerance, absolute and relative; models and predictions.
for seed in 1 2; do
	myopic-sample --quiet --size 8 --seed $seed <one |
		myopic-train --quiet --arch linear --batch 50 -o $seed.safetensors || fail "train"
	myopic-predict --quiet -m $seed.safetensors <one >$seed.predictions || fail "predict"
done
status 0 myopic-cmp 1.safetensors 1.safetensors
status 1 myopic-cmp 1.safetensors 2.safetensors
status 0 myopic-cmp 1.predictions 1.predictions
differs "tensor 'logits', element 0" 1.predictions 2.predictions
status 0 myopic-cmp --tolerance 1000 1.predictions 2.predictions
status 0 myopic-cmp --relative 2 1.predictions 2.predictions
differs "logits" --relative 1e-9 1.predictions 2.predictions

# Commands count only when asked for.
myopic-synth --quiet --size 64 --count 200 --classes 3 >reordered || fail "synth"
status 0 myopic-cmp one reordered
differs "the commands that made them" --history one reordered

# Kinds, classes, metadata.
myopic-synth --quiet --count 200 --size 64 --classes 2 >two || fail "synth"
differs "classes: 3 and 2" one two
myopic-sample --quiet --size 8 --grid <one >patches || fail "sample"
differs "kind: images and patches" one patches
myopic-sample --quiet --size 8 --grid --stride 9 <one >strided || fail "sample"
differs "metadata 'stride'" patches strided

# Trouble is 2, one line, and never passes for an answer.
status 2 myopic-cmp one no.such.file
one_line; says "no.such.file"
status 2 myopic-cmp one 1.safetensors
one_line; says "one is a stream, and 1.safetensors is not"
head -c 300000 one >cut
status 2 myopic-cmp one cut
one_line; says "cut: the stream is cut off"
status 2 myopic-cmp cut one
one_line; says "cut"
head -c 300000 less >cut
status 2 myopic-cmp one cut
one_line
head -c 1000 1.safetensors >cut.safetensors
status 2 myopic-cmp 1.safetensors cut.safetensors
one_line; says "cut.safetensors"
status 2 myopic-cmp one
one_line
status 2 myopic-cmp - -
one_line; says "standard input"
status 2 myopic-cmp --tolerance x one one
one_line; says "--tolerance"
# A full disk is no answer either.
if test -c /dev/full; then
	myopic-cmp one other >/dev/full 2>stderr
	test $? -eq 2 || fail "a full disk goes unnoticed"
	one_line
fi
