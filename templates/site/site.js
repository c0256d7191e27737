'use strict';
/* Search and sort. Without scripts the page is complete, only in one order. */
function textOf(cell) {
  return cell.dataset.sort !== undefined ? cell.dataset.sort : cell.textContent.trim();
}

function compare(a, b) {
  const x = Number(a), y = Number(b);
  return a !== '' && b !== '' && !Number.isNaN(x) && !Number.isNaN(y) ? x - y : a.localeCompare(b, document.documentElement.lang);
}

function sortBy(table, head) {
  const column = [...head.parentNode.children].indexOf(head);
  const down = head.getAttribute('aria-sort') === 'ascending';
  for (const other of head.parentNode.children) other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
  const body = table.tBodies[0];
  const rows = [...body.rows].sort((a, b) => compare(textOf(a.cells[column]), textOf(b.cells[column])));
  body.append(...(down ? rows.reverse() : rows));
}

function search(words) {
  const wanted = words.normalize('NFKC').toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const row of document.querySelectorAll('table.searchable tbody tr')) {
    const text = row.textContent.normalize('NFKC').toLowerCase();
    row.hidden = !wanted.every((word) => text.includes(word));
    found += row.hidden ? 0 : 1;
  }
  const status = document.getElementById('found');
  status.textContent = wanted.length ? found + ' ' + status.dataset.text : '';
}

for (const table of document.querySelectorAll('table.sortable'))
  for (const head of table.tHead.rows[0].cells)
    head.querySelector('button').addEventListener('click', () => sortBy(table, head));
const box = document.getElementById('search');
if (box) box.addEventListener('input', () => search(box.value));
