#!/bin/sh
# myopic-mean: what Python finds for the same files; what is refused.
. "${srcdir:-.}/tests/setup.sh"
need_python fractions

myopic-synth -q -n 300 -s 24 -k 6 >images || fail "synth"
myopic-synth -q -n 120 -s 24 -k 6 --split test >test.images || fail "synth"
for seed in 1 2; do
	myopic-sample -s 12 --seed $seed <images | myopic-train -q --arch linear -o m$seed.safetensors || fail "train"
	myopic-predict -m m$seed.safetensors <test.images >whole$seed || fail "predict"
done
myopic-sample -q -s 12 --grid --stride 4 <test.images | myopic-predict -m m1.safetensors >tiles || fail "predict"
myopic-sample -q -s 12 --epochs 2 <test.images | myopic-predict -m m1.safetensors >crops || fail "predict"

for files in whole1 tiles 'whole1 whole2' 'whole1 tiles' 'tiles whole2 whole1'; do
	for of in probability logit; do
		# shellcheck disable=SC2086  # several files
		ok sh -c "myopic-mean --of $of $files >mean"
		# shellcheck disable=SC2086
		"$python" "$src/mean.py" mean $of $files >said 2>&1 || fail "$files, $of: $(cat said)"
	done
done

# tiles by themselves: the same accuracy as by eval, from a row for each image
myopic-mean tiles >mean || fail "mean"
myopic-eval --tsv <tiles | cut -f 1,3 >of.tiles
myopic-eval --tsv <mean | cut -f 1,3 >of.mean
same of.tiles of.mean
myopic-info mean >said
grep -Eq '^rows +120 ' said || fail "not a row for each image: $(cat said)"
grep -q '^ *height .*24 to 24' said || fail "the images' size is lost: $(cat said)"

# pipes, standard input among them; and how it was made
myopic-mean whole1 tiles >mean || fail "mean"
myopic-predict -m m1.safetensors <test.images | myopic-mean - tiles >piped || fail "a pipe"
ok myopic-cmp mean piped
myopic-info --replay piped >replay
mkdir again && (cd again && sh -eu ../replay >piped) || fail "the replay fails: $(cat replay)"
same piped again/piped

# an unlabelled image stays so
myopic-synth -q -n 20 -s 24 -k 7 >seven || fail "synth"
myopic-predict --ignore-classes -m m1.safetensors <seven >some || fail "predict"
myopic-mean some some >mean || fail "unlabelled rows"
myopic-info mean | grep -q 'label .*-1 to' || fail "labels: $(myopic-info mean)"

# refused TEXT FILE...: one line, and nothing that a reader would take for all
refused() {
	text=$1; shift
	status 1 myopic-mean "$@"
	one_line; says "$text"
	myopic-eval <stdout >report 2>/dev/null && fail "its output passes for predictions"
}
refused "comes again after others: the rows of an image must stand together" crops
myopic-predict -m m1.safetensors <images >others || fail "predict"
refused 'others has image 0 where whole1 has 1000000000: they must be of the same images in the same order' whole1 others
head -c 4000 whole1 >part
refused 'part: the stream is cut off' whole1 part
refused 'no.file: can' whole1 no.file
refused "images: holds images, not predictions" images
myopic-synth -q -n 90 -s 24 -k 6 --split test >less.images || fail "synth"
myopic-predict -m m1.safetensors <less.images >less || fail "predict"
refused 'less ends after 90 images, and whole1 goes on' whole1 less
refused 'less ends after 90 images, and whole1 goes on' less whole1
myopic-synth -q -n 300 -s 24 -k 3 >three.images || fail "synth"
myopic-sample -s 12 <three.images | myopic-train -q --arch linear -o m3.safetensors || fail "train"
myopic-predict -m m3.safetensors --ignore-classes <test.images >three || fail "predict"
refused 'three: has 3 classes, and whole1 6' whole1 three
status 2 myopic-mean
one_line
status 2 myopic-mean - - </dev/null
one_line; says 'only one'
