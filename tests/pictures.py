#!/usr/bin/env python3
"""Draw pictures of every kind, and compare what myopic makes of them with Pillow and NumPy.

    pictures.py draw FOLDER [RRGGBB]   PNG and JPEG files, with what they hold in FOLDER.npz, on white or on this colour
    pictures.py check FOLDER [RRGGBB] [stored] <images
                                       the same files in a stream against that, and against Pillow; stored: not turned upright
    pictures.py draw-others FOLDER     what is to be refused
    pictures.py resize PROGRAM         tests/resize against Pillow's filters
"""
import io
import os
import struct
import subprocess
import sys
import warnings
import zlib

import numpy as np
from PIL import Image, ImageOps

H, W = 19, 13  # nothing is square, so that nothing can be turned unnoticed
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
random = np.random.RandomState(1)
warnings.simplefilter("ignore")  # Pillow's, of EXIF that is broken on purpose


# ---- PNG by hand: Pillow writes few kinds -------------------------------------------------------

def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def packed(samples, depth):
    """Rows of samples [H, W, C] as PNG packs them, none of them filtered."""
    rows = samples.reshape(len(samples), -1)
    if depth == 16:
        rows = rows.astype(">u2").view("u1").reshape(len(rows), -1)
    elif depth < 8:
        bits = rows[..., None] >> np.arange(depth)[::-1] & 1
        rows = np.packbits(bits.reshape(len(rows), -1).astype("u1"), axis=1)
    return b"".join(b"\0" + row.astype("u1").tobytes() for row in rows)


def passes(samples):
    """Adam7."""
    for y, x, down, across in ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
                               (1, 0, 2, 1)):
        part = samples[y::down, x::across]
        if part.size:
            yield part


def png(kind, depth, samples, interlaced=False, palette=b"", key=b"", behind=b""):
    height, width = samples.shape[:2]
    rows = b"".join(packed(part, depth) for part in (passes(samples) if interlaced else [samples]))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced))
            + (chunk(b"PLTE", palette) if palette else b"") + (chunk(b"tRNS", key) if key else b"")
            + chunk(b"IDAT", zlib.compress(rows)) + behind + chunk(b"IEND", b""))


def to_8_bits(samples, depth):
    most = 2 ** depth - 1
    return (samples.astype("i8") * 255 + most // 2) // most


background = np.array([255, 255, 255])


def on_background(rgb, alpha):
    """RGB [H, W, 3] and alpha [H, W, 1] of 8 bits, laid on the background."""
    return (rgb * alpha + background * (255 - alpha) + 127) // 255


def as_rgb(samples):
    return np.repeat(samples, 3, axis=2) if samples.shape[2] == 1 else samples


def draw_pngs():
    """Yields name, bytes, pixels, whether Pillow reads it rightly."""
    for height, width in ((H, W), (1, 1), (3, 2)):
        for interlaced in (False, True):
            for kind, depth, channels in (
                    (GREY, 1, 1), (GREY, 2, 1), (GREY, 4, 1), (GREY, 8, 1), (GREY, 16, 1), (RGB, 8, 3), (RGB, 16, 3),
                    (GREY_ALPHA, 8, 2), (GREY_ALPHA, 16, 2), (RGBA, 8, 4), (RGBA, 16, 4)):
                samples = random.randint(0, 2 ** depth, (height, width, channels))
                pixels = to_8_bits(samples, depth)
                name = f"{height}x{width}-type{kind}-depth{depth}" + "-interlaced" * interlaced
                if kind & 4:
                    pixels = on_background(as_rgb(pixels[..., :-1]), pixels[..., -1:])
                # Pillow cuts off the lower half of colours of 16 bits, and of grey with alpha
                yield name, png(kind, depth, samples, interlaced), as_rgb(pixels), depth < 16 or kind == GREY
                if kind & 4:
                    continue
                key = samples[0, 0]
                for _ in range(3):
                    samples[random.randint(height), random.randint(width)] = key
                if depth == 16:  # differs from the key in the lower half alone, so it isn't it
                    samples[-1, -1] = key ^ 1
                shown = np.any(samples != key, axis=2, keepdims=True)
                pixels = np.where(shown, as_rgb(to_8_bits(samples, depth)), background)
                yield (name + "-keyed", png(kind, depth, samples, interlaced, key=struct.pack(f">{channels}H", *key)),
                       pixels, depth == 8)
            for depth in (1, 2, 4, 8):
                palette = random.randint(0, 256, (2 ** depth, 3))
                alpha = np.full((2 ** depth, 1), 255)
                alpha[:max(2, 2 ** depth // 2)] = random.randint(0, 256, (max(2, 2 ** depth // 2), 1))
                samples = random.randint(0, 2 ** depth, (height, width, 1))
                name = f"{height}x{width}-palette-depth{depth}" + "-interlaced" * interlaced
                table = palette.astype("u1").tobytes()
                yield name, png(PALETTE, depth, samples, interlaced, table), palette[samples[..., 0]], True
                key = alpha.astype("u1").tobytes()[:max(2, 2 ** depth // 2)]  # the others are opaque
                yield (name + "-alpha", png(PALETTE, depth, samples, interlaced, table, key),
                       on_background(palette[samples[..., 0]], alpha[samples[..., 0]]), True)


# ---- JPEG and EXIF -------------------------------------------------------------------------------

def smooth(channels):
    """[2H, 2W, channels] without symmetry, of which JPEG keeps the most."""
    y, x, c = np.mgrid[:2 * H, :2 * W, :channels]
    return (128 + 60 * np.sin(x / 5 + c) + 50 * np.cos(y / 7 - c) + 10 * random.rand(2 * H, 2 * W, channels)).astype("u1")


def jpeg(mode, **options):
    out = io.BytesIO()
    samples = smooth(len(mode))
    Image.fromarray(samples[..., 0] if mode == "L" else samples, mode).save(out, "JPEG", **options)
    return out.getvalue()


def as_ycck(data):
    """Inks are kept as they are; the last byte of Adobe's marker says what they mean."""
    at = data.index(b"\xff\xee\0\x0eAdobe") + 15
    assert data[at] == 0
    return data[:at] + b"\2" + data[at + 1:]


def exif_block(orientation, order=">", kind=3, extra=b""):
    """One IFD with one entry, a SHORT (3) or LONG (4)."""
    value = struct.pack(order + ("HH" if kind == 3 else "I"), *([orientation, 0] if kind == 3 else [orientation]))
    return ((b"MM" if order == ">" else b"II") + struct.pack(order + "HIHHHI", 42, 8, 1, 0x112, kind, 1) + value
            + b"\0\0\0\0" + extra)


def with_app1(data, block):
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 8) + b"Exif\0\0" + block + data[2:]


def draw_jpegs():
    for name, mode, options in (
            ("grey", "L", {}), ("444", "RGB", {"subsampling": 0}), ("422", "RGB", {"subsampling": 1}),
            ("420", "RGB", {"subsampling": 2}), ("progressive", "RGB", {"progressive": True}),
            ("rough", "RGB", {"quality": 5}), ("cmyk", "CMYK", {"quality": 95})):
        yield name, jpeg(mode, **options)
    yield "ycck", as_ycck(jpeg("CMYK", quality=95))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x112] = orientation
        exif[0x10f] = "a maker"
        yield f"turned-{orientation}", jpeg("RGB", exif=exif)
        yield f"turned-{orientation}-little", with_app1(jpeg("L"), exif_block(orientation, "<"))
        yield f"turned-{orientation}-long", with_app1(jpeg("RGB"), exif_block(orientation, ">", 4))
    for orientation in (0, 9, 65535):
        yield f"nonsense-{orientation}", with_app1(jpeg("RGB"), exif_block(orientation))


def draw_turned_pngs():
    pixels = random.randint(0, 256, (H, W, 3))
    for orientation in range(1, 9):
        out = io.BytesIO()
        exif = Image.Exif()
        exif[0x112] = orientation
        Image.fromarray(pixels.astype("u1")).save(out, "PNG", exif=exif)
        yield f"turned-{orientation}", out.getvalue()
    yield "turned-behind", png(RGB, 8, pixels, behind=chunk(b"eXIf", exif_block(6)))


def broken_exif():
    """Nothing of these turns anything, whatever Pillow thinks."""
    data, whole = jpeg("RGB"), exif_block(6)
    yield "cut", with_app1(data, whole[:16])
    yield "nothing", with_app1(data, b"")
    yield "order", with_app1(data, b"XX" + whole[2:])
    yield "far", with_app1(data, whole[:4] + b"\x7f\xff\xff\xf0" + whole[8:])
    yield "many", with_app1(data, whole[:14] + b"\xff\xff\xff\xff" + whole[18:])


def write(folder, name, data):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


def draw(folder):
    known = {}
    for name, data, pixels, trusted in draw_pngs():
        write(folder, name + ".png", data)
        known[name + ".png"] = pixels
        if trusted:
            known["pillow " + name + ".png"] = True
    for name, data in draw_jpegs():
        write(folder, name + ".jpg", data)
    for name, data in draw_turned_pngs():
        write(folder, name + ".png", data)
    for name, data in broken_exif():
        write(folder, name + ".jpg", data)
        known[name + ".jpg"] = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    np.savez(folder + ".npz", **known)


def draw_others(folder):
    frames = [Image.fromarray(random.randint(0, 256, (H, W, 3)).astype("u1")) for _ in range(3)]
    frames[0].save(os.path.join(folder, "moving.png"), save_all=True, append_images=frames[1:])
    for kind in ("gif", "bmp", "tiff"):
        frames[0].save(os.path.join(folder, kind + ".png"), kind)


# ---- against Pillow ------------------------------------------------------------------------------

def pillow(path, stored):
    image = Image.open(path) if stored else ImageOps.exif_transpose(Image.open(path))
    if image.mode == "I":
        return as_rgb(to_8_bits(np.asarray(image)[..., None], 16))
    if "A" in image.mode or "transparency" in image.info:
        pixels = np.asarray(image.convert("RGBA")).astype("i8")
        return on_background(pixels[..., :3], pixels[..., 3:])
    return np.asarray(image.convert("RGB"))


def compare(what, ours, theirs, within):
    assert ours.shape == theirs.shape, (what, ours.shape, theirs.shape)
    off = np.abs(ours.astype("i8") - theirs).max()
    assert off <= within, f"{what}: a sample is {off} off"
    return off


def check(folder, stored):
    from reader import records
    names, known, seen, most = sorted(os.listdir(folder)), np.load(folder + ".npz"), 0, 0
    for meta, tensors in records(sys.stdin.buffer):
        for number, image in zip(tensors.get("id", ()), tensors.get("image", ())):
            name, seen = names[number], seen + 1
            if name in known:
                compare(name + " as drawn", image, known[name], 0)
            if name not in known or "pillow " + name in known:
                # Pillow may bring a JPEG library of its own; another one may round otherwise when it widens colours
                off = compare(name + " by Pillow", image, pillow(os.path.join(folder, name), stored),
                              0 if name.endswith(".png") else 2)
                most = max(most, off)
    assert seen == len(names) > 0, (seen, len(names))
    print(f"{seen} pictures, JPEG at most {most} off")


def resize(program):
    filters = {"triangle": Image.BILINEAR, "area": Image.BOX, "lanczos": Image.LANCZOS}
    sizes = [((40, 31), (40, 31)), ((40, 31), (7, 5)), ((40, 31), (1, 1)), ((40, 31), (93, 80)), ((1, 1), (5, 4)),
             ((2, 3), (50, 70)), ((10, 25), (4, 10)), ((25, 10), (10, 4)), ((37, 64), (37, 20)), ((64, 37), (20, 37)),
             ((300, 401), (32, 32)), ((301, 997), (64, 16)), ((12, 500), (24, 3))]
    sizes += [tuple(map(tuple, random.randint(1, 90, (2, 2)))) for _ in range(12)]
    for old, new in sizes:
        noise = random.randint(0, 256, old + (3,)).astype("u1")
        hard = noise // 128 * 255  # black and white: Lanczos overshoots on both sides
        for picture in (noise, hard):
            for name, theirs in filters.items():
                done = subprocess.run([program, name, *map(str, old + new)], input=picture.tobytes(),
                                      stdout=subprocess.PIPE, check=True)
                ours = np.frombuffer(done.stdout, "u1").reshape(new + (3,))
                wanted = np.asarray(Image.fromarray(picture).resize(new[::-1], theirs))
                compare(f"{name} from {old} to {new}", ours, wanted, 1)


if __name__ == "__main__":
    verb, what, *more = sys.argv[1:]
    stored = "stored" in more
    for colour in more[: len(more) - stored]:
        background = np.array(list(bytes.fromhex(colour)))
    {"draw": draw, "check": lambda folder: check(folder, stored), "draw-others": draw_others, "resize": resize}[verb](what)
