#!/bin/sh
# The whole way on drawn pictures: a network that learned textures of objects has its heat on the
# objects, one that learned those of backgrounds beside them. A transposed tile, a lost batch or a
# shifted map would show here.
. "${srcdir:-.}/tests/setup.sh"

# lift WHERE OPTION...: of the heat by a network trained with the evidence there, and the score in
# the pointing game
lift() {
	where=$1; shift
	myopic-synth -q -n 800 -k 3 --evidence "$where" >train.images || fail "synth"
	myopic-synth -q -n 24 -k 3 --evidence "$where" --split test >test.images || fail "synth"
	myopic-sample -q --size 10 --epochs 25 --flip <train.images >patches || fail "sample"
	myopic-train -q --arch resnet9:width=8 -b 64 -o m.safetensors <patches || fail "train"
	myopic-sample -q --grid --size 10 --stride 2 --pad <test.images >tiles || fail "sample --grid"
	myopic-predict -q -m m.safetensors <tiles >predictions || fail "predict"
	myopic-heat -q --images test.images --class label --score --tsv "$@" <predictions >scores || fail "heat"
	awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
	    $1 == "(mean)" { print $at["lift"], $at["pointing"] }' scores
}

# holds VALUES CONDITION: of $1, the lift, and $2, the score
holds() {
	echo "$1" | awk "{ found = 1; good = $2 } END { exit !(found && good) }" || fail "lift and score '$1', want $2"
}

values=$(lift object --method paper)
# shellcheck disable=SC2016  # for awk
holds "$values" '$1 > 1.5 && $2 > 0.5'
values=$(lift background --method paper)
# shellcheck disable=SC2016  # for awk
holds "$values" '$1 > 0 && $1 < 0.75 && $2 < 0.4'
