#!/bin/sh
# How weak a shortcut do maps still find? The object's texture is the label's in each picture; with a growing
# probability the background's is made to be, too (one of five random ones is anyway). Beside the accuracy on pictures
# with the same shortcut and on pictures without one, the share of the heat for the label that lies on the object, in
# pictures whose background always has the label's texture. The table has the same share in plain pictures, too, where
# there is nothing to find: the maps have found the shortcut where the first share has fallen by more than the second
# differs between the networks. shortcut.png is the curve of the first. Some seven minutes on two cores. EPOCHS (12),
# COUNT (4000 pictures), SIZE (of a picture, 96) and CORRELATIONS may be set.
test $# -eq 1 || { echo "usage: $0 FOLDER" >&2; exit 2; }
set -- none "$1"
. "$(dirname "$0")/common.sh"
: "${EPOCHS:=12}" "${COUNT:=4000}" "${SIZE:=96}" "${CORRELATIONS:=0 0.1 0.2 0.3 0.5 0.7 0.9}"

# drawn FILE SPLIT COUNT CORRELATION
drawn() { made "$1" myopic-synth -q --size "$SIZE" --classes 5 --split "$2" --count "$3" --correlation "$4"; }
# mapped P KIND: how much of the heat of KIND.test lies on the objects, by the network of this probability, and the interval
mapped() {
	made "$1.$2" sh -c "myopic-sample -q --grid --size 12 --stride 3 --pad <$2.test | myopic-predict -q -m $1.model"
	myopic-heat -q -i "$2.test" -m margin -c label --score --tsv <"$1.$2" >scores.part
	awk -F "$tab" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		$1 == "(mean)" { printf "%s\t%s\t%s", $at["energy"], $at["energy_low"], $at["energy_high"] }' scores.part
	rm scores.part
}

drawn plain.test test 200 0
drawn both.test test 200 1
made shortcut.tsv echo "correlation${tab}same${tab}plain${tab}energy${tab}low${tab}high${tab}plain_energy${tab}plain_low${tab}plain_high"
for p in $CORRELATIONS; do
	drawn "$p.train" train "$COUNT" "$p"
	drawn "$p.test" test 200 "$p"
	trained "$p" "$p.train" "--size 12 --flip --epochs $EPOCHS --crops 4" \
		'--arch resnet9:width=16 --batch 128 --optimizer nesterov --lr 0.1 --momentum 0.9 --weight-decay 5e-4 --schedule one-cycle'
	grep -qs "^$p$tab" shortcut.tsv || {
		same=$(right "$p.model" "$p.test")
		plain=$(right "$p.model" plain.test)
		on_both=$(mapped "$p" both)
		on_plain=$(mapped "$p" plain)
		printf '%s\t%s\t%s\t%s\t%s\n' "$p" "$same" "$plain" "$on_both" "$on_plain" >>shortcut.tsv
	}
done
myopic-plot -q --lines --x correlation --y energy --low low --high high -o shortcut.png --names 'heat on the object' \
	--title 'How weak a shortcut do maps find?' --x-title 'probability that the background is made to agree' \
	--y-title 'heat on the object' shortcut.tsv
cat shortcut.tsv
