"""report.py PAGE - what must hold of every page of myopic-report: prints what doesn't.

Tags are closed in their order, ids are unique, links lead somewhere in the page, pictures have texts, numbers are numbers,
nothing is fetched from anywhere. With --count it prints how many pictures the page has, with --text the text of its tables, a line
for each row. With --links the numbers of the confusion are those of the pictures to which they lead: for pages that show all images.
"""
import base64
import re
import sys
import zlib
from html.parser import HTMLParser

VOID = {"meta", "link", "img", "br", "input"}
# in SVG an element without children is closed by itself
SVG = {"path", "rect", "circle", "polyline"}
# how C prints what is no number
NONE = re.compile(r"\b(nan|inf)\b")


class Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.labels, self.images, self.bad = [], [], [], [], 0, []
        self.scripts, self.rows, self.text = 0, [], ""
        self.cells, self.figures = [], []

    def complain(self, text):
        self.bad.append("line %d: %s" % (self.getpos()[0], text))

    def look(self, tag, attributes):
        names = [name for name, _ in attributes]
        if len(names) != len(set(names)):
            self.complain("an attribute twice in " + tag)
        a = dict(attributes)
        if "id" in a:
            self.ids.append(a["id"])
        for name in ("aria-labelledby", "for"):
            if name in a:
                self.labels.append(a[name])
        for name, value in a.items():
            if name.startswith("on"):
                self.complain("a script in an attribute")
            if name not in ("src", "id", "href") and NONE.search(value or ""):
                self.complain("no number in %s: %.60s" % (name, value))
            if name in ("src", "href", "action", "data", "poster", "srcset") and value:
                if name == "href" and value.startswith("#"):
                    self.links.append(value[1:])
                elif not value.startswith("data:image/png;base64,"):
                    self.complain("%s leads out of the page: %.60s" % (name, value))
        if tag == "figure" and "data-true" in a:
            self.look_at_figure(a)
        if tag == "a" and "data-true" in a:
            self.cells.append([a["data-true"], a["data-predicted"], None])
            self.text = ""
        if tag == "img":
            self.images += 1
            if not a.get("alt"):
                self.complain("a picture without a text")
            self.look_at_png(a)
        if tag == "script":
            self.scripts += 1
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.text = ""

    def look_at_figure(self, a):
        kind = (a["data-true"], a["data-predicted"])
        self.figures.append(kind)
        if a["class"] != ("right" if kind[0] == kind[1] else "wrong"):
            self.complain("a picture of %s taken for %s is called %s" % (kind + (a["class"],)))

    def look_at_png(self, a):
        data = base64.b64decode(a["src"].split(",", 1)[1], validate=True)
        size = (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))
        if data[:8] != b"\x89PNG\r\n\x1a\n" or size != (int(a["width"]), int(a["height"])):
            self.complain("no PNG of the size it claims")
        at, packed = 8, b""
        while at < len(data):
            length = int.from_bytes(data[at:at + 4], "big")
            if data[at + 4:at + 8] == b"IDAT":
                packed += data[at + 8:at + 8 + length]
            at += 12 + length
        if len(zlib.decompress(packed)) != size[1] * (1 + 3 * size[0]):
            self.complain("a PNG with too few pixels")

    def handle_starttag(self, tag, attributes):
        self.look(tag, attributes)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.look(tag, attributes)
        if tag not in SVG:
            self.complain("<%s/> is no HTML" % tag)

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.complain("</%s> closes %s" % (tag, self.open[-1:] or "nothing"))
        else:
            self.open.pop()
        if tag == "a" and self.cells and self.cells[-1][2] is None:
            self.cells[-1][2] = int(self.text.replace(",", ""))
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append(self.text)

    def handle_data(self, data):
        if NONE.search(data):
            self.complain("no number: %.60s" % data.strip())
        self.text += data


def main():
    page = Page()
    text = open(sys.argv[-1], "rb").read().decode("utf-8")
    page.feed(text)
    page.close()
    if page.open:
        page.bad.append("not closed: %s" % page.open)
    if page.scripts != 1:
        page.bad.append("%d scripts" % page.scripts)
    for name in sorted({i for i in page.ids if page.ids.count(i) > 1}):
        page.bad.append("the id %s twice" % name)
    for name in page.links + page.labels:
        if name not in page.ids:
            page.bad.append("nothing has the id %s" % name)
    for c in sorted({c for c in text if ord(c) < 32 and c not in "\n\t" or 127 <= ord(c) < 160}):
        page.bad.append("a control character: %r" % c)
    if not text.startswith("<!DOCTYPE html>\n<html lang="):
        page.bad.append("no HTML at the beginning")
    if "://" in text:
        page.bad.append("an address: %.60s" % text[text.index("://") - 10:])
    if "--links" in sys.argv:
        for label, predicted, count in page.cells:
            if page.figures.count((label, predicted)) != count:
                page.bad.append("%d images of %s are taken for %s, and %d pictures" %
                                (count, label, predicted, page.figures.count((label, predicted))))
        if sum(count for _, _, count in page.cells) != len(page.figures):
            page.bad.append("some pictures are in no number")
    for line in page.bad:
        print(line)
    if "--count" in sys.argv:
        print(page.images)
    if "--text" in sys.argv:
        for row in page.rows:
            print("\t".join(row))
    return 1 if page.bad else 0


sys.exit(main())
