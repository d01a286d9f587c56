#!/bin/sh
# Is it the crops, or something that comes with them? Networks trained on a tenth less of the training images, the
# rest held out, so that the epoch to keep can be chosen without a look at the test set.
#   crops        16x16 crops, as in the paper
#   whole        whole images, mirrored but never moved: the paper's baseline
#   padded       whole images with the usual crop after 4 pixels of padding: the fair baseline
# Each is tested after the last epoch, with the epoch that was best on the images held out, and, as the paper did,
# with the one that was best on the test set; and with statistics of batch normalisation from whole images. EPOCHS
# (20), SEEDS (1), TRAININGS (crops whole padded) and PRECISION (common.sh) may be set. For each seed it takes about
# an hour on two cores in bfloat16, by the rates of its parts: ten minutes for the crops, the rest for the others.
. "$(dirname "$0")/common.sh"
: "${EPOCHS:=20}" "${SEEDS:=1}" "${TRAININGS:=crops whole padded}"

made fit.images myopic-unpack --split train --holdout 0.1 "$dataset"
made held.images myopic-unpack --split train --holdout 0.1 --held-out "$dataset"
made test.images myopic-unpack --split test "$dataset"
made controls.tsv echo "training${tab}epochs${tab}seed${tab}test${tab}images${tab}accuracy${tab}low${tab}high"
for seed in $SEEDS; do
	for kind in $TRAININGS; do
		case $kind in
		crops) size='--size 16' ;;
		whole) size='--size 32' ;;
		padded) size='--size 32 --margin 4' ;;
		*) echo "$0: no training is called $kind: crops, whole, padded" >&2; exit 2 ;;
		esac
		name=$kind-${EPOCHS}e-seed$seed
		trained "$name" fit.images "$size --flip --epochs $EPOCHS --seed $seed" \
			"--recipe resnet9-crops --precision $PRECISION --seed $seed --validate held.images --validate test.images
			--validate-every 1 --best $name.best"
		label="$kind$tab$EPOCHS$tab$seed$tab"
		result controls.tsv "${label}last epoch" whole "$name.model" test.images
		result controls.tsv "${label}last epoch, mirrored too" mirrored "$name.model" test.images
		result controls.tsv "${label}best epoch on held-out images" whole "$name.best" test.images
		test -e "$name.calibrated" || # mirrored, as in training: images that aren't have statistics of their own
			myopic-sample -q --size 32 --flip <fit.images | myopic-calibrate -q -m "$name.model" -o "$name.calibrated"
		result controls.tsv "${label}statistics of whole images" whole "$name.calibrated" test.images
		images=$(grep "^${label}last epoch$tab" controls.tsv | cut -f 5)
		awk -F "$tab" -v label="$label" -v images="$images" 'NR > 1 && $9 != "NA" && $9 > best { best = $9 }
			END { printf "%sbest epoch on the test set\t%d\t%.2f\tNA\tNA\n", label, images, 100 * best }' "$name.log" >best.part
		grep -qs "^${label}best epoch on the test set" controls.tsv || cat best.part >>controls.tsv
	done
done
cat controls.tsv
