#!/bin/sh
# myopic-eval: the same figures as another program finds, reports that read well, and what it refuses.
. "${srcdir:-.}/tests/setup.sh"

myopic-synth -q -n 400 -s 24 -k 6 >images || fail "synth"
myopic-synth -q -n 250 -s 24 -k 6 --split test >test.images || fail "synth"
myopic-sample -s 12 --epochs 3 <images | myopic-train -q --arch linear -o m.safetensors || fail "train"
myopic-predict -m m.safetensors <test.images >whole || fail "predict"
myopic-sample -q -s 12 --grid --stride 4 <test.images | myopic-predict -m m.safetensors >tiles || fail "predict"
# random crops: the rows of an image lie far apart
myopic-sample -q -s 12 --epochs 5 <test.images | myopic-predict -m m.safetensors >crops || fail "predict"

# ---- the figures ----------------------------------------------------------------------------------
python=$(command -v python3 || true)
for input in whole tiles crops; do
	for top in 1 2 9; do
		status 0 sh -c "myopic-eval --format json --top $top <$input"
		test ! -s stderr || fail "speaks: $(cat stderr)"
		test -z "$python" || "$python" "$src/score.py" "$input" stdout >said || fail "$input: $(cat said)"
	done
done

# ---- little memory -------------------------------------------------------------------------------
# rows of whole images and of grids stand together, those of random crops don't
for input in whole tiles; do
	ok sh -c "myopic-eval --format json <$input >plenty"
	ok sh -c "myopic-eval --format json --memory 2K <$input >little"
	same plenty little
done
status 1 sh -c 'myopic-eval --memory 2K <crops'
one_line; says 'comes again'
test ! -s stdout || fail "a report of images that were forgotten"

# ---- for people ----------------------------------------------------------------------------------------
status 0 sh -c 'myopic-eval -k 2 <whole'
head -n 1 stdout | grep -Eq '^accuracy +[0-9.]+%  \([0-9]+ of 250; 95% interval ' || fail "begins with: $(head -n 1 stdout)"
grep -Eq '^top-2 accuracy ' stdout || fail "no top-2"
grep -q tiles stdout && fail "tiles of whole images"
for word in confusion: reliability:; do
	grep -q $word stdout && fail "$word unasked"
done
status 0 sh -c 'myopic-eval -k 1 <whole'
grep -q '^top' stdout && fail "top-1 is the accuracy"
status 0 sh -c 'myopic-eval -k 6 <whole'
grep -q '^top' stdout && fail "top-6 of 6 classes"
status 0 sh -c 'myopic-eval --confusion --calibration --pairs 2 <tiles'
for word in '^4000 tiles of 250 images' '^by their vote' '^each tile' '^accuracy by class' '^most confused' \
    '^confusion:' '^reliability:'; do
	grep -q "$word" stdout || fail "no '$word'"
done
test "$(grep -c 'taken for ' stdout)" -eq 2 || fail "--pairs 2: $(grep 'taken for ' stdout)"
# the columns of the confusion matrix add up
awk '/^confusion:/ { getline; getline; while (NF == 8) { for (i = 3; i <= NF; i++) sum += $i; getline } }
	END { exit sum != 250 }' stdout || fail "the confusion matrix does not have 250 images"

# ---- for programs ------------------------------------------------------------------------------------------
status 0 sh -c 'myopic-eval -f tsv <tiles'
test "$(wc -l <stdout)" -eq 2 || fail "not two lines"
awk -F '\t' 'NR == 1 { n = NF } END { exit !(n == NF && n > 5) }' stdout || fail "columns without a name"
accuracy=$(awk -F '\t' 'NR == 2 { print $3 }' stdout)
ok myopic-eval -f text <tiles >report
grep -q "^accuracy  *$(printf %.2f "$accuracy")%" report || fail "tsv says $accuracy: $(head -n 1 report)"

# ---- a bar to pass ---------------------------------------------------------------------------------------------
status 0 sh -c "myopic-eval --min-accuracy 1 <tiles"
status 1 sh -c "myopic-eval --min-accuracy 100 <tiles"
one_line; says 'less than 100%'
same stdout report

# ---- rows without a label ------------------------------------------------------------------------------------------
# a model of three classes knows no others: rows of those count as unlabelled
myopic-synth -q -n 30 -s 24 -k 6 >six || fail "synth"
myopic-synth -q -n 30 -s 24 -k 3 >three || fail "synth"
myopic-sample -s 12 <three | myopic-train -q --arch linear -o m3.safetensors || fail "train"
myopic-predict -m m3.safetensors --ignore-classes <six >some || fail "predict"
status 0 sh -c 'myopic-eval -f json <some'
test -z "$python" || "$python" "$src/score.py" some stdout >said || fail "unlabelled: $(cat said)"
status 0 sh -c 'myopic-eval <some'
grep -q '^rows without a label  *15, left out' stdout || fail "unlabelled rows: $(cat stdout)"

# ---- parts joined by cat -----------------------------------------------------------------------------------------
myopic-predict -m m.safetensors <images >other || fail "predict"
ok sh -c 'cat whole other | myopic-eval >report'
grep -q 'of 650;' report || fail "joined: $(head -n 1 report)"

# ---- damage: one line, and nothing of a report ---------------------------------------------------------------------
size=$(wc -c <whole)
n=0
while test "$n" -lt "$size"; do
	head -c "$n" whole >cut.off
	status 1 sh -c 'myopic-eval <cut.off'
	one_line; says 'myopic-eval: standard input'
	test ! -s stdout || fail "a report of predictions cut at $n"
	n=$((n + 241))
done
{ cat images; head -c 60000 images; } >cut.images
status 1 sh -c 'myopic-sample -q --grid <cut.images 2>/dev/null | myopic-predict -q -m m.safetensors 2>/dev/null | myopic-eval'
one_line; says 'myopic-sample'
test ! -s stdout || fail "a report of a failed pipeline"
for wrong in images m.safetensors; do
	status 1 sh -c "myopic-eval <$wrong"
	one_line
done
# one image, two labels: streams of different data joined
myopic-synth -q -n 250 -s 24 -k 6 --split test -S 9 >others.images || fail "synth"
myopic-predict -m m.safetensors <others.images >others || fail "predict"
status 1 sh -c 'cat whole others | myopic-eval'
one_line; says 'an id must stand for one image'

# ---- a full disk, mistakes -----------------------------------------------------------------------------------------
if test -c /dev/full; then
	for format in text json tsv; do
		status 1 sh -c "myopic-eval -f $format <whole >/dev/full"
		one_line; says 'No space left'
	done
fi
mistake() { # TEXT OPTIONS...
	text=$1; shift
	# shellcheck disable=SC2016  # for the inner shell
	status 2 sh -c 'myopic-eval "$@" <whole' sh "$@"
	one_line; says "$text"
}
mistake --top --top 0
mistake --pairs --pairs -1
mistake --format --format xml
mistake --min-accuracy --min-accuracy 101
mistake whole whole
