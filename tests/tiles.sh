#!/bin/sh
# myopic-tiles and myopic-enough: pictures, tables, and what they refuse.
. "${srcdir:-.}/tests/setup.sh"

make=${builddir:?}/tests/make_heat
test -x "$make" || skip "tests/make_heat isn't built"
"$make" images 5 1 >predictions || fail "make_heat"

# ---- the most telling tiles -----------------------------------------------------------------
for format in png svg pdf; do
	ok myopic-tiles -i images -o "tiles.$format" <predictions
	test -s "tiles.$format" || fail "no tiles.$format"
done
ok myopic-tiles --tsv <predictions >all
# of 5 images two are cats, two dogs, one a hen: one tile of each for each of three kinds
test "$(wc -l <all)" -eq 16 || fail "not a line of names and 15 tiles: $(cat all)"
test "$(grep -c '^hen/house	' all)" -eq 3 || fail "hens: $(cat all)"
status 0 myopic-tiles --tsv -n 50 -i images <predictions
says 'with fewer than 50 images, and so with fewer tiles'
awk -F '\t' 'NF != 9 || (NR == 1 && $9 != "name")' stdout | grep . && fail "names: $(head -n 3 stdout)"
ok myopic-tiles --tsv -n 1 -c dog -c cat <predictions >some
test "$(cut -f 1 some | sort | uniq -c | tr -s ' \n' ' ')" = ' 3 cat 1 class 3 dog ' || fail "--class: $(cat some)"
# the object's own place argues most for its class: x and y of image 0's, a cat, are 0
awk -F '\t' '$1 == "cat" && $2 == "for" && $6 == 0 && $7 >= -1 && $7 <= 1 && $8 >= -1 && $8 <= 1 { good = 1 } END { exit !good }' all ||
	fail "the tile on the object is not the most telling: $(cat all)"

# bad STATUS TEXT INPUT ARGUMENTS...
bad() {
	want=$1 text=$2 input=$3; shift 3
	# shellcheck disable=SC2016  # for the inner shell
	status "$want" sh -c 'input=$1; shift; myopic-tiles "$@" <"$input"' sh "$input" "$@"
	one_line
	says "$text"
	test ! -e no.png || fail "a picture in spite of: $text"
}
head -c 20000 predictions >part
bad 1 'standard input' part -i images -o no.png
bad 1 "no class 'cow'" predictions -i images -o no.png -c cow
bad 1 "no class 'label'" predictions --tsv -c label
bad 1 'holds images, not predictions' images -i images -o no.png
bad 1 "no/no.png: can't be written" /dev/null -i images -o no/no.png # before anything is read
bad 2 '--images' predictions -o no.png
bad 2 'nothing to do' predictions -i images
bad 2 'none of .png' predictions -i images -o no.jpg

# ---- the smallest tile ----------------------------------------------------------------------------
myopic-synth -q -n 60 -k 3 >train.images && myopic-synth -q -n 12 -k 3 --split test >test.images || fail "synth"
myopic-sample -q --size 10 --epochs 3 <train.images | myopic-train -q --arch resnet9:width=4 -b 32 -o m.safetensors || fail "train"
for size in 16 8; do
	myopic-sample -q --grid --size $size --stride 4 <test.images | myopic-predict -q -m m.safetensors >p$size || fail "predict"
done
myopic-predict -q -m m.safetensors <test.images >whole || fail "predict"
ok myopic-enough whole p16 p8 >table
side=$(myopic-info test.images | sed -n 's/^ *image .*, \([0-9]*\), 3\].*/\1/p')
test "$(cut -f 1 table | tr '\n' ' ')" = "tile 8 16 $side " || fail "sizes: $(cat table)"
# each size by itself: what smaller tiles are taken for has no part in it
for size in 8 16; do
	myopic-enough p$size | cut -f 1-7 | tail -n 1 >alone
	grep -qxF -e "$(cat alone)" <<-EOF || fail "$(cat alone) but: $(cat table)"
	$(cut -f 1-7 table)
	EOF
done
ok myopic-plot --sizes -x tile -y right -o sizes.svg table
ok myopic-enough --each p8 p16 >each
test "$(wc -l <each)" -eq 13 || fail "a line for each image: $(cat each)"
# the shares of the table are counts of the lines
small=$(grep -c '	8$' each)
awk -F '\t' -v n="$small" '$1 == 8 { exit !($4 - 100 * n / 12 < 0.01 && 100 * n / 12 - $4 < 0.01) }' table || fail "$small of 12 but: $(cat table)"
status 1 myopic-enough p8 p8; one_line; says 'same size'
status 1 myopic-enough p8 predictions; one_line; says 'predictions: its class 0 is '
status 1 myopic-enough p8 no.file; one_line; says 'no.file'
myopic-sample -q --size 12 <test.images | myopic-predict -q -m m.safetensors >crops || fail "predict"
status 1 myopic-enough p8 crops; one_line; says 'crops: predictions of random crops'
head -c 600 p16 >part
status 1 myopic-enough p8 part; one_line; says 'part'
test ! -s stdout || fail "a table of cut-off predictions"
status 2 myopic-enough; one_line
