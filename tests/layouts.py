#!/usr/bin/env python3
"""Data sets in the layouts in which they are given out: made small, and read another way than myopic does.

    layouts.py make FOLDER [--seed N]             draw the pictures and write every set into FOLDER
    layouts.py expect LAYOUT [OPTIONS] FILE...    the rows that myopic-unpack must write, one a line
    layouts.py check STREAM LAYOUT [OPTIONS] FILE...
                                                  compare a stream (- is standard input) with them
    layouts.py notice STREAM LAYOUT [OPTIONS] FILE...
                                                  the same, and then that check notices whatever is changed
    layouts.py parts SHARE KEPT HELD LAYOUT [OPTIONS] FILE...
                                                  two streams are the two parts of what --holdout divides
    layouts.py all FILE                           the lines of FILE are such commands: do them all
    layouts.py places ARCHIVE                     where to cut it: offsets at which something begins or ends
    layouts.py damage N SEED ARCHIVE COMMAND...   run COMMAND on N copies that have one wrong byte each

LAYOUT is a name of myopic-unpack's --format, OPTIONS are those of myopic-unpack. The archives are read by
tarfile and zipfile, the pictures by Pillow, and what is said of them is said by this program alone: it
shares no line and no table with what it tests. Exits 1 with one line for the first thing that differs.
"""
import argparse
import copy
import gzip
import io
import json
import lzma
import math
import os
import random
import re
import shlex
import subprocess
import sys
import tarfile
import zipfile
import zlib
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from PIL import Image

# ---- pictures ---------------------------------------------------------------------------------------------
# No two pixels of a picture may be exchanged without notice: each channel has a slope and a wave of its own
# direction, noise on top, and the corner is bright on the left and dark at the top.


def draw(rng, height, width):
    """A picture, U8 [height, width, 3]."""
    y, x = np.mgrid[0:height, 0:width]
    planes = []
    for _ in range(3):
        down, along, phase = rng.uniform(0.1, 0.9, 3)
        plane = rng.uniform(70, 180) + rng.uniform(-40, 40) * y / height + rng.uniform(-40, 40) * x / width
        plane += 40 * np.sin(down * y + along * x + 7 * phase) + rng.normal(0, 6, (height, width))
        planes.append(plane)
    picture = np.stack(planes, axis=-1)
    picture[: height // 3, : width // 5] += 60
    picture[: height // 6, width // 2 :] -= 60
    return np.clip(picture, 0, 255).astype(np.uint8)


def encode(picture, form):
    """The bytes of a picture file; form: an ending, then perhaps how."""
    ending, _, how = form.partition(" ")
    image = Image.fromarray(picture)
    file = io.BytesIO()
    if how in ("grey", "L"):
        image = image.convert("L")
    elif how == "palette":
        image = image.quantize(11)
    elif how == "bits":
        image = image.convert("1")
    elif how == "sixteen":
        deep = picture[..., 0].astype(np.uint16) * 250 + picture[..., 1]
        image = Image.fromarray(deep)
    elif how == "alpha":
        image = Image.fromarray(np.dstack([picture, picture[::-1, :, 1]]), "RGBA")
    elif how == "grey alpha":
        image = Image.fromarray(np.dstack([picture[..., 0], picture[::-1, :, 1]]), "LA")
    elif how.startswith("turned"):
        exif = Image.Exif()
        exif[ORIENTATION] = int(how.split()[1])
        image.save(file, "JPEG", quality=92, exif=exif)
        return file.getvalue()
    elif how in ("inks", "ycck", "plain inks"):
        image = Image.fromarray(np.dstack([picture, picture[:, ::-1, 0] // 2]), "CMYK")
    if ending == "png":
        image.save(file, "PNG")
        return file.getvalue()
    image.save(file, "JPEG", quality=92, progressive=how == "progressive")
    content = file.getvalue()
    adobe = content.find(b"\xff\xee\x00\x0eAdobe")
    if how == "ycck":  # the marker's last byte tells that the inks are written as brightness and colour
        content = content[: adobe + 15] + b"\x02" + content[adobe + 16 :]
    elif how == "plain inks":  # without the marker, inks are not inverted
        content = content[:adobe] + content[adobe + 16 :]
    return content


# What makes a picture upright that says it lies like this.
ORIENTATION = 0x112
TURNS = {2: Image.FLIP_LEFT_RIGHT, 3: Image.ROTATE_180, 4: Image.FLIP_TOP_BOTTOM, 5: Image.TRANSPOSE, 6: Image.ROTATE_270,
         7: Image.TRANSVERSE, 8: Image.ROTATE_90}


def turn_of(content):
    """The key in TURNS of a picture file; None: it is upright."""
    turn = Image.open(io.BytesIO(content)).getexif().get(ORIENTATION) if isinstance(content, bytes) else None
    return turn if turn in TURNS else None


def decode(content):
    """U8 [height, width, 3] of a PNG or JPEG file as it is stored, as lib/image/image.h says how."""
    image = Image.open(io.BytesIO(content))
    if image.mode == "CMYK":
        # Pillow inverts what is in the file, whoever wrote it; Adobe's inks are inverted in the file.
        inks = np.asarray(image).astype(int)
        inks = 255 - inks if "adobe" in image.info else inks
        return ((inks[..., :3] * inks[..., 3:] + 127) // 255).astype(np.uint8)
    if image.mode.startswith("I"):
        grey = (np.asarray(image).astype(np.int64) * 255 + 32895) >> 16
        return np.repeat(grey[..., None], 3, axis=-1).astype(np.uint8)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        values = np.asarray(image.convert("RGBA")).astype(int)
        alpha = values[..., 3:]
        return ((values[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
    return np.asarray(image.convert("RGB"))


# ---- archives, written --------------------------------------------------------------------------------------


def tar_bytes(members, form=tarfile.GNU_FORMAT):
    """A tar of (path, bytes); None in place of bytes: a folder."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as tar:
        for path, content in members:
            info = tarfile.TarInfo(path)
            info.mtime, info.uid, info.gid, info.uname, info.gname = 1340000000, 1000, 1000, "user", "users"
            info.mode = 0o755 if content is None else 0o644
            if content is None:
                info.type = tarfile.DIRTYPE
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


def zip_bytes(members, streamed=False):
    """A zip of (path, bytes); streamed: written to a pipe, so that sizes stand behind the data."""

    class Pipe(io.RawIOBase):
        def __init__(self):
            self.content = bytearray()

        def writable(self):
            return True

        def write(self, data):
            self.content += data
            return len(data)

    file = Pipe() if streamed else io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (path, content) in enumerate(members):
            info = zipfile.ZipInfo(path if content is not None else path.rstrip("/") + "/", (2015, 2, 2, 2, 2, 2))
            info.external_attr = 0o40755 << 16 if content is None else 0o100644 << 16
            info.compress_type = zipfile.ZIP_STORED if content is None or number % 5 == 4 else zipfile.ZIP_DEFLATED
            archive.writestr(info, content or b"")
    return bytes(file.content) if streamed else file.getvalue()


def write(folder, path, content):
    path = os.path.join(folder, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)


def packed(content):
    return gzip.compress(content, 6, mtime=0)


def lines(words):
    return "".join(f"{word}\n" for word in words)


def some_of_each(rng, count, classes):
    """So many labels in no order, each class among them."""
    labels = np.concatenate([np.arange(classes), rng.integers(0, classes, count)])[:count]
    return rng.permutation(labels)


# ---- the layouts, written -----------------------------------------------------------------------------------

CIFAR10 = "airplane automobile bird cat deer dog frog horse ship truck".split()
CIFAR100 = """apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel
can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant
flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree
motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy
porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel
streetcar sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale
willow_tree wolf woman worm""".split()
CIFAR20 = """aquatic_mammals fish flowers food_containers fruit_and_vegetables household_electrical_devices
household_furniture insects large_carnivores large_man-made_outdoor_things large_natural_outdoor_scenes
large_omnivores_and_herbivores medium_mammals non-insect_invertebrates people reptiles small_mammals trees vehicles_1
vehicles_2""".split()


def make_cifar10(folder, rng):
    """Records of a label and three planes, row by row; the batches stand in the archive in no order."""
    batch = {}
    for number in range(6):
        records = b""
        for label in some_of_each(rng, 12, 10):
            records += bytes([label]) + draw(rng, 32, 32).transpose(2, 0, 1).tobytes()
        batch[number] = records
    top = "cifar-10-batches-bin/"
    page = '<meta HTTP-EQUIV="REFRESH" content="0; url=http://www.cs.toronto.edu/~kriz/cifar.html">\n'
    write(folder, "cifar-10-binary.tar.gz", packed(tar_bytes([
        (top, None),
        (top + "data_batch_1.bin", batch[1]),
        (top + "batches.meta.txt", (lines(CIFAR10) + "\n").encode()),
        (top + "data_batch_3.bin", batch[3]),
        (top + "data_batch_4.bin", batch[4]),
        (top + "test_batch.bin", batch[0]),
        (top + "readme.html", page.encode()),
        (top + "data_batch_5.bin", batch[5]),
        (top + "data_batch_2.bin", batch[2]),
    ])))
    names = "data_batch_4 readme.html test_batch data_batch_3 batches.meta data_batch_2 data_batch_5 data_batch_1"
    top = "cifar-10-batches-py/"
    write(folder, "cifar-10-python.tar.gz", packed(tar_bytes(
        [(top, None)] + [(top + name, b"\x80\x02}q\x01.") for name in names.split()])))


def make_cifar100(folder, rng):
    """Records of a coarse label, a fine one and three planes."""
    top, members = "cifar-100-binary/", []
    for name in ("train", "test"):
        records = b""
        for fine in rng.permutation(100)[: 14 if name == "train" else 9]:
            records += bytes([fine * 7 % 20, fine]) + draw(rng, 32, 32).transpose(2, 0, 1).tobytes()
        members.append((top + name + ".bin", records))
    write(folder, "cifar-100-binary.tar.gz", packed(tar_bytes([
        (top, None),
        (top + "coarse_label_names.txt", lines(CIFAR20).encode()),
        members[0],
        members[1],
        (top + "fine_label_names.txt", lines(CIFAR100).encode()),
    ])))
    top = "cifar-100-python/"
    write(folder, "cifar-100-python.tar.gz", packed(tar_bytes(
        [(top, None)] + [(top + name, b"\x80\x02}q\x01.") for name in ("file.txt~", "train", "test", "meta")])))


def make_stl10(folder, rng):
    """Planes column by column, labels from 1 in a file of their own, ten folds of the training pictures."""
    top, files = "stl10_binary/", {}
    for split, count in (("train", 13), ("test", 11), ("unlabeled", 3)):
        pictures = [draw(rng, 96, 96).transpose(2, 1, 0).tobytes() for _ in range(count)]
        files[split + "_X.bin"] = b"".join(pictures)
        if split != "unlabeled":
            files[split + "_y.bin"] = bytes((some_of_each(rng, count, 10) + 1).astype(np.uint8))
    names = "airplane bird car cat deer dog horse monkey ship truck".split()
    files["class_names.txt"] = lines(names).encode()
    folds = [" ".join(str(i) for i in rng.permutation(13)[:5]) + " " for _ in range(10)]
    files["fold_indices.txt"] = lines(folds).encode()
    order = "test_X.bin test_y.bin train_X.bin train_y.bin unlabeled_X.bin class_names.txt fold_indices.txt"
    write(folder, "stl10_binary.tar.gz", packed(tar_bytes(
        [(top, None)] + [(top + name, files[name]) for name in order.split()])))


def make_tiny(folder, rng):
    """Boxes in texts; the classes of the validation pictures too. Ids and words stand in no order of use."""
    wnids = ["n02124075", "n01443537", "n04067472", "n03126707", "n02012849"]
    words = ["n00001740\tentity", "n01443537\tgoldfish, Carassius auratus", "n02012849\tcrane",
             "n02124075\tEgyptian cat", "n03126707\tcrane", "n04067472\treel", "n15300051\tpowder"]
    top = "tiny-imagenet-200/"

    def picture(number):
        return encode(draw(rng, 64, 64), "jpg grey" if number % 5 == 3 else "jpg")

    def box():
        x, y = np.sort(rng.permutation(64)[:2]), np.sort(rng.permutation(64)[:2])
        return f"{x[0]}\t{y[0]}\t{x[1]}\t{y[1]}"

    members = [(top, None), (top + "words.txt", lines(words).encode()), (top + "test/", None),
               (top + "test/images/", None)]
    for number in rng.permutation(4):
        members.append((f"{top}test/images/test_{number}.JPEG", picture(number)))
    members.append((top + "train/", None))
    for wnid in rng.permutation(wnids):
        members += [(f"{top}train/{wnid}/", None), (f"{top}train/{wnid}/images/", None)]
        notes, numbers = [], rng.permutation(4)
        for number in numbers:
            members.append((f"{top}train/{wnid}/images/{wnid}_{number}.JPEG", picture(number)))
        for number in range(4):
            notes.append(f"{wnid}_{number}.JPEG\t{box()}")
        members.append((f"{top}train/{wnid}/{wnid}_boxes.txt", lines(notes).encode()))
    notes, labels = [], some_of_each(rng, 11, len(wnids))
    members += [(top + "val/", None), (top + "val/images/", None)]
    for number in rng.permutation(11):
        members.append((f"{top}val/images/val_{number}.JPEG", picture(number)))
    for number in range(11):
        notes.append(f"val_{number}.JPEG\t{wnids[labels[number]]}\t{box()}")
    members.append((top + "val/val_annotations.txt", lines(notes).encode()))
    members.append((top + "wnids.txt", lines(wnids).encode()))
    write(folder, "tiny-imagenet-200.zip", zip_bytes(members))

    # as others rearrange it, so that val/ too has class folders; the text may be gone then
    where = {f"val_{number}.JPEG": wnids[labels[number]] for number in range(11)}
    for name, below in (("moved", "/images"), ("flat", "")):
        moved = [(f"{top}val/{where[base(path)]}{below}/{base(path)}" if base(path) in where else path, content)
                 for path, content in members if (name, base(path)) != ("flat", "val_annotations.txt")]
        write(folder, f"tiny-imagenet-{name}.zip", zip_bytes(moved))


def make_imagenet(folder, rng):
    """A tar of tars to train on, a flat tar to validate on, and all ways in which its labels are told."""
    mapping = ["n01440764 tench, Tinca tinca", "n01443537 goldfish, Carassius auratus",
               "n02105855 Shetland sheepdog, Shetland sheep dog, Shetland", "n03710637 maillot",
               "n03710721 maillot, tank suit", "n03995372 power drill"]
    wnids = [line.split()[0] for line in mapping]
    kit = [wnids[i] for i in (3, 5, 1, 0, 4, 2)]  # the development kit's order is not the sorted one

    def size():
        return int(rng.integers(20, 60)), int(rng.integers(20, 60))

    classes = []
    for wnid in wnids:
        inside = []
        numbers = {"n02105855": [1020, 2933, 15], "n03710637": [10, 5125], "n01440764": [10026, 10027, 9]}
        for number in numbers.get(wnid, [int(n) for n in rng.permutation(20000)[:2]]):
            form = {"n02105855_2933": "png", "n03710637_5125": "jpg inks"}.get(f"{wnid}_{number}", "jpg")
            inside.append((f"{wnid}_{number}.JPEG", encode(draw(rng, *size()), form)))
        classes.append((wnid + ".tar", tar_bytes(inside)))
    order = [1, 0, 2, 3, 5, 4]
    write(folder, "ILSVRC2012_img_train.tar", tar_bytes([classes[i] for i in order]))

    labels = some_of_each(rng, 14, len(wnids))
    names, pictures, boxes = [], [], []
    for number in range(14):
        height, width = size()
        names.append(f"ILSVRC2012_val_{number + 1:08d}")
        form = {6: "jpg inks", 7: "jpg turned 6", 8: "jpg turned 3", 9: "jpg turned 5", 11: "jpg turned 8"}.get(number, "jpg")
        pictures.append((names[-1] + ".JPEG", encode(draw(rng, height, width), form)))
        several = []
        for _ in range(1 + number % 3):
            x, y = np.sort(rng.permutation(width)[:2]), np.sort(rng.permutation(height)[:2])
            several.append(f"{x[0]} {y[0]} {x[1]} {y[1]}")
        boxes.append(several)
    write(folder, "ILSVRC2012_img_val.tar", tar_bytes(pictures))
    below = "ILSVRC/Data/CLS-LOC/val/"
    write(folder, "elsewhere.tar", tar_bytes([(below + n, c) for n, c in (pictures[i] for i in rng.permutation(14))]))

    told = [wnids[label] for label in labels]
    truth = lines(kit.index(wnid) + 1 for wnid in told)
    write(folder, "truth.txt", truth)
    write(folder, "synsets.txt", lines(kit))
    top = "ILSVRC2012_devkit_t12/"
    write(folder, "ILSVRC2012_devkit_t12.tar.gz", packed(tar_bytes([
        (top, None), (top + "COPYING", b"see readme.txt\n"), (top + "data/", None),
        (top + "data/ILSVRC2012_validation_ground_truth.txt", truth.encode()),
        (top + "data/meta.mat", b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(128) + bytes(64)),
        (top + "readme.txt", b"Introduction\n"),
    ])))
    write(folder, "val-wnids.txt", lines(told))
    write(folder, "LOC_synset_mapping.txt", lines(mapping))
    rows = []
    for i in rng.permutation(14):
        rows.append(f"{names[i]}," + "".join(f"{told[i]} {box} " for box in boxes[i]))
    write(folder, "LOC_val_solution.csv", lines(["ImageId,PredictionString"] + rows))
    mixed = rng.permutation(14)
    write(folder, "val-tabs.tsv", lines(f"{names[i]}.JPEG\t{told[i]}" for i in mixed))
    write(folder, "val-commas.csv", lines(f"{names[i]},{told[i]}" for i in mixed))
    write(folder, "val-zero.txt", lines(f"{name}.JPEG {label}" for name, label in zip(names, labels)))
    write(folder, "val-kit.txt", lines(f"{name}.JPEG {number}" for name, number in zip(names, truth.split())))
    write(folder, "val-blanks.txt", lines(
        f"{names[i]}.JPEG {told[i]}" + (f" {boxes[i][0]}" if i % 4 else "") for i in mixed))


def make_folders(folder, rng):
    """Class folders with splits, packed in all ways; every kind of PNG and JPEG is among the pictures."""
    forms = ["png", "jpg", "png grey", "jpg grey", "png palette", "png bits", "png sixteen", "png alpha",
             "png grey alpha", "jpg progressive", "jpg inks", "jpg ycck", "jpg plain inks", "png"]
    endings = {"jpg": [".jpg", ".jpeg", ".JPG", ".Jpeg"], "png": [".png", ".PNG"]}
    members, number = [], 0
    for split, count in (("train", 7), ("val", 3)):
        for name in ("polar bear", "cat", "dog"):
            for _ in range(count):
                form = forms[number % len(forms)]
                kind = endings[form.split()[0]]
                path = f"pictures/{split}/{name}/{int(rng.integers(1e6))}{kind[number % len(kind)]}"
                size = (17, 23) if number % 4 else (24, 16)
                members.append((path, encode(draw(rng, *size), form)))
                number += 1
    members = [members[i] for i in rng.permutation(len(members))]
    for path, content in members:
        write(folder, path, content)
    members.insert(0, ("pictures/", None))
    members.insert(7, ("pictures/train/notes.txt", b"not a picture\n"))
    tar = tar_bytes(members, tarfile.PAX_FORMAT)
    write(folder, "pictures.tar", tar)
    write(folder, "pictures.tar.gz", packed(tar))
    write(folder, "pictures.tar.xz", lzma.compress(tar, preset=1))
    write(folder, "pictures.zip", zip_bytes(members))
    write(folder, "streamed.zip", zip_bytes(members, streamed=True))
    write(folder, "in-order.txt", lines(["the cat", "the dog", "the bear"]))
    write(folder, "by-folder.txt", lines(["polar bear\tice bear, Ursus maritimus", "dog\tdog, hound", "cat house cat"]))
    write(folder, "by-some.txt", lines(["cat\thouse cat", "the dog", "the bear"]))

    # without splits, many small ones
    members = []
    for name, count in (("owl", 11), ("ant", 15), ("elk", 8)):
        members += [(f"{name}/{number:03d}.png", encode(draw(rng, 9, 12), "png")) for number in range(count)]
    write(folder, "animals.tar", tar_bytes([members[i] for i in rng.permutation(len(members))]))

    # archives in an archive: they count as folders
    inside = {}
    for split in ("train", "val"):
        inside[split] = tar_bytes([(f"{name}/", None) if path is None else (f"{name}/{path}.png", encode(draw(rng, 11, 8), "png"))
                                   for name in ("oak", "elm") for path in (None, 2, 1, 10)])
    write(folder, "nested.tar.gz", packed(tar_bytes([
        ("sets/", None), ("sets/readme.txt", b"two tars\n"), ("sets/val.tar", inside["val"]),
        ("sets/train.tar", inside["train"])])))


def make_webdataset(folder, rng):
    """Members with one key are a sample. Keys of the four shards are interleaved, so ids are too."""
    def sample(key, label, ending=".jpg", more=(), first="picture"):
        form = "png" if ending.lower() == ".png" else "jpg"
        picture = (key + ending, encode(draw(rng, 22, 30), form))
        number = (key + (".CLS" if ending.isupper() else ".cls"), str(label).encode())
        both = [picture, number] if first == "picture" else [number, picture]
        return both + [(key + ending, content) for ending, content in more]

    about = [(".json", b'{"width": 30, "height": 22}'), (".txt", b"a wave with a bright corner")]
    shards = [[] for _ in range(4)]
    for number in range(16):
        key, label = f"{number:06d}", [0, 3, 1, 0, 5, 1][number % 6]
        shard = shards[number % 4]
        if number % 4 == 1:
            shard += sample(key, label, ".png", about, "label")
        elif number % 4 == 2:
            shard += sample(f"photos/v1.0/{key}", label, ".jpeg", about[::-1])
        elif number == 11:
            shard += sample(key, 6, ".JPG")
        elif number == 15:
            shard += sample(key, "4\n", ".jpg", [(".seg.png", encode(draw(rng, 22, 30), "png"))])
        else:
            shard += sample(key, label, ".jpg", about[:1])
    for number, members in enumerate(shards):
        write(folder, f"shard-{number:06d}.tar", tar_bytes(members))
    write(folder, "digits.txt", lines("zero one two three four five six".split()))
    some = sample("a", 1) + [("b.jpg", encode(draw(rng, 22, 30), "jpg")), ("b.json", b"{}")] + sample("c", 0)
    write(folder, "some-labels.tar", tar_bytes(some))
    write(folder, "twice.tar", tar_bytes(sample("a", 1) + sample("b", 0, more=[(".cls", b"1")])))
    write(folder, "again.tar", tar_bytes(sample("a", 1, more=[(".JSON", b"{}"), (".txt", b"a"), (".json", b"{}")])))
    write(folder, "no-number.tar", tar_bytes(sample("a", 1) + sample("b", "dog")))


def make_single(folder, rng):
    """Pictures by themselves, and names that are hard to write down."""
    write(folder, "single/two.png", encode(draw(rng, 14, 19), "png"))
    write(folder, "single/one.JPG", encode(draw(rng, 21, 13), "jpg"))
    odd = ["two words.png", "caf\u00e9 na\u00efve.png", "a new\nline.png", "\u732b.png", "-dash.png", "%41 %s.png",
           'quote"back\\slash.png', "dots.in.the.name.png", "long" * 40 + ".png", "tab\there.png"]
    members = [("odd/" + name, encode(draw(rng, 10, 13), "png")) for name in odd]
    for path, content in members:
        write(folder, path, content)
    write(folder, "odd.tar", tar_bytes(members, tarfile.PAX_FORMAT))
    write(folder, "odd-gnu.tar", tar_bytes(members, tarfile.GNU_FORMAT))
    write(folder, "odd.zip", zip_bytes(members))


MAKERS = [make_cifar10, make_cifar100, make_stl10, make_tiny, make_imagenet, make_folders, make_webdataset, make_single]


def make(folder, seed):
    for number, maker in enumerate(MAKERS):
        maker(folder, np.random.default_rng([seed, number]))


# ---- archives, read -------------------------------------------------------------------------------------------

TAR_ENDING = re.compile(r"\.(tar|tgz|tar\.(gz|xz|bz2))$")


def spread(name):
    """The names that one with braces stands for: {003..007} and {a,b}."""
    found = re.search(r"\{([^{}]*)\}", name)
    if found is None:
        return [name]
    first = re.fullmatch(r"(\d+)\.\.(\d+)", found[1])
    if first is not None:
        width = len(first[1]) if first[1].startswith("0") else 0
        parts = [str(n).zfill(width) for n in range(int(first[1]), int(first[2]) + 1)]
    else:
        parts = found[1].split(",")
    return [rest for part in parts for rest in spread(name[: found.start()] + part + name[found.end() :])]


def opened(name, content):
    """(path, bytes) of each file of an archive, in its order; a tar in it counts as a folder."""
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = [(info.filename, archive.read(info)) for info in archive.infolist() if not info.is_dir()]
    else:
        try:
            with tarfile.open(fileobj=io.BytesIO(content)) as archive:
                files = [(info.name, archive.extractfile(info).read()) for info in archive if info.isfile()]
        except tarfile.ReadError:
            files = [(name, content)]
    for path, inside in files:
        if TAR_ENDING.search(path):
            yield from ((TAR_ENDING.sub("", path) + "/" + p, c) for p, c in opened(path, inside))
        else:
            yield path, inside


def members(names):
    """(path, bytes) of each file of a data set, in the order of its rows."""
    found = []
    for name in (one for name in names for one in spread(name)):
        if os.path.isdir(name):
            inside = [os.path.relpath(os.path.join(place, file), name)
                      for place, _, files in os.walk(name) for file in files]
            for path in sorted(inside, key=os.fsencode):
                with open(os.path.join(name, path), "rb") as file:
                    found.append((path, file.read()))
        else:
            with open(name, "rb") as file:
                found += opened(os.path.basename(name), file.read())
    return found


# ---- the layouts, read ------------------------------------------------------------------------------------------


@dataclass
class Row:
    path: str  # of the picture's file
    content: object  # its bytes, or U8 [height, width, 3]
    label: int = -1
    split: str = None
    part: int = 0  # position in the file
    box: tuple = None
    id: int = -1


@dataclass
class Set:
    rows: list
    classes: list = field(default_factory=list)
    boxes: bool = False
    names: bool = True


def base(path):
    return path.rsplit("/", 1)[-1]


def stem(path):
    return base(path).split(".")[0]


def is_picture(path):
    return re.search(r"\.(png|jpg|jpeg|jpe|jfif)$", path, re.IGNORECASE) is not None


def words_of(files, name):
    """The lines of the text with this base name that aren't empty."""
    for path, content in files:
        if base(path) == name:
            return [line for line in content.decode().split("\n") if line]
    return None


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip() for line in file if line.strip()]


def read_cifar(files, o, labels, pattern, classes):
    rows = []
    for path, content in files:
        if not re.fullmatch(pattern, base(path)):
            continue
        records = np.frombuffer(content, np.uint8).reshape(-1, labels + 3072)
        for part, record in enumerate(records):
            picture = record[labels:].reshape(3, 32, 32).transpose(1, 2, 0)
            label = record[0 if labels == 1 or o.coarse else 1]
            rows.append(Row(path, picture, int(label), "test" if "test" in base(path) else "train", part))
    return Set(rows, words_of(files, classes) or (CIFAR10 if labels == 1 else None), names=False)


def read_cifar10(files, o):
    return read_cifar(files, o, 1, r"(data_batch_\d|test_batch)\.bin", "batches.meta.txt")


def read_cifar100(files, o):
    return read_cifar(files, o, 2, r"(train|test)\.bin", "coarse_label_names.txt" if o.coarse else "fine_label_names.txt")


def read_stl10(files, o):
    contents, rows = {base(path): content for path, content in files}, []
    for path, content in files:
        if not base(path).endswith("_X.bin"):
            continue
        split = base(path)[:-6]
        labels = contents.get(split + "_y.bin")
        for part, planes in enumerate(np.frombuffer(content, np.uint8).reshape(-1, 3, 96, 96)):
            picture = planes.transpose(2, 1, 0)  # [3, x, y] becomes [y, x, 3]
            rows.append(Row(path, picture, labels[part] - 1 if labels else -1, split, part))
    return Set(rows, words_of(files, "class_names.txt"), names=False)


def fold_of(files, o):
    return {int(word) for word in words_of(files, "fold_indices.txt")[o.fold].split()}


def read_tiny(files, o):
    classes, rows, notes = sorted(words_of(files, "wnids.txt")), [], {}
    for path, content in files:
        if base(path).endswith("_boxes.txt") or base(path) == "val_annotations.txt":
            for line in content.decode().splitlines():
                name, *wnid, x0, y0, x1, y1 = line.split("\t")
                notes[name] = wnid, (int(x0), int(y0), int(x1), int(y1))
    for path, content in files:
        if not is_picture(path):
            continue
        above, last = ["", *(part for part in path.split("/")[:-1] if part != "images")][-2:]
        wnid, box = notes.get(base(path), ([], None))
        if last in classes:
            row = Row(path, content, classes.index(last), above, box=box)
        else:
            row = Row(path, content, classes.index(wnid[0]) if wnid else -1, last, box=box)
        rows.append(row)
    return Set(rows, readable(classes, words_of(files, "words.txt")), boxes=True)


def read_imagenet_val(files, o):
    rows = [Row(path, content) for path, content in files if is_picture(path)]
    if o.labels is None:
        return Set(rows)
    told, boxes, said = {}, {}, text_of(o.labels)
    if o.label_names is not None:
        kit = text_of(o.label_names)
        said = [kit[int(number) - 1] for number in said]
    if all(re.fullmatch(r"n\d{8}", line) for line in said):
        told = dict(zip(sorted(stem(row.path) for row in rows), said))
    else:
        for name, wnid, *numbers in (re.split(r"[\t, ]+", line.strip()) for line in said):
            if name != "ImageId":
                told[stem(name)] = wnid
                boxes[stem(name)] = tuple(int(n) for n in numbers[:4]) or None
    classes = sorted(set(told.values()))
    for row in rows:
        row.label, row.box = classes.index(told[stem(row.path)]), boxes.get(stem(row.path))
    return Set(rows, classes, boxes=any(boxes.values()))


def read_webdataset(files, o):
    def key(path):
        folder, slash, name = path.rpartition("/")
        return folder + slash + name.split(".")[0]

    def ending(path):
        return base(path).lower().partition(".")[2]

    labels = {key(path): int(content) for path, content in files if ending(path) == "cls"}
    rows = [Row(path, content, labels.get(key(path), -1)) for path, content in files
            if ending(path) in ("png", "jpg", "jpeg", "jpe", "jfif")]
    return Set(rows, [str(k) for k in range(max(labels.values()) + 1)])


def read_folders(files, o):
    splits = {"train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval", "extra", o.split}
    rows = [Row(path, content) for path, content in files if is_picture(path)]
    folders = [row.path.split("/")[:-1] for row in rows]
    if all(folder == folders[0] for folder in folders):
        return Set(rows)
    classes = sorted({folder[-1] for folder in folders}, key=os.fsencode)
    for row, folder in zip(rows, folders):
        row.label = classes.index(folder[-1])
        row.split = folder[-2] if len(folder) > 1 and folder[-2] in splits else None
    return Set(rows, classes)


READERS = {"cifar10": read_cifar10, "cifar100": read_cifar100, "stl10": read_stl10, "tiny-imagenet": read_tiny,
           "imagenet-val": read_imagenet_val, "webdataset": read_webdataset, "folders": read_folders}


def readable(classes, said):
    """Names for classes: lines "ID name, more names", the id up to a tab if there is one; or a line for each class."""
    named, given, pairs = list(classes), set(), [re.split(r"\t" if "\t" in line else " ", line, maxsplit=1) for line in said]
    if not any(pair[0] in classes for pair in pairs):
        assert len(said) == len(classes)
        pairs = list(zip(classes, said))
    for known, name in (pair for pair in pairs if pair[0] in classes):
        name = name.split(",")[0].strip()
        named[classes.index(known)] = f"{name} ({known})" if name in given else name
        given.add(name)
    return named


# ---- what is wanted of them ---------------------------------------------------------------------------------------


def choose(files, o):
    """The set that myopic-unpack is to write: rows in order, numbered, and chosen."""
    found = READERS[o.layout](files, o)
    if o.class_names is not None:
        found.classes = readable(found.classes, text_of(o.class_names))
    rows = found.rows
    if o.split not in (None, "all"):
        rows = [row for row in rows if row.split == o.split]
    # sorted() keeps the order of what is equal, so files of one name are numbered in the order of the files
    for number, row in enumerate(sorted(rows, key=lambda row: (os.fsencode(row.path), row.part))):
        row.id = number
    if o.fold is not None:
        rows = [row for row in rows if row.part in fold_of(files, o)]
    if o.classes is not None:
        wanted = [name for name in found.classes if name in o.classes.split(",")]
        kept = [row for row in rows if row.label >= 0 and found.classes[row.label] in wanted]
        for row in kept:
            row.label = wanted.index(found.classes[row.label])
        rows, found.classes = kept, wanted
    if o.skip > 0:
        first = {id(row) for row in some_of(rows, None, o.skip)}
        rows = [row for row in rows if id(row) not in first]
    found.rows = some_of(rows, o.per_class, o.limit)
    return found


def some_of(rows, per_class, limit):
    """The first rows of each class, in their order, taken in turns."""
    most = {}
    for row in rows:
        most[row.label] = min(most.get(row.label, 0) + 1, per_class or len(rows))
    taken = dict.fromkeys(most, 0)
    while limit and sum(taken.values()) < limit and taken != most:
        for label in sorted(most):
            if taken[label] < most[label] and sum(taken.values()) < limit:
                taken[label] += 1
    kept, left = [], taken if limit else most
    for row in rows:
        if left[row.label] > 0:
            left[row.label] -= 1
            kept.append(row)
    return kept


def pixels(row, as_stored=False):
    picture, turn = decode(row.content) if isinstance(row.content, bytes) else row.content, turn_of(row.content)
    return picture if turn is None or as_stored else np.asarray(Image.fromarray(picture).transpose(TURNS[turn]))


def box_of(row, as_stored):
    """The box in the picture that pixels() gives, found by the places it covers; None: there is none."""
    if row.box is None:
        return None
    covered = np.zeros(decode(row.content).shape[:2], np.uint8)
    x0, y0, x1, y1 = row.box
    covered[y0 : y1 + 1, x0 : x1 + 1] = 255
    turn = turn_of(row.content)
    if turn is not None and not as_stored:
        covered = np.asarray(Image.fromarray(covered).transpose(TURNS[turn]))
    ys, xs = np.nonzero(covered)
    return (xs.min(), ys.min(), xs.max(), ys.max()) if len(xs) > 0 else None


# ---- streams ------------------------------------------------------------------------------------------------------


class Wrong(Exception):
    """What is said, in one line, of the first thing that differs."""


def need(good, *what):
    if not good:
        raise Wrong(" ".join(str(w) for w in what))


def records(file):
    types = {"U8": "u1", "I32": "<i4", "I64": "<i8", "F32": "<f4"}
    while head := file.read(8):
        need(len(head) == 8, "the stream is cut off")
        text = file.read(int.from_bytes(head, "little"))
        need(len(text) == int.from_bytes(head, "little"), "the stream is cut off")
        head = json.loads(text)
        meta = head.pop("__metadata__", {})
        size = max((t["data_offsets"][1] for t in head.values()), default=0)
        data = file.read(size)
        need(len(data) == size, "the stream is cut off")
        yield meta, {name: np.frombuffer(data[slice(*t["data_offsets"])], types[t["dtype"]]).reshape(t["shape"]).copy()
                     for name, t in head.items()}


@dataclass
class Stream:
    classes: list
    rows: list  # a dictionary of tensors for each, by name
    expected: int  # rows that the header promises


def read_stream(file):
    """All of a stream, which must be a whole one, of images."""
    found = list(records(file))
    need(len(found) >= 2, "not a stream")
    (head, _), (end, _) = found[0], found[-1]
    need(head.get("record") == "header", "the stream begins with the record", head.get("record"), head.get("message", ""))
    need(end.get("record") == "end", "the stream ends in the record", end.get("record"), end.get("message", ""))
    need(head.get("kind") == "images", "a stream of", head.get("kind"))
    rows = []
    for _, tensors in found[1:-1]:
        need(len({len(tensor) for tensor in tensors.values()}) == 1, "tensors of one record have different rows")
        rows += [{name: tensor[i] for name, tensor in tensors.items()} for i in range(len(tensors["id"]))]
    need(int(end["rows"]) == len(rows), "the end record counts", end["rows"], "rows of", len(rows))
    return Stream(json.loads(head.get("classes", "[]")), rows, int(head.get("rows", len(rows))))


def name_of(tensor):
    need(tensor.dtype == np.uint8 and tensor.ndim == 1, "name isn't U8 [N, L]")
    need(b"\0" not in tensor.tobytes().rstrip(b"\0"), "a zero byte inside of a name:", tensor.tobytes())
    return os.fsdecode(tensor.tobytes().rstrip(b"\0"))


FILTERS = {"triangle": Image.BILINEAR, "area": Image.BOX, "lanczos": Image.LANCZOS, None: Image.LANCZOS}


def frame(o, old, got):
    """What --resize does with a picture of a size: the size to scale it to, and (top, left, height, width) of what is kept. Of
    --fit shorter the size is that of `got`, if it can be right."""
    sides = [int(side) for side in o.resize.split("x")]
    height, width = sides[0], sides[-1]
    if o.fit == "shorter":
        scale = height / min(old)
        need(min(got) == height and abs(got[0] - old[0] * scale) < 1 and abs(got[1] - old[1] * scale) < 1,
             "size:", got, "of", old, "when the shorter side is to be", height)
        return got, (0, 0, *got)
    if o.fit == "stretch":
        return (height, width), (0, 0, height, width)
    scale = max(Fraction(height, old[0]), Fraction(width, old[1]))
    whole = [math.floor(side * scale + Fraction(1, 2)) for side in old]
    return whole, ((whole[0] - height) // 2, (whole[1] - width) // 2, height, width)


def resized(picture, o, got):
    """What --resize makes, by Pillow's filters."""
    whole, (top, left, height, width) = frame(o, picture.shape[:2], got)
    done = np.asarray(Image.fromarray(picture).resize(whole[::-1], FILTERS[o.filter]))
    return done[top : top + height, left : left + width]


def moved(box, o, old, got):
    """Where a box goes with its picture: every pixel that shows some of it; None where none does."""
    whole, (top, left, height, width) = frame(o, old, got)
    (x0, y0, x1, y1), down, along = box, Fraction(whole[0], old[0]), Fraction(whole[1], old[1])
    x0, x1 = max(math.floor(x0 * along) - left, 0), min(math.ceil((x1 + 1) * along) - left, width)
    y0, y1 = max(math.floor(y0 * down) - top, 0), min(math.ceil((y1 + 1) * down) - top, height)
    return (x0, y0, x1 - 1, y1 - 1) if x0 < x1 and y0 < y1 else None


def compare_row(place, got, row, want, classes, o):
    tensors = {"image", "label", "id"} | ({"box"} if want.boxes else set()) | ({"name"} if want.names else set())
    need(set(got) == tensors, place, "tensors:", sorted(got), "not", sorted(tensors))
    need(got["id"] == row.id, place, "id:", got["id"], "not", row.id)
    if want.names:
        need(name_of(got["name"]) == row.path, place, "name:", repr(name_of(got["name"])), "not", repr(row.path))
    label = int(got["label"])
    said = classes[label] if 0 <= label < len(classes) else None
    true = want.classes[row.label] if row.label >= 0 else None
    need(label == row.label and said == true, place, "label:", label, said, "not", row.label, true)
    picture, image, slack = pixels(row, o.as_stored), got["image"], 0
    if o.resize:
        picture, old, slack = resized(picture, o, image.shape[:2]), picture.shape[:2], 1
    need(image.shape == picture.shape, place, "size:", image.shape, "not", picture.shape)
    if want.boxes:
        box, true = tuple(int(n) for n in got["box"]), box_of(row, o.as_stored)
        if true is not None and o.resize:
            true = moved(true, o, old, image.shape[:2])
        need(box == true if true is not None else box[2] < box[0], place, "box:", box, "not", true)
    differ = np.argwhere(abs(image.astype(int) - picture.astype(int)) > slack)
    if len(differ) > 0:
        y, x = differ[0][:2]
        raise Wrong(f"{place} pixels: {len(differ)} values differ, first at y {y}, x {x}:"
                    f" {image[y, x].tolist()} not {picture[y, x].tolist()}")


def compare(stream, want, o):
    need(stream.classes == want.classes, "classes:", stream.classes, "not", want.classes)
    need(len(stream.rows) == len(want.rows), "rows:", len(stream.rows), "not", len(want.rows))
    need(stream.expected == len(want.rows), "rows: the header promises", stream.expected, "of", len(want.rows))
    for number, (got, row) in enumerate(zip(stream.rows, want.rows)):
        compare_row(f"row {number} ({row.path!r}):", got, row, want, stream.classes, o)


def parts(share, kept, held, want, o):
    """Two streams have no picture in common, are all of them together, and the share is that of each class."""
    ids = [[int(row["id"]) for row in part.rows] for part in (kept, held)]
    need(sorted(ids[0] + ids[1]) == sorted(row.id for row in want.rows), "the parts aren't the whole:", *ids)
    for part, chosen in zip((kept, held), ids):
        some = copy.copy(want)
        some.rows = [row for row in want.rows if row.id in chosen]
        compare(part, some, o)
    for label in {row.label for row in want.rows}:
        count = sum(row.label == label for row in want.rows)
        out = sum(int(row["label"]) == label for row in held.rows)
        need(abs(out - share * count) < 1, f"{out} of {count} pictures of class {label} are held out")


# ---- what must be noticed -----------------------------------------------------------------------------------------


def change_pixel(row, stream):
    row["image"][-1, -1, 2] ^= 4


def change_channels(row, stream):
    row["image"] = row["image"][..., ::-1]


def change_axes(row, stream):
    row["image"] = row["image"].transpose(1, 0, 2)


def change_shift(row, stream):
    row["image"] = np.roll(row["image"], 1, axis=1)


def change_label(row, stream):
    row["label"] = (row["label"] + 1) % len(stream.classes) if stream.classes else row["label"] + 1


def change_id(row, stream):
    row["id"] = row["id"] + 1


def change_box(row, stream):
    row["box"] = row["box"] + np.array([0, 0, 1, 0])


def change_name(row, stream):
    row["name"] = np.frombuffer(row["name"].tobytes().rstrip(b"\0") + b"x", np.uint8)


def change_classes(row, stream):
    stream.classes = stream.classes[1:] + stream.classes[:1]


def change_rows(row, stream):
    stream.rows.pop()


def change_order(row, stream):
    stream.rows[0], stream.rows[1] = stream.rows[1], stream.rows[0]


NOTICED = {"pixels": [change_pixel, change_channels, change_axes, change_shift], "label": [change_label],
           "id": [change_id, change_order], "box": [change_box], "name": [change_name], "classes": [change_classes],
           "rows": [change_rows]}


def notice(stream, want, o):
    """Whatever is changed in a stream that is right, compare() says that this is wrong. The picture is the most
    colourful one, since channels may be exchanged in a grey one."""
    for word, changes in NOTICED.items():
        for change in changes:
            if (word == "box" and not want.boxes) or (word == "name" and not want.names):
                continue
            if (word == "classes" and not want.classes) or (change is change_order and len(stream.rows) < 2):
                continue
            wrong = copy.deepcopy(stream)
            change(max(wrong.rows, key=lambda row: int(np.ptp(row["image"], axis=-1).sum())), wrong)
            try:
                compare(wrong, want, o)
            except Wrong as said:
                need(word + ":" in str(said) or (change is change_axes and "size:" in str(said)),
                     change.__name__, "makes it say", said)
            else:
                raise Wrong(change.__name__ + " goes unnoticed")


# ---- where to cut -------------------------------------------------------------------------------------------------


def some(found):
    """The first two and the last of them."""
    return found[:2] + found[2:][-1:]


def tar_places(content, start=0, inner=False):
    """Around headers, in data and its padding, and before the end mark; the same in tars inside."""
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        infos = tar.getmembers()
    places = set()
    for info in infos[:1] + infos[1:][-1:] if inner else some(infos):
        head, data = info.offset, info.offset_data
        end = data + (info.size if info.isfile() else 0)
        full = -(-end // 512) * 512
        places |= {head, head + 1, head + 100, head + 257, head + 511, data, data + 1, (data + end) // 2, end - 1, end,
                   full - 1, full, full + 1}
        if head > 0:
            places.add(head - 1)
        if TAR_ENDING.search(info.name):
            places |= tar_places(content[data:end], data, True)
    # The last `full` is where the end mark begins. Of that the first half is enough, but the file has more.
    places |= {full + 511, len(content) - 1}
    if inner:
        places |= {full + 512, full + 1024, len(content) - 512}
    return {start + place for place in places}


def zip_places(content):
    """Around headers and in data, in the directory at the end, and in what points to it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        infos, directory = archive.infolist(), archive.start_dir
    end = content.rindex(b"PK\x05\x06")
    places = {directory - 1, directory, directory + 1, directory + 46, end - 1, end, end + 1, end + 4, len(content) - 1}
    for info in some(infos):
        head = info.header_offset
        data = head + 30 + len(info.orig_filename.encode())
        places |= {head, head + 1, head + 4, head + 26, head + 30, data, data + info.compress_size // 2,
                   data + info.compress_size}
        if head > 0:
            places.add(head - 1)
    return places


def packed_places(content):
    """In the head and the tail of the compressed file, and where the tar's members begin and end."""
    tool = zlib.decompressobj(31) if content.startswith(b"\x1f\x8b") else lzma.LZMADecompressor()
    pieces, reached = [], []  # after so many bytes of the file, so many of the tar are known
    step = max(1, len(content) // 20000)
    for at in range(0, len(content), step):
        pieces.append(tool.decompress(content[at : at + step]))
        reached.append((at + step, len(pieces[-1]) + (reached[-1][1] if reached else 0)))
    places = {1, 2, 3, 6, 9, 10, 11, 12, 13} | {len(content) - n for n in (1, 4, 7, 8, 9, 12, 13, 28)}
    ends = np.array([end for _, end in reached])
    for place in tar_places(b"".join(pieces)):
        places.add(reached[min(int(np.searchsorted(ends, place)), len(reached) - 1)][0])
    places |= {place - 1 for place in places}
    return places


def places(archive):
    with open(archive, "rb") as file:
        content = file.read()
    if content.startswith(b"PK"):
        found = zip_places(content)
    elif content.startswith((b"\x1f\x8b", b"\xfd7zXZ")):
        found = packed_places(content)
    else:
        found = tar_places(content)
    return sorted(place for place in found if 0 <= place < len(content))


# ---- what damage does ---------------------------------------------------------------------------------------------


def damage(count, seed, archive, command):
    """One wrong byte: no signal, no endless loop, and success only with a whole stream."""
    rng = random.Random(f"{seed} {os.path.basename(archive)}")
    with open(archive, "rb") as file:
        content = bytearray(file.read())
    refused = 0
    for _ in range(count):
        place, bits = rng.randrange(len(content)), rng.randrange(1, 256)
        content[place] ^= bits
        with open("damaged", "wb") as file:
            file.write(content)
        content[place] ^= bits
        what = f"{archive}: byte {place} changed by {bits}:"
        try:
            done = subprocess.run(command + ["damaged"], stdin=subprocess.DEVNULL, capture_output=True, timeout=10)
        except subprocess.TimeoutExpired:
            raise Wrong(what, "it hangs") from None
        need(done.returncode in (0, 1), what, "status", done.returncode, done.stderr[-300:])
        refused += done.returncode
        ends = [meta.get("record", "data") for meta, _ in records(io.BytesIO(done.stdout))]
        need(ends[-1:] == [["end", "error"][done.returncode]], what, "status", done.returncode, "and records", ends[-3:])
        if done.returncode == 1:
            last = done.stderr.decode(errors="replace").rstrip("\n").rpartition("\n")[2]
            need("damaged" in last, what, "the last line doesn't name the file:", last)
    print(f"{archive}: {count} damages, {refused} refused")


# ---- the command line -----------------------------------------------------------------------------------------------


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("make")
    verb.add_argument("folder")
    verb.add_argument("--seed", type=int, default=1)
    for name in ("expect", "check", "notice", "parts"):
        verb = verbs.add_parser(name)
        if name == "parts":
            verb.add_argument("share", type=float)
            verb.add_argument("kept")
            verb.add_argument("held")
        elif name != "expect":
            verb.add_argument("stream")
        verb.add_argument("layout", choices=READERS)
        verb.add_argument("files", nargs="+")
        for option in ("--split", "--format", "--labels", "--label-names", "--class-names", "--classes", "--fit",
                       "--resize", "--filter"):
            verb.add_argument(option)
        for option in ("--fold", "--per-class", "--limit", "--threads"):
            verb.add_argument(option, type=int)
        verb.add_argument("--skip", type=int, default=0)
        verb.add_argument("--coarse", action="store_true")
        verb.add_argument("--as-stored", action="store_true")
        verb.add_argument("--strict", action="store_true")
    verb = verbs.add_parser("all")
    verb.add_argument("file")
    verb = verbs.add_parser("places")
    verb.add_argument("archive")
    verb = verbs.add_parser("damage")
    verb.add_argument("count", type=int)
    verb.add_argument("seed", type=int)
    verb.add_argument("archive")
    verb.add_argument("command", nargs=argparse.REMAINDER)
    return parser


def expect(want):
    print("classes", json.dumps(want.classes))
    for row in want.rows:
        picture = pixels(row)
        print("id", row.id, "label", row.label, *picture.shape[:2], f"{zlib.crc32(picture.tobytes()):08x}",
              row.box, repr(row.path))


def do_all(path):
    """Every line, although one before it may have failed."""
    failed = 0
    with open(path, encoding="utf-8") as file:
        for line in file:
            try:
                do(arguments().parse_args(shlex.split(line)))
            except Wrong as said:
                failed += 1
                print("layouts.py:", line.strip() + ":", said, file=sys.stderr)
    need(failed == 0, failed, "of the lines of", path, "failed")


def do(o):
    if o.verb == "make":
        return make(o.folder, o.seed)
    if o.verb == "all":
        return do_all(o.file)
    if o.verb == "places":
        return print(*places(o.archive), sep="\n")
    if o.verb == "damage":
        return damage(o.count, o.seed, o.archive, o.command)
    want = choose(members(o.files), o)
    if o.verb == "expect":
        return expect(want)
    need(len(want.rows) > 0, "nothing is expected")
    streams = []
    for name in (o.kept, o.held) if o.verb == "parts" else (o.stream,):
        with open(0 if name == "-" else name, "rb") as file:
            streams.append(read_stream(file))
    if o.verb == "parts":
        return parts(o.share, *streams, want, o)
    compare(streams[0], want, o)
    return notice(streams[0], want, o) if o.verb == "notice" else None


if __name__ == "__main__":
    try:
        do(arguments().parse_args())
    except Wrong as said:
        sys.exit("layouts.py: " + str(said).replace("\n", " "))
