#!/bin/sh
# Checkpoints: whatever ends a training, and whenever, it goes on to the same model.
. "${srcdir:-.}/tests/setup.sh"

arch='resnet9:width=8 --normalize .5,.5,.5:.25,.25,.25' # unless it is given, all rows are measured before the first step
myopic-synth -q -n 600 -s 32 -k 4 --evidence both >train.images || fail "myopic-synth"
myopic-synth -q -n 60 -s 32 -k 4 --evidence both --split test >test.images || fail "myopic-synth"
myopic-sample -q --size 16 --epochs 4 --flip <train.images >train.patches || fail "myopic-sample"

# train NAME OPTIONS...: the run that all of these tests make, with the words of $how; $instead is exec where it takes its shell's place
instead=
train() {
	out=$1; shift
	set -f # there are patterns among them
	# shellcheck disable=SC2086  # options are words
	set -- $how "$@"
	set +f
	# shellcheck disable=SC2086
	$instead myopic-train -q -a $arch -b 16 --validate test.images --validate-every 0.5 \
		--log "$out.tsv" --log-every 7 --best "$out.best" -o model --checkpoint check --resume check "$@" <train.patches
}
columns() { cut -f 1-6,8 "$1"; } # of a log, all but the seconds
# ended NAME: the run of NAME has ended as the whole one has
ended() {
	same model whole.model
	same "$1.best" whole.best
	columns "$1.tsv" | cmp - whole.columns || fail "the log differs"
	test ! -e check || fail "a checkpoint was left behind"
	rm -f model "$1".*
}

# whole: the run that nothing disturbs
whole() {
	rm -f check
	ok train whole
	mv model whole.model
	columns whole.tsv >whole.columns
}

# Hundredths of a second, from nowhere in particular; the run takes about one second.
moment() { od -An -tu2 -N2 /dev/urandom | awk '{ printf "%.2f", 0.05 + $1 % 60 / 100 }'; }
# killed TIMES: runs that are killed so many times in all, and go on
killed() {
	kills=0 runs=0
	while test $kills -lt "$1"; do
		runs=$((runs + 1))
		test $runs -le $((10 + 5 * $1)) || { fail "$kills kills in $runs runs"; return; }
		sittings=0
		until test -e model && test ! -e check; do # killed in between, it goes on from there to the same model
			test $sittings -lt 100 || { fail "100 sittings and no end"; break 2; }
			(instead="exec"; train r --every 0.05s --threads $((1 + sittings % 3)) 2>>said) &
			pid=$!
			if test $kills -lt "$1"; then
				sleep "$(moment)"
				kill -9 $pid 2>/dev/null
			fi
			wait $pid
			test $? -ne 137 || kills=$((kills + 1)) # it hadn't ended before
			sittings=$((sittings + 1))
		done
		ended r
	done
	echo "$kills kills in $runs runs"
}

# ---- killed twenty times ------------------------------------------------------------------------
how='--label-smoothing 0.1'
whole
killed 20

# ---- three times, with everything that has a state or isn't in the checkpoint ------------------------
how='--optimizer muon --ema 0.99 --accumulate 2 --clip 1 --class-weights 1,2,0.5,1 --scale-lr *.bias=4 --scale-lr fc.*=2
	--freeze conv1.weight --freeze bn1.* --patience 4 --decay-weights-only'
whole
test "$(wc -l <whole.columns)" -gt 15 || fail "the run ends too early to be killed"
killed 3

# ---- an end by patience, with nowhere to put the model ------------------------------------------------
# The rate is so low that no validation is better than the first.
early() {
	myopic-train -q -a linear -b 16 --lr 1e-9 --validate test.images --validate-every 0.5 --patience 2 --log early.tsv \
		-o out/model --checkpoint check --resume check --every 0.00001s
}
mkdir out
ok early <train.patches
mv out/model early.model
columns early.tsv >early.columns
test "$(tail -n 1 early.columns | cut -f 3)" -lt 1000 || fail "it doesn't end early"
{ head -c 200000 train.patches; rmdir out; tail -c +200001 train.patches; } 2>/dev/null | early 2>stderr
one_line
says 'out/model: can'\''t be written'
mkdir out
ok early <train.patches
same out/model early.model
columns early.tsv | cmp - early.columns || fail "it goes on after its end"
test ! -e check || fail "a checkpoint was left behind"

# ---- told to end ------------------------------------------------------------------------------------
for signal in $signals; do
	mkfifo pipe
	# shellcheck disable=SC2086
	heeding myopic-train -q -a $arch -b 16 -o model --checkpoint check <pipe 2>stderr &
	pid=$!
	{ head -c 1500000 train.patches; sleep 1; kill -s $signal $pid; sleep 1; } >pipe
	wait $pid
	test "$(kill -l $?)" = $signal || fail "$signal doesn't end it"
	one_line
	says '; --resume check goes on from row '
	rm -f pipe
	# shellcheck disable=SC2086
	ok myopic-train -q -a $arch -b 16 -o model --checkpoint check --resume check <train.patches
	test -e model || fail "no model after $signal"
	mv model "model.$signal"
done
test ! -e model.INT || same model.INT model.TERM

# ---- a stream that breaks off, a training that diverges -------------------------------------------------
status 1 sh -c "head -c 1500000 train.patches | myopic-train -a $arch -b 16 -o model --checkpoint check"
says 'rows have been trained on; --resume check goes on from row '
cp check kept
# once more, from the same place, with nothing won: the checkpoint stays as it is
status 1 sh -c "head -c 1500000 train.patches | myopic-train -q -a $arch -b 16 -o model --checkpoint check --resume check"
same check kept
# with other inner loops it is another model, and that is said
other=plain
test "${MYOPIC_KERNELS:-}" != plain || other=portable
status 0 sh -c "MYOPIC_KERNELS=$other myopic-train -q -a $arch -b 16 -o model --resume check <train.patches"
one_line
says 'check: was made with the inner loops '
unlike model model.TERM "other inner loops"
rm model
ok sh -c "myopic-train -q -a $arch -b 16 -o model --checkpoint check --resume check <train.patches"
same model model.TERM
rm -f model check
status 1 sh -c "myopic-train -q -a linear -l 1e6 --momentum 0.999 --schedule constant -o x --checkpoint check --every 0.0001s <train.patches"
one_line
says 'the training has diverged at a learning rate of'
if test -e check; then
	ok myopic-predict -q -m check <test.images >predictions # what is there can be used
	rm -f check
fi

# ---- a stream that begins later --------------------------------------------------------------------------
status 1 sh -c "head -c 1500000 train.patches | myopic-train -q -a $arch -b 16 -o model --checkpoint check"
rows=$(myopic-info check | sed -n 's/^training .*"rows":"\([0-9]*\)".*/\1/p')
ok sh -c "myopic-sample -q --size 16 --epochs 4 --flip --first-row $rows <train.images |
	myopic-train -q -a $arch -b 16 -o model --checkpoint check --resume check"
same model model.TERM
status 1 sh -c "myopic-sample -q --size 16 --epochs 4 --flip --first-row 64 <train.images | myopic-train -q -a $arch -o x"
one_line
says 'the stream begins at row 64'
rm -f model check

# ---- what a run can't go on from ---------------------------------------------------------------------------
status 1 sh -c "head -c 1500000 train.patches | myopic-train -q -a $arch -b 16 -o model --checkpoint check"
cp check kept
no() { # no TEXT COMMAND
	status 1 sh -c "$2"
	one_line
	says "$1"
	same check kept
	test ! -e model || fail "a model"
}
again="myopic-train -q -a $arch -b 16 -o model --checkpoint check"
no 'check: exists: --resume check goes on from there' "$again <train.patches"
no 'was made without --lr 0.1, which this run has' "$again --lr 0.1 --resume check <train.patches"
no 'was made with --batch 16, and this run has 32' "$again --batch 32 --resume check <train.patches"
myopic-synth -q -n 600 -s 32 -k 6 --evidence both >six.images || fail "myopic-synth" # as many, of other classes
no 'check: has 4 classes, and the stream 6' "myopic-sample -q --size 16 --epochs 4 --flip <six.images | $again --resume check"
no 'aren'\''t those that the checkpoint was made with' \
	"myopic-sample -q --size 16 --epochs 4 --flip --seed 2 <train.images | $again --resume check"
no 'was made with rows 2400, and this run has 600' "myopic-sample -q --size 16 --flip <train.images | $again --resume check"
bare=${again% --checkpoint check}
no 'is no checkpoint' "$bare --resume model.TERM <train.patches"
head -c 100000 check >cut
no 'cut: ' "$bare --resume cut <train.patches"
# the first sitting's line, typed again, would put an older state in the place of a newer one
cp check older
no 'check: exists: --resume check goes on from there' "$again --resume older <train.patches"
status 2 sh -c "$again --resume older --validate train.images --best older <train.patches"
says '--best would overwrite the checkpoint to --resume, older'
rm older
no 'nosuch: isn'\''t there, and nothing is written to it' "myopic-train -q -a linear -o model --resume nosuch <train.patches"
status 0 sh -c "myopic-train -a linear -o fresh --checkpoint nosuch --resume nosuch <train.patches"
says 'nosuch: isn'\''t there: the training begins anew'

# ---- what it began with is what it was then ----------------------------------------------------------------
rm -f check
ok sh -c "myopic-train -q -a $arch -b 16 --seed 5 --rows 64 -o begun <train.patches"
init="myopic-train -q -a $arch -b 16 --init begun -o model --checkpoint check"
status 1 sh -c "head -c 1500000 train.patches | $init"
cp check other.check
cp model.TERM begun # another one, of another history
ok sh -c "$init --resume check <train.patches"
myopic-info --replay model | grep -q -e '--seed 5' || fail "the history is another model's: $(myopic-info --replay model)"
mv other.check check
rm begun
ok sh -c "$init --resume check <train.patches"
myopic-info --replay model | grep -q -e '--seed 5' || fail "the history of --init is lost"

# ---- a stream that breaks off in the middle of a step of many batches -------------------------------------------
rm -f check model
gather='--batch 16 --accumulate 8 --ema 0.9'
ok sh -c "myopic-train -q -a $arch $gather -o model <train.patches"
mv model whole.model
status 1 sh -c "head -c 1500000 train.patches | myopic-train -q -a $arch $gather -o model --checkpoint check"
ok sh -c "myopic-train -q -a $arch $gather -o model --checkpoint check --resume check <train.patches"
same model whole.model
rm -f model

# ---- stopped at the very end -----------------------------------------------------------------------------------------
# The folder of the model goes while the training runs, so that the last rows have been seen and nothing can be published.
mkdir away
ok sh -c "myopic-train -q -a $arch -b 16 -o whole.model <train.patches"
mkfifo pipe
# shellcheck disable=SC2086
myopic-train -q -a $arch -b 16 -o away/model --checkpoint check <pipe 2>stderr &
pid=$!
{ head -c 1500000 train.patches; sleep 0.5; rmdir away; tail -c +1500001 train.patches; } >pipe
wait $pid && fail "a model in a folder that isn't there"
says '2400 rows have been trained on; --resume check goes on from row 2400'
mkdir away
ok sh -c "myopic-sample -q --size 16 --epochs 4 --flip --first-row 2400 <train.images |
	myopic-train -q -a $arch -b 16 -o away/model --checkpoint check --resume check"
test ! -e check || fail "a checkpoint was left behind"
cut_history() { myopic-info "$1" | sed '/^made by/,$d'; }
test "$(cut_history away/model)" = "$(cut_history whole.model)" || fail "the end was not the same"

# ---- files that are kept --------------------------------------------------------------------------------------------
status 1 sh -c "head -c 1500000 train.patches | myopic-train -q -a $arch -b 16 -o model --checkpoint check --log log.tsv"
cp check kept
no 'check: exists' "$again --resume chekc <train.patches"
echo 'the notes of a year' >notes
no 'notes: ' "$again --resume check --log notes <train.patches"
cp train.images notes
no 'notes: isn'\''t the log' "$again --resume check --log notes <train.patches"
same notes train.images
no 'made without --precision bfloat16' "$again --precision bfloat16 --resume check <train.patches"
no 'cut with other options' "myopic-sample -q --size 16 --epochs 4 --flip --cutout 4 <train.images | $again --resume check"
for pair in '-o x --checkpoint x' '-o x --log ./x' '-o x --best x --validate test.images'; do
	: >x
	status 2 sh -c "myopic-train -a linear $pair <train.patches"
	one_line
	says 'are the same file'
	rm -f x
	status 2 sh -c "myopic-train -a linear $pair <train.patches" # where no file is yet
	says 'are the same file'
done
# a checkpoint that is a link to somewhere else: it goes there, and from there in the end
mkdir -p elsewhere
rm -f model check
ln -s elsewhere/check check
status 1 sh -c "head -c 1500000 train.patches | myopic-train -q -a $arch -b 16 -o model --checkpoint check"
{ test -f elsewhere/check && test -h check; } || fail "the checkpoint isn't where the link leads"
ok sh -c "myopic-train -q -a $arch -b 16 -o model --checkpoint check --resume check <train.patches"
same model model.TERM
{ test -h check && test ! -e elsewhere/check; } || fail "the checkpoint is left behind the link"
rm -f model check
for spans in '--warmup 10s' '--warmup 1' '--schedule step --milestones 50%,2'; do
	status 2 sh -c "myopic-train -a linear -o x --budget 1s $spans <train.patches"
	one_line
	says 'in per cent'
done
