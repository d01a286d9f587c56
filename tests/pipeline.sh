#!/bin/sh
# The whole story through pipes, from images to heat maps, and what becomes of it when a part fails.
. "${srcdir:-.}/tests/setup.sh"
. "$src/mkdata.sh"

# accuracy FILE: the first accuracy in a report of myopic-eval, in percent
accuracy() { sed -n 's/^accuracy  *\([0-9.]*\)%.*/\1/p' "$1" | head -n 1; }
at_least() { awk -v got="$1" -v want="$2" 'BEGIN { exit !(got >= want) }'; }

# ---- it learns -----------------------------------------------------------------------------
# Four classes, so chance is 25%; the patches are a quarter of the pixels.
myopic-synth --quiet --count 600 --classes 4 --size 32 >train.images || fail "synth"
myopic-synth --quiet --count 100 --classes 4 --size 32 --split test >test.images || fail "synth"
myopic-sample --quiet --size 16 --epochs 5 --flip <train.images |
	myopic-train --quiet --batch 32 --arch resnet9:width=8 --validate test.images --log log.tsv \
		-o m.safetensors || fail "train"
ok myopic-predict --quiet -m m.safetensors <test.images >test.predictions
ok myopic-eval <test.predictions >report
at_least "$(accuracy report)" 60 || { fail "four classes of whole images, of which chance finds 25%"; cat report >&2; }
myopic-sample --quiet --grid --size 16 --stride 8 <test.images |
	myopic-predict --quiet -m m.safetensors | myopic-eval --json >tiles.json || fail "tiles"
grep -q tiles tiles.json || fail "no tiles in $(cat tiles.json)"
myopic-synth --quiet --count 6 --classes 4 --split test >some.images || fail "synth"
myopic-sample --quiet --grid --size 16 --stride 1 --pad <some.images |
	myopic-predict --quiet -m m.safetensors | myopic-heat --quiet --images some.images -o heat || fail "heat"
test "$(find heat -name '*.png' | wc -l)" -eq 7 || fail "not six maps and a sheet: $(ls heat)"

# ---- what a file says of how it was made, makes it again --------------------------------------
# Standard input of a pipe's first program is not in its history, so these begin with synth.
myopic-synth --quiet --count 120 --classes 3 --seed 5 |
	myopic-sample --quiet --size 12 --epochs 2 --flip --seed 6 |
	myopic-train --quiet --batch 16 --arch resnet9:width=4 --seed 7 -o first.safetensors || fail "train"
myopic-synth --quiet --count 30 --classes 3 --split test |
	myopic-predict --quiet -m first.safetensors >first.predictions || fail "predict"
for made in first.safetensors first.predictions; do
	myopic-info --replay $made >replay.sh || fail "replay $made"
	mkdir again
	(cd again && sh -eu ../replay.sh >out) || fail "$made: its commands fail: $(cat replay.sh)"
	if test $made = first.predictions; then mv again/out again/$made; fi
	ok myopic-cmp --history $made again/$made
	same $made again/$made
	rm -r again
done

# ---- a recipe that is shipped, with another network on the command line ------------------------
status 0 myopic-train --recipe
grep -q '^two-epochs ' stdout || fail "the recipes are not found: $(cat stdout)"
myopic-sample --quiet --recipe two-epochs --size 12 <some.images |
	myopic-train --quiet --recipe two-epochs --arch linear --lr 0.01 --batch 4 -o by.recipe || fail "train by a recipe"
myopic-predict --quiet --recipe two-epochs -m by.recipe <some.images |
	myopic-eval --recipe two-epochs >report || fail "eval by a recipe"
grep -q '^accuracy' report || fail "no report: $(cat report)"

# ---- a program is killed, the others notice -----------------------------------------------------
# notices PIPE TEXT: programs after a stream that stops fail, say TEXT, and leave nothing
notices() {
	status 1 sh -c "cat cut | $1"
	says "$2"
	test ! -e new.safetensors && test ! -e new.heat || fail "something is left of: $1"
	rm -rf new.safetensors new.heat
}
# The producer writes for seconds; it dies in the middle, by a signal that nobody can catch.
: >cut
myopic-synth --quiet --count 200000 --classes 4 >cut &
producer=$!
while test "$(wc -c <cut)" -lt 300000 && kill -0 $producer 2>/dev/null; do sleep 0.05; done
kill -KILL $producer
wait $producer
test $? -eq 137 || fail "it had ended before it was killed"
notices 'myopic-sample --quiet >/dev/null' 'cut off'
notices 'myopic-sample --quiet | myopic-train --quiet --arch linear -o new.safetensors' myopic-train
notices 'myopic-train --quiet --arch linear -o new.safetensors' 'cut off'
notices 'myopic-predict --quiet -m m.safetensors | myopic-eval' myopic-eval
test ! -s stdout || fail "a report on a stream that was cut off: $(cat stdout)"
notices 'myopic-sample --quiet --grid --size 16 --stride 16 --pad | myopic-predict --quiet -m m.safetensors |
	myopic-heat --quiet --images test.images -o new.heat' myopic-heat
notices 'myopic-info' 'cut off'
# bash's pipefail sees every program of the pipe fail
if command -v bash >/dev/null; then
	status 1 bash -c 'set -o pipefail; myopic-predict --quiet -m m.safetensors <cut | cat >/dev/null'
	bash -c 'cat cut | myopic-sample --quiet | myopic-predict --quiet -m m.safetensors | myopic-eval >/dev/null
		echo "${PIPESTATUS[*]}"' 2>/dev/null >statuses
	test "$(cat statuses)" = '0 1 1 1' || fail "statuses along the pipe: $(cat statuses)"
fi

# ---- a program fails by itself, the last one names it ---------------------------------------------
make_data
broken=$(find pictures -name '*.png' | sort | tail -n 1)
head -c 200 "$broken" >half && mv half "$broken"
status 1 sh -c 'myopic-unpack --quiet --strict pictures | myopic-sample --quiet --size 8 |
	myopic-train --quiet --arch linear -o new.safetensors 2>last'
grep -q 'myopic-unpack' last || fail "train doesn't name unpack: $(cat last)"
test ! -e new.safetensors || fail "a model of a broken stream"
status 1 sh -c 'myopic-unpack --quiet --strict pictures | myopic-predict --quiet -m m.safetensors | myopic-eval 2>last'
grep -q 'myopic-unpack' last || fail "eval doesn't name unpack: $(cat last)"
test ! -s stdout || fail "a report on a broken stream"
status 1 sh -c 'myopic-unpack --quiet nowhere | myopic-sample --quiet | myopic-train --arch linear -o new.safetensors 2>last'
grep -q 'myopic-unpack.*nowhere' last || fail "train doesn't name unpack, which found nothing: $(cat last)"
# without --strict the picture is left out, and named
status 0 sh -c 'myopic-unpack pictures >lenient.images'
says "${broken#pictures/}"
ok myopic-info --json lenient.images >info
grep -q '"rows": *39' info || fail "not one picture less: $(cat info)"
