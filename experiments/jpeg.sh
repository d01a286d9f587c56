#!/bin/sh
# What does it cost to learn from a JPEG copy? Every figure of CIFAR-10 in RESULTS.md is of such a copy: its pictures
# of 32x32 were saved once, at quality 75 and with colours at half the resolution. Here the pictures of Tiny ImageNet,
# shrunk to 32x32 so that little is left of their own JPEG, are learnt from as they are and saved so: from 16x16
# crops, judged by whole pictures held out, of either kind. EPOCHS (60), SEEDS (1 2) and PRECISION (common.sh) may be
# set; a quarter of an hour for each seed on two cores. Wants Python with Pillow.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
: "${EPOCHS:=60}" "${SEEDS:=1 2}"

for kind in png jpeg; do
	made $kind.tar "${PYTHON3:-python3}" "$here/shrink.py" $kind "$dataset"
	made $kind.fit myopic-unpack --holdout 0.25 $kind.tar
	made $kind.held myopic-unpack --holdout 0.25 --held-out $kind.tar
done
made jpeg.tsv echo "learnt${tab}seed${tab}epochs${tab}of${tab}test${tab}images${tab}accuracy${tab}low${tab}high"
for seed in $SEEDS; do
	for learnt in png jpeg; do
		name=$learnt-${EPOCHS}e-seed$seed
		trained "$name" $learnt.fit "--size 16 --flip --epochs $EPOCHS --seed $seed" \
			"--recipe resnet9-crops --precision $PRECISION --seed $seed"
		for of in png jpeg; do
			label="$learnt$tab$seed$tab$EPOCHS$tab$of$tab"
			result jpeg.tsv "${label}whole" whole "$name.model" $of.held
			result jpeg.tsv "${label}whole, mirrored too" mirrored "$name.model" $of.held
			result jpeg.tsv "${label}tiles" tiles "$name.model" $of.held 16 4
		done
	done
done
cat jpeg.tsv
