#!/usr/bin/env python3
"""score.py PREDICTIONS REPORT.json: compute all that myopic-eval says, another way, and compare.

Python's own library is enough. Exits 1 with a word for every figure that differs.
"""
import array
import json
import math
import sys

BINS = 15


def rows(path):
    """Yield (id, label, logits) of every row of a stream."""
    with open(path, "rb") as file:
        while head := file.read(8):
            head = json.loads(file.read(int.from_bytes(head, "little")))
            head.pop("__metadata__", None)
            data = file.read(max((t["data_offsets"][1] for t in head.values()), default=0))
            if not head:
                continue
            column = {}
            for name, code in (("id", "q"), ("label", "i"), ("logits", "f")):
                column[name] = array.array(code, data[slice(*head[name]["data_offsets"])])
            classes = head["logits"]["shape"][1]
            for i, number in enumerate(column["id"]):
                yield number, column["label"][i], column["logits"][i * classes:(i + 1) * classes]


def softmax(logits):
    powers = [math.exp(x - max(logits)) for x in logits]
    return [p / math.fsum(powers) for p in powers]


def mean(vectors):
    return [math.fsum(values) / len(vectors) for values in zip(*vectors)]


def rank(values, label):
    """Place of the label when classes are sorted by value, the first of equals first."""
    return sorted(range(len(values)), key=lambda c: (-values[c], c)).index(label)


def wilson(hits, n):
    """The two roots of |p - hits / n| = z sqrt(p (1 - p) / n)."""
    z = 1.959963984540054
    a, b, c = 1 + z * z / n, -(2 * hits + z * z) / n, (hits / n) ** 2
    root = math.sqrt(max(b * b - 4 * a * c, 0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def main():
    path, report = sys.argv[1:]
    with open(report) as file:
        said = json.load(file)
    images, unlabelled = {}, 0
    for number, label, logits in rows(path):
        if label < 0:
            unlabelled += 1
        else:
            images.setdefault(number, (label, []))[1].append(logits)
    k, top = len(logits), said["k"]
    hits = dict.fromkeys(("accuracy", "top", "mean_logit", "vote", "tiles"), 0)
    losses, tile_losses, chosen = [], [], []
    confusion = [[0] * k for _ in range(k)]
    for label, tiles in images.values():
        each = [softmax(t) for t in tiles]
        p = mean(each)
        choice = max(range(k), key=lambda c: p[c])
        votes = [0] * k
        for t in each:
            votes[t.index(max(t))] += 1
            hits["tiles"] += t.index(max(t)) == label
            tile_losses.append(-math.log(t[label]))
        hits["accuracy"] += choice == label
        hits["top"] += rank(p, label) < top
        hits["mean_logit"] += rank(mean(tiles), label) == 0
        hits["vote"] += max(range(k), key=lambda c: (votes[c], p[c])) == label
        losses.append(-math.log(p[label]))
        confusion[label][choice] += 1
        chosen.append((p[choice], choice == label))

    wrong = []

    def check(what, ours, theirs, tolerance=1e-6):
        if not abs(ours - theirs) <= tolerance:
            wrong.append(f"{what}: {theirs}, by score.py {ours}")

    check("rows", len(tile_losses), said["rows"])
    check("images", len(images), said["images"])
    check("unlabelled", unlabelled, said["unlabelled"])
    for name, count in hits.items():
        of = len(tile_losses) if name == "tiles" else len(images)
        check(name, count, said[name]["hits"])
        check(name + " of", of, said[name]["of"])
        check(name + " percent", 100 * count / of, said[name]["percent"])
        if name != "tiles":
            for ours, theirs in zip(wilson(count, of), said[name]["interval"]):
                check(name + " interval", 100 * ours, theirs)
    check("loss", math.fsum(losses) / len(losses), said["loss"])
    check("tiles_loss", math.fsum(tile_losses) / len(tile_losses), said["tiles_loss"])
    error = 0
    for i in range(BINS):
        inside = [c for c in chosen if min(int(c[0] * BINS), BINS - 1) == i]
        check(f"bin {i}", len(inside), said["bins"][i]["images"])
        check(f"bin {i} correct", sum(c[1] for c in inside), said["bins"][i]["correct"])
        error += abs(sum(c[1] for c in inside) - math.fsum(c[0] for c in inside)) / len(images)
    check("calibration_error", error, said["calibration_error"])
    if confusion != said["confusion"]:
        wrong.append(f"confusion: {said['confusion']}, by score.py {confusion}")
    print("\n".join(wrong) or f"{len(images)} images of {len(tile_losses)} rows agree")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
