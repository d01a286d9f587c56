#!/usr/bin/env python3
"""mean.py MEAN WHAT FILE...: the stream MEAN is what averaging WHAT, probability or logit, of the FILEs gives. Exits 1 with a word if not."""
import itertools
import math
import sys

from score import mean, rows, softmax


def images(path, of):
    """Yield (id, label, mean over its rows) of every image."""
    for (number, label), group in itertools.groupby(rows(path), lambda row: row[:2]):
        yield number, label, mean([of(logits) for _, _, logits, _ in group])


of = softmax if sys.argv[2] == "probability" else list
files = [list(images(path, of)) for path in sys.argv[3:]]
got = list(rows(sys.argv[1]))
if len(got) != len(files[0]):
    sys.exit(f"{len(got)} rows of {len(files[0])} images")
for row, *sets in zip(got, *files):
    want = mean([values for _, _, values in sets])
    if row[:2] != sets[0][:2] or row[3] != (0, 0):
        sys.exit(f"id, label and place {row[0]}, {row[1]}, {row[3]} of {sets[0][:2]}")
    for a, b in zip(of(row[2]), want):
        if not math.isclose(a, b, rel_tol=1e-5, abs_tol=1e-7):
            sys.exit(f"image {row[0]}: {a}, not {b}")
