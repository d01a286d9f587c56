#!/bin/sh
# Data sets in, images out: what is read is what was packed, and what can't be read is said.
. "${srcdir:-.}/tests/setup.sh"
. "$src/mkdata.sh"
make_data

# tensor FILE NAME DTYPE   the rows of a tensor, as decimal numbers (little-endian machine)
tensors() { "$builddir/tests/rows" "$@" || fail "rows $*"; }
unpack() { status 0 myopic-unpack "$@"; mv stdout images; }

# ---- CIFAR: against od ---------------------------------------------------------------------
# Record 3 of the second batch, read by od: its label, and the red, green and blue of pixel 33.
tar -xzf cifar-10-binary.tar.gz
batch=cifar-10-batches-bin/data_batch_2.bin
byte() { od -An -tu1 -j "$1" -N 1 "$batch" | tr -d ' '; }
start=$((3 * 3073))
expected="$(byte $start) $(byte $((start + 1 + 33))) $(byte $((start + 1 + 1024 + 33))) $(byte $((start + 1 + 2048 + 33)))"
unpack --split train cifar-10-binary.tar.gz
says "50 pictures"
# Its id: ten pictures of data_batch_1.bin come before this batch.
test "$(tensors images 13 33)" = "$expected" || fail "CIFAR-10: '$(tensors images 13 33)', not '$expected'"
unpack --split train "$batch"
test "$(tensors images 3 33)" = "$expected" || fail "a loose batch"
mv "$batch" anything
unpack --format cifar10 - <anything
test "$(tensors images 3 33)" = "$expected" || fail "a batch from standard input"
mv anything "$batch"

# An archive and what was unpacked from it are two copies of a set; one that is named twice is wanted twice.
mkdir copies
tar -xzf cifar-10-binary.tar.gz -C copies
cp cifar-10-binary.tar.gz copies
for set in copies "cifar-10-binary.tar.gz cifar-10-batches-bin" "cifar-10-batches-bin/data_batch_2.bin cifar-10-binary.tar.gz"; do
	# shellcheck disable=SC2086  # words
	status 1 myopic-unpack --split all $set
	one_line
	says ".bin: the same batch twice"
done
unpack --split test cifar-10-binary.tar.gz cifar-10-binary.tar.gz
says "20 pictures"

tar -xzf cifar-100-binary.tar.gz
batch=cifar-100-binary/test.bin
start=$((7 * 3074))
pixel="$(byte $((start + 2 + 33))) $(byte $((start + 2 + 1024 + 33))) $(byte $((start + 2 + 2048 + 33)))"
unpack --split test cifar-100-binary.tar.gz
test "$(tensors images 7 33)" = "$(byte $((start + 1))) $pixel" || fail "CIFAR-100, fine"
unpack --split test --coarse cifar-100-binary
test "$(tensors images 7 33)" = "$(byte $start) $pixel" || fail "CIFAR-100, coarse"
"$builddir/tests/rows" images | grep -q "coarse_03" || fail "names of the coarse labels"

# Labels out of range are broken pictures; half a record is a broken archive.
printf '\012' | dd of=cifar-10-batches-bin/test_batch.bin bs=1 seek=3073 conv=notrunc 2>/dev/null
unpack --split test cifar-10-batches-bin
says "test_batch.bin: picture 1: label 10, but there are 10 classes"
says "1 broken pictures were skipped, 9 unpacked"
status 1 myopic-unpack --strict --split test cifar-10-batches-bin
one_line
printf x >>cifar-10-batches-bin/test_batch.bin
status 1 myopic-unpack --split test cifar-10-batches-bin
one_line
says "test_batch.bin: 30731 bytes are not a whole number of records of 3073"

# Other versions are refused by name.
mkdir -p py/cifar-10-batches-py mat/cifar-100-matlab
echo x >py/cifar-10-batches-py/data_batch_1
echo x >mat/cifar-100-matlab/train.mat
status 1 myopic-unpack py
one_line
says "cifar-10-binary.tar.gz"
status 1 myopic-unpack mat
says "cifar-100-binary.tar.gz"

# ---- class folders, however packed ------------------------------------------------------------
# The same pictures have the same ids: sorted by id, all ways give the same rows.
sorted() { "$builddir/tests/rows" images | sort; }
same_as_folder() {
	unpack "$1"
	sorted >archive.rows
	same folder.rows archive.rows
	# shellcheck disable=SC2002  # a pipe, which can't be read twice
	cat "$1" | status 0 myopic-unpack -
	mv stdout images
	sorted >archive.rows
	same folder.rows archive.rows
}
unpack pictures
sorted >folder.rows
test "$(grep -c '^id' folder.rows)" -eq 40 || fail "40 pictures"
for archive in pictures.tar.gz pictures.tar pictures.tar.zst pictures.tar.xz pictures.zip; do
	case $archive in
	*.tar) tar -cf $archive pictures ;;
	*.zst) tar --zstd -cf $archive pictures 2>/dev/null || { rm -f $archive; continue; } ;;
	*.xz) tar -cJf $archive pictures 2>/dev/null || { rm -f $archive; continue; } ;;
	*.zip) python3 -m zipfile -c $archive pictures 2>/dev/null || continue ;;
	esac
	same_as_folder $archive
done

# Archives one behind the other are all read; what comes behind the last is no rest to be dropped.
tar -cf first.tar pictures/rows pictures/dots
tar -cf second.tar pictures/columns pictures/checkers
cat first.tar second.tar >both.tar
gzip -c first.tar >first.tar.gz
gzip -c second.tar >second.tar.gz
cat first.tar.gz second.tar.gz >members.tar.gz
gzip -c both.tar >both.tar.gz
for archive in both.tar members.tar.gz both.tar.gz; do
	same_as_folder $archive
done
size=$(wc -c <first.tar)
for more in 100 512 1000 5120; do
	head -c $((size + more)) both.tar >cut.tar
	status 1 myopic-unpack --strict cut.tar
	one_line
done
{ cat first.tar; echo rest; } >rest.tar
status 1 myopic-unpack rest.tar
one_line
{ cat first.tar; head -c 5000 pictures.tar.gz; } >rest.tar
gzip -c rest.tar >rest.tar.gz
for archive in rest.tar rest.tar.gz; do
	status 1 myopic-unpack $archive
	one_line
	says "$archive: behind the archive's end mark"
done

# Links are followed in folders, and have no pictures in them in archives.
mkdir -p links/a links/b
for picture in pictures/rows/*; do break; done
ending=${picture##*.}
cp "$picture" "links/a/1.$ending" && cp "$picture" "links/b/1.$ending"
ln -s readme.txt links/a/readme.txt
tar -cf links.tar links
unpack links.tar
says "2 pictures"
grep -q "left out" stderr && fail "a link to a file that is no part of the set is no folder"
ln -s a links/c
tar -cf links.tar links
unpack links.tar
says "2 pictures"
says "links.tar: links/c, a link to a, is left out"
rm links/c
ln -s "1.$ending" "links/a/2.$ending"
tar -cf links.tar links
status 1 myopic-unpack links.tar
one_line
says "links.tar: links/a/2.$ending: a link to 1.$ending, without its bytes"
rm "links/a/2.$ending" links/a/readme.txt
ln "links/a/1.$ending" "links/a/2.$ending"
tar -cf links.tar links
status 1 myopic-unpack links.tar
one_line
says "a link to links/a/"
ln -s nowhere links/a/readme.txt
unpack links
says "3 pictures"
ln -s nowhere "links/a/3.$ending"
status 1 myopic-unpack links
one_line
says "links: a/3.$ending: can't be read: No such file"
rm "links/a/3.$ending" links/a/readme.txt
if tar -h --hard-dereference -cf links.tar links 2>/dev/null; then
	unpack links.tar
	says "3 pictures"
fi

# Nested below folders of no meaning, with splits, litter and files of other kinds.
mkdir -p deep/er/train deep/er/test
cp -r pictures/* deep/er/train
cp -r pictures/rows pictures/dots deep/er/test
cp -r pictures __MACOSX && mv __MACOSX deep/
echo x >deep/er/train/rows/.hidden.png
echo x >deep/er/readme.txt
set -- deep/er/train/rows/*.jpg
mv "$1" "deep/er/train/rows/a name, with
a new line.JPG"
tar -C deep -cf deep.tar .
status 1 myopic-unpack deep.tar
one_line
says "has several splits: choose one (t"
status 1 myopic-unpack --split validation deep.tar
says "has no split 'validation'"
unpack --split train deep.tar
test "$("$builddir/tests/rows" images | cut -d' ' -f3- | sort)" = "$(cut -d' ' -f3- folder.rows | sort)" || fail "train"
unpack --split test deep
test "$("$builddir/tests/rows" images | grep -c '^id')" -eq 20 || fail "test"
"$builddir/tests/rows" images | grep -q "^classes checkers columns dots rows$" || fail "classes are of all splits"
unpack --split all deep
test "$("$builddir/tests/rows" images | grep -c '^id')" -eq 60 || fail "all"

# What macOS leaves beside a tar is none, though it is called so.
mkdir -p mac/__MACOSX/set mac/set
tar -C pictures -cf mac/set/rows.tar rows
echo x >mac/__MACOSX/set/._rows.tar
echo x >mac/set/._rows.tar
tar -C mac -cf mac.tar .
unpack mac.tar
says "10 pictures"

# All endings of compressed tars count, and other archives aren't left out in silence.
mkdir inner
tar -C pictures/rows -czf inner/rows.txz .
tar -C pictures/dots -cf inner/dots.tar .
tar -cf inner.tar inner
echo x >inner/more.ZIP
for set in inner inner.tar; do
	unpack $set
	says "20 pictures (folders, of 2 classes)"
done
unpack inner
one=$(grep -c "warning: inner: more.ZIP is left out: inside of others only tars are read" stderr)
test "$one" -eq 1 || fail "an archive is left out in silence"

# Captions beside the pictures are nobody's notes, however many.
mkdir captions && cp -r pictures/rows pictures/dots captions
# shellcheck disable=SC2046  # words
(cd captions/rows && truncate -s 4M $(seq -f %g.txt 257))
unpack captions
says "20 pictures"
rm -r captions

# A single picture, and those of one folder, have no labels.
set -- pictures/rows/*.png
unpack "$1"
"$builddir/tests/rows" images | grep -q '^id 0 label -1 ' || fail "a single picture"
unpack pictures/rows
test "$("$builddir/tests/rows" images | grep -c 'label -1 ')" -eq 10 || fail "pictures of one folder"

# What is named one by one is no class, and that is said; of what has labels, how many classes.
unpack pictures
says "(folders, of 4 classes)"
unpack 'pictures/{rows,dots}'
says "warning: pictures/{rows,dots}: what is named one by one is no class"
says "20 pictures (folders, without labels)"
unpack "$1" "$1"
grep -q warning stderr && fail "a warning of single pictures"
cp "$1" first && cp "$1" second # by what is in them, each
unpack first second
says "2 pictures"
: >none.png
cp "$1" large.png && truncate -s 100K large.png
unpack --max-member 50K none.png "$1" large.png
says "2 broken pictures were skipped, 1 unpacked"
status 1 myopic-unpack none.png
says "none.png: is empty"

# Class names that are not UTF-8, or hold what shells and formats care for.
odd=$(printf 'caf\351 %%s')
mkdir -p "odd/$odd" "odd/$(printf 'caf\303\251')" 'odd/$(x)"'
cp "$1" "odd/$odd/1.png" && cp "$1" "odd/$(printf 'caf\303\251')/1.png" && cp "$1" 'odd/$(x)"/1.png'
unpack odd
"$builddir/tests/rows" images | grep -qF "$(printf 'classes $(x)" caf\303\251 caf%%E9 %%s')" || fail "odd class names"

# Names travel, and are text to people; what is no letter has no power over a terminal.
mkdir -p named/a && cp "$1" "named/a/$(printf 'caf\303\251 \033.png')"
unpack named
status 0 myopic-info --rows 1 images
grep -qF "$(printf '  name: a/caf\303\251 \\x1b.png')" stdout || fail "a name: $(grep name stdout)"

# Forms that would be mislabelled are refused.
mkdir -p mixed/cat mixed/dog
cp "$1" mixed/cat/1.png && cp "$1" mixed/dog/1.png && cp "$1" mixed/1.png
status 1 myopic-unpack mixed
one_line
says "not all lie in class folders"
mv mixed/1.png mixed/dog/2.png
mkdir -p mixed/train/cow && cp "$1" mixed/train/cow
status 1 myopic-unpack mixed
says "only some lie in a split's folder"
mkdir -p flat/train flat/test && cp "$1" flat/train && cp "$1" flat/test
status 1 myopic-unpack flat
says "right in the folders of the splits"

# Lines of nothing but classes are in the order of the paths, though pictures be called like them.
mkdir numbers
cp "$1" numbers/1.png && cp "$1" numbers/2.png
printf '2\n1\n' >numbers.txt
unpack --labels numbers.txt numbers
test "$("$builddir/tests/rows" images | sed -n 's/^id \([0-9]*\) label \([0-9]*\) .*/\1 \2/p' | tr '\n' ' ')" = "0 2 1 1 " ||
	fail "numbers in order: $("$builddir/tests/rows" images)"

# Where classes have blanks in them, commas and tabs tell where they end, and blanks don't.
printf '1.png,great white shark\n2.png,cat 0 0 1 1\n' >sharks.csv
unpack --labels sharks.csv numbers
"$builddir/tests/rows" images | grep -q '^classes cat great white shark$' || fail "a class of several words"
# Numbers behind a class are a box or, if they aren't four, another column's; four that are no box mustn't be lost.
printf '1.png,cat,0.0,0,1.0,1\n2.png,dog,7\n' >boxes.csv
unpack --labels boxes.csv numbers
myopic-info images | grep -qw box || fail "no box: $(myopic-info images)"
for bad in 0,0,1.5,1 1,0,0,1 0,-1,1,1 0,0,1,1e9; do
	printf '1.png,cat,%s\n2.png,dog,7\n' $bad >boxes.csv
	status 1 myopic-unpack --labels boxes.csv numbers
	one_line
	says "boxes.csv: line 1: the four numbers behind the class of 1.png are no box"
done
printf '1.png great white shark\n2.png cat\n' >sharks.txt
status 1 myopic-unpack --labels sharks.txt numbers
one_line
says "sharks.txt: line 1: 'great white shark' are several words: classes with blanks want tabs or commas"

# What was meant as names of pictures isn't taken for classes, one for each line.
for lines in 'train/1.png,cat\ntrain/2.png,dog\n' '"1.png","cat"\n"2.png","dog"\n' '5,cat\n6,dog\n' '1.PNG cat\n2.PNG dog\n'; do
	# shellcheck disable=SC2059  # a format
	printf "$lines" >odd.csv
	status 1 myopic-unpack --labels odd.csv numbers
	one_line
	says "odd.csv: no line names a picture of the set: line "
done
# Windows' mark of UTF-8 is no text; -1 is no class.
printf '\357\273\2771.png,3\r\n2.png,-1\r\n' >marked.csv
unpack --labels marked.csv numbers
test "$("$builddir/tests/rows" images | sed -n 's/^id \([0-9]*\) label \(-*[0-9]*\) .*/\1 \2/p' | tr '\n' ' ')" = "0 3 1 -1 " ||
	fail "a mark and an unknown label: $("$builddir/tests/rows" images)"
says "of 4 classes; 1 without a label"
# Only the pictures that are wanted need lines, and folders that are splits need no classes below them.
printf '1.png cat\n2.png dog\n' >train.txt
mkdir -p halves/train halves/test
cp numbers/1.png numbers/2.png halves/train && cp numbers/1.png halves/test/other.png
unpack --split train --labels train.txt halves
says "2 pictures (folders, of 2 classes)"
# One class in a split's folder: the split is one all the same.
mkdir -p lone/train/cat && cp numbers/*.png lone/train/cat
unpack --split train lone
says "2 pictures (folders, without labels)"
status 1 myopic-unpack --split test --holdout 0.5 lone
says "has no split 'test'"

# Names for numbers are counted by their lines, and no two are the same.
printf 'great white shark\t1\ngreat grey owl\t2\n\n' >fish.names
unpack --labels numbers.txt --label-names fish.names numbers
"$builddir/tests/rows" images | grep -q '^classes great grey owl great white shark$' || fail "names up to a tab"
for bad in 'owl\n\nfish' ' owl\nfish\n' 'great owl\ngreat fish\n'; do
	# shellcheck disable=SC2059  # a format
	printf "$bad" >bad.names
	status 1 myopic-unpack --labels numbers.txt --label-names bad.names numbers
	one_line
	says "bad.names: line"
done
says "bad.names: lines 1 and 2 are both 'great': names with blanks want a tab behind them"

# ---- what archives hold besides files ------------------------------------------------------------
# A tar in a folder, unpacked beside it: its top folder is within it.
mkdir -p whole/inner/x && cp numbers/*.png whole/inner/x && (cd whole && tar -cf inner.tar inner)
cp -r pictures/dots whole/inner
status 1 myopic-unpack --format webdataset whole
says "inner/x/1.png: there are two files of this path"
# Links of parts of a set.
mkdir shard && cp numbers/1.png shard/a.png && cp numbers/2.png shard/b.png && echo 1 >shard/a.cls && ln shard/a.cls shard/b.cls
(cd shard && tar --sort=name -cf ../shard.tar a.cls a.png b.cls b.png)
status 1 myopic-unpack shard.tar
one_line
says "b.cls: a link to a.cls, without its bytes"

# ---- limits and sizes ---------------------------------------------------------------------------
count_labels() { "$builddir/tests/rows" images | sed -n 's/.* label \(-*[0-9]*\) .*/\1/p' | sort -n | uniq -c | tr -s ' \n' ' '; }
unpack --limit 6 pictures.tar.gz
test "$(count_labels)" = " 2 0 2 1 1 2 1 3 " || fail "--limit: $(count_labels)"
# a part held out: disjoint, complete, in equal shares, by the seed
ids() { "$builddir/tests/rows" "$1" | awk '$1 == "id" { print $2 }' | sort -n; }
labels() { "$builddir/tests/rows" "$1" | awk '$1 == "id" { n[$4]++ } END { for (k in n) print k, n[k] }' | sort; }
for share in 0.5 0.25 0.3; do
	ok sh -c "myopic-unpack -q --split train --holdout $share cifar-10-binary.tar.gz >fit"
	ok sh -c "myopic-unpack -q --split train --holdout $share --held-out cifar-10-binary.tar.gz >held"
	ok sh -c "myopic-unpack -q --split train cifar-10-binary.tar.gz >everything"
	{ ids fit; ids held; } | sort -n >both
	ids everything | cmp - both || fail "--holdout $share: the parts aren't the whole"
	labels held >kinds
	labels everything | join - kinds | awk -v share=$share '
		{ n++; off = $3 - share * $2; if (off >= 1 || off <= -1) exit 1 } END { exit n != 10 }' ||
		fail "--holdout $share: not that share of each class: $(cat kinds)"
done
ok sh -c "myopic-unpack -q --split train --holdout 0.25 --held-out --seed 2 cifar-10-binary.tar.gz >other"
ok sh -c "myopic-unpack -q --split train --holdout 0.25 --held-out cifar-10-binary.tar.gz >held"
test "$(ids other)" = "$(ids held)" && fail "--seed makes no difference"
status 2 sh -c 'myopic-unpack --held-out pictures | cat >/dev/null; myopic-unpack --held-out pictures'
says '--held-out wants to know how much'

unpack --per-class 3 pictures
test "$(count_labels)" = " 3 0 3 1 3 2 3 3 " || fail "--per-class: $(count_labels)"
unpack --split all --per-class 2 cifar-10-binary.tar.gz
test "$(count_labels)" = " 2 0 2 1 2 2 2 3 2 4 2 5 2 6 2 7 2 8 2 9 " || fail "--per-class, labels inside"
unpack --resize 20x24 pictures
"$builddir/tests/rows" images | grep '^id' | grep -vq ' 20x24 ' && fail "--resize"

# Pictures of many sizes are in records of their own; ids and labels stay with them.
mkdir -p sizes/a sizes/b
for n in 16 16 24 24 24 20 16; do
	number=$((${number:-0} + 1))
	myopic-synth -q -n 1 -s $n --seed $number | "$builddir/tests/mkdata" pictures tmp
	mv tmp/*/*.png sizes/a/$number.png
done
cp sizes/a/7.png sizes/b/8.png
unpack sizes
"$builddir/tests/rows" images | grep '^id' | cut -d' ' -f 1-6 >got
cat >want <<-'.'
	id 0 label 0 16x16 record
	id 1 label 0 16x16 record
	id 2 label 0 24x24 record
	id 3 label 0 24x24 record
	id 4 label 0 24x24 record
	id 5 label 0 20x20 record
	id 6 label 0 16x16 record
	id 7 label 1 16x16 record
.
same want got
test "$("$builddir/tests/rows" images | grep '^id' | cut -d' ' -f 7 | uniq | tr '\n' ' ')" = "0 1 2 3 " || fail "records"

# ---- broken pictures ------------------------------------------------------------------------------
cp -r pictures broken
set -- broken/rows/*.png
head -c 300 "$1" >cut && mv cut "$1"
set -- broken/dots/*.jpg
head -c 500 "$1" >cut && mv cut "$1"
: >broken/dots/empty.png
echo "not a picture" >broken/dots/text.jpg
tar -cf broken.tar broken
for set in broken broken.tar; do
	unpack $set
	test "$("$builddir/tests/rows" images | grep -c '^id')" -eq 38 || fail "38 of 42 pictures"
	test "$(grep -c 'warning: skipped' stderr)" -eq 4 || fail "four warnings"
	says "/empty.png: an empty file"
	says "/text.jpg: not a PNG or JPEG picture"
	says "broken JPEG: "
	says "broken PNG: "
	says "4 broken pictures were skipped, 38 unpacked"
	status 1 myopic-unpack --strict $set
	one_line
	# Whoever reads the stream learns it.
	mv stdout images
	status 1 "$builddir/tests/rows" images
	says "myopic-unpack"
done
mkdir -p allbad/a allbad/b
echo x >allbad/a/1.png && echo x >allbad/b/1.png
status 1 myopic-unpack allbad
says "none of the 2 pictures can be read"

# ---- archives that aren't ---------------------------------------------------------------------------
: >empty.tar
mkdir nothing
echo "some text" >text.txt
echo "some text" >notes.tar
head -c 5000 /dev/urandom >noise.zip
mkdir -p documents && echo x >documents/a.doc
tar -cf documents.tar documents
tar -cf none.tar -T /dev/null
for bad in empty.tar nothing text.txt notes.tar noise.zip documents documents.tar none.tar /no/such /dev/null ""; do
	status 1 myopic-unpack "$bad"
	one_line
	myopic-info - <stdout >/dev/null 2>stderr && fail "'$bad': a stream comes out"
	says "myopic-unpack failed upstream" # the reason goes down the pipe, and nothing else
done
says "a file without a name"
status 1 myopic-unpack documents.tar
says "it holds 1 files such as documents/a.doc"

# Cut at many places: never a success.
for archive in pictures.tar.gz pictures.tar pictures.tar.zst pictures.zip cifar-10-binary.tar.gz; do
	test -f $archive || continue
	size=$(wc -c <$archive)
	for part in 1 2 3 5 7 11 13 16 19 24 29 32; do
		head -c $((size * part / 33)) $archive >cut.bin
		status 1 myopic-unpack --strict --split all cut.bin
		one_line
		says "cut.bin: "
	done
	head -c $((size - 1)) $archive >cut.bin
	status 1 myopic-unpack --strict --split all cut.bin
done
# A tar cut between two files, where nothing but its end mark is missing: as it is, and well compressed afterwards.
head -c $((512 * $(tar -tRf pictures.tar | sed -n '12s/^block \([0-9]*\): .*/\1/p'))) pictures.tar >cut.tar
gzip -k cut.tar
for tool in zstd xz bzip2; do
	if command -v $tool >/dev/null; then $tool -q -k cut.tar && $tool -q -k -f pictures.tar; fi
done
for cut in cut.tar cut.tar.*; do
	status 1 myopic-unpack --strict $cut
	one_line
	says "without its end mark: it was cut off"
	test $cut = cut.tar || unpack --strict "pictures${cut#cut}"
done

# One of several that is cut, or damaged at its beginning, isn't left out for what it isn't.
for cut in cut.tar.xz cut.tar.bz2 cut.tar.zst; do
	test -f $cut || continue
	head -c 200 $cut >stump${cut#cut}
	for set in "pictures.tar stump${cut#cut}" "stump${cut#cut} pictures.tar" stump${cut#cut}; do
		# shellcheck disable=SC2086  # words
		status 1 myopic-unpack $set
		one_line
		says "stump${cut#cut}: "
	done
done

# A zip larger than what an archive may become of little: its reader goes to the end at once.
if test -f pictures.zip; then
	python3 - <<-'END'
	import shutil, zipfile
	shutil.copy("pictures.zip", "large.zip")
	with zipfile.ZipFile("large.zip", "a") as archive, archive.open("readme.bin", "w") as file:
	    for _ in range(300):
	        file.write(bytes(1 << 20))
	END
	unpack large.zip
	cp images large.images
	unpack pictures.zip
	myopic-cmp -s images large.images || fail "another zip's pictures"
	rm large.zip
fi

# One that breaks off in the middle fails, even where others could be read before it, by other threads.
if test -f pictures.zip; then
	cp pictures.zip broken.zip
	python3 -c '
import sys, zipfile
first = [i for i in zipfile.ZipFile("broken.zip").infolist() if i.file_size > 0][3]
with open("broken.zip", "r+b") as file:
    file.seek(first.header_offset + 30 + len(first.filename))
    file.write(b"\xff" * 16)'
	status 1 myopic-unpack pictures.tar broken.zip
	one_line
	says "broken.zip: pictures/"
fi

# ---- what looks as if it were meant otherwise ---------------------------------------------------------
# One picture twice would be learnt from and held out: a folder, and the tar that it came out of beside it; a tar with an update.
for first in pictures/*/; do break; done
first=$(basename "$first")
cp -r pictures twins
tar -cf "twins/$first.tar" -C "pictures/$first" .
status 1 myopic-unpack twins
one_line; says ": there are two files of this path"
mv "twins/$first.tar" twice.tar
tar -rf twice.tar -C "pictures/$first" .
status 1 myopic-unpack twice.tar
one_line; says ": there are two files of this path"
unpack pictures pictures # who names it twice wants it twice
says "80 pictures"
mkdir batches
tar -xzf cifar-10-binary.tar.gz -C batches
cp batches/*/data_batch_1.bin "batches/data_batch_1 (copy).bin"
status 1 myopic-unpack --split train batches
one_line; says "data_batch_1 (copy).bin: is called like a batch"

# Pictures of other kinds aren't left out in silence.
mkdir -p foreign/cat foreign/dog
cp pictures/"$first"/* foreign/cat
echo RIFF >foreign/dog/a.webp
echo BM >foreign/dog/b.BMP
unpack foreign
says "foreign: 2 pictures such as dog/a.webp are left out: PNG and JPEG are read"

# Orders of files want files.
unpack --shuffle pictures
says "pictures: --shuffle and --interleave are about several files"

# A header with a number that libjpeg doesn't know is no damage: the picture is as it was.
for jpeg in pictures/*/*.jpg; do break; done
cp "$jpeg" plain.jpg
cp "$jpeg" odd.jpg
test "$(od -An -c -j 6 -N 4 odd.jpg | tr -d ' ')" = JFIF || fail "no JFIF in $jpeg"
printf '\002' | dd of=odd.jpg bs=1 seek=11 conv=notrunc 2>/dev/null
myopic-unpack -q plain.jpg >plain.images && myopic-unpack -q --strict odd.jpg >odd.images || fail "unpack"
myopic-cmp plain.images odd.images >said && fail "they are called alike"
grep -q "name 'plain.jpg' and 'odd.jpg'" said || fail "another difference: $(cat said)"
grep -q '^and ' said && fail "more differences: $(cat said)"

# Names are as wide as the longest of their record, and how rows are divided into records means nothing.
myopic-unpack -q pictures >all.images && { myopic-unpack -q --limit 1 pictures && myopic-unpack -q --skip 1 pictures; } >parts.images ||
	fail "unpack"
status 0 myopic-cmp all.images parts.images

# ---- usage -------------------------------------------------------------------------------------------
for bad in "" "--format what pictures" "--resize 0 pictures" "--resize 3x pictures" "--resize 3x4x5 pictures" \
	"--limit -1 pictures" "--fit round pictures" "--fit stretch pictures" "--filter area pictures" \
	"--holdout 1e-20 pictures"; do
	# shellcheck disable=SC2086  # words
	status 2 myopic-unpack $bad
	one_line
done
status 0 myopic-unpack --list-formats
grep -q '^cifar10 ' stdout && grep -q '^folders ' stdout || fail "--list-formats"
status 1 myopic-unpack --format cifar100 pictures
one_line
says "holds no batches of CIFAR"
status 1 myopic-unpack --coarse pictures
one_line
says "pictures: --coarse: the format 'folders' has no coarse labels"
status 1 myopic-unpack --classes cat numbers
one_line
says "numbers: its pictures have no labels, so there is no class 'cat'"
