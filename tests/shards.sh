#!/bin/sh
# Several files as one data set: their order, one after the other, interleaved and shuffled; and what is refused by its size.
. "${srcdir:-.}/tests/setup.sh"
. "$src/mkdata.sh"
make_data

rows() { "$builddir/tests/rows" "$1"; }
ids() { rows "$1" | awk '$1 == "id" { print $2 }' | tr '\n' ' '; }
unpack() { status 0 myopic-unpack -q "$@"; mv stdout images; }

# Three shards of 5, 3 and 4 pictures; a picture's id is its place among all paths, so it tells it from others.
mkdir all
n=0
for picture in pictures/*/*; do
	n=$((n + 1))
	test $n -le 12 || break
	cp "$picture" "all/$(printf '%02d' $n).${picture##*.}"
	echo $((n % 3)) >"all/$(printf '%02d' $n).cls"
done
shard() {
	name=$1; shift
	(cd all && find . -type f | sort | grep -E "^./($(echo "$@" | tr ' ' '|'))[.]" | tar -cf "../$name" -T -)
}
shard s-0.tar 01 02 03 04 05
shard s-1.tar 06 07 08
shard s-2.tar 09 10 11 12

unpack 's-{0..2}.tar'
test "$(ids images)" = "0 1 2 3 4 5 6 7 8 9 10 11 " || fail "one after the other: $(ids images)"
mv images plain
unpack s-0.tar s-1.tar s-2.tar
rows images >got
rows plain >want
same want got
unpack --interleave 2 's-{0..2}.tar'
# lanes: s-0 and then s-2; s-1
test "$(ids images)" = "0 5 1 6 2 7 3 4 8 9 10 11 " || fail "--interleave 2: $(ids images)"
unpack --interleave 9 's-{0..2}.tar'
test "$(ids images)" = "0 5 8 1 6 9 2 7 10 3 11 4 " || fail "--interleave 9: $(ids images)"

# A label whose picture lies elsewhere in the shard isn't dropped in silence; pictures without any are fine.
(cd all && printf '%s\n' ./*.jpg ./*.png ./*.cls | tar -cf ../apart.tar -T -)
status 1 myopic-unpack apart.tar
one_line; says ": its picture isn't beside it"
(cd all && ls ./01.* ./02.jpg ./02.png 2>/dev/null | tar -cf ../some.tar -T -)
unpack some.tar
# Labels from 1 leave a class that never comes.
for n in 01 02; do cp "all/$n."[jp]* .; echo 1 >$n.cls; done
tar -cf ones.tar 01.* 02.*
status 0 myopic-unpack ones.tar
says 'ones.tar: labels are from 1 on'

# Shuffled: whole files, by the seed; the rows are the same ones.
for seed in 1 2 3 4 5 6; do
	unpack --shuffle --seed $seed 's-{0..2}.tar'
	ids images >>orders
	echo >>orders
	rows images | sort | cut -d' ' -f 1-5 >got
	rows plain | sort | cut -d' ' -f 1-5 >want
	same want got
done
test "$(sort -u orders | wc -l)" -ge 3 || fail "six seeds give $(sort -u orders | wc -l) orders"
grep -vqE '^(0 1 2 3 4|5 6 7|8 9 10 11) ' orders && fail "a file is torn: $(cat orders)"

# However many threads decode, however the files are dealt out: the same bytes.
for how in "" "--interleave 3" "--shuffle --interleave 2"; do
	for threads in 1 2 7; do
		# shellcheck disable=SC2086  # words
		unpack $how --threads $threads 's-{0..2}.tar'
		test "$threads" -eq 1 && mv images one && continue
		same one images
	done
done

# A tar in a folder is a folder, as it is in another tar.
mkdir classes
for class in checkers columns dots rows; do tar -C pictures/$class -cf classes/$class.tar .; done
unpack pictures && rows images | cut -d' ' -f 1-5 | sort >want
unpack classes && rows images | cut -d' ' -f 1-5 | sort >got
same want got
tar -cf classes.tar -C classes .
for set in classes.tar "classes.tar --interleave 4"; do
	# shellcheck disable=SC2086
	unpack $set && rows images | cut -d' ' -f 1-5 | sort >got
	same want got
done
gzip -c classes.tar >classes.tar.gz
unpack classes.tar.gz && rows images | cut -d' ' -f 1-5 | sort >got
same want got
head -c 3000 classes/dots.tar >cut && mv cut classes/dots.tar
status 1 myopic-unpack -q classes
one_line
says "classes/dots.tar: "

# Names that stand for several.
for bad in 's-{0..3}.tar' 's-{0,x}.tar' 's-{a..c}.tar' 's-{0..2000000}.tar'; do
	status 1 myopic-unpack -q "$bad"
	one_line
done
cp s-0.tar 's-{0}.tar'
unpack 's-{0}.tar'
test "$(ids images)" = "0 1 2 3 4 " || fail "a file that is there, braces and all"
status 2 sh -c 'myopic-unpack - - <s-0.tar'
says "can be read but once"

# Too large, of which the limit is named.
unpack --max-pixels 1024 pictures
status 1 myopic-unpack -q --strict --max-pixels 1023 pictures
one_line
says "32x32 pixels are more than 1023 (--max-pixels)"
status 1 myopic-unpack -q --strict --max-member 100 pictures.tar.gz
one_line
says "a picture file of more than 100 bytes (--max-member)"
mkdir bomb && head -c 300000000 /dev/zero >bomb/zeros.png && tar -czf bomb.tar.gz bomb && rm bomb/zeros.png
status 1 myopic-unpack -q bomb.tar.gz
one_line
says "become more than 200 times as many"
head -c 300000000 /dev/zero | gzip >bomb.gz
status 1 myopic-unpack -q bomb.gz
one_line

# What lies below transparent pixels.
"$builddir/tests/rows" plain >/dev/null || fail "rows"
for bad in "--background red" "--background fffff" "--fold 11" "--filter cubic" "--label-names x pictures" "--resize 3x4 --fit shorter pictures"; do
	# shellcheck disable=SC2086
	status 2 myopic-unpack $bad pictures
	one_line
done
status 1 myopic-unpack -q --fold 1 pictures
one_line
says "--fold: the format 'folders' has no folds"
