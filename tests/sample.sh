#!/bin/sh
# myopic-sample: the same bytes for the same seed, nothing dropped, and what it refuses.
. "${srcdir:-.}/tests/setup.sh"

# several records, so that a pipe has more than a window
myopic-synth -q -n 1000 -s 24 -k 4 >images || fail "synth"
myopic-synth -q -n 40 -s 16 -k 4 --split test >small || fail "synth"

# only_error FILE: nothing but a record that says what went wrong; no_end FILE: a stream that did not succeed
no_end() { grep -aq '"record":"error"' "$1" && ! grep -aq '"record":"end"' "$1"; }
only_error() { no_end "$1" && test "$(wc -c <"$1")" -lt 600; }
rows() { myopic-info "$1" | awk '$1 == "rows" { print $2; exit }'; }
has() { test "$(rows "$1")" = "$2" || fail "$1 has $(rows "$1") rows, not $2"; }

# ---- random crops ---------------------------------------------------------------------------
status 0 sh -c 'myopic-sample --flip --epochs 2 --crops 3 <images'
test ! -s stderr || fail "speaks in the middle of a pipe: $(cat stderr)"
mv stdout a
has a 6000
# repaints A B WHY: half of the rows or more must have other pixels, whatever other columns there are
repaints() {
	"$builddir/tests/rows" "$1" >rows.a && "$builddir/tests/rows" "$2" >rows.b || fail "rows"
	paste -d ' ' rows.a rows.b | awk '{ n++; other += $(NF / 2) != $NF } END { exit !(n > 100 && other > 0.4 * n) }' || fail "$3"
}
ok sh -c 'myopic-sample --flip --epochs 2 --crops 3 <images >b'
same a b
ok sh -c 'cat images | myopic-sample --flip --epochs 2 --crops 3 >b'
same a b
ok sh -c 'myopic-sample --flip --epochs 2 --crops 3 --seed 2 <images >b'
differ a b "another seed changes nothing"
ok sh -c 'myopic-sample --epochs 2 --crops 3 <images >b'
repaints a b "--flip changes nothing"

# epochs cut one by one are the epochs of one run
ok sh -c 'myopic-sample -f -s 12 --epochs 3 <images >all'
tensors() { myopic-info "$1" | sed -n '/^tensors/,/^made by/p' | grep '^ '; }
for epoch in 0 1 2; do
	ok sh -c "myopic-sample -f -s 12 --first-epoch $epoch <images >epoch.$epoch"
done
cat epoch.0 epoch.1 epoch.2 >joined
test -n "$(tensors all)" || fail "no tensors in $(myopic-info all)"
test "$(tensors all)" = "$(tensors joined)" || fail "three epochs are not the sum of three"
test "$(tensors epoch.0)" != "$(tensors epoch.1)" || fail "all epochs are the same"

# any row can be the first, and there need be no last
ok sh -c 'myopic-sample -f -s 12 --first-epoch 2 <images >last'
ok sh -c 'myopic-sample -f -s 12 --epochs 3 --first-row 2000 <images >tail'
test "$(tensors last)" = "$(tensors tail)" || fail "--first-row 2000 is not the third epoch"
status 1 sh -c 'myopic-sample -f -s 12 --epochs 3 --first-row 3001 <images'
one_line; says 'there are 3000 rows in all'
ok sh -c 'myopic-sample -f -s 12 --epochs 0 <images 2>stderr | head -c 3000000 >some'
test ! -s stderr || fail "a closed pipe is not the end of --epochs 0: $(cat stderr)"
test "$(wc -c <some)" -eq 3000000 || fail "--epochs 0 ends"
ok sh -c 'myopic-sample -f -s 12 --epochs 9 <images >nine'
body() { tail -c +"$((9 + $(od -An -tu8 -N8 "$1")))" "$1" | head -c 2900000; } # after the header record
body some >x; body nine | cmp -s - x || fail "--epochs 0 begins with other rows"
status 1 sh -c 'cat images | myopic-sample --first-row 5 --memory 50K'
says 'a window can'

# ---- what befalls crops -----------------------------------------------------------------------
# Colours and holes leave places and mirrors where they were, and all of it can begin at any row.
colours='--brightness 0.4 --contrast 0.4 --saturation 0.4 --hue 0.1'
columns() { tensors "$1" | grep -vE '^ *(image|hole) '; }
ok sh -c "myopic-sample -f -s 12 --epochs 3 $colours --cutout 5 <images >changed"
test "$(columns changed)" = "$(columns all)" || fail "colours and holes move crops: $(columns changed)"
test "$(tensors changed | grep '^ *image ')" != "$(tensors all | grep '^ *image ')" || fail "colours and holes change nothing"
how="-s 12 --alternate-flip --scale 0.5,1.5 --margin 5 $colours --cutout 5"
ok sh -c "myopic-sample $how --epochs 3 <images >whole"
has whole 3000
ok sh -c "myopic-sample $how --first-epoch 2 <images >last"
ok sh -c "myopic-sample $how --epochs 3 --first-row 2000 <images >tail"
test "$(tensors last)" = "$(tensors tail)" || fail "--first-row 2000 is not the third epoch of what befalls crops"
ok sh -c 'myopic-sample -s 12 <images >plain'
for option in --alternate-flip '--scale 0.5,1.5' '--brightness 0.4' '--contrast 0.4' '--saturation 0.4' '--hue 0.1' '--cutout 5'; do
	ok sh -c "myopic-sample -s 12 $option <images >one"
	repaints one plain "$option changes nothing"
done
# what is off is as if it had never been named
ok sh -c "myopic-sample $how --no-alternate-flip --no-scale --no-margin --no-brightness --no-contrast --no-saturation \
	--no-hue --no-cutout <images >off; myopic-sample -s 12 <images >b"
same off b
# squares find room in images that are smaller than a patch
status 1 sh -c 'myopic-sample -s 20 <small'
says 'smaller than a patch of 20x20'
ok sh -c 'myopic-sample -q -s 20 --scale 0.5,1.5 <small >b'
has b 40
status 1 sh -c 'myopic-sample -s 20 --scale 0.9,1.5 <small'
one_line; says 'standard input: image 1000000000 is 16x16 pixels, smaller than a patch of 18x18'
# a network learns from it
ok sh -c "myopic-sample -q $how --epochs 2 <images | myopic-train -q --arch linear --batch 50 -o m.safetensors"

# ---- the window ------------------------------------------------------------------------------
status 0 sh -c 'cat images | myopic-sample -c 2 --memory 50K'
one_line; says 'shuffling through a window of'
mv stdout window
has window 2000
ok sh -c 'cat images | myopic-sample -q -c 2 --memory 50K >again'
myopic-cmp window again || fail "the window's shuffle can't be repeated"
test "$(tensors window)" = "$(myopic-sample -c 2 <images >b; tensors b)" || fail "the window's crops are others"
differ window b "a window shuffles like the whole"
status 1 sh -c 'cat images | myopic-sample --epochs 2 --memory 50K'
one_line; says 'write it to a file'
only_error stdout || fail "patches of images that don't fit"
ok sh -c 'myopic-sample --epochs 2 --memory 50K <images >b'
has b 2000
# a file is more than a pipe could be, and what is repeated is one
myopic-info --replay b >again.sh || fail "no replay"
ok sh again.sh >again
same b again
# of streams that cat joined the first says how many images it has, which isn't all
ok sh -c 'myopic-synth -q -n 10 -s 24 -k 4 | cat - images | myopic-sample -q --memory 50K >joined'
has joined 1010
myopic-info joined | grep -E 'epoch_rows|expected' && fail "the number of rows was known to be false"

# ---- trouble with the file -----------------------------------------------------------------------
# trouble COMMAND TEXT: what befalls the file after the first crops is an error
trouble() {
	cp images changing
	{ myopic-sample -q -s 20 -e 60 <changing 2>stderr; echo $? >code; } |
		{ head -c 200000 >/dev/null; $1 changing; cat >rest; }
	test "$(cat code)" -eq 1 || fail "$1: status $(cat code)"
	one_line; says "$2"
	grep -aq '"record":"end"' rest && fail "$1: a stream that succeeds"
}
trouble touch 'standard input: the file was written to while it was read'
trouble 'truncate -s 4096' 'a file that is being read became shorter'
# a failure is said, also where nobody reads what is written
{ sleep 0.3; myopic-sample -s 30 <images 2>stderr; echo $? >code; } | :
test "$(cat code)" -eq 1 || fail "status $(cat code) where the reader has gone"
one_line; says 'standard input: image 0 is 24x24 pixels'

# ---- grids ------------------------------------------------------------------------------------
grid() { # ROWS OPTIONS...
	want=$1; shift
	ok sh -c 'myopic-sample --grid "$@" <images >grid' sh "$@"
	has grid "$want"
}
grid $((1000 * 25)) --size 20
grid $((1000 * 9)) --stride 4
grid $((1000 * 36)) --stride 4 --pad
grid 1000 --size 24
grid $((1000 * 64)) --size 3 --pad --stride 3
cp grid a
ok sh -c 'cat images | myopic-sample --grid --size 3 --pad --stride 3 >grid'
same a grid

# an image cut into tiles that don't overlap is still all there: the same mean of all pixels
ok sh -c 'myopic-sample --grid --size 6 --stride 6 <images >grid'
mean() { myopic-info "$1" | awk '$1 == "image" { print $NF; exit }'; }
test "$(mean grid)" = "$(mean images)" || fail "mean $(mean grid) of tiles, $(mean images) of images"

# ---- sizes and parts ------------------------------------------------------------------------------
cat images small >both
for how in '' --grid '--grid --stride 3'; do
	status 1 sh -c "myopic-sample -q -s 18 $how <both"
	one_line; says 'is 16x16 pixels, smaller than a patch of 18x18'
	status 1 sh -c "myopic-sample -q -s 64 --skip-small $how <both"
	one_line; says 'all of the'
	# shellcheck disable=SC2016  # for the inner shell
	status 0 sh -c 'cat both | myopic-sample -s 18 --skip-small $1' sh "$how"
	one_line; says '40 images left out'
	mv stdout fit
	status 0 sh -c "myopic-sample -s 18 $how <images"
	mv stdout all
	has fit "$(rows all)"
done
ok sh -c 'myopic-sample -s 12 <both >b'
has b 1040
ok sh -c 'myopic-sample -s 18 --margin 4 <both >b'
has b 1040
for how in '<both' '--grid <both' '<both --memory 20K'; do
	ok sh -c "cat both | myopic-sample -q -s 12 ${how#<both} >b; myopic-info b >info"
	grep -q 'split test' info || fail "$how: the second part is not in the history: $(cat info)"
done

# ---- damage ------------------------------------------------------------------------------------------
# Cut off anywhere: random crops of a file write nothing at all, a grid says so in its stream.
myopic-synth -q -n 3 -s 16 -k 2 >three || fail "synth"
size=$(wc -c <three)
n=0
while test "$n" -lt "$size"; do
	head -c "$n" three >cut.off
	status 1 sh -c 'myopic-sample -s 4 <cut.off'
	one_line; says 'myopic-sample: standard input'
	only_error stdout || fail "patches of a file cut at $n"
	status 1 sh -c 'cat cut.off | myopic-sample --grid -s 4 >grid'
	one_line; says 'myopic-sample: standard input'
	no_end grid || fail "a grid of a file cut at $n looks whole"
	n=$((n + 83))
done
head -c $((size - 1)) three >cut.off
status 1 sh -c 'myopic-sample --grid -s 4 <cut.off 2>/dev/null | myopic-info'
says 'myopic-sample'
# one flipped bit in the pixels
middle=$((size / 2))
{ head -c $middle three; printf '\377\377\377'; tail -c +$((middle + 4)) three; } >flipped
test "$(wc -c <flipped)" -eq "$size" || fail "flipped"
for how in '' --grid; do
	status 1 sh -c "myopic-sample -s 4 $how <flipped"
	one_line; says 'damaged'
done
# a producer that is killed, of which some shells say a word too
status 1 sh -c 'sh -c "head -c 1500 three; kill -9 \$\$" | myopic-sample --grid -s 4'
says 'cut off'

# ---- what isn't images ------------------------------------------------------------------------------
for how in '' --grid; do
	status 1 sh -c "myopic-sample $how <epoch.0"
	one_line; says 'holds patches, not images'
done

# ---- a full disk, a reader that goes away ---------------------------------------------------------------
if test -c /dev/full; then
	for how in '' --grid; do
		status 1 sh -c "myopic-sample $how <images >/dev/full"
		one_line; says 'No space left'
	done
fi
{ myopic-sample -q --epochs 1000 <images 2>stderr; echo $? >code; } | head -c 1000 >/dev/null
test "$(cat code)" -eq 141 || fail "status $(cat code) where SIGPIPE should end it"
test ! -s stderr || fail "words about a closed pipe: $(cat stderr)"

# ---- mistakes on the command line --------------------------------------------------------------------------
mistake() { # TEXT OPTIONS...
	text=$1; shift
	# shellcheck disable=SC2016  # for the inner shell
	status 2 sh -c 'myopic-sample "$@" <images' sh "$@"
	one_line; says "$text"
	only_failure stdout
}
mistake --size --size 0
mistake --size --size 16x
mistake --stride --stride 0 --grid
mistake --stride --stride 2
mistake --pad --pad
mistake --margin --margin 16
mistake --margin --margin 1 --grid
mistake --flip --grid --flip
mistake --crops --grid --crops 2
mistake --epochs --grid --epochs 2
mistake --epochs --epochs -1
mistake --first-epoch --grid --first-epoch 1
mistake --memory --memory lots
mistake --alternate-flip --flip --alternate-flip
for scale in 2 '2,' ,2 1,x 1,2,3 ''; do mistake "'$scale' is not two factors" --scale "$scale"; done
for scale in 0.1,1 1,9 2,1 nan,1 -1,1; do mistake "$scale is not from 0.125 to 8" --scale "$scale"; done
mistake 'squares of 16384 pixels' --size 4096 --scale 1,4
mistake 'least side of --scale' --margin 8 --scale 0.5,1
mistake --cutout --cutout -1
mistake --cutout --cutout 17
for colour in --brightness --contrast --saturation --hue; do
	mistake $colour $colour 1.1
	mistake $colour $colour -0.1
	mistake $colour --grid $colour 0.1
done
mistake --alternate-flip --grid --alternate-flip
mistake --scale --grid --scale 1,2
mistake --cutout --grid --cutout 3
mistake images images
