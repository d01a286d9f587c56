#!/bin/sh
# myopic-heat: pictures, scores, tensors, and what it refuses.
. "${srcdir:-.}/tests/setup.sh"

make=${builddir:?}/tests/make_heat
test -x "$make" || skip "tests/make_heat isn't built"
"$make" images 5 1 >predictions || fail "make_heat"
"$make" coarse.images 5 3 >coarse || fail "make_heat"
"$make" few.images 3 1 >few || fail "make_heat"
"$make" one.images 1 1 >one || fail "make_heat"
"$make" none.images 0 1 >none || fail "make_heat"
"$make" images 5 1 myopic-calibrate --shuffle 1 >shuffled || fail "make_heat"
"$make" images 5 3 myopic-calibrate --shuffle 1 >shuffled.coarse || fail "make_heat"

# size_of NAME: width and height of a PNG file, "668 302"
size_of() { od -An -tu1 -j16 -N8 "$1" | awk '{ print $3 * 256 + $4, $7 * 256 + $8 }'; }
count() { find "$1" -name '*.png' | wc -l | tr -d ' '; }

# ---- pictures ---------------------------------------------------------------------------
status 0 sh -c 'myopic-heat -q -i images -o out <predictions'
test ! -s stderr || fail "not quiet"
test "$(count out)" -eq 6 || fail "not five pages and a sheet: $(ls out)"
for name in 000000-cat 000001-dog 000002-hen_house 000003-cat 000004-dog sheet; do
	test -s "out/$name.png" || fail "no $name.png"
done
test "$(find out | wc -l)" -eq 7 || fail "something else in out: $(ls -A out)"
# 24 x 32 pixels are enlarged by 11: three panels of 352 x 264, tiles of 8 x 8 by 8, and what belongs to them
# shellcheck disable=SC2046  # two numbers
set -- $(size_of out/000000-cat.png)
{ test "$1" -ge 1056 && test "$1" -le 1350 && test "$2" -ge 400 && test "$2" -le 560; } || fail "page of $1 x $2"

# into a folder that is there, the same pictures again; then fewer of them
mkdir again
ok myopic-heat -q -i images -o again/ <predictions
diff -r out again || fail "a second run differs"
ok myopic-heat -q --threads 3 -i images -o threads <predictions
diff -r out threads || fail "three threads draw something else"
ok myopic-heat -q -i images -o two -n 2 --sheet 0 <predictions
test "$(count two)" -eq 2 || fail "--limit 2 --sheet 0: $(ls two)"
ok myopic-heat -q -i images -o large -n 1 --sheet 0 -e 20 <predictions
# shellcheck disable=SC2046  # two numbers
set -- $(size_of large/000000-cat.png)
test "$1" -ge 1920 || fail "--enlarge 20: $1 wide"
for how in '-m cover' '-m cover --scale each' '--scale 0:4' '-c label' '-c hen/house' '-a 1' '-m logit' '-m margin' \
	'--colours viridis' '--colours jet' '-m margin --floor shuffled'; do
	to=$(echo "out $how" | tr '/ ' '__')
	# shellcheck disable=SC2086  # several words
	ok myopic-heat -q -i images -o "$to" $how <predictions
	test "$(count "$to")" -eq 6 || fail "$how: $(ls "$to")"
	test "$how" = '-c label' || unlike out/sheet.png "$to/sheet.png" "$how changes nothing"
done
test -s out_-c_hen_house/000000-hen_house.png || fail "--class by name"
for method in paper cover logit margin entropy classes; do
	ok myopic-heat -q -i coarse.images -o "coarse.$method" -m $method <coarse
done
ok myopic-heat -q -i images -o top -m cover -c top:2 <predictions
test "$(count top)" -eq 11 || fail "--class top:2: $(ls top)"
for method in entropy classes; do # of no class in question
	ok myopic-heat -q -i images -o $method -m $method <predictions
	test -s $method/000002.png || fail "--method $method: $(ls $method)"
done

# other kinds of files; the same bytes again
for format in svg pdf; do
	ok myopic-heat -q -i images -o $format -f $format <predictions
	ok myopic-heat -q -i images -o $format.again -f $format --threads 2 <predictions
	diff -r $format $format.again || fail "a second run with -f $format differs"
	test "$(find $format -name "*.$format" | wc -l)" -eq 6 || fail "-f $format: $(ls $format)"
done

# sheets by class: all three kinds, of the two classes of which there are images
ok myopic-heat -q -i images -o sheets -m margin -c label -n 1 --sheet 0 --class-sheets 2 <predictions
test "$(count sheets)" -eq 4 || fail "--class-sheets: $(ls sheets)"
for name in cat dog hen_house; do
	test -s "sheets/class-$name.png" || fail "no class-$name.png"
done

# they have the same scale as all that is drawn, whether or not pages are made of their maps: image 0's heat is weaker than others'
for limit in 0 1; do
	ok myopic-heat -q -i coarse.images -o limit$limit -m margin -c label -n $limit --sheet 0 --class-sheets 2 <coarse
	test "$(count limit$limit)" -eq $((8 - 4 * limit)) || fail "--limit $limit --class-sheets: $(ls limit$limit)"
done
for name in cat dog hen_house; do
	same limit0/class-$name.png limit1/class-$name.png
done
same limit0/000000-cat.png limit1/000000-cat.png

# ---- the ledger ---------------------------------------------------------------------------
ok myopic-heat --check -m logit <predictions
status 1 sh -c 'myopic-heat --check -m logit <coarse'
one_line
says 'add up to no logit'

# ---- scores -----------------------------------------------------------------------------
# column NAME LINE: a figure of --tsv
column() {
	awk -F '\t' -v name="$1" -v line="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i }
	    $1 == line { print $at }' scores
}
# the heat was made to lie on the object: nearly all is there, and the hottest pixel always
for input in predictions coarse; do
	ok myopic-heat -q -s --tsv -i images <$input >scores
	test "$(wc -l <scores)" -eq 5 || fail "scores of three classes: $(cat scores)"
	for rule in 'maps == 5' 'empty == 0' 'energy > 0.5' 'area > 0.08' 'area < 0.09' 'lift > 6' 'own > 1' \
	    'pointing == 1' 'centre < 0.7' 'roc > 0.9' 'best_iou >= iou'; do
		# shellcheck disable=SC2086  # three words
		set -- $rule
		other=$3
		case $3 in [a-z]*) other=$(column "$3" '(mean)') ;; esac
		awk -v a="$(column "$1" '(mean)')" -v b="$other" "BEGIN { exit !(a $2 b) }" || fail "$input: $rule: $(cat scores)"
	done
done
# where no tile says the class nothing is shown
ok myopic-heat -q -s --tsv -i few.images -c hen/house <few >scores
test "$(column maps hen/house) $(column empty hen/house)" = '3 1' || fail "scores of hen/house: $(cat scores)"
# what is undefined has a word for it
ok myopic-heat -q -s --tsv -i one.images -c hen/house <one >scores
for name in energy lift lift_low lift_high rank_low; do
	test "$(column $name hen/house) $(column $name '(mean)')" = 'NA NA' || fail "$name of no heat: $(cat scores)"
done
ok myopic-heat -q -s -i one.images -c hen/house <one >text
grep -qi nan scores text && fail "undefined: $(cat scores text)"
# for people, and as JSON; another seed changes intervals alone
ok myopic-heat -q -s -i images <predictions >text
grep -q '^cat  *2 .*% (.* to .*)' text || fail "text: $(cat text)"
ok myopic-heat -q -s --json -i images <predictions >a.json
ok myopic-heat -q -s --json --seed 5 -i images <predictions >b.json
same a.json b.json # of so few there are no intervals
"$make" many.images 30 1 >many || fail "make_heat"
ok myopic-heat -q -s --tsv -i many.images <many >scores
for rule in 'energy_low < energy' 'energy_high > energy' 'own_low < own' 'own_high > own' 'own_low > 1'; do
	# shellcheck disable=SC2086  # three words
	set -- $rule
	other=$3
	case $3 in [a-z]*) other=$(column "$3" '(mean)') ;; esac
	awk -v a="$(column "$1" '(mean)')" -v b="$other" "BEGIN { exit !(a $2 b) }" || fail "many: $rule: $(cat scores)"
done
ok myopic-heat -q -s --json -i many.images <many >a.json
ok myopic-heat -q -s --json --seed 5 -i many.images <many >b.json
grep -q '"mean":' a.json || fail "json: $(cat a.json)"
unlike a.json b.json "--seed changes nothing"

# ---- tensors ------------------------------------------------------------------------------
ok myopic-heat -q --tensors <predictions >maps
test "$(wc -c <maps)" -gt $((5 * 24 * 32 * 4)) || fail "too few tensors"
ok myopic-heat -q --tensors -i images -o both <predictions >maps2
diff -r out both || fail "pictures differ with --tensors"

# ---- what is refused, and leaves nothing ---------------------------------------------------
size=$(wc -c <predictions)
for n in 0 5 100 $((size / 2)) $((size - 1)); do
	head -c "$n" predictions >part
	status 1 sh -c 'myopic-heat -i images -o cut.out <part'
	one_line
	test ! -e cut.out || fail "pictures of predictions cut at $n"
done
head -c $((size / 2)) predictions >part
status 1 sh -c 'myopic-heat -i images --score <part'
test ! -s stdout || fail "scores of cut-off predictions"
myopic-heat -q --tensors <part 2>stderr >part.maps && fail "tensors of cut-off predictions"
one_line

refuse() { # TEXT INPUT ARGUMENTS...
	text=$1; input=$2; shift 2
	# shellcheck disable=SC2016  # for the inner shell
	status 1 sh -c 'input=$1; shift; myopic-heat -o no.out "$@" <"$input"' sh "$input" "$@"
	one_line
	says "$text"
	test ! -e no.out || fail "pictures in spite of: $text"
}
refuse 'few.images: no image 3' predictions -i few.images
refuse 'holds images, not predictions' images -i images
refuse 'holds predictions, not images' predictions -i predictions
refuse 'No such file' predictions -i no.images
refuse 'no predictions in it' none -i images
refuse "no class 'cow'" predictions -i images -c cow
refuse 'have 3 classes only' predictions -i images -c top:4
refuse 'from 1 on' predictions -i images -c top:0
refuse 'want those of whole images' predictions -i images -m evidence
refuse 'images: holds images, not predictions' predictions -i images --floor images
refuse 'no.such.file: ' predictions -i images --floor no.such.file
refuse "predictions: the network's weights aren't shuffled" predictions -i images --floor predictions
"$make" images 5 1 myopic-unpack --shuffle 1 >mixed || fail "make_heat"
refuse "mixed: the network's weights aren't shuffled" predictions -i images --floor mixed
refuse 'its tiles are 8 x 8 at stride 3, padded, those of the maps 8 x 8 at stride 1' predictions -i images --floor shuffled.coarse
head -c 3000 images >cut.images
refuse 'cut.images' predictions -i cut.images
touch file
status 1 sh -c 'myopic-heat -i images -o file <predictions'
one_line
says 'no folder'
status 1 sh -c 'myopic-heat -i images -o no/such/folder <predictions'
one_line

# ---- mistakes on the command line -----------------------------------------------------------
mistake() { # TEXT ARGUMENTS...
	text=$1; shift
	# shellcheck disable=SC2016  # for the inner shell
	status 2 sh -c 'myopic-heat "$@" <predictions' sh "$@"
	one_line
	says "$text"
}
mistake '--output' -i images
mistake '--images' -o out
mistake '--images' --score
mistake '--score' -i images --tensors --score
for scale in 1 1:0 1:1 a:b 0:nan 0:inf 1:2x ''; do
	mistake '--scale' -i images -o out --scale "$scale"
done
mistake '--method' -i images -o out -m magic
mistake '--tsv' -i images -o out --tsv
mistake '--json' -i images --score --tsv --json
mistake '--check' -m cover --check
mistake '--score' -i images --score -m classes
mistake 'makes several' -i images -o out -c top:2 --class-sheets 2
for method in entropy classes; do
	mistake '--class top:K' -i images -o out -m $method -c top:2
	mistake '--floor wants heat' -i images -o out -m $method --floor shuffled
done
for option in '--scale each' '--colours jet' '--floor shuffled' '--alpha 0.5' '--enlarge 3' '--limit 2' '--sheet 3' \
	'--class-sheets 2' '--format svg' '--threads 2'; do
	# shellcheck disable=SC2086  # two words
	mistake "${option% *} is about pictures" -i images --score $option
done
mistake '--colours' -i images -o out --colours pink
mistake '--alpha' -i images -o out -a 2

# ---- a full disk ------------------------------------------------------------------------------
if test -c /dev/full; then
	for how in --tensors --score; do
		status 1 sh -c "myopic-heat -q -i images $how <predictions >/dev/full"
		one_line
	done
fi

# ---- floors that are none ------------------------------------------------------------------------
"$make" images 5 1 myopic-calibrate --shuffle -1 >unshuffled || fail "make_heat"
refuse "unshuffled: the network's weights aren't shuffled" predictions -i images --floor unshuffled
"$make" one.images 1 1 myopic-calibrate --shuffle 1 >pale || fail "make_heat"
refuse 'pale: no heat in its maps' predictions -i images -c hen/house --floor pale

# one map an image is what streams have anyway
myopic-heat -q --tensors -c top:1 <predictions | head -c 900 | grep -aq '"top":' && fail "top:1 is in the header"
myopic-heat -q --tensors -c top:2 <predictions | head -c 900 | grep -aq '"top":' || fail "top:2 isn't in the header"
