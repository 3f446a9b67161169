/** Takes the meaning from what HTML would take for its own. */
export function escapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (letter) => names[letter] ?? letter);
}

/** A part of the page. */
export interface Section {
  readonly title: string;
  /** HTML. */
  readonly body: string;
}

// Every pair of a text and its ground has a contrast of 4.5 at least, in light and in dark.
const style = `
:root { color-scheme: light dark; --ground: #fff; --text: #1c2024; --dim: #5a6169; --line: #d5d9dd;
  --good: #1a7f4b; --warn: #9a6700; --bad: #c62a2f; --plain: #2f6fd0; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14171a; --text: #e6e9ec; --dim: #a0a8b0; --line: #363c42;
    --good: #4cc38a; --warn: #e2b341; --bad: #ff7b7f; --plain: #6ea8fe; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 760px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 1.6rem; margin: 0 0 4px; }
h2 { font-size: 1.15rem; margin: 40px 0 12px; }
li.note { white-space: pre-line; overflow-wrap: anywhere; }
p.facts { color: var(--dim); margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
svg { max-width: 100%; min-width: 460px; height: auto; color: var(--text); }
svg text { fill: currentColor; }
.plot text { font-size: 14px; }
.good { fill: var(--good); } .warn { fill: var(--warn); } .bad { fill: var(--bad); }
.plain { fill: var(--plain); } .limit { stroke: var(--dim); stroke-dasharray: 4 4; }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
th, td { text-align: left; vertical-align: top; padding: 6px 12px 6px 0;
  border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
th.number, td.number { text-align: right; white-space: nowrap; }
td.word { white-space: nowrap; }
`;

/** Puts a page together that needs nothing but itself. */
export function reportPage(
  title: string,
  facts: readonly string[],
  sections: readonly Section[],
  ownStyle = '',
) {
  const parts = sections.map(
    ({ title: heading, body }) => `<section>\n<h2>${escapeHtml(heading)}</h2>\n${body}\n</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escapeHtml(title)}</title>
<style>${style}${ownStyle}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${facts.map((fact) => `<p class="facts">${escapeHtml(fact)}</p>`).join('\n')}
${parts.join('\n')}
</main>
</body>
</html>
`;
}

// An id or a state is read as one word: a browser would break it at its hyphen.
const wordClass = (cell: string) => (/^\S{1,24}$/.test(cell) ? ' class="word"' : '');

/** A table; the columns that are named hold numbers. */
export function table(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly string[] = [],
): string {
  const classOf = (index: number) =>
    numbers.includes(columns[index] ?? '') ? ' class="number"' : '';
  const head = columns
    .map((name, index) => `<th scope="col"${classOf(index)}>${escapeHtml(name)}</th>`)
    .join('');
  const body = rows.map(
    (row) =>
      `<tr>${row.map((cell, index) => `<td${classOf(index) || wordClass(cell)}>${escapeHtml(cell)}</td>`).join('')}</tr>`,
  );
  const content = `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
  return scrollable(columns.join(', '), content);
}

/** What may be wider than a phone; the keyboard reaches it too. */
export const scrollable = (name: string, content: string): string =>
  `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(name)}">${content}</div>`;
