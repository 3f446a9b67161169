import { CliError } from './cli-error.ts';
import { createCsvReader, type CsvRecord } from './csv.ts';
import { exitCodes } from './exit-code.ts';
import type { Format } from './formats.ts';
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

/** How to read rows. */
export interface RowOptions {
  /** @defaultValue whatever the beginning looks like */
  readonly format?: Format | undefined;
  /** Says what is wrong with the columns of a CSV, before any of its rows is given out. */
  readonly checkColumns: (columns: readonly string[]) => string | undefined;
}

/**
 * Reads a CSV or NDJSON file.
 *
 * @yields its rows, those of a chunk together
 */
export async function* readRows(
  { name, chunks }: Input,
  { format, checkColumns }: RowOptions,
): AsyncGenerator<readonly Row[]> {
  const batches = readLines(chunks);
  const { before, first } = await untilFilled(batches);
  const all = putBack(before, batches);
  switch (format ?? sniff(name, first)) {
    case 'ndjson':
      for await (const lines of all) yield readNdjson(lines);
      return;
    case 'csv':
      yield* readTable(all, name, checkColumns);
  }
}

/** Reads on until there is a line to tell the format by. */
async function untilFilled(batches: AsyncGenerator<Line[]>) {
  const before: Line[][] = [];
  for (;;) {
    const { value: lines, done } = await batches.next();
    if (done === true) return { before, first: undefined };
    const first = lines.find((line) => 'fault' in line || line.text.trim() !== '');
    // Empty lines mean nothing in either format, however many there are.
    if (first === undefined) continue;
    before.push(lines);
    return { before, first };
  }
}

async function* putBack(before: readonly Line[][], rest: AsyncIterable<Line[]>) {
  yield* before;
  yield* rest;
}

function sniff(name: string, first: Line | undefined): Format {
  const beginning = first !== undefined && 'text' in first ? first.text.trimStart() : '';
  if (beginning.startsWith('[')) {
    throw unusable(name, 'is a JSON array. Give one object a line: jq -c ".[]" makes that of it.');
  }
  return beginning.startsWith('{') || /\.(ndjson|jsonl)$/i.test(name) ? 'ndjson' : 'csv';
}

async function* readTable(
  batches: AsyncIterable<Line[]>,
  name: string,
  checkColumns: RowOptions['checkColumns'],
): AsyncGenerator<readonly Row[]> {
  const reader = createCsvReader();
  let columns: readonly string[] | undefined;
  for await (const lines of batches) yield nameFields(reader.read(lines));
  yield nameFields(reader.end());

  function nameFields(records: readonly CsvRecord[]): Row[] {
    const rows: Row[] = [];
    for (const record of records) {
      if (columns === undefined) columns = readHeader(record, name, checkColumns);
      else if ('fault' in record) rows.push(record);
      else rows.push(rowOf(record.line, columns, record.fields));
    }
    return rows;
  }
}

function readHeader(
  record: CsvRecord,
  name: string,
  checkColumns: RowOptions['checkColumns'],
): readonly string[] {
  if ('fault' in record) {
    throw unusable(name, `has no readable header: in line ${record.line}, ${record.fault}.`);
  }
  const columns = record.fields.map((column) => column.trim());
  const fault = twice(columns) ?? checkColumns(columns);
  if (fault === undefined) return columns;
  throw unusable(name, `${fault}. Its first line names the columns ${listed(columns)}.`);
}

function rowOf(line: number, columns: readonly string[], values: readonly string[]): Row {
  if (values.length !== columns.length) {
    const fault = `the line has ${values.length} fields, and the header ${columns.length}`;
    return { line, fault };
  }
  const fields: Record<string, string> = {};
  for (const [index, column] of columns.entries()) {
    const value = values[index]?.trim() ?? '';
    if (value !== '') fields[column] = value;
  }
  return { line, fields };
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
