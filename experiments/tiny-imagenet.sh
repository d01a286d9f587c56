#!/bin/sh
# Larger pictures and more classes: Tiny ImageNet, 64x64, with ResNet-9 on crops of a quarter, of half and of the
# whole side, equal epochs for each. The paper's figures are ResNet-34's on all 100,000 training images; whatever part
# of the data set is given here, the first lines of the result say how many images and classes it has. EPOCHS (20),
# SEEDS (1) and SIZES (16 32 64) may be set; with 20,000 images 16 and 32 take half an hour, and 64 most of an hour.
. "$(dirname "$0")/common.sh"
: "${EPOCHS:=20}" "${SEEDS:=1}" "${SIZES:=16 32 64}"

made train.images myopic-unpack --split train "$dataset"
made val.images myopic-unpack --split val "$dataset"
by_size tiny-imagenet.tsv val.images 8
myopic-info train.images | head -n 5
cat tiny-imagenet.tsv
