#!/bin/sh
# Data sets in the layouts in which they are given out: every picture, label, name, box and id, against a
# program that reads them another way; cut off at all places where something begins or ends.
. "${srcdir:-.}/tests/setup.sh"

need_python numpy, PIL
layouts() { "$python" "$src/layouts.py" "$@"; }
layouts make . && layouts make other --seed 2 || fail "the sets can't be made"

# agree LAYOUT [OPTIONS] FILE...   what comes out is what is in there, and if it weren't, that would be noticed;
#                                  found out further down, of all together
# refused STATUS WHAT OPTIONS...   fails with one line that says so
number=0
agree() {
	layout=$1; shift
	number=$((number + 1))
	if myopic-unpack --quiet "$@" >$number.images 2>stderr && test ! -s stderr; then
		printf "'%s' " notice $number.images "$layout" "$@" >>agreements
		echo >>agreements
	else
		fail "$*:"; sed 's/^/  | /' stderr >&2
	fi
}
refused() {
	want=$1; text=$2; shift 2
	status "$want" myopic-unpack --quiet "$@"
	test "$want" -ne 1 || one_line
	says "$text"
}
# parts SHARE LAYOUT [OPTIONS] FILE...   ./kept and ./held are what --holdout makes of it
parts() { share=$1; shift; layouts parts "$share" kept held "$@" || fail "parts of $*"; }

# ---- CIFAR -------------------------------------------------------------------------------------------
for split in train test all; do
	agree cifar10 --split $split cifar-10-binary.tar.gz
	agree cifar100 --split $split cifar-100-binary.tar.gz
done
agree cifar100 --split test --coarse cifar-100-binary.tar.gz
tar -xzf cifar-10-binary.tar.gz
agree cifar10 --split train cifar-10-batches-bin
agree cifar10 --split all cifar-10-batches-bin/data_batch_5.bin cifar-10-batches-bin/test_batch.bin \
	cifar-10-batches-bin/data_batch_2.bin
agree cifar10 'cifar-10-batches-bin/data_batch_{1..3}.bin'
refused 1 cifar-10-binary.tar.gz cifar-10-python.tar.gz
refused 1 cifar-100-binary.tar.gz cifar-100-python.tar.gz

# ---- STL-10: columns first, labels from 1, folds -----------------------------------------------------
for split in train test unlabeled all; do
	agree stl10 --split $split stl10_binary.tar.gz
done
for fold in 0 3 9; do
	agree stl10 --split train --fold $fold stl10_binary.tar.gz
done
status 1 myopic-unpack --split test --fold 1 stl10_binary.tar.gz
one_line; says "--fold: folds are parts of the split 'train'"
tar -xzf stl10_binary.tar.gz
agree stl10 --split train --fold 5 stl10_binary
agree stl10 --split train --classes truck,car,bird --per-class 1 stl10_binary
refused 2 fold --split train --fold 10 stl10_binary.tar.gz

# ---- Tiny ImageNet -----------------------------------------------------------------------------------
for split in train val test all; do
	agree tiny-imagenet --split $split tiny-imagenet-200.zip
done
"$python" -m zipfile -e tiny-imagenet-200.zip .
agree tiny-imagenet --split val tiny-imagenet-200
for name in moved flat; do
	for split in train val all; do
		agree tiny-imagenet --split $split tiny-imagenet-$name.zip
	done
done
agree tiny-imagenet --split train --resize 40 --fit shorter tiny-imagenet-200.zip
# Of boxes at the edge nothing may be left.
agree tiny-imagenet --split train --resize 40x12 tiny-imagenet-200.zip
agree tiny-imagenet --split val --resize 24x90 --fit crop --filter area tiny-imagenet-200.zip
agree tiny-imagenet --split val --resize 40x24 --fit stretch --filter triangle tiny-imagenet-200.zip
# A comma divides classes, and names here have none. What is left of the labels is numbered anew.
agree tiny-imagenet --split train --classes 'reel,crane (n03126707),goldfish' --skip 3 tiny-imagenet-200.zip

# ---- ImageNet: a tar of tars, and a flat one whose labels are told elsewhere -------------------------
agree folders ILSVRC2012_img_train.tar
agree folders --class-names LOC_synset_mapping.txt ILSVRC2012_img_train.tar
agree folders --class-names LOC_synset_mapping.txt --classes 'tench,maillot (n03710721)' ILSVRC2012_img_train.tar
mkdir extracted
tar -xf ILSVRC2012_img_train.tar -C extracted
for tar in extracted/*.tar; do
	mkdir "${tar%.tar}" && tar -xf "$tar" -C "${tar%.tar}" && rm "$tar"
done
agree folders extracted
agree folders --split all --format folders ILSVRC2012_img_train.tar
agree imagenet-val ILSVRC2012_img_val.tar
for tar in ILSVRC2012_img_val.tar elsewhere.tar; do
	agree imagenet-val --labels truth.txt --label-names synsets.txt $tar
	for told in val-wnids.txt val-tabs.tsv val-commas.csv val-blanks.txt LOC_val_solution.csv; do
		agree imagenet-val --labels $told $tar
	done
done
# Numbers from 0 are those of the sorted classes; the kit's, from 1, aren't.
agree imagenet-val --labels val-zero.txt ILSVRC2012_img_val.tar
for told in truth.txt val-kit.txt; do
	refused 1 "the development kit" --labels $told ILSVRC2012_img_val.tar
done
mkdir some
tar -xf ILSVRC2012_img_val.tar -C some ILSVRC2012_val_00000001.JPEG ILSVRC2012_val_00000002.JPEG
printf '2\n5\n' >alone.txt
printf 'ILSVRC2012_val_0000000%d.JPEG %d\n' 1 2 2 5 >said.txt
ok myopic-unpack --quiet --labels said.txt some >images
refused 1 "the development kit" --labels alone.txt some
agree imagenet-val --labels LOC_val_solution.csv --class-names LOC_synset_mapping.txt --resize 19 --fit shorter elsewhere.tar
agree imagenet-val --labels LOC_val_solution.csv --resize 30x17 elsewhere.tar
agree imagenet-val --labels LOC_val_solution.csv --resize 21 --fit stretch elsewhere.tar
# Some of these pictures say that they don't lie as they are stored.
agree imagenet-val --labels LOC_val_solution.csv --as-stored elsewhere.tar
# Whichever way they are told, the labels are the same.
for told in "truth.txt --label-names synsets.txt" "val-kit.txt --label-names synsets.txt" val-tabs.tsv val-commas.csv; do
	# shellcheck disable=SC2086  # words
	ok myopic-unpack --quiet --labels $told ILSVRC2012_img_val.tar >told.images
	"$builddir/tests/rows" told.images | sort >told.rows
	test -f first.rows || cp told.rows first.rows
	same first.rows told.rows
done
head -n 13 val-wnids.txt >short.txt
{ head -n 13 truth.txt; echo 7; } >beyond.txt
{ head -n 13 truth.txt; echo 0; } >below.txt
head -n 10 val-tabs.tsv >few.tsv
refused 1 short.txt --labels short.txt ILSVRC2012_img_val.tar
refused 1 beyond.txt --labels beyond.txt --label-names synsets.txt ILSVRC2012_img_val.tar
refused 1 below.txt --labels below.txt --label-names synsets.txt ILSVRC2012_img_val.tar
refused 1 few.tsv --labels few.tsv ILSVRC2012_img_val.tar
refused 1 none.txt --labels none.txt ILSVRC2012_img_val.tar
# Of a picture several lines may speak that say the same, however they call it.
first=$(head -n 1 val-tabs.tsv)
other=$(echo "$first" | sed 's/n[0-9]*$/n00000001/')
{ cat val-tabs.tsv; echo "$first"; echo "ILSVRC/Data/CLS-LOC/val/$first"; } >again.tsv
agree imagenet-val --labels again.tsv elsewhere.tar
{ cat val-tabs.tsv; echo; echo "$other"; } >both.tsv
refused 1 "both.tsv: lines 1 and 16 say different classes of ILSVRC2012_val_" --labels both.tsv ILSVRC2012_img_val.tar
{ echo "ILSVRC/Data/CLS-LOC/val/$other"; cat val-tabs.tsv; } >path.tsv
refused 1 "path.tsv: lines 1 and 2 say different classes of ILSVRC/" --labels path.tsv elsewhere.tar
refused 1 ILSVRC2012_devkit_t12.tar.gz ILSVRC2012_devkit_t12.tar.gz

# ---- class folders, however packed -------------------------------------------------------------------
for set in pictures pictures.tar pictures.tar.gz pictures.tar.xz pictures.zip streamed.zip; do
	agree folders --split train $set
	agree folders --split val --class-names in-order.txt $set
	agree folders --split val --class-names by-folder.txt $set
done
agree folders --split all pictures.tar.xz
agree folders --split val --resize 10 --fit shorter pictures.zip
for split in train val all; do
	agree folders --split $split nested.tar.gz
done
agree folders animals.tar
agree folders --split all animals.tar
# By the path without ending; the name is that of several.
tar -tf animals.tar | sed 's|^\(.*\)/\(.*\)[.]png$|\1/\2 \1|' >by-path.txt
agree folders --labels by-path.txt animals.tar
echo "003.png bear" >by-name.txt
refused 1 "by-name.txt: line 1: '003.png' is the name of " --labels by-name.txt animals.tar
refused 1 "by-some.txt: 3 lines, and 1 of them name one of the 3 classes" --split all --class-names by-some.txt pictures.zip
refused 1 "class folders" --split all pictures.zip single/two.png

# ---- WebDataset --------------------------------------------------------------------------------------
agree webdataset 'shard-{000000..000003}.tar'
agree webdataset shard-000002.tar shard-000000.tar shard-000003.tar
agree webdataset --class-names digits.txt 'shard-{000000..000003}.tar'
agree webdataset --class-names digits.txt --classes six,one 'shard-{000000..000003}.tar'
agree webdataset --format webdataset shard-000001.tar
agree webdataset --limit 7 --skip 2 'shard-{000000..000003}.tar'
agree webdataset some-labels.tar
refused 1 "twice.tar: " twice.tar
refused 1 "a.json: its sample has two files of this ending" again.tar
refused 1 "no-number.tar: " no-number.tar
refused 1 shard-000004.tar 'shard-{000003..000004}.tar'

# ---- pictures by themselves, and odd names -----------------------------------------------------------
agree folders single/two.png
agree folders single/two.png single/one.JPG
agree folders single
for set in odd odd.tar odd-gnu.tar odd.zip; do
	agree folders $set
done

# Zips of .NET have backslashes, and names that aren't ASCII.
letters=$(printf '\320\272\320\276\321\202')
"$python" - "$letters" <<-'END'
	import sys, zipfile
	with zipfile.ZipFile("net.zip", "w") as archive:
	    for folder, name in (("owl", "single/two.png"), (sys.argv[1], "single/one.JPG")):
	        info = zipfile.ZipInfo("net/" + folder + "/" + name[7:])
	        info.filename, info.create_system = info.filename.replace("/", "\\"), 0
	        with open(name, "rb") as file:
	            archive.writestr(info, file.read())
END
ok sh -c 'myopic-unpack -q net.zip >net.images'
"$builddir/tests/rows" net.images | grep -q "^classes owl $letters\$" || fail "a zip of .NET: $("$builddir/tests/rows" net.images)"

# ---- what is chosen ----------------------------------------------------------------------------------
agree folders --skip 5 animals.tar
agree folders --skip 5 --limit 10 animals.tar
agree folders --skip 20 --per-class 4 animals.tar
agree folders --classes owl,ant --skip 3 --per-class 5 --limit 7 animals.tar
agree cifar10 --split train --classes truck,cat,frog --skip 2 --limit 8 cifar-10-binary.tar.gz
refused 1 gnu --classes owl,gnu animals.tar
refused 1 animals.tar --skip 34 animals.tar
refused 1 in-order.txt --split all --class-names in-order.txt nested.tar.gz
for share in 0.2 0.5; do
	ok myopic-unpack --quiet --split train --holdout $share animals.tar >kept
	ok myopic-unpack --quiet --split test --holdout $share animals.tar >held
	parts $share folders animals.tar
done
ok myopic-unpack --quiet --split train --holdout 0.25 'shard-{000000..000003}.tar' >kept
ok myopic-unpack --quiet --split test --holdout 0.25 'shard-{000000..000003}.tar' >held
parts 0.25 webdataset 'shard-{000000..000003}.tar'
ok myopic-unpack --quiet --split train --holdout 0.3 stl10_binary.tar.gz >kept
ok myopic-unpack --quiet --split train --holdout 0.3 --held-out stl10_binary.tar.gz >held
parts 0.3 stl10 --split train stl10_binary.tar.gz

# ---- through a pipe ----------------------------------------------------------------------------------
for archive in ILSVRC2012_img_train.tar nested.tar.gz tiny-imagenet-200.zip stl10_binary.tar.gz shard-000001.tar; do
	ok myopic-unpack --quiet --split all $archive >images
	# shellcheck disable=SC2002  # a pipe is what is tried
	cat $archive | myopic-unpack --quiet --split all - >piped.images || fail "$archive from a pipe"
	"$builddir/tests/rows" images >rows
	"$builddir/tests/rows" piped.images >piped.rows
	same rows piped.rows
done

# ---- do they agree? ----------------------------------------------------------------------------------
ok layouts all agreements

# ---- other pictures are other pictures ---------------------------------------------------------------
ok myopic-unpack --quiet --split train cifar-10-binary.tar.gz >images
ok layouts check - cifar10 --split train cifar-10-binary.tar.gz <images
status 1 layouts check images cifar10 --split train other/cifar-10-binary.tar.gz
one_line
head -c 100000 images >cut.images
status 1 layouts check cut.images cifar10 --split train cifar-10-binary.tar.gz
one_line

# ---- cut off: never a success, always one line that names the file -----------------------------------
for archive in cifar-10-binary.tar.gz stl10_binary.tar.gz tiny-imagenet-200.zip ILSVRC2012_img_train.tar \
	ILSVRC2012_img_val.tar shard-000002.tar nested.tar.gz pictures.tar pictures.tar.gz pictures.tar.xz \
	pictures.zip streamed.zip; do
	layouts places $archive >places || fail "places of $archive"
	test "$(wc -l <places)" -ge 20 || fail "few places in $archive"
	while read -r place; do
		head -c "$place" $archive >"cut-$archive"
		myopic-unpack --quiet --strict --split all "cut-$archive" >stdout 2>stderr
		got=$?
		test $got -eq 1 || fail "$archive cut at $place: status $got"
		{ read -r line; read -r more; } <stderr
		case $line in *"cut-$archive: "*) ;; *) fail "$archive cut at $place: '$line'" ;; esac
		test -z "$more" || fail "$archive cut at $place: a second line: $more"
	done <places
	rm -f "cut-$archive"
done
# One of several.
cp shard-000003.tar cut.tar
for file in shard-000000.tar cut.tar shard-000001.tar; do
	ok myopic-unpack --quiet --strict $file >images
done
head -c 9000 shard-000003.tar >cut.tar
for files in "cut.tar shard-000000.tar shard-000001.tar" "shard-000000.tar shard-000001.tar cut.tar"; do
	# shellcheck disable=SC2086  # words
	refused 1 "cut.tar: " --strict $files
done
