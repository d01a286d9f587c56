#!/bin/sh
# Heat maps and their scores against NumPy's, by each method, with stride 1 and with gaps between the tiles' centres.
. "${srcdir:-.}/tests/setup.sh"
need_python numpy

make=${builddir:?}/tests/make_heat
test -x "$make" || skip "tests/make_heat isn't built"
for stride in 1 3; do
	"$make" images 5 $stride >predictions || fail "make_heat"
	for method in paper cover logit margin entropy; do
		ok myopic-heat -q -t -m $method <predictions >maps
		ok myopic-heat -q -s --json -c predicted -m $method -i images <predictions >scores.json
		"$python" "$src/heat.py" images predictions $method maps scores.json >said || fail "stride $stride, $method: $(cat said)"
	done
done
