#!/bin/sh
# Recipes: found, listed, read, overridden; each mistake in one is one line with its place; histories
# have what was in force, and nothing that doesn't change the result.
. "${srcdir:-.}/tests/setup.sh"
. "$src/mkdata.sh"
shipped=$top/share/recipes
mkdir first second
MYOPIC_RECIPE_PATH=first:second:nowhere; export MYOPIC_RECIPE_PATH
myopic-synth -q -n 40 -s 16 -k 4 >train.images || fail "myopic-synth"
myopic-sample -q -s 8 <train.images >patches || fail "myopic-sample"

# made FILE: the last command in its history
made() { myopic-info --replay "$1" | tail -n 1 | sed 's/.*| //'; }
# history WANTED FILE
history() { test "$(made "$2")" = "$1" || fail "$2 was made by '$(made "$2")', not by '$1'"; }
# recipe LINE...: second/r.recipe has these lines
recipe() { printf '%s\n' "$@" >second/r.recipe; }
# refused TEXT: myopic-sample refuses that recipe, writes nothing but this, and nothing else is said
refused() {
	myopic-sample --recipe r <train.images >stdout 2>stderr
	test $? -eq 1 || fail "status is not 1 for: $1"
	one_line
	says "myopic-sample: second/r.recipe$1"
	only_failure stdout
}

# ---- the list -----------------------------------------------------------------------------------
status 0 myopic-train --recipe
test ! -s stdout || fail "recipes from nowhere: $(cat stdout)"
says "no recipes in first:second:nowhere"
printf '# a summary\tof it\nmyopic-sample --size 4\n' >second/one.recipe
printf '#   first of all\nmyopic-sample --size 5\n' >first/one.recipe
printf 'myopic-sample --size 6\n' >second/a-long-name.recipe
: >second/empty.recipe
echo '# not one' >second/other.txt
printf 'a-long-name  \nempty        \none          first of all\n' | sort >wanted
for form in --recipe '--recipe --size 3' '--size 3 --recipe'; do
	# shellcheck disable=SC2086  # words
	status 0 myopic-sample $form
	sort stdout | cmp -s wanted - || fail "$form lists $(cat stdout)"
	test ! -s stderr || fail "$form says $(cat stderr)"
done
status 0 myopic-sample --show-recipe one
same stdout first/one.recipe
status 0 myopic-sample --show-recipe second/one.recipe
same stdout second/one.recipe
status 1 myopic-sample --show-recipe two
one_line; says "there is no recipe 'two' in first:second:nowhere, but one, a-long-name, empty"
test ! -s stdout || fail "a stream where a text was asked for"
status 1 myopic-sample --recipe ./two.recipe
one_line; says "./two.recipe: can't be read: No such file"
status 2 myopic-sample --recipe one --recipe one
one_line; says "--recipe"
status 2 myopic-synth --recipe one
one_line; says "no option --recipe"
rm second/*

# ---- before the command line, which has the last word --------------------------------------------------
recipe '# x' '  # comment' '' 'myopic-eval' \
	"myopic-sample --size 5 -f --seed '7' \\  " '	-e"2" --crops=3 # --grid' 'myopic-train --batch 9'
for form in '--recipe r' '--recipe=r' '--recipe second/r.recipe'; do
	# shellcheck disable=SC2086  # words
	status 0 sh -c "myopic-sample --quiet $form <train.images >made"
	history 'myopic-sample --size 5 --flip --seed 7 --epochs 2 --crops 3' made
done
ok myopic-sample -q -s 5 -f -S 7 -e 2 -c 3 <train.images >by.hand
same made by.hand
for form in '--recipe r -s 6 --crops 1' '-s 6 --crops 1 --recipe r'; do
	# shellcheck disable=SC2086  # words
	ok myopic-sample --quiet $form <train.images >made
	history 'myopic-sample --flip --seed 7 --epochs 2 --size 6 --crops 1' made
done
tr '\n' '\r' <second/r.recipe | sed "s/$(printf '\r')/&\n/g" >dos.recipe
ok myopic-sample --quiet --recipe ./dos.recipe -s 6 --crops 1 <train.images >dos
same made dos
printf 'myopic-sample --size 5' >short.recipe
ok myopic-sample -q --recipe ./short.recipe <train.images >short
history 'myopic-sample --size 5' short
status 0 myopic-sample --help --recipe r
grep -q -- '--size N .*(default 5)' stdout || fail "help without the recipe's values: $(cat stdout)"
grep -q -- '--flip .*(default on)' stdout || fail "help without the recipe's flags: $(cat stdout)"
status 1 myopic-predict --recipe r
one_line; says "second/r.recipe: has no line for myopic-predict"

# ---- taking back ---------------------------------------------------------------------------------------
ok myopic-sample -q --recipe r --no-flip --no-crops --no-seed <train.images >made
history 'myopic-sample --size 5 --epochs 2' made
ok myopic-sample -q -s 5 -e 2 <train.images >by.hand
same made by.hand
ok myopic-sample -q --flip --size 5 --no-flip --no-size --flip <train.images >made
history 'myopic-sample --flip' made
recipe 'myopic-sample --flip --no-flip --size 4'
ok myopic-sample -q --recipe r <train.images >made
history 'myopic-sample --size 4' made
status 2 myopic-sample --no-flip=3
one_line; says "--no-flip=3 takes no value"
status 2 myopic-sample --no-quiet
one_line; says "no option --no-quiet"

# ---- what is no part of the result is not kept -----------------------------------------------------------
for form in '' '--threads 2' '--threads=2 --log log' '-v --log=log --threads 2 --no-threads' '-q'; do
	# shellcheck disable=SC2086  # words
	myopic-train $form -a linear -b 8 -o m.safetensors <patches 2>stderr || fail "training with $form"
	history 'myopic-train --arch linear --batch 8 --output m.safetensors' m.safetensors
	test -f before || cp m.safetensors before
	same before m.safetensors
done
recipe 'myopic-train --arch linear --threads 2 --log log --batch 8'
ok myopic-train -q --recipe r -o m.safetensors <patches
same before m.safetensors
ok myopic-predict -q --threads 2 -m m.safetensors <patches >made
history 'myopic-predict --model m.safetensors' made
# Operands come last; one that looks like an option is known by the dashes before it.
make_data
mv pictures ./-pictures
ok myopic-unpack -q --threads 1 -n 3 -- -pictures >made
history 'myopic-unpack --limit 3 -- -pictures' made
ok myopic-unpack -q ./-pictures -n 3 >made
history 'myopic-unpack --limit 3 ./-pictures' made

# ---- mistakes ----------------------------------------------------------------------------------------------
recipe '# x' 'myopic-sample --size 4 \' '   --colour 3'; refused ':3: there is no option --colour'
recipe 'myopic-sample -% 4'; refused ':1: there is no option -%'
recipe '' 'myopic-sample --size huge'; refused ":2: --size: 'huge' is not a whole number"
recipe 'myopic-sample --size 0'; refused ':1: --size: 0 is not from 1 to 4096'
recipe 'myopic-sample --memory 3X'; refused ":1: --memory: '3X' is not a size"
recipe 'myopic-sample --flip=1'; refused ':1: --flip=1 takes no value'
recipe 'myopic-sample --flip' '' '# x' '' 'myopic-sample --size 4'; refused ':5: myopic-sample has a line already, line 1'
recipe 'myopic-sample --flip --size'; refused ':1: --size wants a value'
recipe 'myopic-sample --flip | cat'; refused ":1: '|' is no option"
recipe 'myopic-sample --flip \' 'images --size 3'; refused ":2: 'images' is no option"
recipe 'myopic-sample -- --flip'; refused ":1: '--flip' is no option"
recipe 'myopic-sample' 'myopic-shred --flip'; refused ":2: 'myopic-shred' is none of the programs"
recipe 'myopic-sample' '--flip'; refused ":2: '--flip' is none of the programs"
recipe 'myopic-sample' 'myopic-synth --count 3'; refused ":2: 'myopic-synth' is none of the programs"
recipe "myopic-sample --seed '7"; refused ":1: a quote (') begins"
recipe '' 'myopic-train --arch "x' 'myopic-sample"'; refused ':2: a quote (") begins'
recipe '# x'; refused ': has no line for myopic-sample'
recipe 'myopic-train --batch 3'; refused ': has no line for myopic-sample'
for option in '--recipe r' '--show-recipe r' --help -h --version -V --quiet -q --verbose -v; do
	recipe "myopic-sample $option"; refused ':1: '
	says 'is not for recipes'
done
printf 'myopic-sample\0--flip\n' >second/r.recipe; refused ': is no recipe'
head -c 70000 /dev/zero | tr '\0' '\n' >second/r.recipe; refused ': is no recipe'
rm second/r.recipe; mkdir second/r.recipe; refused ": can't read: Is a directory"
status 1 myopic-train --recipe
one_line; says "second/r.recipe: can't read: Is a directory"
grep -q '^one  first' stdout || fail "a broken recipe hides the others: $(cat stdout)"
rmdir second/r.recipe
# Somebody else's text has no power over the terminal.
printf '# \033[31mred\n' >second/r.recipe
status 0 myopic-sample --recipe
grep -q '^r  *\\x1b\[31mred$' stdout || fail "control characters in the list"
recipe "myopic-sample --scale '$(printf '\033')[31m'"
status 0 myopic-sample --recipe r --help
grep -q '(default \\x1b\[31m)' stdout || fail "control characters in the help"
recipe "myopic-sample $(printf '\033')[31m"
refused ":1: '\\x1b[31m' is no option"
rm second/r.recipe

# ---- what is shipped ---------------------------------------------------------------------------------------
MYOPIC_RECIPE_PATH=$shipped
myopic-synth -q -n 12 -s 32 -k 3 >few.images || fail "myopic-synth"
status 0 myopic-train --recipe
sed 's/ .*//' stdout >listed
(cd "$shipped" && ls ./*.recipe) | sed 's|./||; s/.recipe$//' | cmp -s - listed || fail "not all are listed: $(cat stdout)"
awk 'length > 120 { print; bad = 1 } NF < 5 { print; bad = 1 } END { exit bad }' stdout ||
	fail "a summary is too long or says nothing"
while read -r name; do
	for program in $(sed -n 's/^\(myopic-[a-z]*\).*/\1/p' "$shipped/$name.recipe"); do
		status 0 "$program" --recipe "$name" --help
	done
	grep -q "$name.recipe" "$top/share/local.mk" || fail "$name is not installed"
	# With a smaller network and an end it does what it says: what is for weights that this one lacks goes.
	status 0 sh -c "myopic-sample -q --recipe $name --epochs 1 <few.images |
		myopic-train -q --recipe $name --arch linear --no-scale-lr --batch 4 -o '$name.model'"
	status 0 sh -c "myopic-predict -q -m '$name.model' <few.images | myopic-eval -q"
done <listed
