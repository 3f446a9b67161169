import {
  createDelimitedReader,
  type DelimitedReader,
  type DelimitedRow,
} from '@ticket-lifecycle/internal/histories/delimited';
import { findDelimiter, separatorLine } from '@ticket-lifecycle/internal/histories/delimiter';
import { listed } from '@ticket-lifecycle/internal/histories/history-error';
import { encodingOf, unusable } from './first-bytes.ts';
import type { Format } from './formats.ts';
import type { Input } from './input.ts';
import {
  createJsonLines,
  type JsonLine,
  type JsonLines,
} from '@ticket-lifecycle/internal/histories/json/json-lines';
import {
  createLineReader,
  type Line,
  type LineReader,
} from '@ticket-lifecycle/internal/histories/lines';

/** The fields of a line by their names, or why it can't be read. An empty cell of a CSV is left out. */
export type Row = JsonLine;

/** How to read rows. */
export interface RowOptions {
  /** @defaultValue whatever the beginning looks like */
  readonly format?: Format | undefined;
  /** Whether a file without a row is fine. A failed export leaves such a one. */
  readonly allowEmpty?: boolean | undefined;
  /** Says what is wrong with the columns of a CSV, before any of its rows is given out. */
  readonly checkColumns: (columns: readonly string[]) => string | undefined;
}

/**
 * Reads a CSV or NDJSON file, and hands over each row by a call: to wait for each would take
 * longer than reading it. What has to be waited for is done between the chunks, and at the end.
 *
 * Rows are to be used up when the call returns: to keep a value keeps the chunk that it is part of.
 */
export async function scanRows(
  input: Input,
  options: RowOptions,
  visit: (row: Row) => void,
  between: () => Promise<void> | void = () => {},
): Promise<void> {
  const reader = createRowReader(input.name, options, visit, true);
  for await (const chunk of input.chunks) {
    reader.read(chunk);
    await between();
  }
  reader.end();
  await between();
}

/**
 * Reads a CSV or NDJSON file.
 *
 * @yields its rows, those of a chunk together; waits until they are wanted
 */
export async function* readRows(input: Input, options: RowOptions): AsyncGenerator<readonly Row[]> {
  let rows: Row[] = [];
  const reader = createRowReader(input.name, options, (row) => rows.push(row), false);
  for await (const chunk of input.chunks) {
    reader.read(chunk);
    yield rows;
    rows = [];
  }
  reader.end();
  yield rows;
}

function createRowReader(
  name: string,
  { format, allowEmpty = false, checkColumns }: RowOptions,
  give: (row: Row) => void,
  isTransient: boolean,
): Pick<LineReader, 'read' | 'end'> {
  let isEmpty = true;
  const visit = (row: Row) => {
    isEmpty = false;
    give(row);
  };
  let readLine: ((line: Line) => void) | undefined;
  let delimiter: string | undefined;
  let csv: DelimitedReader | undefined;
  let json: JsonLines | undefined;
  let lines: LineReader | undefined;
  return {
    read(chunk) {
      lines ??= createLineReader(take, encodingOf(name, chunk), (...block) =>
        json?.readBlock?.(...block),
      );
      lines.read(chunk);
    },
    end() {
      lines?.end();
      csv?.end();
      if (isEmpty && !allowEmpty) {
        throw unusable(name, 'has no rows. Did its export fail? --allow-empty takes it as it is.');
      }
    },
  };

  function take(line: Line): void {
    if (readLine !== undefined) return readLine(line);
    // The format is told by the first line that is not empty.
    if (line.text?.trim() === '') return;
    const separator = delimiter === undefined ? separatorLine(line.text ?? '') : undefined;
    if (separator !== undefined) {
      delimiter = separator;
      return;
    }
    readLine = begin(format ?? sniff(name, line), line);
    readLine(line);
  }

  function begin(found: Format, header: Line): (line: Line) => void {
    if (found === 'csv') {
      delimiter ??= findDelimiter([header]);
      csv = createDelimitedReader(nameFields(name, checkColumns, visit), delimiter);
      return csv.read;
    }
    json = createJsonLines(visit, isTransient);
    return json.readLine;
  }
}

function sniff(name: string, { text = '' }: Line): Format {
  const beginning = text.trimStart();
  if (beginning.startsWith('[')) {
    throw unusable(name, 'is a JSON array. Give one object a line: jq -c ".[]" makes that of it.');
  }
  return beginning.startsWith('{') || /\.(ndjson|jsonl)$/i.test(name) ? 'ndjson' : 'csv';
}

function nameFields(
  name: string,
  checkColumns: RowOptions['checkColumns'],
  visit: (row: Row) => void,
): (row: DelimitedRow) => void {
  let columns: readonly string[] | undefined;
  return (row) => {
    if (columns === undefined) columns = readHeader(row, name, checkColumns);
    else if ('reason' in row) visit(row);
    else visit(rowOf(row.line, columns, row.fields));
  };
}

function readHeader(
  row: DelimitedRow,
  name: string,
  checkColumns: RowOptions['checkColumns'],
): readonly string[] {
  if ('reason' in row) {
    throw unusable(name, `has no readable header: in line ${row.line}, ${row.reason}.`);
  }
  const columns = row.fields.map((column) => column.trim());
  const reason = twice(columns) ?? checkColumns(columns);
  if (reason === undefined) return columns;
  throw unusable(name, `${reason}. Its first line names the columns ${listed(columns)}.`);
}

function rowOf(line: number, columns: readonly string[], values: readonly string[]): Row {
  if (values.length !== columns.length) {
    const reason = `the line has ${values.length} fields, and the header ${columns.length}`;
    return { line, reason };
  }
  const fields: Record<string, string> = {};
  for (const [index, column] of columns.entries()) {
    const value = values[index]?.trim() ?? '';
    if (value !== '') fields[column] = value;
  }
  return { line, fields };
}

function twice(columns: readonly string[]): string | undefined {
  // A spreadsheet leaves cells without a name behind the last column.
  const column = columns.find((name, index) => name !== '' && columns.indexOf(name) !== index);
  return column === undefined ? undefined : `has the column ${JSON.stringify(column)} twice`;
}
