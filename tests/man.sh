#!/bin/sh
# The man pages: clean, complete, in agreement with --help; every example runs.
. "${srcdir:-.}/tests/setup.sh"
. "$src/mkdata.sh"
mandoc=${MANDOC:-mandoc}
command -v "$mandoc" >/dev/null || skip "no mandoc"
pages=$top/man

# ---- the form ---------------------------------------------------------------------------
for page in "$pages"/*.[1-9]; do
	name=${page##*/}
	"$mandoc" -Tlint -W warning "$page" >lint 2>&1 || { fail "$name is not clean"; cat lint >&2; }
	grep -n '^\.Dl .*"' "$page" >quotes && { fail "$name: roff takes the quotes of .Dl away, use .Bd"; cat quotes >&2; }
	case $name in
	*.1) wanted='NAME SYNOPSIS DESCRIPTION EXIT.STATUS EXAMPLES SEE.ALSO' ;;
	*) wanted='NAME DESCRIPTION SEE.ALSO' ;;
	esac
	for section in $wanted; do
		grep -q "^\.Sh $section\$" "$page" || fail "$name has no section $section"
	done
	sed -n 's/^\.Xr \(myopic[a-z-]*\) \([1-9]\).*/\1.\2/p' "$page" | sort -u >others
	while read -r other; do
		test -f "$pages/$other" || fail "$name refers to $other, which does not exist"
	done <others
done

# ---- a page for each program, and the same options in both ----------------------------------
for source in "$top"/bin/myopic-*.c; do
	program=$(basename "$source" .c)
	page=$pages/$program.1
	test -f "$page" || { fail "$program has no page"; continue; }
	"$program" --help | sed -nE 's/^  (-.), --([a-z0-9-]+).*/\1\n--\2/p; s/^      (--[a-z0-9-]+).*/\1/p' | sort >in_help
	# .It Fl x , Fl -name Ar value
	awk '/^\.It Fl / { for (i = 2; i < NF; i++) if ($i == "Fl") print "-" $(i + 1) }' "$page" | sort >in_page
	diff in_help in_page >differences || { fail "$program: options of --help (<) and page (>) differ"; cat differences >&2; }
	"$program" --help | head -n 1 | sed 's/.* - //' >summary
	sed -n 's/^\.Nd //p' "$page" | cmp -s - summary || fail "$program: the page's first line is not that of --help"
done
for page in "$pages"/myopic-*.1; do
	test -f "$top/bin/$(basename "$page" .1).c" || fail "${page##*/} is of no program"
done

# ---- the examples ------------------------------------------------------------------------------
# As a reader sees them: lines of the section EXAMPLES that are indented more than its text.
examples() {
	"$mandoc" -Tascii -Owidth=500 "$1" | sed 's/.'"$(printf '\b')"'//g' |
		sed -n '/^EXAMPLES/,/^[A-DF-Z]/p' | sed -n 's/^         *\([^ ].*\)/\1/p'
}

mkdir data
(
	failed=0
	cd data || exit 1
	make_data
	for model in m m2; do
		myopic-sample --quiet --size 8 --epochs 4 --seed ${#model} <train.images |
			myopic-train --quiet --batch 32 --arch resnet9:width=4 --validate test.images --log $model.log \
				-o $model.safetensors || fail "train"
		myopic-predict --quiet -m $model.safetensors <test.images | myopic-eval --json >$model.json || fail "eval"
	done
	myopic-sample --quiet --grid --size 8 --stride 4 <test.images >test.patches || fail "sample"
	myopic-predict --quiet -m m.safetensors <test.patches >test.predictions || fail "predict"
	myopic-sample --quiet --grid --size 8 --stride 1 --pad <test.images |
		myopic-predict --quiet -m m.safetensors >heat.predictions || fail "heat"
	printf '%s\t%s\t%s\t%s\t%s\n' crop test accuracy low high 8 whole 44.8 43.8 45.8 8 tiles 59.2 58.3 60.2 \
		16 whole 81.9 81.1 82.6 16 tiles 80.9 80.2 81.7 >tile-sizes.tsv
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' network minutes test accuracy low high resnet9 10 whole 74 73 75 \
		airbench 10 whole 80 79 81 resnet9 60 whole 87 86 88 airbench 60 tiles 84 83 85 >networks.tsv
	exit "$failed"
) || { fail "no data for the examples"; exit 1; }

for page in "$pages"/*.[17] "$pages/myopic-recipe.5"; do
	name=${page##*/}
	examples "$page" >"$name.sh"
	test -s "$name.sh" || { fail "$name has no examples"; continue; }
	cp -R data "in.$name"
	(cd "in.$name" && sh -eu "../$name.sh" >../output 2>&1 </dev/null) ||
		{ fail "an example of $name fails"; sed 's/^/  | /' "$name.sh" output >&2; }
done

# ---- the README's pipeline, with a narrower network ------------------------------------------------
sed -n '/^## Use it/,/^|/s/^    //p' "$top/README.md" | sed 's/--arch resnet9 /--arch resnet9:width=4 /' >readme.sh
grep -q myopic-heat readme.sh || fail "README.md has no pipeline"
cp -R data in.readme
(cd in.readme && sh -eu ../readme.sh >../output 2>&1 </dev/null) ||
	{ fail "the pipeline in README.md fails"; sed 's/^/  | /' readme.sh output >&2; }
test -s in.readme/heat/sheet.png || fail "the pipeline in README.md draws nothing"
