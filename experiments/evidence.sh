#!/bin/sh
# Do maps tell where the evidence is, when one knows it? Pictures are drawn of which the object's texture is the
# label's, or the background's, or the object's, while the background's is made to agree in nine of ten. A network for
# each learns from crops; a table says how much of the heat for the label lies on the object. Maps are those of logits
# above the best other class: what speaks against the class is no heat. Three minutes on two cores. EPOCHS (12), COUNT
# (4000 pictures), SIZE (of a picture, 96) and STRIDE (of the maps' tiles, 3) may be set.
test $# -eq 1 || { echo "usage: $0 FOLDER" >&2; exit 2; }
set -- none "$1"
. "$(dirname "$0")/common.sh"
: "${EPOCHS:=12}" "${COUNT:=4000}" "${SIZE:=96}" "${STRIDE:=3}"

# drawn NAME OPTIONS...: training and test images of a kind
drawn() {
	kind=$1; shift
	made "$kind.train" myopic-synth -q --size "$SIZE" --classes 5 --count "$COUNT" "$@"
	made "$kind.test" myopic-synth -q --size "$SIZE" --classes 5 --count 200 --split test "$@"
}
drawn object --evidence object
drawn shortcut --evidence object --correlation 0.9
drawn background --evidence background

made evidence.tsv echo "evidence${tab}accuracy${tab}energy${tab}low${tab}high${tab}area${tab}others${tab}pointing"
for kind in object shortcut background; do
	trained "$kind" "$kind.train" "--size 12 --flip --epochs $EPOCHS --crops 4" \
		'--arch resnet9:width=16 --batch 128 --optimizer nesterov --lr 0.1 --momentum 0.9 --weight-decay 5e-4 --schedule one-cycle'
	made "$kind.predictions" sh -c "myopic-sample -q --grid --size 12 --stride $STRIDE --pad <$kind.test | myopic-predict -q -m $kind.model"
	test -e "$kind.heat/sheet.png" || myopic-heat -q -i "$kind.test" -o "$kind.heat" -m margin -c label -n 12 <"$kind.predictions"
	grep -qs "^$kind$tab" evidence.tsv || {
		right=$(right "$kind.model" "$kind.test")
		myopic-heat -q -i "$kind.test" -m margin -c label --score --tsv <"$kind.predictions" >scores.part
		awk -F "$tab" -v kind="$kind" -v right="$right" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
			$1 == "(mean)" { printf "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", kind, right, $at["energy"],
			    $at["energy_low"], $at["energy_high"], $at["area"], $at["others"], $at["pointing"] }' scores.part >>evidence.tsv
		rm scores.part
	}
done
cat evidence.tsv
