# setup.sh - sourced by every test script: a fresh directory, a fixed locale, a few words.
set -u
# Below a service SIGPIPE may be ignored, and programs that are to end by it would see an error instead.
case $(sed -n 's/^SigIgn:.*\(....\)$/\1/p' "/proc/$$/status" 2>/dev/null) in
[13579bdf]???) if env --default-signal=PIPE true 2>/dev/null; then exec env --default-signal=PIPE sh "$0" "$@"; fi ;;
esac
LC_ALL=C; export LC_ALL
OPENBLAS_NUM_THREADS=1; export OPENBLAS_NUM_THREADS
top=$(cd "${srcdir:-.}" && pwd)
# shellcheck disable=SC2034  # for the scripts
src=$top/tests
work=$(mktemp -d "${TMPDIR:-/tmp}/myopic.XXXXXX") || exit 99
failed=0

finish() {
	ended=$?
	test "$ended" -eq 0 || { echo "FAIL: the script ended with status $ended" >&2; failed=1; }
	test ! -e "$work/failed" || failed=1
	if test "$failed" -eq 0; then rm -rf "$work"; else echo "kept $work" >&2; fi
	test "$failed" -eq 0
}
trap 'finish || exit 1' EXIT
cd "$work" || exit 99

# The built programs themselves, in place of libtool's scripts, which take five times as long to start.
if test -d "${builddir:-}/bin/.libs" && test "$(command -v myopic-train)" = "$builddir/bin/myopic-train"; then
	PATH=$builddir/bin/.libs:$PATH
	LD_LIBRARY_PATH=$builddir/lib/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}; export LD_LIBRARY_PATH
fi

# fail TEXT          note a failure and go on
# ok COMMAND         must exit 0
# status N COMMAND   must exit N; what it said is left in ./stderr
# one_line           ./stderr must hold exactly one line
# says TEXT          ./stderr must contain TEXT
# same A B           two files must be equal, byte for byte
# unlike A B WHY     two files must not be equal; that one can't be read is no difference
# differ A B WHY     the same of the tensors of two streams or models, whatever their histories say
# only_failure FILE  what a program wrote must be a stream that says it failed, and nothing else
# skip WHY           end the script as skipped, unless something has failed already
# need_python MODULE[, MODULE]   $python is one that has these modules; the script is skipped where there is none
# heeding COMMAND &              as it runs in a terminal: a script lets what is beside it ignore SIGINT; where $signals has that
fail() { echo "FAIL: $*" >&2; failed=1; : >"$work/failed"; } # a file, as a pipe or $(...) is a process of its own
only_failure() {
	grep -aq '"record":"error"' "$1" || fail "whoever reads on doesn't learn of the failure: $(head -c 300 "$1")"
	! grep -aq '"record":"header"' "$1" || fail "rows in spite of a failure: $(head -c 300 "$1")"
}
ok() { "$@" || fail "expected success: $*"; }
status() {
	want=$1; shift
	"$@" >stdout 2>stderr
	got=$?
	test "$got" -eq "$want" || { fail "status $got, want $want: $*"; sed 's/^/  | /' stderr >&2; }
}
one_line() { test "$(wc -l <stderr)" -eq 1 || { fail "not one line:"; sed 's/^/  | /' stderr >&2; }; }
says() { grep -qF -e "$1" stderr || { fail "does not say '$1':"; sed 's/^/  | /' stderr >&2; }; }
same() { cmp "$1" "$2" || fail "$1 and $2 differ"; }
unlike() { cmp -s "$1" "$2"; test $? -eq 1 || fail "$1 and $2 must differ: $3"; }
differ() { myopic-cmp --silent "$1" "$2"; test $? -eq 1 || fail "$1 and $2 must differ: $3"; }
skip() { test ! -e "$work/failed" || exit 1; echo "SKIP: $*"; trap - EXIT; cd / && rm -rf "$work"; exit 77; }
need_python() {
	for python in "${PYTHON3:-python3}" python3 /usr/bin/python3; do
		"$python" -c "import $*" 2>/dev/null && return
	done
	skip "no python3 that has $*"
}
# shellcheck disable=SC2034  # for the scripts
signals=TERM
env --default-signal=INT true 2>/dev/null && signals='INT TERM'
heeding() {
	case $signals in INT*) set -- env --default-signal=INT "$@" ;; esac
	exec "$@"
}
