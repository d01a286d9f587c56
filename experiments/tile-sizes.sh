#!/bin/sh
# Accuracy against the size of the crops that a network was trained on, with equal epochs: the paper's figure for
# CIFAR-10 and ResNet-9. Tested on whole images, as the paper does, and by the mean of a grid of tiles; tile-sizes.png
# shows both beside what the paper measured. EPOCHS (20), SEEDS (1) and SIZES (8 12 16 24 32) may be set; two hours
# and fifty minutes on two cores, partly beside other work, for each seed, more than two of them for 24 and 32.
. "$(dirname "$0")/common.sh"
: "${EPOCHS:=20}" "${SEEDS:=1}" "${SIZES:=8 12 16 24 32}"

made train.images myopic-unpack --split train "$dataset"
made test.images myopic-unpack --split test "$dataset"
by_size tile-sizes.tsv test.images 4
myopic-plot -q --sizes --x crop --series test --paper cifar10/resnet9 --model -o tile-sizes.png \
	--title 'Accuracy by the size of the crops' --subtitle "ResNet-9, $EPOCHS epochs; the paper: 400" tile-sizes.tsv
cat tile-sizes.tsv
