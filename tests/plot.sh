#!/bin/sh
# myopic-plot: each kind of chart in each format, twice the same; what is refused, and leaves nothing.
. "${srcdir:-.}/tests/setup.sh"

# lines WORD...: words with tabs between them, a line for each argument
lines() { for line in "$@"; do printf '%s\n' "$line" | tr ' ' '\t'; done; }

lines 'step epoch rows lr loss accuracy seconds validation' '10 1.0 100 0.1 2.5 0.25 60.5 NA' \
	'20 2.0 200 0.1 2.0 0.5 121 0.55' '30 3.0 300 0.05 NA NA 180 0.6' '40 4.0 400 0.05 1.5 0.7 242 0.65' >a.log
lines 'step epoch rows lr loss accuracy seconds' '10 1.0 100 0.1 2.2 0.3 30' '20 2.0 200 0.1 1.9 0.45 60' >b.log
lines 'size accuracy low high' '8 44.8 43.8 45.8' '12 70.8 69.9 71.7' '16 81.9 81.1 82.6' >sizes.tsv
lines 'network minutes seed test accuracy low high' 'resnet9 10 1 whole 74 73 75' 'resnet9 10 2 whole 75 74 76' \
	'resnet9 30 1 whole 84 83 85' 'airbench 10 1 whole 80 79 81' 'airbench 30 1 whole 82 81 83' \
	'airbench 30 1 tiles 20 19 21' >networks.tsv
bin() { echo "{\"probability\": [$1, $2], \"images\": $3, \"correct\": $4, \"confidence\": $5}"; }
echo "{\"accuracy\": {\"percent\": 81.25, \"hits\": 130, \"of\": 160, \"interval\": [74.5, 86.6]}, \"calibration_error\": 0.0775,
\"bins\": [$(bin 0 0.5 40 20 0.4), $(bin 0.5 0.75 0 0 0), $(bin 0.75 1 120 110 0.95)]}" >16.json
sed 's/81.25/61.25/; s/74.5/54.5/; s/86.6/67.6/' 16.json >8.json

# is_format FILE: begins as its name says
is_format() {
	case $1 in
	*.png) head -c 8 "$1" | od -An -tx1 | grep -q '89 50 4e 47 0d 0a 1a 0a' ;;
	*.svg) head -n 2 "$1" | grep -q '<svg ' ;;
	*.pdf) head -c 5 "$1" | grep -q '%PDF-' && tail -n 1 "$1" | grep -q '%%EOF' ;;
	esac
}

# draws NAME ARGUMENTS...: in all formats, in silence, twice the same bytes; into a folder of its own, so that leavings show
draws() {
	name=$1; shift
	mkdir "$name"
	for end in png svg pdf; do
		status 0 myopic-plot "$@" -o "$name/one.$end"
		test ! -s stderr || fail "$name.$end: not in silence"
		is_format "$name/one.$end" || fail "$name.$end is none"
		ok myopic-plot "$@" -o "$name/two.$end"
		same "$name/one.$end" "$name/two.$end"
	done
	test "$(find "$name" -type f | wc -l)" -eq 6 || fail "$name: something else is left: $(ls -A "$name")"
	grep -qa CreationDate "$name/one.pdf" && fail "$name.pdf has a date, so two of them would differ"
}

# ---- each kind -----------------------------------------------------------------------------------
draws curves --curves a.log b.log
draws minutes --curves --against minutes --names 'first,second one' --title 'Two trainings' a.log b.log
draws single --curves --log-axis y a.log
draws sizes --sizes 8=8.json 16=16.json
draws table --sizes sizes.tsv --paper cifar10/resnet9 --paper cifar10/resnet18 --model
draws paper --sizes --paper stl10/resnet18 --model
draws given --sizes sizes.tsv --model --images 50000 --side 32 --stride 1 --classes 10
draws networks --lines -x minutes -y accuracy --low low --high high --series network -w test=whole --log-axis x networks.tsv
draws both --lines -x minutes -y accuracy --x-range 0:100 --y-range 50:90 --x-title 'time (min)' --y-title '%' networks.tsv
draws calibration --calibration 16.json

# what is asked for changes the picture
unlike curves/one.svg minutes/one.svg "what is asked for"
ok myopic-plot --curves --subtitle 'one more line' a.log b.log -o words.svg
unlike words.svg curves/one.svg "what is asked for"
ok myopic-plot --curves a.log b.log --width 1600 --height 1000 --text 26 -o large.png
test "$(od -An -tu1 -j16 -N8 large.png | awk '{ print $3 * 256 + $4, $7 * 256 + $8 }')" = '1600 1000' || fail "size of large.png"
ok myopic-plot --sizes sizes.tsv -o plain.svg
ok myopic-plot --sizes --paper cifar10/resnet9 sizes.tsv -o paper.svg
unlike plain.svg paper.svg "what is asked for"

# from a pipe, once named and once not
ok myopic-plot --calibration -o pipe.svg <16.json
same pipe.svg calibration/one.svg
ok myopic-plot --calibration -o pipe2.svg - <16.json
same pipe2.svg pipe.svg
# a log that grows: the line that is being written is none yet
{ cat a.log; printf '50\t5.0\t500\t0.0'; } >growing.log
ok myopic-plot --curves --names a a.log -o whole.svg
ok myopic-plot --curves --names a growing.log -o growing.svg
same whole.svg growing.svg
# a chart in the place of an older one
cp curves/one.svg old.svg
ok myopic-plot --calibration -o old.svg 16.json
same old.svg pipe.svg

status 0 myopic-plot --paper list
grep -q '^cifar10/resnet9 .* 8: 75.24, 12: 87.44, 16: 91.55' stdout || fail "--paper list: $(cat stdout)"
test "$(wc -l <stdout)" -eq 10 || fail "--paper list has $(wc -l <stdout) lines"
while read -r series rest; do
	case $series in stl10-32*) more='--stride 5' ;; *) more= ;; esac
	# shellcheck disable=SC2086  # two words or none
	ok myopic-plot --sizes --paper "$series" --model $more -o list.svg
done <stdout

# ---- what is refused -----------------------------------------------------------------------------------
mkdir no
refuse() { # TEXT ARGUMENTS...
	text=$1; shift
	status 1 myopic-plot -o no/chart.svg "$@"
	one_line
	says "$text"
	test -z "$(ls -A no)" || { fail "something is left in spite of: $text"; rm -rf no; mkdir no; }
}
sed '3s/2\.0.0\.5/two&/; 3s/two2\.0/two/' a.log >word.log
refuse "word.log:3: 'two' in column 'loss' is no number" --curves word.log
sed '4s/\t[^\t]*$//' a.log >short.log
refuse 'short.log:4: 7 cells, where the first line has 8' --curves short.log
head -n 1 a.log >begun.log
refuse 'begun.log: has no loss and no accuracy yet' --curves begun.log
refuse "sizes.tsv: has no column 'epoch', but size, accuracy, low, high" --curves sizes.tsv
refuse "a.log: has no column 'size'" --sizes a.log
refuse 'nothing.log: can'"'"'t be read: No such file' --curves nothing.log
refuse 'Is a directory' --curves no
refuse 'standard input: is empty' --curves - </dev/null
printf 'a\0b\n1\t2\n' >zeros.tsv
refuse 'zeros.tsv: is no text' --lines -x a -y b zeros.tsv
refuse "'a,b,c' are 3 names, and the chart has 2 things" --curves --names a,b,c a.log b.log
refuse 'no point lies between 50 and 60' --lines -x epoch -y loss --x-range 50:60 a.log
refuse 'no place for 0' --lines -x loss -y epoch --log-axis y --y-range 0:3 a.log
refuse "networks.tsv: none of its 6 rows" --lines -x minutes -y accuracy -w seed=3 networks.tsv
refuse "has no column 'sead'" --lines -x minutes -y accuracy -w sead=3 networks.tsv
refuse "sizes.tsv:1: is no JSON" --calibration sizes.tsv
refuse "sizes.tsv:1: is no JSON" --sizes 8=sizes.tsv
head -c 100 16.json >cut.json
refuse 'cut.json:1: is no JSON' --calibration cut.json
echo '{"a": 1}' >other.json
refuse 'other.json: is no report of myopic-eval' --calibration other.json
refuse 'has no room for the chart' --curves --width 100 a.log
refuse 'tiles from 1 to 12 pixels, and the smallest here is 16' --sizes --model --images 10 --side 12 --stride 1 --classes 2 16=16.json
status 1 myopic-plot --curves -o none/chart.svg a.log
one_line; says 'none/chart.svg'

# ---- a disk that is full, a folder that isn't ours ---------------------------------------------------------
for end in png svg pdf; do
	status 1 sh -c "ulimit -f 1; exec myopic-plot --curves --width 2000 --height 2000 -o no/chart.$end a.log b.log"
	one_line; says "no/chart.$end: can't write: File too large"
	test -z "$(ls -A no)" || fail "half a chart.$end: $(ls -A no)"
done
if test "$(id -u)" -ne 0; then
	chmod 555 no
	status 1 myopic-plot --curves -o no/chart.svg a.log
	one_line; says 'Permission denied'
	chmod 755 no
fi
mkdir no/chart.svg
status 1 myopic-plot --curves -o no/chart.svg a.log
one_line; says 'is a folder'
rmdir no/chart.svg

# ---- mistakes on the command line ---------------------------------------------------------------------------
mistake() { # TEXT ARGUMENTS...
	text=$1; shift
	status 2 myopic-plot "$@"
	one_line
	says "$text"
}
mistake 'one of --curves' -o a.svg a.log
mistake 'one of --curves' --curves --sizes -o a.svg a.log
mistake '--output' --curves a.log
mistake 'none of .png' --curves -o a.gif a.log
mistake '--lines wants' --lines -x minutes -o a.svg networks.tsv
mistake '--low and --high' --lines -x minutes -y accuracy --low low -o a.svg networks.tsv
mistake '--series' --curves --series network -o a.svg a.log
mistake '--against' --sizes --against minutes -o a.svg sizes.tsv
mistake '--paper' --curves --paper cifar10/resnet9 -o a.svg a.log
mistake "there is no 'cifar'" --sizes --paper cifar -o a.svg sizes.tsv
mistake '--model wants --images, or --paper' --sizes --model -o a.svg sizes.tsv
mistake "--stride, which the paper doesn't give" --sizes --model --paper stl10-32/resnet9 -o a.svg
mistake '--side is for --model' --sizes --side 32 -o a.svg sizes.tsv
mistake '--y-range' --sizes --y-range 3:2 -o a.svg sizes.tsv
mistake '--names' --calibration --names a -o a.svg 16.json
mistake 'one too many' --calibration -o a.svg 16.json 8.json
test ! -e a.svg || fail "a chart in spite of a mistake"

# a training on crops of a stream without a number of rows doesn't know its epochs
printf 'epoch\tseconds\tloss\taccuracy\nNA\t2\t1.5\t0.5\n' >rows.log
refuse 'rows.log: tells no epochs by which to draw it; --against minutes' --curves rows.log
