#!/bin/sh
# myopic-calibrate, end to end: the statistics of other rows, and nothing else; and what can go wrong.
. "${srcdir:-.}/tests/setup.sh"

myopic-synth -q -n 300 -s 24 -k 3 >train.images || fail "myopic-synth"
myopic-synth -q -n 100 -s 24 -k 3 --split test >test.images || fail "myopic-synth"
myopic-sample --size 12 --epochs 3 <train.images >train.patches || fail "myopic-sample"
ok myopic-train -q -a resnet9:width=4 -b 32 -o m.safetensors <train.patches
cp m.safetensors before.safetensors

# calibrate FOLDER OPTIONS: with the same command line in a folder of its own, as it is part of the result
calibrate() {
	mkdir "$1" && cp m.safetensors "$1" || fail "$1"
	into=$1; shift
	(cd "$into" && myopic-calibrate -q -m m.safetensors -o new.safetensors "$@" <../train.images) || fail "calibrate $*"
}

# ---- statistics change, nothing else does ---------------------------------------------------------
calibrate one
calibrate again
same one/new.safetensors again/new.safetensors
same m.safetensors before.safetensors
status 1 myopic-cmp m.safetensors one/new.safetensors
grep -q running_mean stdout || { fail "the first difference is not a mean"; cat stdout >&2; }
myopic-info one/new.safetensors >info || fail "info"
grep -q '300 images in batches of 128' info || { fail "not what it was calibrated on"; cat info >&2; }
for word in myopic-synth myopic-calibrate myopic-sample myopic-train; do
	myopic-info --json one/new.safetensors | grep -q "$word" || fail "$word is not in the history"
done
ok sh -c 'myopic-predict -m one/new.safetensors <test.images | myopic-eval >report'

# ---- what counts and what doesn't -------------------------------------------------------------------
# equal A B, other A B: tensors; the commands in the histories differ
equal() { myopic-cmp "$1" "$2" >report 2>&1 || { fail "$1 and $2 differ"; cat report >&2; }; }
other() { differ "$1" "$2" "other statistics"; }
for threads in 1 2 5; do
	calibrate "threads$threads" --threads "$threads"
	equal one/new.safetensors "threads$threads/new.safetensors"
done
calibrate batch --batch 50
other one/new.safetensors batch/new.safetensors
myopic-synth -q -n 256 -s 24 -k 3 >less.images || fail "myopic-synth"
calibrate rows --rows 256
ok sh -c 'myopic-calibrate -q -m m.safetensors -o less.safetensors <less.images'
equal rows/new.safetensors less.safetensors
other one/new.safetensors less.safetensors
# The old statistics have no influence, and the file may be replaced.
cp one/new.safetensors twice.safetensors
ok sh -c 'myopic-calibrate -q -m twice.safetensors -o twice.safetensors <train.images'
equal one/new.safetensors twice.safetensors
# Patches have others than images.
ok sh -c 'myopic-calibrate -q -m m.safetensors -o patches.safetensors <train.patches'
other one/new.safetensors patches.safetensors
status 0 sh -c 'myopic-calibrate -m m.safetensors -o said.safetensors <train.images'
one_line
says 'said.safetensors: statistics of 300 images'

# ---- the same weights in another order -----------------------------------------------------------------
accuracy() { myopic-predict -m "$1" <test.images | myopic-eval | awk '$1 == "accuracy" { sub("%", "", $2); print $2; exit }'; }
calibrate shuffled --shuffle 1
calibrate shuffled.again --shuffle 1 --threads 3
calibrate shuffled.other --shuffle 2
equal shuffled/new.safetensors shuffled.again/new.safetensors
other shuffled/new.safetensors shuffled.other/new.safetensors
other shuffled/new.safetensors one/new.safetensors
ok myopic-train -q -a resnet9:width=4 -b 16 -o learnt.safetensors <train.patches
ok sh -c 'myopic-calibrate -q -m learnt.safetensors -o learnt.safetensors <train.images'
status 0 sh -c 'myopic-calibrate --shuffle 7 -m learnt.safetensors -o empty.safetensors <train.images'
one_line
says 'empty.safetensors: statistics of 300 images, weights shuffled'
# It knew the three classes, and doesn't any more: four deviations of 300 guesses are 11%.
knew=$(accuracy learnt.safetensors) knows=
for seed in 1 2 3; do
	ok sh -c "myopic-calibrate -q --shuffle $seed -m learnt.safetensors -o guesses.safetensors <train.images"
	knows="$knows $(accuracy guesses.safetensors)"
done
echo "$knew $knows" | awk '{ mean = ($2 + $3 + $4) / 3; exit !(NF == 4 && $1 > 60 && mean > 22 && mean < 45) }' ||
	fail "accuracy $knew, shuffled $knows"
myopic-info empty.safetensors >info || fail "info"
grep -q "\"shuffled\":\"each tensor's weights by seed 7\"" info || { fail "not that it was shuffled"; cat info >&2; }
grep -q 'myopic-calibrate .*--shuffle 7' info || { fail "the history is silent"; cat info >&2; }
grep -q -e '--shuffle' one/new.safetensors && fail "--shuffle is in the history of another model"
# The numbers of each tensor are the same: sums over all of them are, but for rounding.
weights() { myopic-info "$1" | awk '/^tensors/ { on = 1 } on && / F32 / && !/running/ { sub(/, mean .*/, ""); print }'; }
weights learnt.safetensors >a
weights empty.safetensors >b
same a b
test "$(wc -l <a)" -gt 20 || fail "too few weights to compare: $(cat a)"
status 2 myopic-calibrate --shuffle -2 -m m.safetensors -o out.safetensors
says '--shuffle: -2 is not from -1'

# ---- a network without knowledge is a floor for maps, one that was trained from there isn't ---------------
myopic-sample -q --grid --size 12 --stride 6 <test.images >grid || fail "grid"
ok myopic-train -q --init empty.safetensors -a resnet9:width=4 -b 32 -o taught.safetensors <train.patches
for model in m empty taught; do
	myopic-predict -q -m $model.safetensors <grid >$model.predictions || fail "predict"
done
ok sh -c 'myopic-heat -q -m margin -i test.images -o maps --limit 1 --floor empty.predictions <m.predictions'
status 1 sh -c 'myopic-heat -q -m margin -i test.images -o no.maps --floor taught.predictions <m.predictions'
one_line
says "taught.predictions: the network's weights aren't shuffled"

# ---- what can't be done --------------------------------------------------------------------------------
bad() { # bad TEXT COMMAND
	status 1 sh -c "$2"
	one_line
	says "$1"
	test ! -e out.safetensors || fail "$2 leaves a model"
}
status 2 sh -c 'myopic-calibrate -o out.safetensors <train.images'
says '-m, --model is missing'
status 2 sh -c 'myopic-calibrate -m m.safetensors <train.images'
says '-o, --output is missing'
ok myopic-train -q -a linear -b 32 -o linear.safetensors <train.patches
bad 'linear.safetensors: linear has no batch normalisation' 'myopic-calibrate -m linear.safetensors -o out.safetensors <train.images'
bad 'nosuch: ' 'myopic-calibrate -m nosuch -o out.safetensors <train.images'
bad 'standard input' 'myopic-calibrate -m m.safetensors -o out.safetensors </dev/null'
bad 'no/out: can'\''t be written' 'myopic-calibrate -m m.safetensors -o no/out </dev/null' # before anything is read
bad 'holds predictions, not images' 'myopic-predict -m m.safetensors <test.images | myopic-calibrate -m m.safetensors -o out.safetensors'
ok sh -c 'myopic-sample -q --grid --size 6 --stride 6 <test.images >tiny.patches'
bad 'an input of 6x6 does not fit' 'myopic-calibrate -m m.safetensors -o out.safetensors <tiny.patches'
# A stream that breaks off after the rows that count is noticed.
head -c $(($(wc -c <train.images) - 40)) train.images >cut.images
bad 'standard input' 'myopic-calibrate -m m.safetensors -o out.safetensors --rows 10 <cut.images'
