# mkdata.sh - sourced after setup.sh: the files that tests and the examples of the man pages work on.
#
# make_data   in the current folder: cifar-10-binary.tar.gz and cifar-100-binary.tar.gz (60 pictures
#             each, in the official layout), pictures/ (40 in class folders, PNG and JPEG),
#             pictures.tar.gz, train.images and test.images (16x16), a few pictures as ImageNet is packed (ILSVRC2012_img_*.tar
#             and the texts beside them) and in shards of WebDataset (shard-00.tar to shard-03.tar)
make_data() {
	myopic-synth --quiet --count 60 --size 32 | "$builddir/tests/mkdata" cifar10 . &&
	tar -czf cifar-10-binary.tar.gz cifar-10-batches-bin && rm -r cifar-10-batches-bin &&
	myopic-synth --quiet --count 60 --size 32 --seed 2 | "$builddir/tests/mkdata" cifar100 . &&
	tar -czf cifar-100-binary.tar.gz cifar-100-binary && rm -r cifar-100-binary &&
	myopic-synth --quiet --count 40 --size 32 --classes 4 --seed 3 | "$builddir/tests/mkdata" pictures pictures &&
	tar -czf pictures.tar.gz pictures &&
	make_imagenet && make_shards &&
	myopic-synth --quiet --count 80 --size 16 --classes 4 >train.images &&
	myopic-synth --quiet --count 20 --size 16 --classes 4 --split test >test.images ||
		fail "the test data can't be made"
}

# Class tars in a tar; a flat tar with labels by numbers, whose order is another than that of the names.
make_imagenet() (
	mkdir imagenet val && number=0
	: >ILSVRC2012_validation_ground_truth.txt
	for class in checkers columns dots rows; do
		number=$((number + 1))
		tar -C pictures/$class -cf imagenet/n0000000$number.tar . || exit 1
		printf 'n0000000%d\t%s, texture\n' $number $class >>words.txt
		for picture in pictures/$class/*.jpg; do break; done
		cp "$picture" val/ILSVRC2012_val_0000000$number.JPEG
		echo $((5 - number)) >>ILSVRC2012_validation_ground_truth.txt
	done
	printf 'n0000000%d\n' 4 3 2 1 >synsets.txt
	tar -C imagenet -cf ILSVRC2012_img_train.tar n00000001.tar n00000002.tar n00000003.tar n00000004.tar &&
	(cd val && tar -cf ../ILSVRC2012_img_val.tar ./*.JPEG) && rm -r imagenet val
)

make_shards() (
	mkdir shard || exit 1
	for ten in 0 1 2 3; do
		for picture in pictures/*/0$ten*; do
			key=$(basename "$picture" | sed 's/\..*//')
			cp "$picture" shard && echo $ten >"shard/$key.cls"
		done
		(cd shard && tar -cf ../shard-0$ten.tar 0$ten*) || exit 1
	done
	rm -r shard
)
