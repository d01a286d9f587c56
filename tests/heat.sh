#!/bin/sh
# myopic-heat: pictures, scores, tensors, and what it refuses.
. "${srcdir:-.}/tests/setup.sh"

make=${builddir:?}/tests/make_heat
test -x "$make" || skip "tests/make_heat isn't built"
"$make" images 5 1 >predictions || fail "make_heat"
"$make" coarse.images 5 3 >coarse || fail "make_heat"
"$make" few.images 3 1 >few || fail "make_heat"
"$make" none.images 0 1 >none || fail "make_heat"

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
# 24 x 32 pixels are enlarged by 11: two panels of 352 x 264 and what belongs to them
# shellcheck disable=SC2046  # two numbers
set -- $(size_of out/000000-cat.png)
{ test "$1" -ge 704 && test "$1" -le 900 && test "$2" -ge 264 && test "$2" -le 400; } || fail "page of $1 x $2"

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
test "$1" -ge 1280 || fail "--enlarge 20: $1 wide"
for how in '-m cover' '-m cover --scale each' '--scale 0:4' '-c label' '-c hen/house' '-a 1'; do
	to=$(echo "out $how" | tr '/ ' '__')
	# shellcheck disable=SC2086  # several words
	ok myopic-heat -q -i images -o "$to" $how <predictions
	test "$(count "$to")" -eq 6 || fail "$how: $(ls "$to")"
	test "$how" = '-c label' || ! cmp -s out/sheet.png "$to/sheet.png" || fail "$how changes nothing"
done
test -s out_-c_hen_house/000000-hen_house.png || fail "--class by name"
ok myopic-heat -q -i coarse.images -o coarse.out <coarse

# ---- scores -----------------------------------------------------------------------------
# the heat was made to lie on the object: nearly all is there, and the hottest pixel always
for input in predictions coarse; do
	ok myopic-heat -q -s -i images <$input >scores
	test "$(wc -l <scores)" -eq 5 || fail "scores of three classes: $(cat scores)"
	awk -F '\t' '$1 == "(mean)" && $2 == 5 && $3 == 0 && $4 > 0.5 && $5 > 0.08 && $5 < 0.09 &&
	    $6 > 6 && $7 == 1 && $8 < 0.7 { good = 1 } END { exit !good }' scores || fail "scores: $(cat scores)"
done
# of a class that isn't there nothing is shown
ok myopic-heat -q -s -i few.images -c hen/house <few >scores
awk -F '\t' '$1 == "hen/house" && $2 == 3 && $3 == 1 { good = 1 } END { exit !good }' scores ||
	fail "scores of hen/house: $(cat scores)"

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
mistake '--alpha' -i images -o out -a 2

# ---- a full disk ------------------------------------------------------------------------------
if test -c /dev/full; then
	for how in --tensors --score; do
		status 1 sh -c "myopic-heat -q -i images $how <predictions >/dev/full"
		one_line
	done
fi
