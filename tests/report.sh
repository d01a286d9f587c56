#!/bin/sh
# myopic-report: what is in the page, that nothing in it comes from elsewhere or runs, and what is refused.
. "${srcdir:-.}/tests/setup.sh"
need_python html.parser

make=${builddir:?}/tests/make_report
test -x "$make" || skip "tests/make_report isn't built"
for what in images tiles fewer whole other evidence; do
	"$make" $what 60 4 >$what || fail "make_report $what"
	"$make" $what 330 110 >many.$what || fail "make_report $what"
done
"$make" tiles 0 4 >none || fail "make_report"
printf 'step\tepoch\trows\tlr\tloss\taccuracy\tseconds\tvalidation\n' >train.log
for n in 1 2 3 4 5; do printf '%s\t%s.5\t%s50\t0.1\t%s\t0.%s\t1.0\tNA\n' $n $n $n "$(expr 6 - $n)" $n; done >>train.log
printf '6\t6\t600\t0.1\tNA\t0.8\t1.0\t0.7\n' >>train.log

# page NAME INPUT ARGUMENTS...: make NAME.html, and look it over; ./pictures has their number, ./rows the tables
page() {
	name=$1; input=$2; shift 2
	# shellcheck disable=SC2016  # for the inner shell
	status 0 sh -c 'input=$1; shift; myopic-report -q -o "$@" <"$input"' sh "$input" "$name.html" "$@"
	test ! -s stderr || fail "not quiet: $(cat stderr)"
	"$python" "$src/report.py" --count --text "$name.html" >found || { fail "$name.html"; head -n 20 found >&2; }
	head -n 1 found >pictures
	sed 1d found >rows
}
has() { grep -qF -e "$2" "$1.html" || fail "$1.html has no '$2'"; }
lacks() { ! grep -qF -e "$2" "$1.html" || fail "$1.html has '$2'"; }
row() { grep -qxF -e "$(printf "$1")" rows || { fail "no row '$1'"; cat rows >&2; }; }

# ---- figures -----------------------------------------------------------------------------
# 48 of 60 images have a label, and 32 of them are taken for what they are
page all tiles -i images -w whole -l train.log -t 'A <b>title</b>'
has all '<title>A &lt;b&gt;title&lt;/b&gt;</title>'
has all '32 of 48 images for what they are: 66.7%'
has all '192 rows have no label and are left out'
has all 'id="training"'
has all 'in validation 70.0%'
has all ': 6 epochs'
has all '&lt;script&gt;alert(0)&lt;/script&gt;'
has all '&lt;/figure&gt;&lt;b&gt;'
lacks all '<script>alert'
lacks all '</figure><b>'
myopic-eval --json <whole >eval.json || fail "eval"
"$python" - <<'END' >expected || fail "what the classes should be"
import json
e = json.load(open("eval.json"))
m, n = e["confusion"], len(e["classes"])
for k in range(n):
    of, taken, hits = sum(m[k]), sum(r[k] for r in m), m[k][k]
    others = [(c, -j) for j, c in enumerate(m[k]) if j != k and c]
    most = max(others)
    print("%s\t%.1f%%\t%.1f%%\t%.1f%%\t%d\t%s (%d)" % (e["classes"][k], 100 * hits / of, 100 * hits / taken,
          200 * hits / (of + taken), of, e["classes"][-most[1]], most[0]))
    print("\t".join([e["classes"][k]] + [str(c) for c in m[k]]))
END
sort expected >a
sort rows >b
test -z "$(comm -23 a b)" || { fail "tables are not those of myopic-eval"; diff a b >&2; }

# ---- pictures -------------------------------------------------------------------------------
# a picture and its map for each, telling tiles, a bar of colours; an image is in the page once
pictures=$(cat pictures)
figures=$(grep -c '<figure class' all.html)
tiles=$(grep -c '<li><img' all.html)
test "$tiles" -gt 16 || fail "only $tiles telling tiles"
test "$pictures" -eq $((2 * figures + tiles + 1)) || fail "$pictures pictures in $figures figures"
test "$figures" -ge 16 || fail "only $figures figures"
has all 'folder/picture'
has all 'data-true="1" data-predicted="2"'
has all 'id="objects"'
has all '(95% interval of the former'
lacks all 'come last'
# the figures are of whole images, and so is what a picture is taken for, whatever its tiles say and whichever map is shown
for input in tiles evidence whole; do
	for about in predicted 'class 2'; do
		page other $input -i images -w other --each 99 -c "$about"
		"$python" "$src/report.py" --links other.html || fail "numbers and pictures of $input differ"
	done
done
page other tiles -i images -w other --each 99
has other 'what the model says of the whole image'
has other "$(myopic-eval --json <other | "$python" -c '
import json, sys
m = json.load(sys.stdin)["confusion"]
print("<small>%d of %d images right</small>" % (m[2][2], sum(m[2])))')"
lacks other 'right by their tiles'

# objects are of the true classes, so the maps that are scored are, whichever are shown
"$make" images 4 4 >4.images && "$make" tiles 4 4 >4.tiles || fail "make_report"
myopic-heat -q --score --tsv -m cover -i 4.images <4.tiles |
	awk -F '\t' 'NR > 1 && $1 != "(mean)" { printf "%s\t%d\t%.1f%%\t%.1f%%\n", $1, $2, 100 * $4, 100 * $7 }' | sort >scores
test "$(grep -c 'class' scores)" -eq 2 || fail "scores: $(cat scores)"
for about in predicted label 'class 2'; do
	page objects 4.tiles -i 4.images -c "$about"
	cut -f 1-4 rows | sort >a
	test -z "$(comm -23 scores a)" || { fail "scores of $about"; diff scores a >&2; }
done
# one map has no interval, in words or in the table, and nothing else that is no number
"$make" images 1 4 >1.images && "$make" tiles 1 4 >1.tiles || fail "make_report"
page one 1.tiles -i 1.images
has one 'id="objects"'
lacks one 'interval of the former'
page few tiles -i images --each 1
test "$(grep -c '<figure class' few.html)" -le 12 || fail "--each 1"
has few 'at most 1 image of a kind'
page second whole -k 2
has second "among its first 2 for $(myopic-eval --tsv -k 2 <whole | awk -F '\t' 'NR == 2 { printf "%.1f%%", $6 }')"
lacks all 'among its first'
page bare tiles
test "$(cat pictures)" -eq 0 || fail "pictures without --images"
lacks bare 'id="pictures"'
page plain whole -i images
test "$(cat pictures)" -eq "$(grep -c '<figure class' plain.html)" || fail "maps of plain predictions"
lacks plain 'id="objects"'
page evidence evidence -i images
has evidence 'its mean over the image is the logit'
has evidence 'id="objects"'
for method in paper cover logit margin entropy classes; do
	page "of-$method" tiles -i images -m $method
	has "of-$method" 'Tiles lie 4 pixels apart'
done
has of-paper 'each fills the square of 4 × 4 pixels'
has of-cover 'the mean of those few that cover it'
has of-logit 'bilinear'
lacks evidence 'pixels apart'
page named tiles -i images -c 'class 2'
has named 'always <bdi>class 2</bdi>'

# ---- many classes: no table of all, and a gallery with an end ------------------------------------
page many many.tiles -i many.images
lacks many 'Best known' # of three images each
"$make" whole 60 3 >3.whole || fail "make_report"
page extremes 3.whole
has extremes 'and 1 other class (all of their images are found); least: <bdi>class 2</bdi> (none of its images'
has many 'A table of all 110 classes would be too large'
has many 'all classes but the 20 with the lowest accuracy'
test "$(grep -c '<section class="class"' many.html)" -eq 20 || fail "not 20 classes with pictures"
page three many.tiles -i many.images --gallery 3
test "$(grep -c '<section class="class"' three.html)" -eq 3 || fail "--gallery 3"
"$make" whole 110 110 >110.whole || fail "make_report"
page never 110.whole
has never '29 classes are never found'

# classes of a handful of images come after the others: here eight have ten of them, the rest nine and a worse accuracy than some
for what in images whole; do
	"$make" $what 370 40 >uneven.$what || fail "make_report $what"
done
page uneven uneven.whole -i uneven.images --gallery 8
shown=$(grep -o '<section class="class" id="class-[0-9]*"' uneven.html | tr -dc '0-9\n' | tr '\n' ' ')
test "$shown" = '0 1 2 3 5 6 7 8 ' || fail "pictures of the classes $shown"
sed -n 's/^<li><bdi>.*<\/bdi>: \(.*\) of \([0-9]*\) images<\/li>$/\1 \2/p' uneven.html >worst
printf '%s%% 10\n' 60.0 60.0 60.0 70.0 70.0 70.0 70.0 70.0 >expected
printf '66.7%% 9\n66.7%% 9\n' >>expected
same worst expected
test "$(grep -c 'Classes of fewer than 10 images come last' uneven.html)" -eq 2 || fail "it isn't said that classes come last"
page wide uneven.whole -i uneven.images --gallery 10
test "$(grep -c '<section class="class"' wide.html)" -eq 10 || fail "not filled up with classes of few images"

# ---- the same bytes --------------------------------------------------------------------------------
cp all.html first.html
page all tiles -i images -w whole -l train.log -t 'A <b>title</b>'
same all.html first.html

# ---- how it was made ----------------------------------------------------------------------------------
myopic-synth --quiet --count 12 --classes 2 --size 16 >drawn.images || fail "synth"
myopic-sample --quiet --size 8 <drawn.images | myopic-train --quiet --arch linear --batch 4 -o "it's | m.model" ||
	fail "train"
myopic-sample --quiet --grid --size 8 --stride 4 <drawn.images |
	myopic-predict --quiet -m "it's | m.model" >drawn || fail "predict"
page made drawn -i drawn.images
has made 'myopic-train --arch linear'
has made 'myopic-predict --model &#39;it&#39;\&#39;&#39;s | m.model&#39; |'
has made '    myopic-report --output made.html'

# ---- what is refused, and leaves nothing -----------------------------------------------------------------
mkdir empty
refuse() { # TEXT INPUT ARGUMENTS...
	text=$1; input=$2; shift 2
	# shellcheck disable=SC2016  # for the inner shell
	status 1 sh -c 'input=$1; shift; myopic-report -o empty/page.html "$@" <"$input"' sh "$input" "$@"
	one_line
	says "$text"
	test -z "$(ls -A empty)" || { fail "a page in spite of: $text"; rm -f empty/*; }
}
size=$(wc -c <tiles)
for n in 0 5 100 $((size / 2)) $((size - 1)); do
	head -c "$n" tiles >part
	refuse 'standard input' part -i images
done
refuse 'there are no predictions' none -i images
refuse 'holds images, not predictions' images
refuse 'holds predictions, not images' tiles -i tiles
refuse 'No such file' tiles -i no.images
refuse 'No such file' tiles -w no.predictions
refuse 'No such file' tiles -l no.log
refuse 'predictions of patches' tiles -w tiles
refuse 'holds images, not predictions' tiles -w images
refuse 'many.whole: has 110 classes, and the tiles 4' tiles -w many.whole
refuse "no class 'cow'" tiles -i images -c cow
refuse 'one map of an image' tiles -i images -c top:2
refuse 'whole images' whole -i images -m cover
refuse 'predictions of tiles' tiles -i images -m evidence
"$make" images 30 4 >few.images
refuse 'no image 30' tiles -i few.images
head -c $(($(wc -c <whole) / 2)) whole >part
refuse 'part: ' tiles -w part
# rows of an image that lie far apart must find it in memory
cat tiles tiles >twice
page twice twice
refuse 'want more memory' twice --memory 1K
for line in 'loss' 'a	b'; do
	echo "$line" >bad.log
	refuse 'bad.log:1: is no log' tiles -l bad.log
done
printf 'epoch\tloss\n1\tx\n' >bad.log
refuse "bad.log:2: 'x' is no number" tiles -l bad.log
printf 'epoch\tloss\n1\n' >bad.log
refuse 'bad.log:2: has not as many columns' tiles -l bad.log
printf 'epoch\tloss\n' >bad.log
refuse 'bad.log: has no line' tiles -l bad.log
status 1 sh -c 'myopic-report -o no/such/page.html <tiles'
one_line
says no/such/page.html

# what doesn't fit on the disk is told by its name
status 1 sh -c 'ulimit -f 1; myopic-report -q -i images -o empty/page.html <tiles'
one_line
says 'empty/page.html: '
test -z "$(ls -A empty)" || { fail "a part of a page"; rm -f empty/*; }

# a page that was there stays when another one fails
page kept tiles
cp kept.html before.html
head -c $((size / 2)) tiles >part
status 1 sh -c 'myopic-report -o kept.html <part'
same kept.html before.html

# a log of thousands of lines makes no larger page than one of hundreds; one that is being written is read as far as it is;
# of validations, which few lines have, none is lost, and the last one is told though it isn't on the last line
awk 'BEGIN {
	print "epoch\tloss\tvalidation"
	for (i = 1; i <= 5000; i++)
		print i "\t" 5000 / i "\t" (i % 100 == 50 ? i / 5000 : "NA")
}' >long.log
printf '5001\t0.' >>long.log
page long tiles -l long.log
has long '5000 epochs'
has long 'in validation 99.0%'
points=$(sed -n 's/^<polyline class="curve l0 validation" points="\(.*\)"\/>$/\1/p' long.html | wc -w)
test "$points" -eq 50 || fail "$points validations of 50"
test "$(wc -c <long.html)" -lt $(($(wc -c <kept.html) + 20000)) || fail "a long log makes a long page"

# ---- mistakes on the command line ---------------------------------------------------------------------------
mistake() { # TEXT ARGUMENTS...
	text=$1; shift
	# shellcheck disable=SC2016  # for the inner shell
	status 2 sh -c 'myopic-report "$@" <tiles' sh "$@"
	one_line
	says "$text"
}
mistake '--output'
mistake '--method wants --images' -o empty/p.html -m cover
mistake '--class wants --images' -o empty/p.html -c label
mistake '--each' -o empty/p.html --each 0
mistake '--method' -o empty/p.html -m magic
test -z "$(ls -A empty)" || fail "a page of a mistake"

# ---- what a map is of --------------------------------------------------------------------------------------
# with figures of whole images, of the class that these are taken for, whichever of the two knows the label
for input in tiles fewer; do
	page other $input -i images -w other --each 99
	sed -n 's/.*data-predicted="\([0-9]*\)">$/\1/p' other.html >taken
	sed -n 's/.*"With its heat for [^"]*\([0-9]\)[^0-9"]*".*/\1/p' other.html >shown
	test -s taken || fail "no pictures"
	same taken shown
done
# one without a label, whose own class is unknown, is not among them
page own tiles -i images -c label
has own "The class in question is the image's own"
# what chance could explain is no finding, and of one image nothing else can be said
has all ': less than where other images have theirs'
lacks one 'other images'

# a training on crops of a stream without a number of rows doesn't know its epochs
printf 'epoch\trows\tloss\nNA\t64\t2.5\nNA\t128\t1.5\n' >rows.log
page by-rows tiles -l rows.log -l train.log
has by-rows 'rows.log</bdi>: 128 rows, loss 1.500 at the end'
has by-rows '>The loss by rows<'
printf 'epoch\tloss\nNA\t2.5\n' >bad.log
refuse 'bad.log:2: has no epoch and no number of rows' tiles -l bad.log

# of many classes with two right images nothing is confused
"$make" whole 2 40 >right || fail "make_report"
page right right
has right 'No image is taken for another class.'
