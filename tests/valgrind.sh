#!/bin/sh
# The short C tests and a short pipeline under valgrind. `make check-valgrind` names more tests.
. "${srcdir:-.}/tests/setup.sh"
: "${builddir:?is set by make check}"
tests=${VALGRIND_TESTS:-test_base test_stream test_score}
command -v valgrind >/dev/null || skip "no valgrind"
grep -q '^MYO_CFLAGS.*-fsanitize' "$builddir/Makefile" && skip "the sanitizers look after memory in this build"

# under COMMAND...: libtool finds the program behind its wrapper
under() {
	"$builddir/libtool" --silent --mode=execute valgrind --quiet --error-exitcode=99 --leak-check=full \
		--show-leak-kinds=definite --errors-for-leak-kinds=definite --num-callers=20 \
		--suppressions="$src/valgrind.supp" "$@"
}

# Valgrind's processor knows no flushing of small numbers.
CK_TIMEOUT_MULTIPLIER=50 MYOPIC_TEST_NO_FLUSH=1; export CK_TIMEOUT_MULTIPLIER MYOPIC_TEST_NO_FLUSH
for test in $tests; do
	test -x "$builddir/tests/$test" || skip "the C tests aren't built"
	under "$builddir/tests/$test" >said 2>&1 || { fail "$test"; cat said >&2; }
done

bin=$builddir/bin
under "$bin/myopic-synth" --quiet --count 12 --size 16 --classes 3 >images 2>said || { fail "synth"; cat said >&2; }
under "$bin/myopic-sample" --quiet --size 8 --flip <images >patches 2>said || { fail "sample"; cat said >&2; }
under "$bin/myopic-train" --quiet --batch 4 --arch linear -o m.safetensors <patches 2>said || { fail "train"; cat said >&2; }
under "$bin/myopic-predict" --quiet -m m.safetensors <images >predictions 2>said || { fail "predict"; cat said >&2; }
under "$bin/myopic-eval" --tiles --positions --against predictions <predictions >report 2>said || { fail "eval"; cat said >&2; }
under "$bin/myopic-info" m.safetensors >report 2>said || { fail "info"; cat said >&2; }
