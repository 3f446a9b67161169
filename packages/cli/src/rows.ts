import { CliError } from './cli-error.ts';
import { readCsv } from './csv.ts';
import { exitCodes } from './exit-code.ts';
import type { Input } from './input.ts';
import { readLines, type Line } from './lines.ts';
import { readNdjson } from './ndjson.ts';
import { printable } from './terminal.ts';

/** The fields of a line by their names, or why it can't be read. */
export type Row =
  | { readonly line: number; readonly fields: Fields }
  | { readonly line: number; readonly fault: string };

/** Values by name, as a file gave them. An empty cell of a CSV is left out. */
export type Fields = Readonly<Record<string, unknown>>;

/** The formats that can be read. */
export const formats = ['csv', 'ndjson'] as const;

/** How to read rows. */
export interface RowOptions {
  /** @defaultValue whatever the beginning looks like */
  readonly format?: (typeof formats)[number] | undefined;
  /** Says what is wrong with the columns of a CSV, before any of its rows is given out. */
  readonly checkColumns: (columns: readonly string[]) => string | undefined;
}

/**
 * Reads a CSV or NDJSON file.
 *
 * @yields its rows, one at a time
 */
export async function* readRows(
  { name, chunks }: Input,
  { format, checkColumns }: RowOptions,
): AsyncGenerator<Row> {
  const lines = readLines(chunks);
  const first = await firstFilled(lines);
  const all = putBack(first, lines);
  switch (format ?? sniff(name, first)) {
    case 'ndjson':
      yield* readNdjson(all);
      return;
    case 'csv':
      yield* nameFields(readCsv(all), name, checkColumns);
  }
}

async function firstFilled(lines: AsyncGenerator<Line>): Promise<Line | undefined> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done === true || 'fault' in value || value.text.trim() !== '') return value;
  }
}

async function* putBack(first: Line | undefined, rest: AsyncIterable<Line>) {
  if (first !== undefined) yield first;
  yield* rest;
}

function sniff(name: string, first: Line | undefined): (typeof formats)[number] {
  const beginning = first !== undefined && 'text' in first ? first.text.trimStart() : '';
  if (beginning.startsWith('[')) {
    throw unusable(name, 'is a JSON array. Give one object a line: jq -c ".[]" makes that of it.');
  }
  return beginning.startsWith('{') || /\.(ndjson|jsonl)$/i.test(name) ? 'ndjson' : 'csv';
}

async function* nameFields(
  records: ReturnType<typeof readCsv>,
  name: string,
  checkColumns: RowOptions['checkColumns'],
): AsyncGenerator<Row> {
  let columns: readonly string[] | undefined;
  for await (const record of records) {
    if ('fault' in record) {
      if (columns === undefined) {
        throw unusable(name, `has no readable header: in line ${record.line}, ${record.fault}.`);
      }
      yield record;
    } else if (columns === undefined) {
      columns = record.fields.map((column) => column.trim());
      const fault = twice(columns) ?? checkColumns(columns);
      if (fault !== undefined) {
        throw unusable(name, `${fault}. Its first line names the columns ${listed(columns)}.`);
      }
    } else {
      yield rowOf(record.line, columns, record.fields);
    }
  }
}

function rowOf(line: number, columns: readonly string[], values: readonly string[]): Row {
  if (values.length !== columns.length) {
    const fault = `the line has ${values.length} fields, and the header ${columns.length}`;
    return { line, fault };
  }
  const cells = columns.map((column, index) => [column, values[index]?.trim()] as const);
  return { line, fields: Object.fromEntries(cells.filter(([, value]) => value !== '')) };
}

function twice(columns: readonly string[]): string | undefined {
  const column = columns.find((name, index) => columns.indexOf(name) !== index);
  return column === undefined ? undefined : `has the column ${JSON.stringify(column)} twice`;
}

const mostListed = 20;

function listed(columns: readonly string[]): string {
  const shown = columns.slice(0, mostListed).map((column) => printable(column.slice(0, 40)));
  const more = columns.length - shown.length;
  const [only = ''] = columns;
  const hint = columns.length === 1 && /[;\t]/.test(only) ? ' Separate columns by commas' : '';
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}${hint === '' ? '' : `.${hint}`}`;
}

const unusable = (name: string, what: string) =>
  new CliError(`${name} ${what}`, exitCodes.unreadable);
