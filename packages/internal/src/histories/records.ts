import { createDelimitedReader } from './delimited.ts';
import { findDelimiter, separatorLine } from './delimiter.ts';
import { DuplicateKeyError, parseJson } from './json.ts';
import { createJsonItems } from './json-items.ts';
import { createLineReader, type Encoding, type Line, type UnreadableLine } from './lines.ts';
import type { HistoryFormat } from './sniff.ts';

/** Values by name, as a file gave them. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a file says in one place: cells in the order of the columns, or fields by name. */
export type FileRecord =
  | { readonly line: number; readonly cells: readonly string[]; readonly fields?: undefined }
  | { readonly line: number; readonly fields: Fields; readonly cells?: undefined };

/** Reads the records of a file. */
export interface RecordReader {
  readonly read: (chunk: Uint8Array) => void;
  readonly end: () => void;
  /** As far as it is known by now. */
  readonly encoding: () => Encoding | undefined;
  /** Of files with cells. */
  readonly delimiter?: (() => string | undefined) | undefined;
}

/** How to read the records of a file. */
export interface RecordOptions {
  readonly encoding: Encoding | 'detect';
  readonly delimiter?: string | undefined;
}

/** Is called with each record, and with what is none. */
export type VisitRecord = (record: FileRecord | UnreadableLine) => void;

/** Makes the reader of a format. XES has its own, which is loaded where it is needed. */
export function createRecordReader(
  format: Exclude<HistoryFormat, 'xes'>,
  options: RecordOptions,
  visit: VisitRecord,
): RecordReader {
  if (format === 'csv') return createCellReader(options, visit);
  if (format === 'json') return createJsonReader(options, visit);
  return createLineReader((line) => {
    const record = readJsonLine(line);
    if (record !== undefined) visit(record);
  }, options.encoding);
}

// The delimiter is told by the first lines; with one column and with quotes it takes several.
const linesForDelimiter = 20;

function createCellReader(options: RecordOptions, visit: VisitRecord): RecordReader {
  let { delimiter } = options;
  let kept: Line[] | undefined = [];
  let hasSeparatorLine = false;
  let rows: ReturnType<typeof createDelimitedReader> | undefined;
  const lines = createLineReader((line) => {
    if (kept === undefined) return rows?.read(line);
    // Empty lines before the header may be many.
    if (kept.length === 0 && line.text?.trim() === '') return;
    const separator = kept.length === 0 ? separatorLine(line.text ?? '') : undefined;
    if (separator !== undefined && !hasSeparatorLine) {
      hasSeparatorLine = true;
      delimiter ??= separator;
      return;
    }
    kept.push(line);
    if (kept.length === linesForDelimiter || delimiter !== undefined) begin(kept);
  }, options.encoding);

  return {
    read: lines.read,
    end() {
      lines.end();
      if (kept !== undefined) begin(kept);
      rows?.end();
    },
    encoding: lines.encoding,
    delimiter: () => delimiter,
  };

  function begin(first: readonly Line[]): void {
    delimiter ??= findDelimiter(first);
    kept = undefined;
    rows = createDelimitedReader(
      (row) => visit('reason' in row ? row : { line: row.line, cells: row.fields }),
      delimiter,
    );
    for (const line of first) rows.read(line);
  }
}

/** Reads the JSON object of a line; an empty one has none. */
function readJsonLine(given: Line): FileRecord | UnreadableLine | undefined {
  if (given.reason !== undefined) return given;
  const { line, text } = given;
  try {
    const value = parseJson(text, { keepDigits: true });
    return isFields(value)
      ? { line, fields: value }
      : { line, reason: 'the line is JSON, but not an object' };
  } catch (error) {
    // Looked at here and not before: nearly no line is empty.
    if (text.trim() === '') return undefined;
    return { line, reason: `the line ${faultOf(error)}` };
  }
}

function createJsonReader({ encoding }: RecordOptions, visit: VisitRecord): RecordReader {
  const label = encoding === 'detect' ? 'utf-8' : encoding;
  const decoder = new TextDecoder(label, { fatal: true });
  const items = createJsonItems(({ line, json }) => {
    try {
      const value = parseJson(json, { keepDigits: true });
      if (isFields(value)) visit({ line, fields: value });
      else visit({ line, reason: 'the value is JSON, but not an object' });
    } catch (error) {
      visit({ line, reason: `the object ${faultOf(error)}` });
    }
  }, visit);
  return {
    read: (chunk) => items.read(decode(() => decoder.decode(chunk, { stream: true }))),
    end() {
      items.read(decode(() => decoder.decode()));
      items.end();
    },
    encoding: () => label,
  };

  function decode(act: () => string): string {
    try {
      return act();
    } catch {
      visit({ line: items.line(), reason: `the text is not valid ${label.toUpperCase()}` });
      return '';
    }
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// The engine's message quotes the text, which may be long and hold anything.
function faultOf(error: unknown): string {
  const { message } = error as Error;
  if (error instanceof DuplicateKeyError) return message;
  const position = /at position \d+/.exec(message)?.[0];
  return `is not valid JSON${position === undefined ? '' : ` (${position})`}`;
}
