#!/bin/sh
# demo.sh BUILD [FILE] - train on patches, classify whole images, draw heat maps.
#
# Without FILE the pictures are drawn by myopic-synth: what tells the classes apart is the texture
# of an object, and the mask of the object is known, so one can see, and measure, whether the heat
# lies where the evidence is. Everything lands in demo/.
set -eu
build=$(cd "$1" && pwd)
file=${2:+$(cd "$(dirname "$2")" && pwd)/$(basename "$2")}
PATH=$build/bin:$PATH; export PATH
MYOPIC_PLUGIN_PATH=$build/plugins/.libs; export MYOPIC_PLUGIN_PATH
mkdir -p demo
cd demo

# run COMMAND: show it, then do it
run() {
	printf '\n$ %s\n' "$1"
	sh -eu -c "$1"
}

# has SPLIT: whether the data set has it
has() { myopic-unpack --quiet --split "$1" --limit 1 "$file" >/dev/null 2>&1; }

if test -n "$file"; then
	echo "A network learns from 16x16 patches of $file, its pictures made 32x32."
	train=all test=
	has train && train=train
	for split in test val validation; do
		test -z "$test" && has $split && test=$split
	done
	if test -z "$test"; then
		test=$train
		echo "It has no test pictures: the figures below are of pictures that the network has seen."
	fi
	run "myopic-unpack --split $train --resize 32 --limit 10000 '$file' > train.images"
	run "myopic-unpack --split $test --resize 32 --limit 1000 '$file' > test.images"
	run "myopic-unpack --split $test --resize 32 --limit 60 '$file' > some.images"
	# As many epochs as make 30,000 crops.
	rows=$(myopic-info train.images | awk '$1 == "rows" { print $2 }')
	epochs=$(((30000 + rows - 1) / rows))
	score='' arch=resnet:form=cifar,depth=8,width=32
else
	echo "A network learns from 16x16 patches of drawn pictures: the texture of an object is its class."
	run "myopic-synth --count 4000 --evidence object > train.images"
	run "myopic-synth --count 500 --evidence object --split test > test.images"
	run "myopic-synth --count 60 --evidence object --split test > some.images"
	score=--score epochs=8 arch=resnet:form=cifar,depth=8,width=16
fi
run "myopic-sample --size 16 --epochs $epochs --flip < train.images | myopic-train --arch $arch --log train.log -o model.safetensors"

printf '\nWhole images, though it only ever saw patches:\n'
run "myopic-predict -m model.safetensors < test.images > whole.predictions"
run "myopic-eval < whole.predictions"

printf '\nWhere the evidence lies%s:\n' "${score:+, and how much of the heat lies on the objects}"
run "myopic-sample --grid --size 16 --stride 1 --pad < some.images | myopic-predict -m model.safetensors | myopic-heat --images some.images --limit 12 --sheet 12${score:+ $score} -o heat"

printf '\nAll of it on a page:\n'
run "myopic-sample --grid --size 16 --stride 4 --pad < test.images | myopic-predict -m model.safetensors | myopic-report --images test.images --whole whole.predictions --log train.log -o report.html"

printf '\nPictures: %s\nThe page: %s\n' "$(pwd)/heat" "$(pwd)/report.html"
