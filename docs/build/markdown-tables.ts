/** A table of a Markdown report: its cells by the names of their columns. */
export type Row = Readonly<Record<string, string>>;

/** Reads the table that follows a heading. */
export function tableUnder(markdown: string, heading: string): Row[] {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.includes(heading));
  const first = lines.findIndex((line, index) => index > start && line.startsWith('|'));
  if (start === -1 || first === -1) throw new Error(`There is no table under "${heading}".`);
  const end = lines.findIndex((line, index) => index > first && !line.startsWith('|'));
  const [head = [], , ...rows] = lines.slice(first, end === -1 ? undefined : end).map(cellsOf);
  return rows.map((cells) => Object.fromEntries(head.map((name, at) => [name, cells[at] ?? ''])));
}

const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** Reads `12/345` as the share that it is; `undefined` where nothing was run. */
export function shareOf(cell: string): number | undefined {
  const [part, whole] = cell.split('/').map(Number);
  return part === undefined || whole === undefined || !(whole > 0) ? undefined : part / whole;
}
