#!/bin/sh
# What all programs have in common: help, version, mistakes, terminals, full disks, closed pipes.
. "${srcdir:-.}/tests/setup.sh"

programs=$(cd "$top/bin" && ls myopic-*.c | sed 's/\.c$//')
# Those that read a stream from standard input, those that read files which they are told, and those that read no stream.
readers="myopic-sample myopic-calibrate myopic-predict myopic-eval myopic-heat myopic-report myopic-info myopic-train myopic-tiles
	myopic-erase"
namers="myopic-mean myopic-enough myopic-cmp"
others="myopic-synth myopic-unpack myopic-plot myopic-plugin"
for program in $programs; do
	# shellcheck disable=SC2086  # lists
	test "$(printf '%s\n' $readers $namers $others | grep -cx "$program")" -eq 1 || fail "$program is not in one of the lists above"
done

for program in $programs; do
	# Help goes to standard output, names the program and every common option, and is no error.
	status 0 "$program" --help
	test ! -s stderr || fail "$program --help writes to standard error"
	head -n 1 stdout | grep -q "^$program - " || fail "$program --help does not begin with its name"
	for option in --quiet --verbose --help --version; do
		grep -q -e "$option" stdout || fail "$program --help does not list $option"
	done
	awk -v p="$program" 'length > 120 { print p ": " length " characters: " $0; bad = 1 } END { exit bad }' stdout ||
		fail "$program --help is too wide"

	status 0 "$program" --version
	grep -Eq "^$program \(myopic\) [0-9]+\.[0-9]+" stdout || fail "$program --version says $(cat stdout)"

	# A mistake is one line that names the option, and status 2.
	status 2 "$program" --no-such-option
	one_line; says --no-such-option; says "$program"
	status 2 "$program" -%
	one_line; says -%

	# Words that can't be written are an error, not a silence.
	if test -c /dev/full; then
		"$program" --help >/dev/full 2>stderr
		test $? -eq 1 || fail "$program --help to a full disk succeeds"
		one_line
	fi
	"$program" --version >&- 2>stderr
	test $? -eq 1 || fail "$program --version to a closed output succeeds"
done

# A program that reads a stream says what is wrong with one that is empty, text, or of the wrong kind.
echo "no stream at all" >text
myopic-synth --count 3 --size 16 >images 2>/dev/null || fail "synth"
myopic-synth --count 20 --classes 2 --size 16 --quiet >train.images || fail "synth"
myopic-sample --size 8 <train.images |
	myopic-train --quiet --arch linear --batch 4 -o m.safetensors || fail "train"
myopic-sample --size 8 <train.images |
	myopic-train --quiet --arch resnet9:width=1 --batch 4 -o normal.safetensors || fail "train"
for program in $readers; do
	case $program in
	myopic-predict) set -- "$program" -m m.safetensors ;;
	myopic-calibrate) set -- "$program" -m normal.safetensors -o new.safetensors ;;
	myopic-heat) set -- "$program" --images images -o heat ;;
	myopic-report) set -- "$program" --images images -o report.html ;;
	myopic-train) set -- "$program" -o new.safetensors ;;
	myopic-tiles) set -- "$program" --tsv ;;
	myopic-erase) set -- "$program" --images images ;;
	*) set -- "$program" ;;
	esac
	for bad in /dev/null text; do
		"$@" <$bad >stdout 2>stderr
		test $? -eq 1 || fail "$* < $bad does not fail"
		one_line; says "$program: standard input"
	done
	{ test ! -e new.safetensors && test ! -e report.html; } || fail "$* < $bad leaves a file"
done
for program in $namers; do
	for bad in /dev/null text nowhere; do
		"$program" $bad images >stdout 2>stderr
		got=$?
		case $program in myopic-cmp) want=2 ;; *) want=1 ;; esac
		test $got -eq $want || fail "$program $bad images: status $got, want $want"
		one_line; says "$program: $bad"
	done
done
for program in myopic-eval myopic-heat myopic-report myopic-tiles; do
	case $program in
	myopic-tiles) set -- "$program" --tsv ;;
	myopic-heat) set -- "$program" --images images -o heat ;;
	myopic-report) set -- "$program" --images images -o report.html ;;
	*) set -- "$program" ;;
	esac
	"$@" <images >stdout 2>stderr
	test $? -eq 1 || fail "$* takes images for predictions"
	one_line; says "holds images, not predictions"
done

# Streams go to no terminal, and come from none. script(1) lends one, where the machine has any.
on_terminal() { script -qec "$1" /dev/null >typed 2>&1 </dev/null; }
if on_terminal true; then
	for command in 'myopic-synth --count 1' 'myopic-unpack none' 'myopic-sample <images' 'myopic-predict -m none <images' \
		'myopic-mean none' 'myopic-heat --tensors <images' 'myopic-erase -i none <images' 'myopic-cmp - images'; do
		on_terminal "$command"
		test $? -eq 2 || fail "$command: on a terminal"
		grep -q terminal typed || fail "$command: nothing said of the terminal: $(cat typed)"
		test "$(wc -c <typed)" -lt 300 || fail "$command: bytes on the terminal"
	done
	# A line of progress is no longer than the terminal is wide, or it couldn't be drawn over. One is drawn, as the stream stops.
	# It is drawn once a fifth of a second is over since the program began, which it has when the header is there.
	rm -f predictions
	on_terminal 'stty cols 32
		{
			head -c 5000 train.images
			n=0; until test -s predictions || test $n -eq 100; do sleep 0.1; n=$((n + 1)); done
			sleep 0.3
			tail -c +5001 train.images
		} | myopic-predict -m normal.safetensors >predictions'
	tr '\r' '\n' <typed | sed "s/^$(printf '\033')\[K//" >lines
	grep -q '^myopic-predict: 20 of 20 images$' lines || fail "no progress, or not as much as there is room for: $(cat typed)"
	awk 'length > 31 { print; bad = 1 } END { exit bad }' lines || fail "a line that is too long"
fi

# Words of others have no power over the terminal.
escape=$(printf '\033[31m')
status 2 myopic-synth "$escape"
grep -qF "$escape" stderr && fail "a terminal is told to be red"
says "'\x1b[31m' is one too many"

# No file takes the place of a standard one that is closed.
myopic-sample --size 8 --quiet <train.images >patches || fail "sample"
myopic-train --arch linear --batch 4 --log log.tsv -o new.safetensors <patches 2>&- || fail "no standard error"
grep -q myopic log.tsv && fail "messages in the log: $(cat log.tsv)"
rm -f new.safetensors
myopic-cmp images - <&- 2>stderr
test $? -eq 2 || fail "a file is taken for the closed standard input"
one_line; says "standard input: can't read"

# A reader that goes away ends the writer quietly, by SIGPIPE.
{ myopic-synth --count 20000 --quiet 2>stderr; echo $? >code; } | head -c 1000 >/dev/null
test "$(cat code)" -eq 141 || fail "status $(cat code) where SIGPIPE should end it"
test ! -s stderr || fail "words about a closed pipe: $(cat stderr)"

# Full disk: an error and one line.
if test -c /dev/full; then
	myopic-synth --count 100 --quiet >/dev/full 2>stderr
	test $? -eq 1 || fail "a full disk goes unnoticed"
	one_line; says "No space left"
	myopic-sample --size 8 --quiet <train.images >/dev/full 2>stderr
	test $? -eq 1 || fail "a full disk goes unnoticed"
	one_line
fi
