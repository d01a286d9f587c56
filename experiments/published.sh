#!/bin/sh
# What does a recipe reach on this copy of CIFAR-10 whose figure on the original is known? Whole images, not crops:
# the network and the settings of airbench94_muon.py, 94.0% there by six views of each test image, here by one and by
# two. SEEDS (1 2 3) and PRECISION (common.sh) may be set; seven minutes for each seed on two cores in bfloat16.
. "$(dirname "$0")/common.sh"
: "${SEEDS:=1 2 3}"

made train.images myopic-unpack --split train "$dataset"
made test.images myopic-unpack --split test "$dataset"
made published.tsv echo "seed${tab}test${tab}images${tab}accuracy${tab}low${tab}high"
for seed in $SEEDS; do
	name=airbench-seed$seed
	trained "$name" train.images "--recipe airbench-whole --seed $seed" "--recipe airbench-whole --precision $PRECISION --seed $seed"
	result published.tsv "$seed${tab}whole" whole "$name.model" test.images
	result published.tsv "$seed${tab}whole, mirrored too" mirrored "$name.model" test.images
	echo "$name: $(seconds "$name") s of training" >&2
done
cat published.tsv
