/* browser.js - looks at a report in a frame beside it, as somebody would who uses it; what is wrong becomes text of #said. */
'use strict';
const said = document.getElementById('said');
const fail = (text) => { said.textContent += 'FAIL: ' + text + '\n'; };
const check = (good, text) => { if (!good) fail(text); };

/* ---- what fits ---- */

const checkWidth = (view) => {
	const root = view.document.documentElement;
	check(root.scrollWidth <= root.clientWidth, `${root.scrollWidth} pixels wide where ${root.clientWidth} are`);
	for (const image of view.document.images)
		check(image.complete && image.naturalWidth > 0, `a picture that can't be shown: ${image.alt}`);
};

/* ---- what can be read: contrast by WCAG 2, of all text on what lies behind it ---- */

const parse = (text) => {
	const n = (text.match(/[\d.]+/g) || []).map(Number);
	return { r: n[0] || 0, g: n[1] || 0, b: n[2] || 0, a: n.length > 3 ? n[3] : 1 };
};
const over = (top, below) => ({
	r: top.r * top.a + below.r * (1 - top.a), g: top.g * top.a + below.g * (1 - top.a),
	b: top.b * top.a + below.b * (1 - top.a), a: 1,
});
const luminance = (c) => {
	const part = (v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
	return 0.2126 * part(c.r) + 0.7152 * part(c.g) + 0.0722 * part(c.b);
};
const behind = (view, element) => {
	const layers = [];
	for (let e = element; e; e = e.parentElement)
		layers.push(parse(view.getComputedStyle(e).backgroundColor));
	return layers.reverse().reduce((below, top) => over(top, below), { r: 255, g: 255, b: 255, a: 1 });
};
const checkContrast = (view) => {
	const walker = view.document.createTreeWalker(view.document.body, NodeFilter.SHOW_TEXT);
	const bad = new Set();
	for (let node = walker.nextNode(); node; node = walker.nextNode()) {
		const element = node.parentElement;
		if (!node.data.trim() || element.closest('script, style, title, option') || !element.checkVisibility())
			continue;
		const style = view.getComputedStyle(element);
		const ground = behind(view, element), ink = over(parse(style.color), ground);
		const [low, high] = [luminance(ground), luminance(ink)].sort((a, b) => a - b);
		const ratio = (high + 0.05) / (low + 0.05), size = parseFloat(style.fontSize);
		if (ratio < (size >= 24 ? 3 : 4.5))
			bad.add(`contrast ${ratio.toFixed(2)} of ${element.tagName} .${element.getAttribute('class') || ''}`);
	}
	bad.forEach(fail);
};

/* ---- what can be done ---- */

const change = (view, field, set) => {
	set(field);
	field.dispatchEvent(new view.Event('change', { bubbles: true }));
};
const shown = (doc) => Array.from(doc.querySelectorAll('#pictures figure')).filter((f) => f.getClientRects().length > 0);

const checkFilter = (view) => {
	const doc = view.document, form = doc.getElementById('filter'), all = shown(doc).length;
	check(form.getClientRects().length > 0, 'the filter is hidden');
	check(all > 8 && all === doc.querySelectorAll('#pictures figure').length, 'not all pictures are shown');
	change(view, form.elements.true, (field) => { field.value = '1'; });
	let now = shown(doc);
	check(now.length > 0 && now.length < all && now.every((f) => f.dataset.true === '1'), 'the true class');
	check(doc.querySelectorAll('#pictures .class:not([hidden])').length === 1, 'classes without pictures remain');
	check(doc.getElementById('shown').textContent === `${now.length} of ${all} pictures`, 'how many are shown');
	change(view, form.elements.right, (field) => { field.checked = false; });
	now = shown(doc);
	check(now.length > 0 && now.every((f) => f.dataset.true !== f.dataset.predicted), 'right ones among the wrong');
	const other = now[0].dataset.predicted;
	form.elements.true.value = '';
	change(view, form.elements.predicted, (field) => { field.value = other; });
	check(shown(doc).every((f) => f.dataset.predicted === other), 'the class that they are taken for');
	form.querySelector('button').click();
};

const checkLinks = (view) => {
	const doc = view.document, all = doc.querySelectorAll('#pictures figure').length;
	check(shown(doc).length === all, 'not all pictures come back');
	const link = Array.from(doc.querySelectorAll('#confusion a')).find((a) => a.dataset.true !== a.dataset.predicted);
	check(link, 'no mistake leads to pictures');
	if (!link)
		return;
	link.click();
	const now = shown(doc);
	check(now.length > 0 && now.every((f) => f.dataset.true === link.dataset.true &&
		f.dataset.predicted === link.dataset.predicted), 'a mistake leads to other pictures');
	check(doc.activeElement.id === 'pictures-title', 'the focus stays behind');
	const hidden = doc.querySelector('#pictures section[hidden]');
	doc.querySelector(`a[href="#${hidden.id}"]`).click();
	check(shown(doc).length === all, 'a link to a class that is hidden leads nowhere');
};

const checkSorting = (view) => {
	const doc = view.document, table = doc.querySelector('#classes table');
	const column = () => Array.from(table.tBodies[0].rows, (row) => parseFloat(row.cells[1].textContent));
	const button = table.tHead.rows[0].cells[1].querySelector('button');
	button.click();
	check(column().every((v, i, a) => i === 0 || a[i - 1] >= v), 'not sorted downwards: ' + column());
	check(table.tHead.rows[0].cells[1].getAttribute('aria-sort') === 'descending', 'the order is not told');
	button.click();
	check(column().every((v, i, a) => i === 0 || a[i - 1] <= v), 'not sorted upwards: ' + column());
};

/* All that can be used takes the focus, in the order of the page, and shows it. */
const checkKeyboard = (view) => {
	const doc = view.document, all = 'a[href], button, select, input, summary, [tabindex="0"]';
	const first = doc.querySelector(all);
	check(first.getAttribute('href') === '#main', 'the first stop is no way past the contents');
	for (const element of doc.querySelectorAll(all)) {
		if (!element.checkVisibility())
			continue;
		element.focus();
		check(doc.activeElement === element, `${element.tagName} ${element.textContent.slice(0, 20)} takes no focus`);
		check(element.tabIndex === 0, `${element.tagName} is out of its order`);
		check(view.getComputedStyle(element).outlineStyle !== 'none', `${element.tagName} doesn't show the focus`);
	}
	for (const wide of doc.querySelectorAll('.wide'))
		check(wide.tabIndex === 0, 'a table that keys can\'t scroll');
};

window.addEventListener('load', () => setTimeout(() => {
	const view = document.getElementById('frame').contentWindow;
	said.textContent = view.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark\n' : 'light\n';
	try {
		checkWidth(view);
		checkContrast(view);
		checkFilter(view);
		setTimeout(() => {
			try {
				checkLinks(view);
				checkSorting(view);
				checkKeyboard(view);
				checkWidth(view);
				said.textContent += 'done\n';
			} catch (error) {
				fail(error.stack);
			}
		}, 50);
	} catch (error) {
		fail(error.stack);
	}
}, 50));
