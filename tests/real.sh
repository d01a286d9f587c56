#!/bin/sh
# Real data sets: what is in them, and that something is learnt from them. They are no part of the
# tree: they lie beside the checkout, or in the folder $MYOPIC_TEST_DATA.
. "${srcdir:-.}/tests/setup.sh"
data=${MYOPIC_TEST_DATA:-$top/../shared/data}
cifar=$data/cifar10-jpeg.tar.zst
tiny=$data/tiny-imagenet-subset.zip
test -f "$cifar" || test -f "$tiny" || skip "no data sets in $data"

# has FILE KEY VALUE: a number in what myopic-info knows of a stream
has() {
	myopic-info --json "$1" | tr -d ' \n' | grep -qF "\"$2\":$3" || fail "$1: $2 is not $3"
}
labels() { myopic-info --rows 100000 "$1" | sed -n 's/^  label: //p' | sort -n | uniq -c | awk '{ print $1 }' | sort -u | tr '\n' ' '; }

if test -f "$cifar"; then
	# the JPEG copy of CIFAR-10, in folders: 50000 and 10000 pictures, 5000 and 1000 of each class
	ok myopic-unpack --quiet --strict --split train "$cifar" >train.images
	ok myopic-unpack --quiet --strict --split test "$cifar" >test.images
	has train.images rows 50000
	has test.images rows 10000
	has test.images classes '["airplane","automobile","bird","cat","deer","dog","frog","horse","ship","truck"]'
	has test.images shape '[10000,32,32,3]'
	ok myopic-unpack --quiet --split test --limit 1000 "$cifar" >few.images
	test "$(labels few.images)" = '100 ' || fail "a limit of 1000 has $(labels few.images)of the classes"
	# from a pipe the same
	ok myopic-unpack --quiet --split test - <"$cifar" >piped.images
	ok myopic-cmp test.images piped.images
	rm -f train.images test.images piped.images

	myopic-unpack --quiet --split train --limit 4000 "$cifar" | myopic-sample --quiet --size 16 --epochs 2 --flip |
		myopic-train --quiet --batch 64 --arch resnet9:width=16 -o m.safetensors || fail "train"
	myopic-predict --quiet -m m.safetensors <few.images | myopic-eval >report || fail "predict"
	# ten classes: one in ten by chance
	awk '$1 == "accuracy" && $2 + 0 >= 22 { good = 1 } END { exit !good }' report || { fail "nothing learnt"; cat report >&2; }
	myopic-unpack --quiet --split test --limit 2 "$cifar" >two.images || fail "unpack"
	myopic-sample --quiet --grid --size 16 --stride 1 --pad <two.images | myopic-predict --quiet -m m.safetensors |
		myopic-heat --quiet --images two.images -o heat || fail "heat"
	test "$(find heat -name '*.png' | wc -l)" -eq 3 || fail "not two maps and a sheet: $(ls heat)"
fi

if test -f "$tiny"; then
	# Tiny ImageNet's subset: 200 classes of 100 and of 10 pictures, each with the box of its object
	ok myopic-unpack --quiet --split train "$tiny" >train.images
	ok myopic-unpack --quiet --split val "$tiny" >val.images
	has train.images rows 20000
	has val.images rows 2000
	has val.images shape '[2000,4]'
	has val.images shape '[2000,64,64,3]'
	test "$(labels val.images)" = '10 ' || fail "the validation pictures are $(labels val.images)of the classes"
fi
