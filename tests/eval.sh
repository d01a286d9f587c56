#!/bin/sh
# myopic-eval: the same figures as another program finds, reports that read well, and what it refuses.
. "${srcdir:-.}/tests/setup.sh"
need_python fractions

myopic-synth -q -n 400 -s 24 -k 6 >images || fail "synth"
myopic-synth -q -n 250 -s 24 -k 6 --split test >test.images || fail "synth"
myopic-sample -s 12 --epochs 3 <images | myopic-train -q --arch linear -o m.safetensors || fail "train"
myopic-sample -s 12 <images | myopic-train -q --arch linear --seed 2 -o m2.safetensors || fail "train"
myopic-predict -m m.safetensors <test.images >whole || fail "predict"
myopic-predict -m m2.safetensors <test.images >second || fail "predict"
myopic-sample -q -s 12 --grid --stride 4 <test.images | myopic-predict -m m.safetensors >tiles || fail "predict"
# random crops: the rows of an image lie far apart
myopic-sample -q -s 12 --epochs 5 <test.images | myopic-predict -m m.safetensors >crops || fail "predict"

# ---- the figures ----------------------------------------------------------------------------------
# right PREDICTIONS OPTIONS...: the JSON is what score.py says of the same predictions
right() {
	input=$1; shift
	other=$(echo "$*" | sed -n 's/.*--against //p')
	status 0 sh -c "myopic-eval --json $* <$input"
	test ! -s stderr || fail "speaks: $(cat stderr)"
	# shellcheck disable=SC2086  # $other may be no word
	"$python" "$src/score.py" "$input" stdout $other >said || fail "$input $*: $(cat said)"
}
for input in whole tiles crops; do
	for top in 1 2 9; do
		right $input --top $top
	done
	right $input --tiles --positions
	SEED=7; export SEED
	right $input --tiles --seed 7
	unset SEED
done
for pair in 'whole second' 'whole tiles' 'tiles whole' 'crops tiles' 'whole whole'; do
	right "${pair% *}" --against "${pair#* }"
done

# ---- little memory -------------------------------------------------------------------------------
# rows of whole images and of grids stand together, those of random crops don't
for input in whole tiles; do
	for options in '' '--tiles --positions' '--against tiles'; do
		ok sh -c "myopic-eval --json $options <$input >plenty"
		ok sh -c "myopic-eval --json $options --memory 3K <$input >little"
		same plenty little
	done
done
for options in '' --tiles; do
	status 1 sh -c "myopic-eval $options --memory 3K <crops"
	one_line; says 'comes again'
	test ! -s stdout || fail "a report of images that were forgotten"
done
status 1 sh -c 'myopic-eval --memory 1K --tiles <tiles'
one_line; says 'standard input: image 1000000000 has more tiles than memory may hold'

# ---- for people ----------------------------------------------------------------------------------------
status 0 sh -c 'myopic-eval -k 2 <whole'
head -n 1 stdout | grep -Eq '^accuracy +[0-9.]+%  \([0-9]+ of 250; 95% interval ' || fail "begins with: $(head -n 1 stdout)"
grep -Eq '^top-2 accuracy ' stdout || fail "no top-2"
grep -q tiles stdout && fail "tiles of whole images"
for word in confusion: reliability: 'number of tiles' 'by position' against; do
	grep -q "$word" stdout && fail "$word unasked"
done
status 0 sh -c 'myopic-eval -k 1 <whole'
grep -q '^top' stdout && fail "top-1 is the accuracy"
status 0 sh -c 'myopic-eval -k 6 <whole'
grep -q '^top' stdout && fail "top-6 of 6 classes"
status 0 sh -c 'myopic-eval --confusion --calibration --pairs 2 <tiles'
for word in '^4000 tiles of 250 images' '^by their vote' '^each tile' '^by class .*precision' '^  mean ' '^most confused' \
    '^confusion:' '^reliability:'; do
	grep -q "$word" stdout || fail "no '$word'"
done
test "$(grep -c 'taken for ' stdout)" -eq 2 || fail "--pairs 2: $(grep 'taken for ' stdout)"
# the columns of the confusion matrix add up
awk '/^confusion:/ { getline; getline; while (NF == 8) { for (i = 3; i <= NF; i++) sum += $i; getline } }
	END { exit sum != 250 }' stdout || fail "the confusion matrix does not have 250 images"
# the mean recall is that of the lines above it
awk '/^by class/ { inside = 1; next } inside && $1 == "mean" { exit !(n == 6 && (d = $2 - sum / n) < 0.01 && d > -0.01) }
	inside { sum += $2; n++ }' stdout || fail "the mean of the classes: $(cat stdout)"
status 0 sh -c 'myopic-eval --against whole <tiles'
for word in '^against whole' '^  its accuracy .*of 250; 95% interval' '^  the same choice .*of 250; 95%' "^  Cohen's kappa" \
    '^  both wrong .*same choice' "^  McNemar's exact test .*p = "; do
	grep -q "$word" stdout || fail "no '$word'"
done
status 0 sh -c 'myopic-eval --against whole <whole'
grep -q '^  the same choice *100.00%' stdout || fail "it doesn't agree with itself"

# ---- the number of tiles, and their places -------------------------------------------------------------
status 0 sh -c 'myopic-eval --tiles --positions <tiles'
for line in '^ +1 +250 +[0-9.]+% +[0-9.]+% +[0-9.]+%$' '^ +16 +250 ' '^ +0 +4 +8 +12$'; do
	grep -Eq "$line" stdout || fail "no line '$line'"
done
test "$(sed -n '/^accuracy by position/,/^$/p' stdout | grep -c '\.')" -eq 4 || fail "not four lines of positions"
# which rows come first is no matter
myopic-sample -q -s 12 --epochs 3 <test.images | myopic-predict -m m.safetensors >first || fail "predict"
myopic-sample -q -s 12 --epochs 5 --first-row 750 <test.images | myopic-predict -m m.safetensors >later || fail "predict"
ok sh -c 'myopic-eval --tsv --tiles <crops >plenty'
ok sh -c 'cat later first | myopic-eval --tsv --tiles >mixed'
same plenty mixed
# many positions, and images of several sizes
myopic-synth -q -n 5 -s 34 -k 6 --split test >larger.images || fail "synth"
myopic-sample -q -s 12 --grid --stride 1 --pad <larger.images | myopic-predict -m m.safetensors >larger || fail "predict"
status 0 sh -c 'myopic-eval --positions <larger'
grep -q '34 by 34 are too many' stdout || fail "34 lines of 34 columns"
status 0 sh -c 'myopic-eval --positions --tsv <larger'
test "$(wc -l <stdout)" -eq 1157 || fail "not a line for each of 34 times 34 positions"
myopic-sample -q -s 12 --grid --stride 4 <larger.images | myopic-predict -m m.safetensors >alike || fail "predict"
status 1 sh -c 'cat tiles alike | myopic-eval --positions'
one_line; says 'images of one size'

# ---- for programs ------------------------------------------------------------------------------------------
status 0 sh -c 'myopic-eval --tsv <tiles'
test "$(wc -l <stdout)" -eq 2 || fail "not two lines"
accuracy=$(awk -F '\t' 'NR == 2 { print $3 }' stdout)
ok myopic-eval <tiles >report
grep -q "^accuracy  *$(printf %.2f "$accuracy")%" report || fail "tsv says $accuracy: $(head -n 1 report)"
# table LINES OPTION...: so many lines of as many figures as there are names
table() {
	lines=$1; shift
	status 0 sh -c "myopic-eval --tsv $* <tiles"
	awk -F '\t' -v lines="$lines" 'NR == 1 { n = NF } NF != n { bad = 1 } END { exit bad || NR != lines || n < 5 }' stdout ||
		fail "$*: not $lines lines of as many columns: $(cat stdout)"
}
table 2
table 2 --against whole
table 7 --classes
table 7 --confusion
table 16 --calibration
table 6 --tiles
table 17 --positions

# ---- a bar to pass ---------------------------------------------------------------------------------------------
# each image by itself, and the names of their files
ok sh -c 'myopic-eval --each <tiles >each'
test "$(head -n 1 each)" = "$(printf 'id\tlabel\tchoice\tright\tp_choice\tp_label')" || fail "each: $(head -n 2 each)"
myopic-eval --tsv <tiles | awk -F '\t' 'NR == 2 { print $1, $3 }' >wanted
awk -F '\t' 'NR > 1 { n++; right += $4; bad += ($2 == $3) != $4 || $5 < $6 } END { printf "%d %.4f\n", bad ? -1 : n, 100 * right / n }' each |
	cmp - wanted || fail "each: $(cat each) is not $(cat wanted)"
status 2 myopic-eval --each --json
says '--each prints images and nothing else'
myopic-synth -q -n 12 -s 24 -k 4 | "$builddir/tests/mkdata" pictures pictures || fail "mkdata"
ok sh -c 'myopic-unpack -q pictures >named.images'
ok sh -c 'myopic-sample -q -s 12 <named.images | myopic-train -q -a linear -o named.safetensors'
ok sh -c 'myopic-predict -q -m named.safetensors <named.images | myopic-eval -q --each --images named.images >each'
(cd pictures && find . -name '*.*g' | sed 's|^\./||' | sort) >wanted
cut -f 2 each | tail -n +2 | sort | cmp - wanted || fail "names: $(cat each)"
awk -F '\t' 'NR > 1 && index($2, $3 "/") != 1' each | grep . && fail "another name's label: $(cat each)"
status 1 sh -c 'myopic-predict -q -m named.safetensors <named.images | myopic-eval --each --images test.images'
one_line
status 2 myopic-eval --images named.images
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
right some --against some
status 0 sh -c 'myopic-eval <some'
grep -q '^rows without a label  *15, left out' stdout || fail "unlabelled rows: $(cat stdout)"

# ---- parts joined by cat -----------------------------------------------------------------------------------------
myopic-predict -m m.safetensors <images >other || fail "predict"
ok sh -c 'cat whole other | myopic-eval >report'
grep -q 'of 650;' report || fail "joined: $(head -n 1 report)"

# ---- other images, other classes -------------------------------------------------------------------------------------
# refused FILE PREDICTIONS TEXT
refused() {
	status 1 sh -c "myopic-eval --against $1 <$2"
	one_line; says "$3"
	test ! -s stdout || fail "a report of $2 against $1"
}
refused other whole 'standard input: image 1000000000 is not in other'
refused whole other 'standard input: image 0 is not in whole'
cat whole other >joined
refused joined whole 'standard input: 400 of the 650 images in joined are missing, the first is 0'
refused some whole 'some: has 3 classes, and standard input 6'
refused nowhere whole "nowhere: can't be opened"
refused images whole 'images: holds images, not predictions'
refused m.safetensors whole 'm.safetensors: '
head -c 5000 whole >cut.off
refused cut.off whole 'cut.off: '

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
# two data sets number their images alike: they are no tiles of one
status 1 sh -c 'cat whole whole | myopic-eval'
one_line; says 'two rows have the id 1000000000, and are no tiles'
# one image, two labels: streams of different data joined
myopic-synth -q -n 250 -s 24 -k 6 --split test -S 9 >others.images || fail "synth"
myopic-predict -m m.safetensors <others.images >others || fail "predict"
status 1 sh -c 'cat whole others | myopic-eval'
one_line; says 'an id must stand for one image'
refused whole others 'these are other images'

# ---- a full disk, mistakes -----------------------------------------------------------------------------------------
if test -c /dev/full; then
	for format in '' --json --tsv; do
		status 1 sh -c "myopic-eval $format <whole >/dev/full"
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
mistake --tsv --json --tsv
mistake '--tiles or --against' --tsv --tiles --against whole
mistake --format --format json
mistake --min-accuracy --min-accuracy 101
mistake whole whole
