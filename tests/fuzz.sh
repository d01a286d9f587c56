#!/bin/sh
# Every parser on files as they should be, and damaged at random: it takes them or refuses them in one line, and what it took holds
# together (tests/fuzz/). $MYOPIC_FUZZ is the number of damaged copies of each file.
. "${srcdir:-.}/tests/setup.sh"
. "$src/mkdata.sh"
: "${builddir:?is set by make check}"

copies=${MYOPIC_FUZZ:-100}
# fuzz TARGET FILE...
fuzz() {
	target=$1; shift
	test $# -ge 3 || fail "there are $# files for $target"
	"$builddir/tests/fuzz/fuzz_$target" -d "$copies" "$@" >stdout || fail "$target, after $(tail -n 1 stdout)"
	echo "$target: $(cat stdout)"
}

make_data

# ---- streams and models ----------------------------------------------------------------------
mkdir streams models
{
	myopic-synth --quiet --count 6 --size 16 --classes 3 >streams/images &&
	myopic-sample --quiet --size 8 --flip --cutout 3 <streams/images >streams/crops &&
	myopic-sample --quiet --size 8 --grid --stride 8 --pad <streams/images >streams/tiles &&
	myopic-train --quiet --arch linear --batch 3 --checkpoint models/check -o models/linear <streams/crops &&
	myopic-train --quiet --arch resnet9:width=1 --batch 3 -o models/resnet9 <streams/crops &&
	myopic-train --quiet --arch resnet:depth=8,width=1 --batch 3 --ema 0.9 -o models/resnet <streams/crops &&
	myopic-predict --quiet -m models/linear <streams/tiles >streams/predictions &&
	myopic-predict --quiet --evidence -m models/resnet9 <streams/images >streams/evidence &&
	cat streams/images streams/images >streams/joined
} || fail "there are no streams"
myopic-predict --quiet -m /nowhere <streams/images >streams/failed 2>stderr && fail "a model from nowhere"
fuzz stream streams/*
fuzz model models/*

# ---- texts --------------------------------------------------------------------------------------
mkdir tables words
printf 'step\tepoch\trows\tlr\tloss\taccuracy\tseconds\n1\t0.5\t20\t0.1\t2.3\t0.1\t1\n2\t1\t40\tNA\t2.2\t\t2\n' >tables/log
printf 'bin\timages\tconfidence\taccuracy\n0.5\t3\t0.55\t0.6\n0.6\t0\tNA\tNA\n' >tables/calibration
printf 'epoch\n' >tables/names
myopic-eval --quiet --tsv <streams/predictions >tables/eval || fail "no table"
fuzz table tables/*
fuzz recipe "$top"/share/recipes/*
printf '3\n0.5\n30%%\n200s\n40,80,30%%\n90s\n1.5h\n' >words/spans
printf 'resnet9:width=16\nairbench:pools=2\nlinear\n0.5,0.5,0.5:0.2,0.2,0.2\n' >words/specs
# as it stands in a stream's header, a text in a text
head -c 4000 streams/crops | tr -d '\0' | sed -n 's/.*"history":"\(\[.*\]\)".*/\1/p' | sed 's/","[a-z_]*":".*//; s/\\"/"/g' >words/history
grep -q '^\[.*myopic-synth.*\]$' words/history || fail "no history: $(cat words/history)"
echo '[{"cat": [[{"command": ["a b", "$x"], "version": "0"}], []]}]' >words/cat
fuzz text words/*
mkdir notes
printf 'cat\ndog\ncat\nowl\n' >notes/order
printf 'a.png 0\nb.png 1\nsome/c.png 1\nd 0\n' >notes/numbers
printf 'ImageId,PredictionString\na,n01,1 2 3 4 n01 0 0 2 2\nb,n02,0 0 0 0 \nc,n02,\nd,n01,5 5 6 6\n' >notes/boxes
printf 'a.png\tn01\nb.png\tn02\nc.png\tn01\nd.png\tn03\nn01\tgoldfish, Carassius auratus\nn02\tcrane\nn03\tcrane\n' >notes/both
printf '1\n2\n3\n4\n' >notes/lines
fuzz notes notes/*

# ---- pictures and data sets --------------------------------------------------------------------
mkdir sets
for picture in pictures/*/00*; do break; done
need_python numpy, PIL
mkdir drawn
"$python" "$src/pictures.py" draw drawn && "$python" "$src/pictures.py" draw-others drawn || fail "there are no pictures"
rm -f drawn/*.npz drawn/*.txt
"$python" "$src/layouts.py" make sets || fail "there are no sets"
cp "$picture" shard-0?.tar ILSVRC2012_img_*.tar sets
fuzz image drawn/*
# shellcheck disable=SC2046  # names without spaces
fuzz dataset $(find sets -maxdepth 1 -type f -size -300k)
