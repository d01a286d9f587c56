#!/bin/sh
# The most that an hour of two cores gives on CIFAR-10, from the archive to the figure: trained on 16x16 crops,
# mirrored at random, and nothing else, tested on whole images. The trainer's budget leaves three minutes for all the
# rest. PRECISION (common.sh) may be set.
. "$(dirname "$0")/common.sh"

begin=$(date +%s)
made train.images myopic-unpack --split train "$dataset"
made test.images myopic-unpack --split test "$dataset"
trained hour train.images '--recipe hour --epochs 0' "--recipe hour --precision $PRECISION --budget 57m"

made hour.tsv echo "what${tab}images${tab}accuracy${tab}low${tab}high"
result hour.tsv 'whole images' whole hour.model test.images
result hour.tsv 'whole images, mirrored too' mirrored hour.model test.images
result hour.tsv '25 tiles' tiles hour.model test.images 16 4
result hour.tsv '25 tiles, mirrored too' mirrored_tiles hour.model test.images 16 4
echo "training: $(epochs hour) epochs, $(seconds hour) s; in all $(($(date +%s) - begin)) s"
cat hour.tsv
