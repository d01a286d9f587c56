#!/bin/sh
# myopic-erase: from maps to pictures, from there to a curve; and what it refuses.
. "${srcdir:-.}/tests/setup.sh"

# the texture of the object is all there is to go by, and a network that has learned it loses it as the object goes
myopic-synth -q -n 600 -k 3 >train.images && myopic-synth -q -n 20 -k 3 --split test >test.images || fail "synth"
myopic-sample -q --size 12 --crops 2 --epochs 12 --flip <train.images |
	myopic-train -q --arch resnet9:width=8 -b 64 -o m.safetensors || fail "train"
myopic-predict -q -m m.safetensors <test.images | myopic-eval --json >known || fail "eval"
awk -F '[:,]' '/"accuracy":/ { exit !($2 > 0.9) }' known || fail "it has learned nothing: $(cat known)"
myopic-sample -q --grid --size 12 --stride 2 --pad <test.images | myopic-predict -q -m m.safetensors >tiles || fail "predict"
myopic-heat -q -m cover -c label --tensors <tiles >maps || fail "heat"
myopic-heat -q -m cover -c top:2 --tensors <tiles >two || fail "heat"

# area MODE ORDER
area() {
	myopic-erase -q -i test.images -m "$1" --order "$2" -s 8 <maps | myopic-predict -q -m m.safetensors >said || fail "erase"
	myopic-erase -q --curves <said >curve || fail "curves"
	test "$(wc -l <curve)" -eq 10 || fail "not a line of names and 9 of figures: $(cat curve)"
	cp curve "$1.$2.tsv"
	sed -n 2p curve | cut -f 6
}
hot=$(area deletion hottest)
cold=$(area deletion coldest)
awk "BEGIN { exit !($hot + 0.15 < $cold) }" || fail "deletion: $hot with the hottest first, $cold with the coldest"
turned=$(area deletion turned)
awk "BEGIN { exit !($hot + 0.05 < $turned) }" || fail "deletion: $hot with the hottest first, $turned with those of the map turned"
echo "areas of deletion: hottest $hot, turned $turned, coldest $cold"
# inserted in any order, all pixels are the picture at last
for order in hottest random; do
	area insertion $order >/dev/null
	tail -n 1 curve | cut -f 1-2 >last.$order
done
same last.hottest last.random
# a chart shows them together as they are
ok myopic-plot --lines -x share -y probability -o curves.svg deletion.hottest.tsv deletion.coldest.tsv insertion.random.tsv
test -s curves.svg || fail "no chart"
ok myopic-erase -q --curves --json <said >json
grep -q '"interval"' json || fail "json: $(cat json)"
# an image that comes again would count as another
status 1 sh -c 'cat maps maps | myopic-erase -q -i test.images'
one_line; says 'comes again'
status 2 sh -c 'myopic-erase -i test.images --sigma 0.2 <maps'
one_line; says '--sigma is for --mode insertion'
myopic-erase -q -i test.images --order random <maps >a && myopic-erase -q -i test.images --order random <maps >b &&
	myopic-erase -q -i test.images --order random --seed 4 <maps >c || fail "random"
same a b
unlike a c "--seed changes nothing"
myopic-erase -q -i test.images -m insertion <maps >a || fail "insertion"
myopic-erase -q -i test.images -m insertion --sigma 0.25 <maps >b || fail "--sigma"
differ a b "--sigma changes nothing"
# its history says how the pictures were made, and maps of what comes of it are no maps of two
myopic-info --replay a >replay || fail "replay: $(cat replay)"
grep -q 'test.images$' replay || fail "how the pictures were made is lost: $(cat replay)"
myopic-erase -q -i test.images -s 2 <two | myopic-predict -q --evidence -m m.safetensors |
	myopic-heat -q -m evidence -c predicted --tensors >again || fail "erased by two maps"
myopic-info again >info || fail "info"
sed '/^tensors/,$d' info | grep -qw -e top -e erase -e order -e steps && fail "maps are said to be what the maps before were: $(cat info)"
# of each image two maps
myopic-erase -q -i test.images -s 2 <two | myopic-predict -q -m m.safetensors | myopic-erase -q --curves >curve || fail "two"
test "$(sed -n 2p curve | cut -f 5)" -eq 40 || fail "not 40 maps: $(cat curve)"

# a classifier by tiles is asked by the tiles of such pictures
myopic-erase -q -i test.images -s 4 <maps | myopic-sample -q --grid --size 12 --stride 6 | myopic-predict -q -m m.safetensors >parts || fail "parts"
status 1 myopic-erase -q --curves <parts
one_line; says 'predictions of tiles: myopic-mean makes one of each picture'
ok sh -c 'myopic-mean parts | myopic-erase -q --curves >curve'
test "$(sed -n 2p curve | cut -f 3-5)" = 'deletion	hottest	20' || fail "curves of tiles: $(cat curve)"

# bad STATUS TEXT INPUT ARGUMENTS...
bad() {
	want=$1 text=$2 input=$3; shift 3
	# shellcheck disable=SC2016  # for the inner shell
	sh -c 'input=$1; shift; myopic-erase "$@" <"$input" >out' sh "$input" "$@" 2>stderr
	got=$?
	test "$got" -eq "$want" || fail "status $got, want $want: $text"
	one_line
	says "$text"
}
head -c 4000 maps >part
bad 1 'standard input' part -i test.images
bad 1 'holds images, not heat' test.images -i test.images
bad 1 'no image' maps -i train.images
bad 1 "joined of streams whose 'top' is '2' and '(none)'" "$(cat two maps >mixed; echo mixed)" -i test.images
bad 1 'other pictures' "$(myopic-predict -q -m m.safetensors <test.images >whole; echo whole)" --curves
size=$(wc -c <said)
head -c $((size / 2)) said >part
bad 1 'standard input' part --curves
bad 2 '--images' maps
bad 2 '--curves' said --curves -i test.images
for option in '--mode insertion' '--order random' '--steps 3' '--sigma 0.5'; do
	# shellcheck disable=SC2086  # two words
	bad 2 "${option% *}" said --curves $option
done
bad 2 '--json' maps -i test.images --json
# numbers of classes are no heat
myopic-heat -q -m classes --tensors <tiles >numbers || fail "heat"
bad 1 'standard input: maps of --method classes' numbers -i test.images
