#!/bin/sh
# Pictures of every kind, as we read and resize them, against Pillow and NumPy.
. "${srcdir:-.}/tests/setup.sh"
: "${builddir:?is set by make check}"

need_python numpy, PIL

# The reader of myopic-stream(5), without its loop.
sed -n '/^import json/,/^\.Ed/p' "$top/man/myopic-stream.5" | sed '/^for meta/,$d' >reader.py
PYTHONPATH=$work PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONDONTWRITEBYTECODE
pictures() { "$python" "$src/pictures.py" "$@" || fail "pictures.py $*"; }

# ---- what is in files ------------------------------------------------------------------------
mkdir all others
pictures draw all
ok myopic-unpack --quiet --strict all >images
pictures check all <images
ok myopic-unpack --quiet --strict --as-stored all >stored.images
pictures check all stored <stored.images
mkdir dark
pictures draw dark 0a141e
ok myopic-unpack --quiet --strict --background 0a141e dark >images
pictures check dark 0a141e <images

# ---- what isn't a picture, or is none for us -------------------------------------------------------
pictures draw-others others
status 1 myopic-unpack others
says "moving.png: an animated PNG of 3 frames"
says "gif.png: a GIF, not a PNG or JPEG picture"
says "bmp.png: a BMP, not a PNG or JPEG picture"
says "tiff.png: a TIFF, not a PNG or JPEG picture"
says "none of the 4 pictures can be read"

# ---- resizing ----------------------------------------------------------------------------------
pictures resize "$builddir/tests/resize"
