#!/bin/sh
# Accuracy against the size of the crops that a network was trained on, with equal epochs: the paper's figure for
# CIFAR-10 and ResNet-9. Tested on whole images, as the paper does, and by the mean of a grid of tiles.
# EPOCHS (20), SEEDS (1) and SIZES (8 12 16 24 32) may be set; about two hours on two cores for each seed, one of them for 32.
. "$(dirname "$0")/common.sh"
: "${EPOCHS:=20}" "${SEEDS:=1}" "${SIZES:=8 12 16 24 32}"

made train.images myopic-unpack --split train "$dataset"
made test.images myopic-unpack --split test "$dataset"
made tile-sizes.tsv echo "crop${tab}epochs${tab}seed${tab}test${tab}images${tab}accuracy${tab}low${tab}high"
for seed in $SEEDS; do
	for size in $SIZES; do
		name=crop$size-${EPOCHS}e-seed$seed
		trained "$name" train.images "--size $size --flip --epochs $EPOCHS --seed $seed" \
			"--recipe resnet9-crops --seed $seed --validate test.images"
		label="$size$tab$EPOCHS$tab$seed$tab"
		result tile-sizes.tsv "${label}whole" whole "$name.model" test.images
		result tile-sizes.tsv "${label}whole, mirrored too" mirrored "$name.model" test.images
		result tile-sizes.tsv "${label}tiles" tiles "$name.model" test.images "$size" 4
	done
done
cat tile-sizes.tsv
