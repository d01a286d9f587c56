#!/bin/sh
# myopic-info: what it says of streams and models, and that what it replays makes the same again.
. "${srcdir:-.}/tests/setup.sh"

myopic-synth --quiet --count 30 --size 16 --classes 3 --seed 5 >train.images || fail "synth"
myopic-sample --quiet --size 8 --epochs 2 --flip <train.images >patches || fail "sample"
myopic-train --quiet --arch linear --batch 10 -o m.safetensors <patches || fail "train"
myopic-predict --quiet -m m.safetensors <train.images >predictions || fail "predict"

# holds TEXT: a line of ./stdout is this text, whatever the spaces.
holds() { tr -s ' ' <stdout | sed 's/^ //' | grep -qxF -e "$1" || { fail "no line '$1' in:"; cat stdout >&2; }; }

status 0 myopic-info train.images
holds "kind images"
holds "rows 30 in 1 records"
holds "classes 3: columns, rows, checkers"
holds "of each 10, 10, 10"
myopic-info --json train.images | tr -d ' \n' | grep -q '"of_each":\[10,10,10\],"unlabelled":0,' || fail "of each: $(myopic-info --json train.images)"
holds "id I64 [30] 0 to 29, mean 14.5"
grep -q 'image  *U8  *\[30, 16, 16, 3\]' stdout || fail "no shape"
holds "myopic-synth --count 30 --size 16 --classes 3 --seed 5"
cp stdout of.file
status 0 myopic-info - <train.images
same stdout of.file
cat train.images | myopic-info >of.pipe || fail "a pipe"
same of.pipe of.file
test "$(wc -c <stderr)" -eq 0 || fail "words on standard error"

status 0 myopic-info patches
holds "tile 8"
holds "sampling random"
holds "rows 60 in 1 records"
status 0 myopic-info m.safetensors
grep -q 'fc.*F32  *\[3, ' stdout || grep -q 'weight.*F32  *\[3, ' stdout || fail "no weights in $(cat stdout)"

# Rows as text: those that are wanted, no others.
status 0 myopic-info --rows 2 --first 7 train.images
test "$(grep -c '^row' stdout)" -eq 2 || fail "not two rows"
grep -q '^row 7$' stdout || fail "no row 7"
test "$(sed -n 's/^  id: //p' stdout | tr '\n' ' ')" = "7 8 " || fail "wrong ids"
test "$(sed -n '/^row 8/,$ s/^  image: //p' stdout | wc -w)" -eq 768 || fail "not all of a picture's numbers"
status 0 myopic-info --rows 5 --first 28 train.images
test "$(grep -c '^row' stdout)" -eq 2 || fail "rows beyond the end"

# JSON is JSON, with the same numbers.
status 0 myopic-info --json predictions
grep -q '"rows": 30' stdout || fail "no rows in JSON"
python=
for candidate in python3 /usr/bin/python3; do
	if "$candidate" -c '' 2>/dev/null; then python=$candidate; break; fi
done
if test -n "$python"; then
	for file in train.images patches predictions m.safetensors; do
		myopic-info --json $file | "$python" -c 'import json, sys; json.load(sys.stdin)' || fail "$file: no JSON"
	done
fi

# What is replayed makes the same bytes, models included, and joined streams.
for file in patches predictions; do
	status 0 myopic-info --replay $file
	mkdir again && (cd again && sh ../stdout >$file) || fail "the replay of $file fails"
	same again/$file $file
	rm -rf again
done
status 0 myopic-info --replay m.safetensors
mkdir again && (cd again && sh ../stdout) || fail "the replay of the model fails"
same again/m.safetensors m.safetensors
rm -rf again
myopic-synth --quiet --count 10 --size 16 --classes 3 --seed 6 >more.images || fail "synth"
cat train.images more.images | myopic-sample --quiet --size 4 --grid >tiles || fail "a joined stream"
status 0 myopic-info --replay tiles
sh ./stdout >tiles.again || fail "the replay of a joined stream fails"
myopic-cmp tiles tiles.again || fail "the replay of a joined stream is not the same"

# Words that a shell would take for its own come back as they were.
cp m.safetensors "it's a \$model.safetensors"
myopic-predict --quiet -m "it's a \$model.safetensors" <train.images >quoted || fail "a name with spaces"
status 0 myopic-info --replay quoted
sh ./stdout >quoted.again || fail "a quoted name is not read back"
same quoted quoted.again

# Other people's words have no power over the terminal; but a shell gets them as they were.
json='{"__metadata__":{"key\u001b[1m":"\u009b2J"},"name\u001b[3m":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}'
for last in 0 1; do
	{ printf "\\$(printf %03o ${#json})\\0\\0\\0\\0\\0\\0\\0"; printf %s "$json"; printf "\\0\\$last"; } >hostile.$last
done
status 0 myopic-info hostile.0
holds 'key\x1b[1m \xc2\x9b2J'
holds 'name\x1b[3m U8 [2] 0 to 0, mean 0'
status 1 myopic-cmp hostile.0 hostile.1
grep -qF 'name\x1b[3m' stdout || fail "myopic-cmp: $(cat stdout)"
escape=$(printf '\033[31m')
cp m.safetensors "m$escape"
myopic-predict --quiet -m "m$escape" <train.images >red || fail "predict"
status 0 myopic-info red
grep -qF 'm\x1b[31m' stdout || fail "a control character in the report"
status 0 myopic-info --replay red
sh ./stdout >red.again || fail "a control character is not read back"
same red red.again

# Options that have nothing to do are mistakes.
for how in '--rows 2 --json train.images' '--rows 2 --replay train.images' '--json --replay train.images' '--first 2 train.images' \
	'--rows 2 m.safetensors'; do
	# shellcheck disable=SC2086  # words
	status 2 myopic-info $how
	one_line
	test ! -s stdout || fail "$how: a report in spite of a mistake"
done

# Trouble: one line, status 1; nothing of a stream that isn't whole.
status 1 myopic-info --replay hostile.0
one_line; says "myopic-info: hostile.0: it doesn't say how it was made"
head -c 9000 train.images >cut
status 1 myopic-info cut
one_line; says "myopic-info: cut: "; says "cut off"
test ! -s stdout || fail "a report of a stream that is cut off"
status 1 myopic-info no.such.file
one_line; says "no.such.file"
echo "hello, world" >text
status 1 myopic-info text
one_line; says "text: "; says "seems to be text"
: >empty
status 1 myopic-info empty
one_line; says "empty"
status 1 myopic-info .
one_line
status 2 myopic-info a b
one_line
status 2 myopic-info --rows x train.images
one_line; says "--rows"
