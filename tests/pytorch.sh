#!/bin/sh
# Model files are what PyTorch's users know: names, layouts and logits of resnet are torchvision's.
. "${srcdir:-.}/tests/setup.sh"
for python in "${PYTHON3:-python3}" python3 /usr/bin/python3; do
	"$python" -c 'import torch' 2>/dev/null && break
	python=
done
test -n "$python" || skip "no python3-torch"

myopic-synth --quiet --count 24 --size 32 --seed 3 >images || fail "synth"
for arch in resnet9:width=8 resnet:depth=14,width=4 resnet:form=small,depth=34,width=3 \
	resnet:form=imagenet resnet:form=imagenet,depth=50,width=4; do
	myopic-sample --quiet --size 24 <images | myopic-train --quiet --batch 12 --arch "$arch" -o m.safetensors ||
		fail "$arch: train"
	myopic-predict --quiet -m m.safetensors <images >predictions || fail "$arch: predict"
	ok "$python" "$src/load_in_pytorch.py" m.safetensors images predictions
done
