#!/usr/bin/env python3
"""heat.py IMAGES PREDICTIONS METHOD MAPS SCORES.json: make the maps of the predicted class and their scores another way, and compare.

NumPy does the work, pixel by pixel and by the definitions. Exits 1 with a word for every figure that differs.
"""
import json
import sys

import numpy as np

TYPES = {"U8": "u1", "I32": "<i4", "I64": "<i8", "F32": "<f4"}
wrong = []


def records(path):
    """Yield (metadata, tensors) of every record of a stream."""
    with open(path, "rb") as file:
        while head := file.read(8):
            head = json.loads(file.read(int.from_bytes(head, "little")))
            meta = head.pop("__metadata__", {})
            data = file.read(max((t["data_offsets"][1] for t in head.values()), default=0))
            yield meta, {name: np.frombuffer(data[slice(*t["data_offsets"])], TYPES[t["dtype"]]).reshape(t["shape"])
                         for name, t in head.items()}


def table(path):
    """All rows of a stream by column, and the header's metadata."""
    parts = list(records(path))
    names = next(tensors for _, tensors in parts if tensors).keys()
    return parts[0][0], {n: np.concatenate([t[n] for _, t in parts if t]) for n in names}


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def value(method, logits, about):
    """What a method makes of each tile."""
    p = softmax(logits)
    if method == "paper":
        return np.where(logits.argmax(1) == about, logits.max(1), np.nan)
    if method == "cover":
        return p[:, about]
    if method == "logit":
        return logits[:, about]
    if method == "margin":
        return logits[:, about] - np.delete(logits, about, 1).max(1)
    if method == "entropy":
        return -(p * np.log2(np.maximum(p, 1e-300))).sum(1)
    return logits.argmax(1).astype(float)


def make_map(method, meta, logits, y, x, height, width, about):
    """The map of one image, from its tiles."""
    side, stride = int(meta["tile"]), int(meta["stride"])
    values = value(method, logits, about)
    heat = np.full((height, width), np.nan)
    if method == "cover":
        for v in range(height):
            for u in range(width):
                over = (y <= v) & (v < y + side) & (x <= u) & (u < x + side)
                if over.any():
                    heat[v, u] = values[over].mean()
        return heat
    if method in ("paper", "classes"):
        def inside(pixels, corners):
            """[pixels, tiles]: within half a stride of the centre; less than a stride beyond those at the ends."""
            before = np.where(corners == corners.min(), stride - 1, stride // 2)
            behind = np.where(corners == corners.max(), stride, stride - stride // 2)
            away = np.arange(pixels)[:, None] - (corners + side // 2)
            return (-before <= away) & (away < behind)

        down, along = inside(height, y), inside(width, x)
        for v in range(height):
            for u in range(width):
                cell = np.flatnonzero(down[v] & along[u])
                if len(cell) > 0:
                    heat[v, u] = values[min(cell, key=lambda i: ((v - y[i] - (side - 1) / 2) ** 2 +
                                                                 (u - x[i] - (side - 1) / 2) ** 2, y[i], x[i]))]
        return heat
    ys, xs = np.unique(y), np.unique(x)
    grid = np.empty((len(ys), len(xs)))
    grid[np.searchsorted(ys, y), np.searchsorted(xs, x)] = values
    rows = np.array([np.interp(np.arange(width), xs + side // 2, line) for line in grid])
    heat = np.array([np.interp(np.arange(height), ys + side // 2, column) for column in rows.T]).T
    for v in range(height):
        for u in range(width):
            if min(abs(ys + side // 2 - v)) >= stride or min(abs(xs + side // 2 - u)) >= stride:
                heat[v, u] = np.nan
    return heat


def score(heat, on):
    """The measures of one map."""
    positive = np.where(heat > 0, heat, 0)
    level = np.where(np.isnan(heat), -np.inf, heat)
    inside, beside = level[on], level[~on]
    longer = max(heat.shape)
    near = np.zeros_like(on)
    for v, u in zip(*np.nonzero(on)):
        vs, us = np.ogrid[:heat.shape[0], :heat.shape[1]]
        near |= (vs - v) ** 2 + (us - u) ** 2 <= round(0.03 * longer) ** 2
    shown = ~np.isnan(heat)
    hottest = shown & (level == level.max())
    order = np.sort(level.ravel())[::-1]
    threshold = order[on.sum() - 1]
    sure, tied = level > threshold, level == threshold
    rank = (on & sure).sum() + (on & tied).sum() * (on.sum() - sure.sum()) / tied.sum()
    with np.errstate(invalid="ignore"):
        wins = (inside[:, None] > beside).sum() + (inside[:, None] == beside).sum() / 2
    overlaps = []
    for i in range(1, 20):
        hot = (level >= positive.max() * i / 20) & (positive.max() > 0)
        overlaps.append((hot & on).sum() / (hot | on).sum())
    return {
        "energy": positive[on].sum() / positive.sum() if positive.sum() > 0 else np.nan,
        "area": on.mean() if positive.sum() > 0 else np.nan,
        "pointing": near[hottest].mean() if shown.any() else 0,
        "centre": float(near[heat.shape[0] // 2, heat.shape[1] // 2]),
        "rank": rank / on.sum(),
        "roc": wins / (len(inside) * len(beside)),
        "iou": overlaps[9],
    }, overlaps


def middles(pixels):
    """The pixels in the middle of each of 64 places along a side, and the places that the pixels are in."""
    return (2 * np.arange(64) + 1) * pixels // 128, (2 * np.arange(pixels) + 1) * 64 // (2 * pixels)


def on_others(heat, mask, masks):
    """The share of the positive heat where other images have their objects, the mean over them."""
    def at_places(on):
        return on[np.ix_(middles(on.shape[0])[0], middles(on.shape[1])[0])].astype(float)

    positive = np.where(heat > 0, heat, 0)
    others = (sum(at_places(other) for other in masks) - at_places(mask)) / (len(masks) - 1)
    there = others[np.ix_(middles(heat.shape[0])[1], middles(heat.shape[1])[1])]
    return (positive * there).sum() / positive.sum() if positive.sum() > 0 else np.nan


def same(what, a, b, tolerance=1e-5):
    if b is None:
        b = np.nan
    if not (np.isnan(a) and np.isnan(b)) and not abs(a - b) <= tolerance * max(1, abs(a)):
        wrong.append(f"{what}: {a} here, {b} there")


def main():
    images_path, predictions_path, method, maps_path, scores_path = sys.argv[1:]
    meta, rows = table(predictions_path)
    _, images = table(images_path)
    _, maps = table(maps_path)
    with open(scores_path, encoding="utf-8") as file:
        scores = json.load(file)
    by_class = {}
    for n, number in enumerate(dict.fromkeys(rows["id"])):
        at = np.nonzero(rows["id"] == number)[0]
        logits = rows["logits"][at].astype(float)
        about = softmax(logits).mean(0).argmax()
        height, width = int(rows["height"][at[0]]), int(rows["width"][at[0]])
        heat = make_map(method, meta, logits, rows["y"][at], rows["x"][at], height, width, about)
        there = maps["heat"][n].astype(float)
        if maps["class"][n] != about:
            wrong.append(f"image {number}: class {about} here, {maps['class'][n]} there")
        if not np.allclose(heat, there, rtol=1e-5, atol=1e-5, equal_nan=True):
            wrong.append(f"image {number}: the maps differ by {np.nanmax(abs(heat - there))}")
        mask = images["mask"][list(images["id"]).index(number)] != 0
        measures, overlaps = score(there, mask)
        measures["others"] = on_others(there, mask, images["mask"] != 0)
        by_class.setdefault(about, []).append((measures, overlaps))
    for line in scores["classes"]:
        about = json.loads(meta["classes"]).index(line["class"])
        measures = by_class.pop(about)
        for name in measures[0][0]:
            values = [m[name] for m, _ in measures]
            same(f"{line['class']}: {name}", np.nanmean(values) if not np.isnan(values).all() else np.nan, line[name]["mean"])
        lit = [m for m, _ in measures if not np.isnan(m["energy"])]
        same(f"{line['class']}: lift", np.mean([m["energy"] for m in lit]) / np.mean([m["area"] for m in lit]) if lit else np.nan,
             line["lift"]["mean"])
        same(f"{line['class']}: own", np.mean([m["energy"] for m in lit]) / np.mean([m["others"] for m in lit]) if lit else np.nan,
             line["own"]["mean"])
        overlaps = np.mean([o for _, o in measures], axis=0)
        same(f"{line['class']}: best iou", overlaps.max(), line["best_iou"])
        same(f"{line['class']}: best threshold", (overlaps.argmax() + 1) / 20, line["best_threshold"])
    if by_class:
        wrong.append(f"classes {sorted(by_class)} are missing there")
    print("\n".join(wrong[:20]))
    sys.exit(bool(wrong))


main()
