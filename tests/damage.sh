#!/bin/sh
# One byte of an archive is wrong: whatever it is, no signal, no endless loop, and success only with a whole stream.
. "${srcdir:-.}/tests/setup.sh"

need_python numpy, PIL
"$python" "$src/layouts.py" make . || fail "the sets can't be made"

# Forty of each take a minute on two cores; another number tries more.
for archive in cifar-10-binary.tar.gz stl10_binary.tar.gz tiny-imagenet-200.zip ILSVRC2012_img_train.tar \
	ILSVRC2012_img_val.tar shard-000002.tar nested.tar.gz pictures.tar pictures.tar.gz pictures.tar.xz \
	pictures.zip streamed.zip; do
	ok "$python" "$src/layouts.py" damage 40 1 $archive myopic-unpack --quiet --threads 1 --split all
done
