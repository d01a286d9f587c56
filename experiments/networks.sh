#!/bin/sh
# Which network is the better buy: ResNet-9 or the smaller one of airbench, each with its recipe, trained on 16x16
# crops for the same time. A tenth of the training images is held out and judges; the test set has no part in it.
# MINUTES (10 30 60 150), NETWORKS (resnet9 airbench), SEEDS (1) and PRECISION (common.sh) may be set; with these it
# takes eight hours and twenty minutes on two cores for each seed, and some more for the tests.
. "$(dirname "$0")/common.sh"
: "${MINUTES:=10 30 60 150}" "${NETWORKS:=resnet9 airbench}" "${SEEDS:=1}"

made fit.images myopic-unpack --split train --holdout 0.1 "$dataset"
made held.images myopic-unpack --split train --holdout 0.1 --held-out "$dataset"
made networks.tsv echo "network${tab}minutes${tab}seed${tab}epochs${tab}test${tab}images${tab}accuracy${tab}low${tab}high"
for seed in $SEEDS; do
	for minutes in $MINUTES; do
		for network in $NETWORKS; do
			name=$network-${minutes}m-seed$seed
			trained "$name" fit.images "--size 16 --flip --epochs 0 --seed $seed" \
				"--recipe $network-crops --precision $PRECISION --seed $seed --budget ${minutes}m"
			label="$network$tab$minutes$tab$seed$tab$(epochs "$name")$tab"
			result networks.tsv "${label}whole" whole "$name.model" held.images
			result networks.tsv "${label}tiles" tiles "$name.model" held.images 16 4
		done
	done
done
cat networks.tsv
