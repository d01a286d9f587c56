# common.sh - what the experiments share. An experiment is a list of products: each is made once and kept in the
# folder, a training goes on from its checkpoint, so a script that was stopped is started again with the same words
# and the same settings (EPOCHS, PRECISION and the like). What is there already is taken as it is, so other settings
# want another folder; and so does another data set, which is seen.
#
#   NAME.sh DATASET FOLDER      DATASET: what myopic-unpack reads; FOLDER: everything goes there
set -eu
LC_ALL=C; export LC_ALL
test $# -eq 2 || { echo "usage: $0 DATASET FOLDER" >&2; exit 2; }
# shellcheck disable=SC2034  # for the scripts
case $1 in /*) dataset=$1 ;; *) dataset=$PWD/$1 ;; esac
mkdir -p "$2"
cd "$2"
name=$(basename "$1")
test -e dataset.name || echo "$name" >dataset.name
test "$(cat dataset.name)" = "$name" || {
	echo "$0: what is in $2 was made of $(cat dataset.name): give $name a folder of its own" >&2
	exit 2
}
tab=$(printf '\t')

# What most convolutions multiply where a script has --precision: bfloat16 where the processor does (AVX512_BF16), which is up to a
# third faster and was no worse where it was tried (RESULTS.md); or as it was set
: "${PRECISION:=$(grep -qs avx512_bf16 /proc/cpuinfo && echo bfloat16 || echo float32)}"

# made FILE COMMAND...: what the command prints, in FILE; complete or not at all
made() {
	to=$1; shift
	test -e "$to" || { "$@" >"$to.part" && mv "$to.part" "$to"; }
}

# trained NAME IMAGES "SAMPLE OPTIONS" "TRAIN OPTIONS": a model NAME.model, with its log in NAME.log
trained() {
	test ! -e "$1.model" || return 0
	first=0
	test ! -e "$1.check" || first=$(myopic-info "$1.check" | sed -n 's/^training .*"rows":"\([0-9]*\)".*/\1/p')
	echo "$0: $1" >&2
	# shellcheck disable=SC2086  # options are words
	myopic-sample $3 --first-row "$first" <"$2" |
		myopic-train $4 --log "$1.log" --checkpoint "$1.check" --resume "$1.check" -o "$1.model"
}

# Ways to test a model on images; each prints a stream of predictions.
# whole MODEL IMAGES                 whole images, in one pass: as the paper tests
# mirrored MODEL IMAGES              the same, the mean of each image and its mirror image
# tiles MODEL IMAGES SIZE STRIDE     all tiles of a grid; myopic-eval combines them by their mean probability
# mirrored_tiles                     the same, the mean of each tile and its mirror image
# together                           the mean of mirrored_tiles and mirrored
whole() { myopic-predict -q -m "$1" <"$2"; }
mirrored() { myopic-predict -q --mirror -m "$1" <"$2"; }
tiles() { myopic-sample -q --grid --size "$3" --stride "$4" <"$2" | myopic-predict -q -m "$1"; }
mirrored_tiles() { myopic-sample -q --grid --size "$3" --stride "$4" <"$2" | myopic-predict -q --mirror -m "$1"; }
together() {
	mirrored_tiles "$@" >tiles.part
	mirrored "$1" "$2" | myopic-mean - tiles.part
	rm tiles.part
}

# right MODEL IMAGES: per cent of whole images
right() {
	whole "$1" "$2" | myopic-eval -q --tsv >right.part
	awk -F "$tab" 'NR == 2 { printf "%.2f", $3 }' right.part
	rm right.part
}

# seconds NAME: of the training, all its sittings together
seconds() { awk -F "$tab" 'END { printf "%.0f", $7 }' "$1.log"; }
# epochs NAME: that it trained
epochs() { awk -F "$tab" 'END { printf "%g", $2 }' "$1.log"; }

# result FILE LABEL COMMAND...: a line of FILE: the label's words, then images, per cent right, 95% interval
result() {
	to=$1 line=$2; shift 2
	if ! grep -qs "^$line$tab" "$to"; then
		"$@" | myopic-eval -q --tsv >result.part # by itself, so that a test that fails ends the script
		awk -F "$tab" -v line="$line" 'NR == 2 { printf "%s\t%d\t%.2f\t%.2f\t%.2f\n", line, $1, $3, $4, $5 }' result.part >>"$to"
		rm result.part
	fi
}

# by_size TABLE IMAGES STRIDE: networks trained on crops of train.images, of each of SIZES with each of SEEDS, for EPOCHS; a line
# of TABLE for each way to test them on IMAGES, tiles at this stride
by_size() {
	made "$1" echo "crop${tab}epochs${tab}seed${tab}test${tab}images${tab}accuracy${tab}low${tab}high"
	for seed in $SEEDS; do
		for size in $SIZES; do
			name=crop$size-${EPOCHS}e-seed$seed
			trained "$name" train.images "--size $size --flip --epochs $EPOCHS --seed $seed" \
				"--recipe resnet9-crops --seed $seed --validate $2"
			label="$size$tab$EPOCHS$tab$seed$tab"
			result "$1" "${label}whole" whole "$name.model" "$2"
			result "$1" "${label}whole, mirrored too" mirrored "$name.model" "$2"
			result "$1" "${label}tiles" tiles "$name.model" "$2" "$size" "$3"
			echo "$name: $(seconds "$name") s of training" >&2
		done
	done
}
