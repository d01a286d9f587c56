#!/bin/sh
# The reader in myopic-stream(5) reads what the programs write: NumPy's sums against myopic-info's.
. "${srcdir:-.}/tests/setup.sh"

need_python numpy

sed -n '/^import json/,/^\.Ed/p' "$top/man/myopic-stream.5" | sed '/^\.Ed/d' >reader.py
test "$(wc -l <reader.py)" -ge 8 || fail "the page holds no reader"

myopic-synth --quiet --count 700 --size 24 >images || fail "synth"
myopic-sample --quiet --size 9 --epochs 2 --flip <images >patches || fail "sample"
cat images images >joined
for stream in images patches joined; do
	# As it stands in the page: one line for each record, header and end among them.
	"$python" reader.py <$stream >said || fail "the reader fails on $stream"
	head -n 1 said | grep -q '^header' || fail "no header in $stream"
	tail -n 1 said | grep -q '^end' || fail "no end in $stream"
	grep -q '^data' said || fail "no data in $stream"

	# Its numbers are those of myopic-info.
	sed '/^for meta/,$d' reader.py >lines.py
	cat >>lines.py <<-'END'
	sums, rows = {}, 0
	for meta, tensors in records(sys.stdin.buffer):
	    for name, t in tensors.items():
	        s = sums.setdefault(name, [0, t.min(), t.max(), 0])
	        s[0] += int(t.sum(dtype="int64")); s[1] = min(s[1], t.min()); s[2] = max(s[2], t.max()); s[3] += t.size
	    rows += len(next(iter(tensors.values()))) if tensors else 0
	info = json.load(open("info"))
	assert rows == info["rows"], (rows, info["rows"])
	assert len(sums) == len(info["tensors"]) > 0
	for t in info["tensors"]:
	    total, least, most, size = sums[t["name"]]
	    assert least == t["least"] and most == t["most"], t
	    assert abs(total / size - t["mean"]) <= 1e-9 * max(1, abs(t["mean"])), t
	END
	myopic-info --json $stream >info || fail "info $stream"
	"$python" lines.py <$stream || fail "$stream: NumPy's numbers are not myopic-info's"
done

# Evidence: its mean over the positions is the logits, of images and of tiles, whichever architecture it is.
myopic-synth --quiet --count 200 --size 24 --classes 3 >images || fail "synth"
myopic-synth --quiet --count 20 --size 32 --classes 3 >more || fail "synth"
myopic-sample --quiet --grid --size 16 --stride 4 --pad <more >tiles || fail "sample"
sed '/^for meta/,$d' reader.py >evidence.py
cat >>evidence.py <<-'END'
	rows, shapes = 0, set()
	for meta, tensors in records(sys.stdin.buffer):
	    if not tensors:
	        continue
	    e, logits = tensors["evidence"].astype("f8"), tensors["logits"]
	    assert e.shape[0] == len(logits) and e.shape[3] == logits.shape[1], (e.shape, logits.shape)
	    assert sum(t.nbytes for t in tensors.values()) <= 2**20 or len(logits) == 1
	    off = abs(e.mean(axis=(1, 2)) - logits) / numpy.maximum(abs(logits), 0.01 * abs(e).max())
	    assert off.max() < 1e-4, off.max()
	    assert e.std(axis=(1, 2)).max() > 0
	    rows += len(logits)
	    shapes.add(e.shape[1:])
	print(rows, *sorted(shapes))
END
for arch in resnet9:width=4 resnet:depth=8,width=8 airbench:width=8,pools=2 linear; do
	myopic-sample --quiet --size 16 --epochs 2 <images |
		myopic-train --quiet --arch $arch --batch 50 -o m.safetensors || fail "train $arch"
	for how in "" --mirror; do
		# shellcheck disable=SC2086  # an option or none
		cat images more | myopic-predict --quiet -m m.safetensors --evidence $how | "$python" evidence.py >said ||
			fail "$arch $how: the evidence is not that of the logits"
		grep -q '^220 (.*) (.*)$' said || fail "$arch: not all rows: $(cat said)"
		# shellcheck disable=SC2086
		myopic-predict --quiet -m m.safetensors --evidence $how <tiles | "$python" evidence.py >said ||
			fail "$arch $how: the evidence of tiles is not that of the logits"
		grep -q '^1280 ([^()]*)$' said || fail "$arch: not all tiles: $(cat said)"
	done
done
