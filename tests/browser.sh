#!/bin/sh
# A report in a browser: fits a telephone and a screen, light and dark, is used by keys, and its script does what it should.
. "${srcdir:-.}/tests/setup.sh"
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip "no chromium"
make=${builddir:?}/tests/make_report
test -x "$make" || skip "tests/make_report isn't built"

for what in images tiles whole; do
	"$make" $what 60 4 >$what || fail "make_report $what"
done
printf 'epoch\tloss\taccuracy\n1\t2.5\t0.2\n2\t1.5\t0.4\n3\t1.0\t0.6\n' >a.log
printf 'epoch\tloss\taccuracy\n1\t2.2\t0.3\n2\t1.8\t0.5\n' >b.log
ok myopic-report -q -i images -w whole -l a.log -l b.log -o page.html <tiles
cp "$src/browser.js" .

# look WIDTH SCHEME: what browser.js says of the page, with what the browser itself complains of; 0 is dark, 1 light
look() {
	cat >frame.html <<-END
		<!DOCTYPE html><meta charset="utf-8"><pre id="said">not run</pre>
		<iframe id="frame" src="page.html" style="width:$1px;height:800px;border:0"></iframe>
		<script src="browser.js"></script>
	END
	HOME=$work timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
		--disable-background-networking --user-data-dir="$work/profile" --allow-file-access-from-files \
		--blink-settings=preferredColorScheme="$2" --virtual-time-budget=20000 --enable-logging=stderr --log-level=0 \
		--dump-dom "file://$work/frame.html" >dom 2>log
	sed -n '/<pre id="said">/,/<\/pre>/p' dom | sed 's/<[^>]*>//g' >said
	grep -F CONSOLE log >console && { fail "the browser complains at $1"; cat console >&2; }
	grep -q '^done' said || { fail "browser.js did not come to its end at $1"; cat said >&2; tail -n 5 log >&2; }
	grep '^FAIL' said >bad && { fail "at $1 pixels, scheme $2"; cat bad >&2; }
	scheme=$(head -n 1 said)
}
for width in 360 1280; do
	look $width 1
	test "$scheme" = light || fail "not light: $scheme"
done
look 1280 0
test "$scheme" = dark || fail "not dark: $scheme"
look 360 0
