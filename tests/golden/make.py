#!/usr/bin/python3
"""Make the golden files: what PyTorch says of the same networks and numbers.

    apt-get install python3-torch
    ./make.py            (writes *.safetensors beside itself; only by hand, the results are in the tree)

README says what is in them. Everything is computed in double precision from single-precision
inputs, and rounded to single precision at the end.
"""
import json
import math
import os
import struct

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLES = 64


def fill(name, shape, scale=1.0):
    """Numbers in [-scale, scale) that are a function of the name alone: golden_fill() in ../golden.h."""
    seed = np.uint64(0xCBF29CE484222325)
    with np.errstate(over="ignore"):
        for byte in name.encode():
            seed = (seed ^ np.uint64(byte)) * np.uint64(0x100000001B3)
        count = int(np.prod(shape))
        z = seed + (np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    unit = (z >> np.uint64(40)).astype(np.float64) / (1 << 23) - 1
    return torch.from_numpy((unit * scale).astype(np.float32).astype(np.float64).reshape(shape))


def images(name, rows, height, width, channels):
    """Rows as the engine holds them, [rows, height, width, channels], turned into PyTorch's order."""
    return fill(name, (rows, height, width, channels)).permute(0, 3, 1, 2).contiguous()


def short(name):
    """The last two parts: the engine's name of a parameter in a case of one operation."""
    return ".".join(name.split(".")[-2:])


def start(net, rename=lambda name: name):
    """Set every parameter and buffer from its name: the table in README."""
    with torch.no_grad():
        for name, tensor in list(net.named_parameters()) + list(net.named_buffers()):
            if name.endswith("num_batches_tracked"):
                continue
            name = rename(name)
            if name.endswith("running_mean"):
                tensor.copy_(fill(name, tensor.shape, 0.25))
            elif name.endswith("running_var"):
                tensor.copy_((1 + fill(name, tensor.shape, 0.25)).float().double())
            elif tensor.dim() == 4:
                fan_out = tensor.shape[0] * tensor.shape[2] * tensor.shape[3]
                tensor.copy_(fill(name, tensor.shape, math.sqrt(6 / fan_out)))
            elif tensor.dim() == 2:
                tensor.copy_(fill(name, tensor.shape, math.sqrt(1 / tensor.shape[1])))
            elif name.endswith("weight"):
                tensor.copy_((1 + fill(name, tensor.shape, 0.25)).float().double())
            else:
                tensor.copy_(fill(name, tensor.shape, 0.25))
    return net


def save(file, tensors):
    """Write a safetensors document of F32 tensors."""
    header, offset, blobs = {}, 0, []
    for name, tensor in tensors.items():
        array = np.ascontiguousarray(tensor.detach().numpy().astype("<f4"))
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
        blobs.append(array.tobytes())
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(HERE, file), "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


# ---- operations ----------------------------------------------------------------------------


class AddNorm(nn.Module):
    """relu(bn(conv(x)) + x), and relu(bn(x)) + x: the two kinds of residual addition."""

    def __init__(self, channels, relu_first):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn = nn.BatchNorm2d(channels)
        self.relu_first = relu_first

    def forward(self, x):
        y = self.bn(self.conv(x))
        return F.relu(y) + x if self.relu_first else F.relu(y + x)


class Named(nn.Module):
    """One layer under a name, so that parameters are called as the engine calls them."""

    def __init__(self, name, layer, after=None):
        super().__init__()
        self.add_module(name, layer)
        self.layer, self.after = name, after

    def forward(self, x):
        x = getattr(self, self.layer)(x)
        return self.after(x) if self.after else x


class Plain(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def conv(*args, **more):
    return lambda: Named("conv", nn.Conv2d(*args, **more))


# name: (input as height, width, channels; module). Each is followed by flattening, and the
# result is taken for logits.
CASES = {
    "conv3x3": ((7, 6, 5), conv(5, 8, 3, 1, 1, bias=False)),
    "conv3x3_bias": ((5, 9, 3), conv(3, 20, 3, 1, 1)),
    "conv3x3_valid": ((6, 5, 4), conv(4, 7, 3, bias=False)),
    "conv3x3_stride2": ((9, 7, 6), conv(6, 5, 3, 2, 1, bias=False)),
    "conv5x5_groups": ((8, 7, 6), conv(6, 4, 5, 1, 2, groups=2)),
    "conv_depthwise": ((6, 6, 8), conv(8, 8, 3, 1, 1, groups=8, bias=False)),
    "conv1x1": ((5, 4, 9), conv(9, 33, 1, bias=False)),
    "conv1x1_stride2": ((7, 7, 4), conv(4, 6, 1, 2, bias=False)),
    "conv7x7_stride2": ((13, 12, 3), conv(3, 6, 7, 2, 3, bias=False)),
    "conv2x2_padded": ((3, 4, 3), conv(3, 5, 2, 1, 2)),
    "batchnorm": ((5, 4, 7), lambda: Named("bn", nn.BatchNorm2d(7, eps=1e-3, momentum=0.9))),
    "batchnorm_relu": ((4, 4, 6), lambda: Named("bn", nn.BatchNorm2d(6), F.relu)),
    "residual_after": ((4, 5, 4), lambda: AddNorm(4, False)),
    "residual_before": ((4, 5, 4), lambda: AddNorm(4, True)),
    "relu": ((3, 5, 4), lambda: Plain(F.relu)),
    "maxpool2": ((6, 7, 3), lambda: nn.MaxPool2d(2)),
    "maxpool3": ((7, 8, 3), lambda: nn.MaxPool2d(3, 2, 1)),
    "avgpool2": ((6, 7, 3), lambda: nn.AvgPool2d(2)),
    "avgpool3": ((7, 8, 3), lambda: nn.AvgPool2d(3, 2, 1, count_include_pad=False)),
    "adaptive": ((7, 5, 3), lambda: nn.AdaptiveAvgPool2d((3, 2))),
    "adaptive_wider": ((2, 3, 3), lambda: nn.AdaptiveAvgPool2d((3, 4))),
    "linear": ((2, 3, 5), lambda: nn.Sequential(nn.Flatten(), Named("fc", nn.Linear(30, 11)))),
    "linear_plain": ((1, 1, 70), lambda: nn.Sequential(nn.Flatten(), Named("fc", nn.Linear(70, 6, bias=False)))),
    "add_scale": ((3, 3, 4), lambda: Plain(lambda x: x + 0.5 * x)),
}
ROWS = 5


def operations():
    out = {}
    for case, (shape, module) in CASES.items():
        net = start(nn.Sequential(module()).double(), short)
        x = images(case, ROWS, *shape).requires_grad_()
        net.train()
        logits = net(x).flatten(1)
        labels = torch.tensor([(7 * row + 3) % logits.shape[1] for row in range(ROWS)])
        loss = F.cross_entropy(logits, labels, label_smoothing=0.1)
        loss.backward()
        out[f"{case}.logits"] = logits
        out[f"{case}.loss"] = loss.reshape(1)
        out[f"{case}.dx"] = x.grad.permute(0, 2, 3, 1)
        for name, p in net.named_parameters():
            out[f"{case}.d.{short(name)}"] = p.grad
        for name, buffer in net.named_buffers():
            if not name.endswith("num_batches_tracked"):
                out[f"{case}.{short(name)}"] = buffer
        net.eval()
        out[f"{case}.predict"] = net(x).flatten(1)
    save("operations.safetensors", out)


# ---- the whole of resnet9 --------------------------------------------------------------------


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
        for i in range(4):
            self.add_module(f"conv{i + 1}", nn.Conv2d(sides[i], sides[i + 1], 3, 1, 1, bias=False))
            self.add_module(f"bn{i + 1}", nn.BatchNorm2d(sides[i + 1]))
        self.pair1, self.pair2 = Pair(2 * width), Pair(4 * width)
        self.fc = nn.Linear(16 * width, classes)

    def unit(self, i, x):
        return F.relu(getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(x)))

    def forward(self, x):
        x = F.max_pool2d(self.unit(2, self.unit(1, x)), 2)
        x = F.max_pool2d(self.unit(3, self.pair1(x)), 2)
        x = self.pair2(F.max_pool2d(self.unit(4, x), 2))
        return self.fc(F.adaptive_avg_pool2d(x, 2).flatten(1))


def sample(tensor):
    """Up to SAMPLES entries at equal distances, and behind them the tensor's norm."""
    flat = tensor.detach().reshape(-1)
    step = max(1, flat.numel() // SAMPLES)
    return torch.cat([flat[::step][:SAMPLES], flat.norm().reshape(1)])


OPTIMISERS = {
    "sgd": lambda p: torch.optim.SGD(p, 0.05, momentum=0.9, nesterov=True, weight_decay=5e-4),
    "adam": lambda p: torch.optim.Adam(p, 0.002, weight_decay=1e-4),
    "adamw": lambda p: torch.optim.AdamW(p, 0.002, weight_decay=0.05),
}
LABELS = [3, 8, 8, 0, 6, 1, 9, 4]


def resnet9():
    out = {}
    # The wide network's input was chosen among several: with it no ReLU and no maximum is so near
    # to changing sides that rounding could decide (changes of 1e-5 change the gradients as little).
    for width, rows, name in ((16, 8, "resnet9.input"), (64, 3, "resnet9.wide3")):
        labels = torch.tensor(LABELS[:rows])
        x = images(name, rows, 16, 16, 3)
        net = start(ResNet9(width, 10).double())
        x.requires_grad_()
        net.train()
        logits = net(x)
        loss = F.cross_entropy(logits, labels)
        x.grad = None
        loss.backward()
        out[f"w{width}.logits"], out[f"w{width}.loss"] = logits, loss.reshape(1)
        out[f"w{width}.dx"] = sample(x.grad.permute(0, 2, 3, 1))
        for name, p in net.named_parameters():
            out[f"w{width}.d.{name}"] = sample(p.grad)
        for name, buffer in net.named_buffers():
            if not name.endswith("num_batches_tracked"):
                out[f"w{width}.{name}"] = sample(buffer)
        net.eval()
        out[f"w{width}.predict"] = net(x)
        out[f"w{width}.predict32"] = net(images("resnet9.larger", 2, 32, 32, 3))
    labels = torch.tensor(LABELS)
    x = images("resnet9.input", len(LABELS), 16, 16, 3)
    for optimiser, make in OPTIMISERS.items():
        net = start(ResNet9(16, 10).double()).train()
        steps = make(net.parameters())
        losses = []
        for step in range(3):
            steps.zero_grad()
            loss = F.cross_entropy(net(x), labels)
            loss.backward()
            steps.step()
            losses.append(loss.detach())
            for name, p in net.named_parameters():
                out[f"{optimiser}{step + 1}.{name}"] = sample(p)
        out[f"{optimiser}.losses"] = torch.stack(losses)
    save("resnet9.safetensors", out)


# ---- optimisers on given gradients --------------------------------------------------------------


def optimisers():
    out = {}
    for optimiser, make in OPTIMISERS.items():
        p = nn.Parameter(fill("optimiser.weight", (40,)))
        steps = make([p])
        for step in range(3):
            p.grad = fill(f"optimiser.gradient{step + 1}", (40,))
            steps.step()
            out[f"{optimiser}{step + 1}"] = p.detach().clone()
    save("optimisers.safetensors", out)


if __name__ == "__main__":
    operations()
    resnet9()
    optimisers()
