#!/bin/sh
# myopic-train, end to end: a small network on drawn pictures, and everything that can go wrong.
. "${srcdir:-.}/tests/setup.sh"

arch=resnet9:width=8
known='--normalize .5,.5,.5:.25,.25,.25' # else the first 10,000 rows are measured, whether they are trained on or not
myopic-synth -q -n 600 -s 32 -k 4 --evidence both >train.images || fail "myopic-synth"
myopic-synth -q -n 100 -s 32 -k 4 --evidence both --split test >test.images || fail "myopic-synth"
myopic-sample --size 16 --epochs 4 --flip <train.images >train.patches || fail "myopic-sample"

# tensors FILE: the bytes of a safetensors document after its header
tensors() { tail -c +"$((9 + $(od -An -tu8 -N8 "$1")))" "$1"; }
# header FILE: its JSON
header() { head -c "$((8 + $(od -An -tu8 -N8 "$1")))" "$1" | tail -c +9; }
# tensor FILE NAME: the bytes of one
tensor() {
	# shellcheck disable=SC2046  # two numbers
	set -- "$1" $(header "$1" |
		sed -n "s/.*\"$2\":{[^}]*\"data_offsets\":\[\([0-9]*\),\([0-9]*\)\].*/\1 \2/p")
	tensors "$1" | tail -c +"$(($2 + 1))" | head -c "$(($3 - $2))"
}
# nothing FILE: neither the file nor anything beside it that begins with its name
nothing() { for f in "$1"*; do test ! -e "$f" || fail "$f was left behind"; done; }

# ---- it learns -----------------------------------------------------------------------------
status 0 sh -c "myopic-train -a $arch -o m.safetensors --validate test.images --validate-every 1 --log log.tsv --log-every 1 <train.patches"
says "2400 rows, 38 steps"
says "of the images of test.images are right"
test ! -s stdout || fail "something on standard output"
awk -F '\t' 'NF != 8 { exit 1 } NR > 1 && $1 != NR - 1 { exit 1 } END { exit NR != 39 }' log.tsv ||
	fail "log.tsv is not 39 lines of 8 columns"
test "$(awk -F '\t' 'NR > 1 && $8 != "NA"' log.tsv | wc -l)" -eq 4 || fail "not four validations in log.tsv"
awk -F '\t' 'END { exit !($3 == 2400 && $2 == 4 && $8 >= 0.7 && $5 < 1.2) }' log.tsv ||
	fail "it did not learn: $(tail -n 1 log.tsv)"
header m.safetensors | grep -q '"epochs\\":\\"4.00' || fail "no number of epochs in the model"
for word in myopic-synth myopic-sample myopic-train; do
	header m.safetensors | grep -q "$word" || fail "$word is not in the model's history"
done

# ---- the same again, on any number of threads ---------------------------------------------------
for threads in 1 2 3; do
	ok myopic-train -q -a $arch --threads $threads -o "m$threads" <train.patches
	tensors "m$threads" >"t$threads"
done
same t1 t2
same t1 t3
tensors m.safetensors | cmp -s - t1 || fail "validation changes the training"
ok myopic-train -q -a $arch -o again.safetensors -S 1 <train.patches
mkdir elsewhere
(cd elsewhere && myopic-train -q -a $arch -o again.safetensors -S 1 <../train.patches) || fail "elsewhere"
same again.safetensors elsewhere/again.safetensors
ok myopic-train -q -a $arch -o other -S 2 <train.patches
tensors other >t4
unlike t4 t1 "the seed makes no difference"
# From a pipe, in any portions, as from a file.
ok sh -c "cat train.patches | myopic-train -q -a $arch -o piped"
tensors piped | cmp -s - t1 || fail "a pipe makes a difference"

# ---- in bfloat16, where the processor multiplies it ---------------------------------------------------
if myopic-train -q -a $arch --precision bfloat16 -o half1 <train.patches 2>stderr; then
	myopic-train -q -a $arch --precision bfloat16 --threads 3 -o half3 --validate test.images --log half.tsv <train.patches || fail "bfloat16"
	tensors half1 >h1
	tensors half3 >h3
	same h1 h3
	unlike t1 h1 "bfloat16 is float32"
	awk -F '\t' 'END { exit !($8 >= 0.7 && $5 < 1.2) }' half.tsv || fail "in bfloat16 it did not learn: $(tail -n 1 half.tsv)"
	header half1 | grep -q 'precision' || fail "the model's history has no precision"
else
	one_line; says 'has no products of bfloat16'
fi
status 1 env MYOPIC_KERNELS=portable myopic-train -q -a $arch --precision bfloat16 -o nothing <train.patches
one_line; says 'has no products of bfloat16 (AVX512_BF16): float32 runs everywhere'
nothing nothing

# ---- every optimiser and schedule ----------------------------------------------------------------
for how in '--optimizer sgd --schedule constant' '--optimizer adam --schedule cosine --warmup 1' \
	'--optimizer adamw --schedule step --milestones 2,3 --factor 0.3 --warmup 10s' \
	'--schedule one-cycle --warmup 50% --lr 0.05 --momentum 0.8 --decay-weights-only' \
	'--normalize .5,.5,.5:.25,.25,.25 --label-smoothing 0 --weight-decay 0 --batch 50'; do
	# shellcheck disable=SC2086  # options are words
	ok myopic-train -q -a $arch $how -o how --log how.tsv --log-every 1 <train.patches
	awk -F '\t' 'END { exit !($5 < 1.3) }' how.tsv || fail "$how: $(tail -n 1 how.tsv)"
done
awk -F '\t' 'NR == 2 { exit !($3 == 50) }' how.tsv || fail "--batch 50"
header how | grep -q '"mean":"0.5 0.5 0.5"' || fail "--normalize"
status 0 myopic-train -q -a $arch --schedule step --milestones 39s --rows 2400 -o how <train.patches
says 'warning: --milestones: step 39 is beyond the 38 of the run'
ok myopic-train -q -a $arch --schedule step --milestones 10s -l 0.1 -o how --log how.tsv --log-every 1 <train.patches
awk -F '\t' 'NR == 11 && $4 != 0.1 || NR == 12 && $4 != 0.05 { exit 1 }' how.tsv || fail "the step schedule"
ok myopic-train -q -a linear:grid=4 -l 0.01 -o whole <train.images
ok myopic-train -q -a linear -b 24 --schedule triangle -l 0.1 --start 0.3 --end 0.02 -o how --log how.tsv --log-every 1 <train.patches
awk -F '\t' 'NR == 2 { first = $4 } NR > 1 && $4 > most { most = $4 } END { exit !(first == 0.03 && most == 0.1 && $4 == 0.002) }' how.tsv ||
	fail "the triangle's ends: $(sed -n '2p; $p' how.tsv)"

# each number that an optimiser takes counts: other weights come out of a few steps
myopic-sample -q --size 8 --crops 2 <test.images >few.patches || fail "myopic-sample"
for how in 'adam --beta2 0.9' 'adam --eps 0.1' 'adamw --beta2 0.9' 'adamw --eps 0.1' 'muon --muon-lr 0.1' 'muon --muon-momentum 0.9' \
	'muon --muon-iterations 1'; do
	for options in "${how%% *}" "$how"; do
		# shellcheck disable=SC2086  # options are words
		ok myopic-train -q -a resnet9:width=1 -b 50 $known --optimizer $options -o how <few.patches
		test "$options" = "$how" || tensors how >without
	done
	tensors how >with
	unlike with without "$how"
done

# the last batch counts: 2400 rows are 18 batches of 128 and one of 96
ok myopic-train -q -a $arch -b 128 -o how --log how.tsv --log-every 1 <train.patches
awk -F '\t' 'END { exit !(NR == 20 && $3 == 2400) }' how.tsv || fail "rows of the last batch are lost"

# a line for each epoch, of means over its rows; validation where it takes little of the time
ok myopic-train -q -a $arch -o how --log how.tsv --validate test.images --validate test.images <train.patches
awk -F '\t' 'NF != 9 || NR > 1 && $3 < (NR - 1) * 600 { exit 1 } END { exit NR != 5 || $8 == "NA" || $8 != $9 }' how.tsv ||
	fail "not a line for each epoch: $(cat how.tsv)"
awk -F '\t' 'NR == 2 { exit $8 != "NA" }' how.tsv || fail "validation after each epoch takes too long"
ok myopic-train -q -a $arch -o how --log how.tsv --validate test.images --validate-every 0 <train.patches
test "$(awk -F '\t' 'NR > 1 && $8 != "NA"' how.tsv | wc -l)" -eq 1 || fail "not one validation at the end"

# ---- what comes after the last row can't undo it ------------------------------------------------
# The images to validate on go while the training runs, after the second epoch, the folder of the checkpoints too.
validated() { awk -F '\t' 'NR > 1 && $8 != "NA" { found = 1 } END { exit !found }' late.tsv 2>/dev/null; }
cp test.images gone.images
mkdir going
mkfifo pipe
# shellcheck disable=SC2086
myopic-train -q -a $arch $known -o late --validate gone.images --validate-every 2 --log late.tsv \
	--checkpoint going/check --every 0.01s <pipe 2>stderr &
pid=$!
{
	head -c 1500000 train.patches
	n=0; until validated && test -s going/check || test $n -eq 400; do sleep 0.05; n=$((n + 1)); done
	rm gone.images
	mv going elsewhere
	tail -c +1500001 train.patches
} >pipe
wait $pid && fail "success without the validation that was asked for"
rm pipe
says 'gone.images: '
says 'late was written, since all rows were trained on'
header late | grep -q '"validation' && fail "an earlier validation stands for the last one"
says 'the training goes on, and the next checkpoint is due after 0.01s'
tensors late >t1
# shellcheck disable=SC2086
ok myopic-train -q -a $arch $known -o punctual <train.patches
tensors punctual | cmp -s - t1 || fail "a model that is another one"

# ---- how long, and with what -------------------------------------------------------------------
ok myopic-train -q -a $arch -o how --epochs 1.5 --log how.tsv --log-every 1 <train.patches
awk -F '\t' 'END { exit !($3 == 900 && $4 < 1e-5) }' how.tsv || fail "--epochs 1.5: $(tail -n 1 how.tsv)"
# shellcheck disable=SC2086
ok myopic-train -q -a $arch $known -o first --rows 600 <train.patches
# the first 600 rows are all of an epoch; a stream that has only those gives the same weights
ok sh -c "myopic-sample -q --size 16 --flip <train.images | myopic-train -q -a $arch $known -o one"
tensors first >t1; tensors one | cmp -s - t1 || fail "--rows is not a shorter stream"
tensors m1 >t1
status 0 myopic-train -a $arch -o long --epochs 9 <train.patches
says 'warning: 5400 rows were expected, 2400 came'

# early end, and the best model
myopic-sample -q --size 16 --epochs 60 <test.images >many.patches
status 0 sh -c "myopic-train -a $arch -o last --schedule constant -l 0.05 --validate test.images --validate-every 2 --patience 2 \
	--best best --log how.tsv <many.patches"
says 'the training ends early'
myopic-predict -q -m best <test.images | myopic-eval --tsv >best.tsv
awk -F '\t' 'NR > 1 && $8 != "NA" && $8 > best { best = $8 } END { printf "%.4f\n", 100 * best }' how.tsv >wanted
awk -F '\t' 'NR == 2 { print $3 }' best.tsv | cmp - wanted || fail "--best is not the best of the log: $(cat best.tsv how.tsv)"

# other classes, from an older model
myopic-synth -q -n 300 -s 32 -k 6 --evidence both >six.images || fail "myopic-synth"
myopic-sample -q --size 16 <six.images >six.patches
status 0 myopic-train -a $arch -o six --init m.safetensors <six.patches
says 'm.safetensors: 40 of 42 tensors taken over'
for key in mean deviation; do
	test "$(header six | grep -o "\"$key\":\"[^\"]*\"")" = "$(header m.safetensors | grep -o "\"$key\":\"[^\"]*\"")" ||
		fail "the weights of --init see other pixels than they were made for"
done
myopic-info --replay six >replay
{ grep -q 'init m.safetensors' replay && test "$(grep -c myopic-train replay)" -eq 2; } || fail "the history of --init is lost: $(cat replay)"
ok sh -c "myopic-train -q --init m.safetensors --rows 300 -o like <train.patches" # its architecture, too
header like | tr -d '\\\\' | grep -o '"arch":"[^"]*","arch_version":"[^"]*"' >wanted
header m.safetensors | tr -d '\\\\' | grep -o '"arch":"[^"]*","arch_version":"[^"]*"' | cmp - wanted || fail "--init without --arch: $(myopic-info like)"
bad_init() { status 1 sh -c 'myopic-train -q -a linear -o x --init m.safetensors <six.patches'; one_line; says 'none of its weights'; }
bad_init

# weights that stay as they are, and those that don't; running statistics follow the data
set -f # patterns are for names of weights
ok myopic-train -q -a $arch --init m.safetensors --optimizer muon --scale-lr 'conv1.*=0' --rows 300 -o still <train.patches
tensor m.safetensors conv1.weight >w1
tensor still conv1.weight | cmp -s - w1 || fail "Muon moves what has no rate"
status 0 myopic-train -a $arch --init m.safetensors --freeze '*conv*' --freeze 'bn?.*' --scale-lr '*=2' --scale-lr 'fc.*=0' \
	--optimizer muon --ema 0.9 --accumulate 3 --clip 1 -o kept <train.patches
says 'm.safetensors: 42 of 42 tensors taken over'
set +f
for name in conv1.weight conv4.weight pair1.conv2.weight bn1.weight bn1.bias bn4.bias fc.weight fc.bias; do
	tensor m.safetensors "$name" >old; tensor kept "$name" >new
	test -s old || fail "no tensor $name"
	same old new
done
for name in pair1.bn1.weight pair2.bn2.bias bn1.running_mean bn4.running_var; do
	tensor m.safetensors "$name" >old; tensor kept "$name" >new
	unlike old new "$name has not changed"
done
# what is taken over is all but the last layer, which is drawn
status 0 myopic-train -a $arch -o begun --init m.safetensors -S 7 --lr 0 --weight-decay 0 <six.patches
for name in conv1.weight pair2.bn2.bias; do
	tensor m.safetensors "$name" >old; tensor begun "$name" >new
	same old new
done
ok myopic-train -q -a $arch -o drawn -S 7 --lr 0 --weight-decay 0 <six.patches
tensor drawn fc.weight >old; tensor begun fc.weight >new
same old new

# a class that never comes
ok sh -c "myopic-synth -q -n 40 -s 16 -k 4 | myopic-sample -q -s 16 --epochs 2 >four.patches"
status 0 sh -c "myopic-train -a linear --rows 3 -b 3 -o few <four.patches"
says "never came: the model can't know it"

# ---- mistakes of usage -----------------------------------------------------------------------------
usage() { # usage TEXT OPTIONS...
	text=$1; shift
	status 2 sh -c 'myopic-train "$@" <train.patches' sh "$@"
	one_line
	says "$text"
}
usage '-o, --output is missing' -a $arch
usage "--optimizer: 'sdg' is none of" -o x --optimizer sdg
usage "--batch: 0 is not from" -o x -b 0
usage "--warmup: 'soon' is no length" -o x --warmup soon
usage '--warmup: 900 steps are more than the 38' -o x --warmup 900s
usage '--milestones and --schedule step go together' -o x --milestones 1
usage '--milestones and --schedule step go together' -o x --schedule step
usage "--milestones: '2,1' is not in ascending order" -o x --schedule step --milestones 2,1
usage '--patience wants validations on the way' -o x --patience 2 --validate test.images --validate-every 0
usage "--normalize: '1,2,3' is not" -o x --normalize 1,2,3
usage '--rows, --epochs and --budget all say' -o x --rows 10 --epochs 1
usage '--patience wants images to --validate on' -o x --patience 2
usage '--best wants images to --validate on' -o x --best b
cp test.images precious.images
cp m.safetensors precious
usage '--output would overwrite the images to --validate on' -o precious.images --validate precious.images
usage '--log would overwrite the images to --validate on' -o x --validate precious.images --log ./precious.images
usage '--log would overwrite the model of --init' -o x --init precious --log precious
cp train.patches precious.patches
status 2 sh -c "myopic-train -q -a $arch -o precious.patches <precious.patches"
one_line; says '--output would overwrite what is trained on, precious.patches'
same train.patches precious.patches
same test.images precious.images
same m.safetensors precious
usage "--budget: 'soon' is no time" -o x --budget soon
usage "--every: '0' is no time" -o x --every 0
usage "--budget: '-5s' is no time" -o x --budget -5s
usage '--rows, --epochs and --budget all say' -o x --epochs 1 --budget 5s
for weights in 1,2,3 1,2,3,4,5 '1,2,3,4,' 1; do
	usage "--class-weights: '$weights': numbers with commas between them, 4 of them" -o x --class-weights "$weights"
done
for weights in 1,-2,3,4 1,0,3,4 1,x,3,4 1,nan,3,4 1,,3,4; do
	usage "--class-weights: '$weights': number 2 is not a number above 0" -o x --class-weights "$weights"
done
for rule in fc.bias =2 'fc.*=' 'fc.*=-1' 'fc.*=1x' 'fc.*=inf'; do
	usage "--scale-lr: '$rule' is not a pattern, = and a factor" -o x --scale-lr "$rule"
	usage "--scale-decay: '$rule' is not a pattern, = and a factor" -o x --scale-decay "$rule"
done
usage '--accumulate: 0 is not from' -o x --accumulate 0
usage '--log-every wants a --log' -o x --log-every 2
usage '--ema: 1 is not from' -o x --ema 1
usage '--clip: -1 is not from' -o x --clip -1
usage '--muon-momentum: 1 is not from' -o x --muon-momentum 1
usage '--muon-iterations: 0 is not from' -o x --muon-iterations 0
usage '--optimizer muon wants an --lr above 0' -o x --optimizer muon --lr 0
usage 'one too many' -o x file
nothing x

# a stream of unknown length, which cat makes: the schedule must be told
myopic-sample --size 16 --epochs 2 <train.images >one.patches || fail "myopic-sample"
ok sh -c "cat one.patches one.patches | myopic-train -a $arch -o both --rows 2400 --log both.tsv 2>stderr"
awk -F '\t' 'END { exit !($3 == 2400 && $4 < 1e-5) }' both.tsv || fail "cat: $(tail -n 1 both.tsv)"
grep -q warning stderr && fail "warns without a reason"
status 0 sh -c "cat one.patches one.patches | myopic-train -a $arch -o both"
says 'warning: more rows come than the 1200 that were expected'
ok sh -c "cat one.patches one.patches | myopic-train -q -a $arch -o both --schedule constant 2>stderr"
test ! -s stderr || fail "a constant rate has no end: $(cat stderr)"
# what is asked for is the run's length, also where it is just what the first part says of itself
for length in '--rows 1200' '--epochs 2'; do
	ok sh -c "cat one.patches one.patches | myopic-train -q -a $arch -o both $length 2>stderr"
	test ! -s stderr || fail "$length: $(cat stderr)"
	header both | tr -d '\\' | grep -q '"rows":"1200"' || fail "$length: $(myopic-info both)"
done
status 1 sh -c "head -c -40 one.patches | myopic-train -q -a $arch -o cut --rows 1200"
says 'the stream is cut off'
status 0 sh -c "cat one.patches one.patches | myopic-train -a linear -o both --budget 20s"
says 'warning: the stream goes on beyond the 1200 rows'
# the history of a model has the parts that it was trained on, and no others
myopic-sample --size 16 --epochs 2 --seed 7 <train.images >two.patches || fail "myopic-sample"
for rows in 600 1200 1201; do
	ok sh -c "cat one.patches two.patches | myopic-train -q -a linear -o both --rows $rows --schedule constant"
	myopic-info --replay both | grep -c -e '--seed 7' >count
	test "$(cat count)" -eq $((rows > 1200)) || fail "parts in the history after $rows rows: $(myopic-info --replay both)"
done
ok sh -c "cat one.patches two.patches | myopic-train -q -a linear -o both --schedule constant"
myopic-info --replay both | grep -q -e '--seed 7' || fail "a part is missing: $(myopic-info --replay both)"
# where nobody said how long it is, and the end comes early by itself
ok sh -c "myopic-sample -q --size 16 --epochs 0 <train.images 2>/dev/null |
	myopic-train -q -a linear -b 8 --lr 1e-9 -o endless --schedule constant --patience 2 --validate test.images 2>stderr"
test ! -s stderr || fail "more rows than nobody expected: $(cat stderr)"
# rows beyond the end that the first part spoke of aren't each the last one
ok sh -c "cat one.patches one.patches | myopic-train -q -a $arch -o both --validate test.images --validate-every 0 --log both.tsv"
test "$(awk -F '\t' 'NR > 1 && $8 != "NA"' both.tsv | wc -l)" -le 2 || fail "validates after each step: $(cat both.tsv)"

# what is measured is a matter of rows, not of the records that they come in: 12,000 rows in two divisions
myopic-sample -q --size 16 --epochs 20 <train.images >many.patches || fail "myopic-sample"
ok sh -c "myopic-train -q -a linear -o measured --rows 8 <many.patches"
ok sh -c "{ myopic-sample -q --size 16 --epochs 1 <train.images; myopic-sample -q --size 16 --epochs 20 --first-row 600 <train.images
	} | myopic-train -q -a linear -o again --rows 8"
header measured | grep -o '"mean":"[^"]*"' >wanted
header again | grep -o '"mean":"[^"]*"' | cmp - wanted || fail "the normalisation depends on how rows lie in records"
# a single value has no variance: batches of one row leave a network that can be used, and count as batches
ok sh -c "myopic-sample -q --size 8 <train.images | myopic-train -q -a resnet9:width=4 -b 1 --accumulate 8 --rows 100 --lr 1e-6 -o single"
tensor single pair2.bn2.running_var | od -An -tf4 -v | tr -s ' ' '\n' | awk '$1 != "" && $1 != 1 { bad = 1 } END { exit bad }' ||
	fail "the variance of a single value: $(tensor single pair2.bn2.running_var | od -An -tf4)"
test "$(tensor single bn1.num_batches_tracked | od -An -td8 | tr -d ' ')" = 100 || fail "batches: $(myopic-info single)"
# a model that can't learn
status 1 sh -c "myopic-train -q -a linear --freeze '*' -o x <one.patches"
one_line
says 'all weights are frozen'

# ---- what can't be trained on ------------------------------------------------------------------------
bad() { # bad TEXT COMMAND: fails with one line and leaves nothing
	status 1 sh -c "$2"
	one_line
	says "$1"
	nothing x
}
bad 'no such architecture' 'myopic-train -a nosuch -o x <train.patches'
bad "no weight that is trained has a name like 'conv1'" 'myopic-train -o x --scale-lr "*=2" --scale-lr conv1=2 <train.patches'
bad "no weight that decays has a name like 'conv1'" 'myopic-train -o x --scale-decay conv1=2 <train.patches'
bad "no weight that decays has a name like 'conv1.*'" 'myopic-train -o x --optimizer muon --scale-decay "conv1.*=2" <train.patches'
bad "no weight that decays has a name like '*.bias'" \
	'myopic-train -o x --decay-weights-only --scale-decay "*.bias=2" <train.patches'
bad "no weight that is trained has a name like 'fc.*'" 'myopic-train -o x --freeze "fc.*" --scale-lr "fc.*=2" <train.patches'
bad "no weight has a name like 'nosuch.*'" 'myopic-train -o x --freeze "fc.*" --freeze "nosuch.*" <train.patches'
bad 'too small' 'myopic-sample --size 4 <train.images | myopic-train -a resnet9 -o x'
bad 'x/y: can'\''t be written' 'myopic-train -o x/y <train.patches'
bad 'myopic-train: ' 'myopic-train -o x </dev/null'
bad 'myopic-train: ' 'echo nonsense | myopic-train -o x'
bad 'myopic-train: ' 'myopic-predict -m m.safetensors <test.images | myopic-train -o x'
bad 'nosuch.images' 'myopic-train -o x --validate nosuch.images <train.patches'
bad 'train.patches' 'myopic-train -o x --validate train.patches <train.patches'
bad 'no/log: can'\''t be written' 'myopic-train -o x --log no/log <train.patches'
bad 'diverged' "myopic-train -q -a linear -l 1e6 --schedule constant --momentum 0.999 -o x <train.patches"
myopic-synth -q -n 20 -s 16 -k 5 >five.images || fail "myopic-synth"
bad 'is not among those of the training' 'myopic-train -o x --validate five.images <train.patches'
head -c 20000 test.images >cut.images
bad 'cut.images' 'myopic-train -o x --validate cut.images <train.patches'
mkfifo pipe
bad 'pipe: is no file: it is read again' 'myopic-train -o x --validate pipe <train.patches'
rm -f pipe
for option in '--validate-every 1' '--patience 2'; do
	bad "doesn't say how long an epoch is" "myopic-train -a linear -o x --validate test.images $option <train.images"
done
# rows of another size, also where they come before there is a network
myopic-synth -q -n 600 -s 16 -k 4 >small.images || fail "myopic-synth"
bad 'row 600 of the stream is 32x32 pixels, the rows before it are 16x16' \
	"cat small.images train.images | myopic-train -q -a airbench:width=8 --schedule constant -o x"

# ---- a stream that breaks off ------------------------------------------------------------------------
size=$(wc -c <train.patches)
for share in 10 50 90 99; do
	bad 'standard input' "head -c $((size * share / 100)) train.patches | myopic-train -q -a $arch -o x"
done
bad 'standard input' "head -c $((size - 1)) train.patches | myopic-train -q -a $arch -o x"
# a producer that fails is named
bad 'myopic-sample failed upstream' \
	"head -c 1500000 train.images | myopic-sample --grid --size 16 --stride 8 2>/dev/null | myopic-train -q --schedule constant -a $arch -o x"
# an older model stays as it is
cp m.safetensors old
status 1 sh -c "head -c $((size / 2)) train.patches | myopic-train -q -a $arch -o old"
same m.safetensors old

# ---- being stopped -----------------------------------------------------------------------------------
# The stream stays open, so the program waits for more until it is told to stop; then it ends by what told it.
for signal in $signals; do
	mkfifo pipe
	# shellcheck disable=SC2086
	heeding myopic-train -q -a $arch $known -o x <pipe 2>stderr &
	pid=$!
	{ head -c 1500000 train.patches; sleep 1; kill -s $signal $pid; sleep 1; } >pipe
	wait $pid
	test "$(kill -l $?)" = $signal || fail "$signal doesn't end it"
	one_line
	says 'stopped by a signal after'
	nothing x
	rm -f pipe
done
# The second one ends it at once, whichever it is. It finds both waiting when it goes on, so it can't have ended by the first.
for signal in ${signals%TERM}; do
	mkfifo pipe
	# shellcheck disable=SC2086
	heeding myopic-train -q -a $arch $known -o x <pipe 2>stderr &
	pid=$!
	{ head -c 1500000 train.patches; sleep 1; kill -s STOP $pid; kill -s $signal $pid; kill -s TERM $pid; kill -s CONT $pid; sleep 1; } >pipe
	wait $pid
	test ! -s stderr || fail "a second signal goes unheard: $(cat stderr)"
	rm -f pipe
done

# What is ignored at the start stays so.
mkfifo pipe
# shellcheck disable=SC2086
(trap '' TERM; exec myopic-train -q -a $arch $known -o x <pipe 2>stderr) &
pid=$!
{ head -c 1500000 train.patches; sleep 1; kill -s TERM $pid; sleep 1; tail -c +1500001 train.patches; } >pipe
wait $pid || fail "an ignored signal ends it: $(cat stderr)"
test -s x || fail "no model after an ignored signal"
rm -f pipe x

# ---- full disks ------------------------------------------------------------------------------------------
if test -w /dev/full; then
	status 1 sh -c "myopic-train -q -a $arch -o full --log /dev/full <train.patches"
	one_line
	says "/dev/full: the log can't be written"
	test -s full || fail "the log cost us the model"
fi
bad 'x: ' "ulimit -f 1; myopic-train -q -a $arch -o x <train.patches"
