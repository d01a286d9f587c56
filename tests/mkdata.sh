# mkdata.sh - sourced after setup.sh: the files that tests and the examples of the man pages work on.
#
# make_data   in the current folder: cifar-10-binary.tar.gz and cifar-100-binary.tar.gz (60 pictures
#             each, in the official layout), pictures/ (40 in class folders, PNG and JPEG),
#             pictures.tar.gz, train.images and test.images (16x16)
make_data() {
	myopic-synth --quiet --count 60 --size 32 | "$builddir/tests/mkdata" cifar10 . &&
	tar -czf cifar-10-binary.tar.gz cifar-10-batches-bin && rm -r cifar-10-batches-bin &&
	myopic-synth --quiet --count 60 --size 32 --seed 2 | "$builddir/tests/mkdata" cifar100 . &&
	tar -czf cifar-100-binary.tar.gz cifar-100-binary && rm -r cifar-100-binary &&
	myopic-synth --quiet --count 40 --size 32 --classes 4 --seed 3 | "$builddir/tests/mkdata" pictures pictures &&
	tar -czf pictures.tar.gz pictures &&
	myopic-synth --quiet --count 80 --size 16 --classes 4 >train.images &&
	myopic-synth --quiet --count 20 --size 16 --classes 4 --split test >test.images ||
		fail "the test data can't be made"
}
