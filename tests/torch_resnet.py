#!/usr/bin/env python3
"""Compare myopic-predict's logits with PyTorch's.

torch_resnet.py MODEL IMAGES PREDICTIONS: load a model of the architecture `resnet` in its
ImageNet form, basic blocks, into a ResNet that is built here under torchvision's names, classify the
images, and compare. Exit status 77 where PyTorch is not installed.
"""
import json
import struct
import sys

try:
    import numpy as np
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError:
    sys.exit(77)

TYPES = {"U8": np.uint8, "I32": np.int32, "I64": np.int64, "F32": np.float32}


def documents(path):
    """Each safetensors document of a file: its metadata and its tensors by name."""
    with open(path, "rb") as f:
        while head := f.read(8):
            header = json.loads(f.read(struct.unpack("<Q", head)[0]))
            meta = header.pop("__metadata__", {})
            data = f.read(max((t["data_offsets"][1] for t in header.values()), default=0))
            yield meta, {
                name: np.frombuffer(data[slice(*t["data_offsets"])], TYPES[t["dtype"]]).reshape(t["shape"])
                for name, t in header.items()
            }


def rows(path, name):
    return np.concatenate([tensors[name] for _, tensors in documents(path) if name in tensors])


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, blocks, width, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        inputs = width
        for stage, count in enumerate(blocks):
            outputs = width << stage
            layer = [BasicBlock(inputs if i == 0 else outputs, outputs, 2 if stage and i == 0 else 1) for i in range(count)]
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layer))
            inputs = outputs
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


def main():
    model, images, predictions = sys.argv[1:]
    meta, tensors = next(documents(model))
    options = dict(o.split("=") for o in meta["options"].split(","))
    blocks = {"0": (2, 2, 2, 2), "18": (2, 2, 2, 2), "34": (3, 4, 6, 3)}[options["depth"]]
    net = ResNet(blocks, int(options["width"]), len(json.loads(meta["classes"])))
    net.load_state_dict({name: torch.tensor(t) for name, t in tensors.items()}, strict=True)
    net.eval()

    mean, deviation = (np.array(meta[k].split(), float) for k in ("mean", "deviation"))
    x = torch.tensor((rows(images, "image") / 255 - mean) / deviation, dtype=torch.float32).permute(0, 3, 1, 2)
    with torch.no_grad():
        theirs = net(x).numpy()
    ours = rows(predictions, "logits")
    if ours.shape != theirs.shape or len(ours) == 0:
        sys.exit(f"{ours.shape} logits here, {theirs.shape} from PyTorch")
    worst, size = np.abs(ours - theirs).max(), np.abs(theirs).max()
    print(f"{len(ours)} rows, largest difference {worst:.2g}, largest logit {size:.2g}")
    if not worst <= 1e-4 * size:
        sys.exit("the logits differ")


main()
