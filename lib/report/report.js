/* report.js - what a report can do where scripts run; without them all of it is there to be read. A make rule puts it into every page. */
'use strict';
(() => {
	/* ---- tables: a click on a head sorts by its column, numbers from the largest ---- */

	const key = (row, column) => {
		const text = row.cells[column].textContent.trim();
		const number = parseFloat(text.replace(/,/g, ''));
		return { text, number: text === '–' ? NaN : number };
	};

	const compare = (a, b, numeric) => {
		if (!numeric)
			return a.text.localeCompare(b.text);
		if (isNaN(a.number) || isNaN(b.number)) /* what has no number comes last, whichever way */
			return 0;
		return a.number - b.number;
	};

	const sort = (table, column, head) => {
		const numeric = head.classList.contains('n');
		const before = head.getAttribute('aria-sort');
		const upward = before ? before === 'descending' : !numeric;
		const rows = Array.from(table.tBodies[0].rows, (row) => ({ row, key: key(row, column) }));
		const known = rows.filter((r) => !numeric || !isNaN(r.key.number));
		const unknown = rows.filter((r) => numeric && isNaN(r.key.number));
		known.sort((a, b) => (upward ? 1 : -1) * compare(a.key, b.key, numeric));
		for (const other of table.tHead.rows[0].cells)
			other.removeAttribute('aria-sort');
		head.setAttribute('aria-sort', upward ? 'ascending' : 'descending');
		table.tBodies[0].append(...known.concat(unknown).map((r) => r.row));
	};

	for (const table of document.querySelectorAll('table.sortable')) {
		Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
			const button = document.createElement('button');
			button.type = 'button';
			button.append(...head.childNodes);
			button.addEventListener('click', () => sort(table, column, head));
			head.append(button);
		});
	}

	/* ---- pictures: those of a class, taken for a class, right or wrong ---- */

	const form = document.getElementById('filter');
	if (!form)
		return;
	const figures = Array.from(document.querySelectorAll('#pictures figure'));
	const fields = form.elements;

	const matches = (figure) => {
		const right = figure.dataset.true === figure.dataset.predicted;
		return (fields.true.value === '' || fields.true.value === figure.dataset.true) &&
			(fields.predicted.value === '' || fields.predicted.value === figure.dataset.predicted) &&
			(right ? fields.right.checked : fields.wrong.checked);
	};

	/* What holds pictures goes with the last of them; what has but links to others stays. */
	const hideEmpty = (selector) => {
		for (const part of document.querySelectorAll(selector))
			part.hidden = part.querySelector('figure') && !part.querySelector('figure:not([hidden])');
	};

	const apply = () => {
		for (const figure of figures)
			figure.hidden = !matches(figure);
		const shown = figures.filter((figure) => !figure.hidden).length;
		hideEmpty('#pictures .kind');
		hideEmpty('#pictures .class');
		document.getElementById('shown').textContent = shown + ' of ' + figures.length + ' pictures';
	};

	const showAll = () => {
		form.reset();
		fields.true.value = fields.predicted.value = '';
		fields.right.checked = fields.wrong.checked = true;
		apply();
	};

	form.addEventListener('change', apply);
	form.addEventListener('submit', (event) => event.preventDefault());
	form.addEventListener('reset', () => setTimeout(apply));

	/* A cell of the confusion leads to all pictures of its kind. */
	for (const link of document.querySelectorAll('#confusion a')) {
		link.addEventListener('click', (event) => {
			event.preventDefault();
			showAll();
			fields.true.value = link.dataset.true;
			fields.predicted.value = link.dataset.predicted;
			apply();
			document.getElementById('pictures-title').focus({ preventScroll: true });
			form.scrollIntoView();
		});
	}

	/* A link to a picture or a class that is hidden shows everything again. */
	document.addEventListener('click', (event) => {
		const link = event.target.closest('a[href^="#"]');
		const target = link && document.getElementById(link.getAttribute('href').slice(1));
		if (target && target.closest('[hidden]'))
			showAll();
	});

	form.hidden = false;
	showAll();
})();
