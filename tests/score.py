#!/usr/bin/env python3
"""score.py PREDICTIONS REPORT.json [OTHER]: compute all that myopic-eval says, another way, and compare.

REPORT.json may be one of --tiles (with the seed 1, or that in $SEED), of --positions and of --against OTHER. Python's own
library is enough. Exits 1 with a word for every figure that differs.
"""
import array
import fractions
import json
import math
import os
import re
import struct
import sys

BINS = 15
WORD, LONG = 2**32, 2**64


def rows(path):
    """Yield (id, label, logits, (y, x)) of every row of a stream."""
    with open(path, "rb") as file:
        while head := file.read(8):
            head = json.loads(file.read(int.from_bytes(head, "little")))
            head.pop("__metadata__", None)
            data = file.read(max((t["data_offsets"][1] for t in head.values()), default=0))
            if not head:
                continue
            column = {}
            for name, code in (("id", "q"), ("label", "i"), ("y", "i"), ("x", "i"), ("logits", "f")):
                column[name] = array.array(code, data[slice(*head[name]["data_offsets"])])
            classes = head["logits"]["shape"][1]
            for i, number in enumerate(column["id"]):
                place = column["y"][i], column["x"][i]
                yield number, column["label"][i], column["logits"][i * classes:(i + 1) * classes], place


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


def mcnemar(one, other):
    """All outcomes of n throws of a coin that are no more likely than this one."""
    n, least = one + other, min(one, other)
    tail = sum(math.comb(n, i) for i in range(least + 1))
    return float(min(fractions.Fraction(2 * tail, 2**n), 1))


# ---- the order of tiles ----

def philox(counter, key):
    (x0, x1, x2, x3), (k0, k1) = counter, key
    for i in range(10):
        p0, p1 = 0xD2511F53 * x0, 0xCD9E8D57 * x2
        r0, r1 = (k0 + i * 0x9E3779B9) % WORD, (k1 + i * 0xBB67AE85) % WORD
        x0, x1, x2, x3 = p1 // WORD ^ x1 ^ r0, p1 % WORD, p0 // WORD ^ x3 ^ r1, p0 % WORD
    return x0, x1, x2, x3


def purpose(name):
    """The number of a purpose of random numbers, from the header that has them."""
    with open(os.path.join(os.path.dirname(__file__), "..", "lib", "base", "base.h")) as file:
        names = re.search(r"enum myo_purpose \{(.*?)\};", file.read(), re.S).group(1)
    return re.findall(r"MYO_RNG_[A-Z]+", names).index(name) + 1


def draw(seed, of, a, b):
    key = philox((seed % WORD, seed // WORD, of, 0), (0, 0))[:2]
    return philox((0, a % WORD, b % WORD, b % LONG // WORD), key)[0]


def mix(h):
    h = (h ^ h >> 33) * 0xFF51AFD7ED558CCD % LONG
    h = (h ^ h >> 33) * 0xC4CEB9FE1A85EC53 % LONG
    return h ^ h >> 33


def digest(logits):
    h = 0
    for bits in struct.unpack(f"{len(logits)}I", struct.pack(f"{len(logits)}f", *logits)):
        h = mix(h ^ bits)
    return h


class Image:
    """What one set of predictions has of an image."""

    def __init__(self, number, label):
        self.number, self.label, self.tiles, self.places = number, label, [], []

    def choices(self, tiles=None):
        """By mean probability, by mean logit, by vote."""
        tiles = self.tiles if tiles is None else tiles
        each = [softmax(t) for t in tiles]
        classes = range(len(tiles[0]))
        p, logits, votes = mean(each), mean(tiles), [0] * len(classes)
        for t in each:
            votes[t.index(max(t))] += 1
        return (max(classes, key=lambda c: p[c]), max(classes, key=lambda c: logits[c]),
                max(classes, key=lambda c: (votes[c], p[c])))

    def in_order(self, seed, of):
        """By a number drawn for each place; the second tile there and those behind it have one made of that."""
        keys, before = [], {}
        for tile, (y, x) in sorted(zip(self.tiles, self.places), key=lambda pair: digest(pair[0])):
            drawn = draw(seed, of, (y << 16) + x, self.number)
            twin = before.get(drawn, 0)
            before[drawn] = twin + 1
            keys.append((mix(drawn * WORD + twin) // WORD if twin else drawn, digest(tile), tile))
        return [tile for _, _, tile in sorted(keys)]


def images_of(path):
    images, unlabelled = {}, 0
    for number, label, logits, place in rows(path):
        if label < 0:
            unlabelled += 1
            continue
        image = images.setdefault(number, Image(number, label))
        image.tiles.append(logits)
        image.places.append(place)
    return images, unlabelled


wrong = []


def check(what, ours, theirs, tolerance=1e-6):
    if (ours is None) != (theirs is None) or ours is not None and not abs(ours - theirs) <= tolerance:
        wrong.append(f"{what}: {theirs}, by score.py {ours}")


def check_share(what, hits, of, theirs, interval=True):
    check(what, hits, theirs["hits"])
    check(what + " of", of, theirs["of"])
    check(what + " percent", 100 * hits / of, theirs["percent"])
    if interval:
        for ours, bound in zip(wilson(hits, of), theirs["interval"]):
            check(what + " interval", 100 * ours, bound)


def check_classes(confusion, said):
    k = len(confusion)
    means = {"recall": [], "precision": [], "f1": []}
    for c in range(k):
        images, predicted, hits = sum(confusion[c]), sum(row[c] for row in confusion), confusion[c][c]
        recall = hits / images if images else None
        precision = hits / predicted if predicted else None
        f1 = None if not images and not predicted else 0 if not hits else 2 / (1 / recall + 1 / precision)
        theirs = said["by_class"][c]
        for name, ours in (("images", images), ("predicted", predicted), ("hits", hits)):
            check(f"class {c} {name}", ours, theirs[name])
        for name, ours in (("recall", recall), ("precision", precision), ("f1", f1)):
            check(f"class {c} {name}", ours if ours is None else 100 * ours, theirs[name])
            if images:
                means[name].append(ours or 0)
    check("macro classes", len(means["f1"]), said["macro"]["classes"])
    for name, values in means.items():
        check("macro " + name, 100 * math.fsum(values) / len(values), said["macro"][name])


def check_tiles(images, said):
    seed, of = int(os.environ.get("SEED", "1")), purpose("MYO_RNG_TILES")
    most = max(len(i.tiles) for i in images.values())
    numbers = [2**n for n in range(most.bit_length()) if 2**n < most] + [most]
    check("rows of by_tiles", len(numbers), len(said))
    ordered = {number: image.in_order(seed, of) for number, image in images.items()}
    for n, theirs in zip(numbers, said):
        check("tiles", n, theirs["tiles"])
        check(f"{n} tiles: enough", sum(len(i.tiles) >= n for i in images.values()), theirs["enough"])
        right = [0, 0, 0]
        for number, image in images.items():
            for way, choice in enumerate(image.choices(ordered[number][:n])):
                right[way] += choice == image.label
        for way, name in enumerate(("mean_probability", "mean_logit", "vote")):
            check_share(f"{n} tiles: {name}", right[way], len(images), theirs[name])


def check_positions(images, said):
    places = {}
    for image in images.values():
        for tile, place in zip(image.tiles, image.places):
            places.setdefault(place, []).append(rank(tile, image.label) == 0)
    check("positions", len(places), len(said))
    for (place, right), theirs in zip(sorted(places.items()), said):
        check("y", place[0], theirs["y"])
        check("x", place[1], theirs["x"])
        check_share(f"position {place}", sum(right), len(right), theirs["accuracy"])


def check_against(images, others, classes, said):
    n, counts, table, alike = len(images), [0] * 4, [[0] * classes for _ in range(classes)], 0
    for number, image in images.items():
        a, b = image.choices()[0], others[number].choices()[0]
        table[a][b] += 1
        counts[(a != image.label) * 2 + (b != image.label)] += 1
        alike += a == b != image.label
    both, one, other, neither = counts
    same = sum(table[c][c] for c in range(classes))
    check("against: images", n, said["images"])
    check_share("against: accuracy", both + one, n, said["accuracy"])
    check_share("against: other accuracy", both + other, n, said["other_accuracy"])
    check_share("against: same", same, n, said["same"])
    check("against: difference", 100 * (one - other) / n, said["difference"]["points"], 1e-9)
    # half an image more of each of the four kinds, and the normal interval of a mean of (1, -1, 0)
    more, less, all_of = one + 0.5, other + 0.5, n + 2
    mean = (more - less) / all_of
    spread = math.sqrt(((more + less) / all_of - mean * mean) / all_of)
    for got, want in zip(said["difference"]["interval"], (mean - 1.959963984540054 * spread, mean + 1.959963984540054 * spread)):
        check("against: interval of the difference", 100 * max(-1, min(1, want)), got, 1e-9)
    for name, ours in (("both", both), ("only_this", one), ("only_that", other), ("neither", neither), ("neither_same", alike)):
        check("against: " + name, ours, said[name])
    # Cohen's kappa in whole numbers: (n same - chance) / (n n - chance)
    chance = sum(sum(table[c]) * sum(row[c] for row in table) for c in range(classes))
    check("against: kappa", (n * same - chance) / (n * n - chance) if n * n > chance else None, said["kappa"])
    p = mcnemar(one, other)
    check("against: p", p, said["p"], 1e-9 * p)


def main():
    path, report = sys.argv[1:3]
    with open(report) as file:
        said = json.load(file)
    images, unlabelled = images_of(path)
    k, top = len(next(iter(images.values())).tiles[0]), said["k"]
    hits = dict.fromkeys(("accuracy", "top", "mean_logit", "vote", "tiles"), 0)
    losses, tile_losses, chosen = [], [], []
    confusion = [[0] * k for _ in range(k)]
    for image in images.values():
        label, each = image.label, [softmax(t) for t in image.tiles]
        p = mean(each)
        choice, by_logit, by_vote = image.choices()
        for t in each:
            hits["tiles"] += t.index(max(t)) == label
            tile_losses.append(-math.log(t[label]))
        hits["accuracy"] += choice == label
        hits["top"] += rank(p, label) < top
        hits["mean_logit"] += by_logit == label
        hits["vote"] += by_vote == label
        losses.append(-math.log(p[label]))
        confusion[label][choice] += 1
        chosen.append((p[choice], choice == label))

    check("rows", len(tile_losses), said["rows"])
    check("images", len(images), said["images"])
    check("unlabelled", unlabelled, said["unlabelled"])
    for name, count in hits.items():
        check_share(name, count, len(tile_losses) if name == "tiles" else len(images), said[name], name != "tiles")
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
    check_classes(confusion, said)
    if "by_tiles" in said:
        check_tiles(images, said["by_tiles"])
    if "by_position" in said:
        check_positions(images, said["by_position"])
    if len(sys.argv) > 3:
        check_against(images, images_of(sys.argv[3])[0], k, said["against"])
    print("\n".join(wrong) or f"{len(images)} images of {len(tile_losses)} rows agree")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
