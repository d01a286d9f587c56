#!/bin/sh
# Which classes of Tiny ImageNet are known by what is around the object? A network learns from crops; of the
# validation images, whose boxes are known, the share of the heat for the image's own class that lies on the object,
# against the object's share of the area. The table has a line for each class, those that lean on their surroundings
# most first; classes for which that can't be said come after the others, and (mean) of all classes last. A quarter of
# an hour on two cores with 20,000 training images. EPOCHS (10) and SIZE of the crops (32) may be set.
. "$(dirname "$0")/common.sh"
: "${EPOCHS:=10}" "${SIZE:=32}"

made train.images myopic-unpack --split train "$dataset"
made val.images myopic-unpack --split val "$dataset"
trained crop$SIZE-${EPOCHS}e-seed1 train.images "--size $SIZE --flip --epochs $EPOCHS" '--recipe resnet9-crops --validate val.images'
made context.predictions sh -c "myopic-sample -q --grid --size $SIZE --stride 8 --pad <val.images |
	myopic-predict -q -m crop$SIZE-${EPOCHS}e-seed1.model"
made context.all myopic-heat -q -i val.images -m cover -c label --score --tsv <context.predictions
awk -F "$tab" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print "0\t0\t" $0; next }
	{ lift = $at["lift"]; rank = $1 == "(mean)" ? 3 : lift ~ /^[0-9]/ ? 1 : 2; print rank "\t" lift "\t" $0 }' context.all |
	sort -t "$tab" -k 1,1n -k 2,2n | cut -f 3- >context.part
mv context.part context.tsv
cat context.tsv
