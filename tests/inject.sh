#!/bin/sh
# Every program, when one of its allocations, reads, writes, file operations or threads fails (inject.c):
# it ends with one line and nothing published, or with the right result. Never a crash, never a part.
. "${srcdir:-.}/tests/setup.sh"
. "$src/mkdata.sh"

library=$builddir/tests/.libs/libinject.so
test -e "$library" || skip "libinject isn't built as a shared library"
LD_PRELOAD=$library myopic-info --version >loaded 2>&1 || skip "libinject can't be loaded: $(head -n 1 loaded)"
if grep -qa -e __asan_init -e __tsan_init "$(command -v myopic-info)"; then skip "sanitizers have allocators of their own"; fi

make_data
myopic-sample --quiet --size 8 <train.images >train.patches || fail "sample"
myopic-train --quiet --arch linear --batch 20 --validate test.images --log train.log -o m.safetensors <train.patches || fail "train"
myopic-sample --quiet --size 8 --grid --stride 4 --pad <test.images >test.patches || fail "grid"
myopic-predict --quiet -m m.safetensors <test.patches >heat.predictions || fail "predict"
myopic-predict --quiet -m m.safetensors <test.images >test.predictions || fail "predict"
myopic-train --quiet --arch resnet9:width=1 --batch 20 -o normal.safetensors <train.patches || fail "train"
myopic-heat --quiet --tensors --method cover <heat.predictions >test.heat || fail "heat"
printf '%s\n' '# small' 'myopic-sample --size 8 --epochs 2 --flip' >small.recipe

printf 'epoch\tloss\n1\t2\n2\t1\n' >a.log

streams="unpack folder synth sample recipe window grid predict evidence mean maps erase"
others="train checkpoint calibrate evaluate tiles heat score telling enough report info model replay compare plugin list plot"

# What to fail: sort, number, how and whether from then on.
sort=none; number=0; how=; on=

injected() {
	what=$1; shift
	timeout 60 env LD_PRELOAD="$library" INJECT="$sort" INJECT_AT=$number INJECT_HOW="$how" ${on:+INJECT_ON=1} \
		INJECT_COUNT="$work/count" "$what" "$@"
}

# checkpointed OPTIONS: the words are in the model's history, so they are the same however it is called
checkpointed() {
	injected myopic-train --quiet --threads 2 --arch linear --batch 20 --validate test.images --validate-every 0.5 \
		--best out/best --checkpoint out/check --every 0.00001s -o out/m.safetensors "$@" <train.patches
}

run() {
	case $1 in
	unpack) injected myopic-unpack --quiet --strict --split test --limit 20 cifar-10-binary.tar.gz ;;
	folder) injected myopic-unpack --quiet --strict --limit 8 pictures ;;
	synth) injected myopic-synth --quiet --count 10 --size 16 ;;
	sample) injected myopic-sample --quiet --size 8 --epochs 2 <train.images ;;
	recipe) injected myopic-sample --quiet --recipe ./small.recipe --no-flip <train.images ;;
	window) cat train.images | injected myopic-sample --quiet --size 8 --memory 20K ;;
	grid) injected myopic-sample --quiet --size 8 --grid --stride 4 <test.images ;;
	predict) injected myopic-predict --quiet --threads 2 -m m.safetensors <test.patches ;;
	evidence) injected myopic-predict --quiet --threads 2 --evidence --mirror -m m.safetensors <test.patches ;;
	train) injected myopic-train --quiet --threads 2 --arch linear --batch 20 --validate test.images --log out/log \
		-o out/m.safetensors <train.patches ;;
	checkpoint) checkpointed ;;
	resume) cp part/* out && checkpointed --resume out/check ;;
	calibrate) injected myopic-calibrate --quiet --threads 2 --batch 20 -m normal.safetensors -o out/m.safetensors \
		<test.images ;;
	evaluate) injected myopic-eval --quiet <test.predictions ;;
	mean) injected myopic-mean --quiet test.predictions test.predictions ;;
	tiles) injected myopic-eval --quiet --json --tiles --positions --against test.predictions <heat.predictions ;;
	telling) injected myopic-tiles --quiet --images test.images -o out/tiles.png <heat.predictions ;;
	enough) injected myopic-enough heat.predictions test.predictions ;;
	maps) injected myopic-heat --quiet --tensors --method cover <heat.predictions ;;
	erase) injected myopic-erase --quiet --images test.images --mode insertion --steps 2 <test.heat ;;
	score) injected myopic-heat --quiet --score --json --images test.images <heat.predictions ;;
	heat) injected myopic-heat --quiet --threads 2 --limit 2 --images test.images -o out/heat <heat.predictions ;;
	report) injected myopic-report --quiet --each 1 --images test.images --whole test.predictions --log a.log \
		-o out/page.html <heat.predictions ;;
	info) injected myopic-info train.images ;;
	model) injected myopic-info --json m.safetensors ;;
	replay) injected myopic-info --replay test.predictions ;;
	compare) injected myopic-cmp test.images test.images ;;
	plugin) injected myopic-plugin --size 8 resnet9 ;;
	list) injected myopic-eval --recipe ;;
	plot) injected myopic-plot --quiet --curves -o out/curves.svg train.log ;;
	esac
}

# Run a program with one failure: ./status, ./stdout, ./stderr, ./out, ./count.
once() {
	rm -rf out; mkdir out
	run "$1" >stdout 2>stderr
	code=$?
	if test -e out/log; then cut -f 1-6,8- out/log >log && mv log out/log; fi # not the seconds
}

is_stream() { case " $streams " in *" $1 "*) true ;; *) false ;; esac; }
right() { cmp -s stdout "$1.stdout" && diff -r out "$1.out" >/dev/null 2>&1; }

# resumes: what was left by a run that failed is all that one needs which doesn't
resumes() (
	sort=none
	checkpointed --resume out/check >stdout 2>stderr || fail "$place: its checkpoint is of no use: $(cat stderr)"
	right checkpoint || fail "$place: from its checkpoint comes another model"
	test "$failed" -eq 0
)

judge() {
	place="$1: $sort $number ${on:+and on }($how)"
	if test $code -eq 0; then
		# A checkpoint that can't be removed is left, and that is said.
		grep -q 'the checkpoint is no longer needed' stderr && rm out/check
		right "$1" || fail "$place: success with another result"
		return
	fi
	if test $code -gt 2 || { test $code -eq 2 && test "$1" != compare; }; then
		fail "$place: status $code: $(cat stderr)"
		return
	fi
	# Of a run with checkpoints more lines say from where it goes on, and that even this could not be kept.
	# Where the last validation fails, and the model can't be written either, both are said; and so is each checkpoint.
	case $1 in checkpoint) lines=7 ;; train) lines=2 ;; *) lines=1 ;; esac
	# The last validation failed, after all rows were trained on: better a model without it than neither.
	late=false
	if grep -q 'was written, since all rows were trained on' stderr; then late=true lines=$((lines + 1)); fi
	{ test -s stderr && test "$(wc -l <stderr)" -le $lines; } || fail "$place: not one line: $(cat stderr)"
	# All was done, and at the very end standard output couldn't be closed: the status says that.
	if grep -q "standard output: can't write" stderr && right "$1"; then return; fi
	if is_stream "$1"; then
		myopic-info - <stdout >/dev/null 2>&1 && fail "$place: a whole stream of a program that failed"
	fi
	# A log and complete maps of a folder may stay; a model or a half of anything may not.
	left=$(cd out && find . -type f | while read -r file; do
		case $file in
		./log) ;;
		./check | ./best) myopic-info "$file" >/dev/null 2>&1 || echo "$file" ;;
		./m.safetensors) $late && myopic-info "$file" >/dev/null 2>&1 || cmp -s "$file" "../$1.out/$file" || echo "$file" ;;
		*) cmp -s "$file" "../$1.out/$file" || echo "$file" ;;
		esac
	done)
	test -z "$left" || fail "$place: leaves $left"
	# Better a model without its log than neither.
	test ! -e out/m.safetensors || $late || grep -q "the log can't be written" stderr ||
		fail "$place: a model of a training that failed"
	# From a checkpoint it goes on to the same model.
	test ! -e out/check || resumes || failed=1
}

# numbers COUNT MOST: at most so many numbers of 1 … COUNT: the first, the last, and some between.
numbers() {
	awk -v count="$1" -v most="$2" 'BEGIN {
		if (count <= most) { for (i = 1; i <= count; i++) print i; exit }
		edge = int(most / 3)
		for (i = 1; i <= edge; i++) print i
		middle = most - 2 * edge
		for (i = 1; i <= middle; i++) print edge + int(i * (count - 2 * edge) / (middle + 1))
		for (i = count - edge + 1; i <= count; i++) print i
	}'
}

# fails SORT HOW MOST [ON]: for every program.
fails() {
	sort=$1; how=$2; most=$3
	for name in $streams $others; do
		number=0; on=
		once $name
		total=$(cat count)
		on=${4:-}
		for number in $(numbers "$total" "$most"); do
			once $name
			judge $name
		done
	done
}

# A checkpoint of the middle of a run, from one that memory failed; where it fails a checkpoint itself, the run goes on.
sort=alloc how=ENOMEM
once checkpoint
total=$(cat count) rows=0
for share in 30 37 44 51 58 65 72 79 86 93; do
	number=$((total * share / 100))
	once checkpoint
	test -e out/check && rows=$(myopic-info out/check | sed -n 's/^training .*"rows":"\([0-9]*\)".*/\1/p')
	case $rows in 20 | 40 | 60) mv out part; break ;; esac
done
test -e part || { fail "no checkpoint of the middle of a run"; exit 1; }
sort=none number=0

# What is right, without any failure; the same twice, or nothing could be judged.
for name in $streams $others resume; do # which is failed no more: each failed run with a checkpoint goes on from it
	once $name
	test $code -eq 0 || { fail "$name: status $code without a failure: $(cat stderr)"; continue; }
	mv stdout $name.stdout
	mv out $name.out
	once $name
	right $name || fail "$name: not twice the same"
done
diff -r checkpoint.out resume.out || fail "going on leads somewhere else"
test "$failed" -eq 0 || exit 1

# Calls are seen: or the rest of this would test nothing.
for sort in alloc read write file thread; do
	once predict
	test "$(cat count)" -gt 0 || fail "no calls of sort $sort were seen"
done

fails alloc ENOMEM ${INJECT_MOST:-18}
fails alloc ENOMEM 6 on
fails read EIO 9
fails write ENOSPC 9
fails file EIO 15
fails thread EAGAIN 3

# Interrupted, and a byte at a time: the result must be right.
for sort in read write; do
	for name in $streams $others; do
		for how in short EINTR; do
			number=1; on=
			test $how != short || on=1
			once $name
			test $code -eq 0 && right $name || fail "$name: $sort $how: status $code: $(cat stderr)"
		done
	done
done
