#!/usr/bin/env python3
"""Load a model file of resnet or resnet9 into PyTorch and compare the logits.

    load_in_pytorch.py MODEL IMAGES PREDICTIONS

The networks below have torchvision's structure and names, and take any width; load_state_dict() is
strict, so a tensor too many, too few or of another shape is an error. Where torchvision itself is
installed and the widths are its own, its network is used.
"""
import json
import struct
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

TYPES = {"U8": torch.uint8, "I32": torch.int32, "I64": torch.int64, "F32": torch.float32}


def documents(path):
    """Each safetensors document of a stream or a model file: (metadata, tensors)."""
    with open(path, "rb") as file:
        data = file.read()
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        header = json.loads(data[at + 8 : at + 8 + length])
        at += 8 + length
        meta, tensors, end = header.pop("__metadata__", {}), {}, 0
        for name, info in header.items():
            first, last = info["data_offsets"]
            raw = bytearray(data[at + first : at + last])
            tensors[name] = torch.frombuffer(raw, dtype=TYPES[info["dtype"]]).reshape(info["shape"])
            end = max(end, last)
        at += end
        yield meta, tensors


def rows(path, name):
    return torch.cat([tensors[name] for _, tensors in documents(path) if name in tensors])


class Block(nn.Module):
    def __init__(self, cin, width, stride, bottleneck):
        super().__init__()
        cout = width * 4 if bottleneck else width
        shapes = [(cin, width, 3, stride), (width, width, 3, 1)]
        if bottleneck:
            shapes = [(cin, width, 1, 1), (width, width, 3, stride), (width, cout, 1, 1)]
        self.count = len(shapes)
        for i, (a, b, kernel, step) in enumerate(shapes, 1):
            self.add_module(f"conv{i}", nn.Conv2d(a, b, kernel, step, kernel // 2, bias=False))
            self.add_module(f"bn{i}", nn.BatchNorm2d(b))
        self.downsample = None
        if stride != 1 or cin != cout:
            self.downsample = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = x
        for i in range(1, self.count + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            y = F.relu(y) if i < self.count else y
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, form, depth, width, classes):
        super().__init__()
        cifar, self.pool = form == "cifar", form == "imagenet"
        depth = depth or (20 if cifar else 18)
        width = width or (16 if cifar else 64)
        blocks = [(depth - 2) // 6] * 3 if cifar else {18: [2] * 4, 34: [3, 4, 6, 3], 50: [3, 4, 6, 3]}[depth]
        bottleneck = depth == 50 and not cifar
        kernel = 3 if cifar else 7
        self.conv1 = nn.Conv2d(3, width, kernel, 2 if self.pool else 1, kernel // 2, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        cin, self.layers = width, []
        for stage, count in enumerate(blocks):
            layer = []
            for i in range(count):
                layer.append(Block(cin, width << stage, 2 if stage and not i else 1, bottleneck))
                cin = (width << stage) * (4 if bottleneck else 1)
            self.add_module(f"layer{stage + 1}", nn.Sequential(*layer))
            self.layers.append(f"layer{stage + 1}")
        self.fc = nn.Linear(cin, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        if self.pool:
            x = F.max_pool2d(x, 3, 2, 1)
        for name in self.layers:
            x = getattr(self, name)(x)
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


class Pair(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)

    def forward(self, x):
        return x + F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


class ResNet9(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        sides = [3, width, 2 * width, 4 * width, 4 * width]
        for i in range(1, 5):
            self.add_module(f"conv{i}", nn.Conv2d(sides[i - 1], sides[i], 3, 1, 1, bias=False))
            self.add_module(f"bn{i}", nn.BatchNorm2d(sides[i]))
        self.pair1, self.pair2 = Pair(2 * width), Pair(4 * width)
        self.fc = nn.Linear(16 * width, classes)

    def unit(self, i, x):
        return F.relu(getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(x)))

    def forward(self, x):
        x = self.pair1(F.max_pool2d(self.unit(2, self.unit(1, x)), 2))
        x = F.max_pool2d(self.unit(4, F.max_pool2d(self.unit(3, x), 2)), 2)
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(self.pair2(x), 2), 1))


def network(meta):
    options = dict(option.split("=") for option in meta["options"].split(","))
    classes, width = len(json.loads(meta["classes"])), int(options["width"])
    if meta["arch"] == "resnet9":
        return ResNet9(width, classes)
    depth = int(options["depth"])
    if options["form"] == "imagenet" and width in (0, 64):
        try:
            import torchvision
            return getattr(torchvision.models, f"resnet{depth or 18}")(num_classes=classes)
        except ImportError:
            pass
    return ResNet(options["form"], depth, width, classes)


def main():
    model, images, predictions = sys.argv[1:]
    (meta, tensors), = documents(model)
    net = network(meta)
    net.load_state_dict(tensors, strict=True)
    net.eval()
    mean, deviation = ([float(x) for x in meta[key].split()] for key in ("mean", "deviation"))
    x = rows(images, "image").permute(0, 3, 1, 2).float() / 255
    x = (x - torch.tensor(mean).reshape(3, 1, 1)) / torch.tensor(deviation).reshape(3, 1, 1)
    with torch.no_grad():
        here = net(x)
    there = rows(predictions, "logits")
    worst = (here - there).abs().max().item()
    print(f"{meta['arch']}:{meta['options']}: {len(here)} images, logits up to "
          f"{there.abs().max().item():.3g}, at most {worst:.2g} apart")
    if here.shape != there.shape or not worst <= 1e-4 * max(1, there.abs().max().item()):
        sys.exit("PyTorch's logits are others")


main()
