/** A table of a Markdown report: its cells by the names of their columns. */
export type Row = Readonly<Record<string, string>>;

/** Reads the table that follows a heading. */
export function tableUnder(markdown: string, heading: string): Row[] {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.includes(heading));
  const first = lines.findIndex((line, index) => index > start && line.startsWith('|'));
  if (start === -1 || first === -1) throw new Error(`The page has no table under "${heading}".`);
  return tableAt(lines, first);
}

/** Reads the first table of a report. */
export function firstTable(markdown: string): Row[] {
  const lines = markdown.split('\n');
  const first = lines.findIndex((line) => line.startsWith('|'));
  if (first === -1) throw new Error('The report has no table.');
  return tableAt(lines, first);
}

function tableAt(lines: readonly string[], first: number): Row[] {
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

/** The rows of a table that a picture may put side by side, and those that it may not. */
export interface Comparable {
  readonly alike: readonly Row[];
  readonly others: readonly Row[];
}

/**
 * Keeps the rows whose samples are as large as those of most others: a share of 600 and one of 10,000
 * are not compared. `sizeOf` gives the size of a row's sample.
 */
export function equalSamples(rows: readonly Row[], sizeOf: (row: Row) => string): Comparable {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(sizeOf(row), (counts.get(sizeOf(row)) ?? 0) + 1);
  const [[usual] = ['']] = [...counts].toSorted(([, one], [, other]) => other - one);
  return {
    alike: rows.filter((row) => sizeOf(row) === usual),
    others: rows.filter((row) => sizeOf(row) !== usual),
  };
}
