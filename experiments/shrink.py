"""Pictures of a zip of class folders, shrunk to 32x32, as a tar of class folders on standard output.

    shrink.py png|jpeg ZIP > TAR

png keeps every pixel. jpeg saves them as the JPEG copy of CIFAR-10 was saved: quality 75, colours at half the
resolution. Both tars have the same pictures under the same names in the same order. Wants Pillow.
"""
import io
import sys
import tarfile
import zipfile

from PIL import Image

HOW = {"png": {"format": "PNG"}, "jpeg": {"format": "JPEG", "quality": 75, "subsampling": "4:2:0"}}


def labels(archive):
    """Class of each validation picture: in Tiny ImageNet these lie in one folder, and a text file names their classes."""
    notes = [name for name in archive.namelist() if name.endswith("val_annotations.txt")]
    lines = [line.split("\t") for name in notes for line in archive.read(name).decode().splitlines()]
    return {line[0]: line[1] for line in lines}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in HOW:
        sys.exit("usage: shrink.py png|jpeg ZIP > TAR")
    kind = sys.argv[1]
    with zipfile.ZipFile(sys.argv[2]) as archive, tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as tar:
        classes = labels(archive)
        for name in sorted(archive.namelist()):
            path = name.split("/")
            if not name.lower().endswith(".jpeg") or "test" in path:
                continue
            picture = Image.open(io.BytesIO(archive.read(name))).convert("RGB").resize((32, 32), Image.BOX)
            saved = io.BytesIO()
            picture.save(saved, **HOW[kind])
            folder = classes[path[-1]] if path[-1] in classes else path[-3]
            member = tarfile.TarInfo(f"{folder}/{path[-1].rsplit('.', 1)[0]}.{kind}")
            member.size = saved.tell()
            saved.seek(0)
            tar.addfile(member, saved)


main()
