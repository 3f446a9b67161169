import { createDelimitedReader } from './delimited.ts';
import { findDelimiter, separatorLine } from './delimiter.ts';
import { createAuditReader } from './json/audits.ts';
import { createJsonItems } from './json/json-items.ts';
import { createJsonLines, isFields, jsonFault, type Fields } from './json/json-lines.ts';
import { parseJson } from './json/parse-json.ts';
import { createLineReader, type Encoding, type Line, type UnreadableLine } from './lines.ts';
import type { HistoryFormat } from './sniff.ts';

/** What a file says in one place: cells in the order of the columns, or fields by name. */
export type FileRecord =
  | { readonly line: number; readonly cells: readonly string[]; readonly fields?: undefined }
  | { readonly line: number; readonly fields: Fields; readonly cells?: undefined };

/** Whether a record could be read. */
export const isSound = (record: FileRecord | UnreadableLine): record is FileRecord =>
  !('reason' in record);

/** Reads the records of a file. */
export interface RecordReader {
  readonly read: (chunk: Uint8Array) => void;
  readonly end: () => void;
  /** As far as it is known by now. */
  readonly encoding: () => Encoding | undefined;
  /** Whether rows were taken out of audits. */
  readonly hasAudits?: (() => boolean) | undefined;
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
  const audits = createAuditReader(visit);
  const { hasAudits } = audits;
  if (format === 'json') return { ...createJsonReader(options, audits.visit), hasAudits };
  const { readLine, readBlock } = createJsonLines(audits.visit, true);
  return { ...createLineReader(readLine, options.encoding, readBlock), hasAudits };
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

function createJsonReader({ encoding }: RecordOptions, visit: VisitRecord): RecordReader {
  const label = encoding === 'detect' ? 'utf-8' : encoding;
  const decoder = new TextDecoder(label, { fatal: true });
  const items = createJsonItems(({ line, json }) => {
    try {
      const value = parseJson(json, { keepDigits: true });
      if (isFields(value)) visit({ line, fields: value });
      else visit({ line, reason: 'the value is JSON, but not an object' });
    } catch (error) {
      visit({ line, reason: `the object ${jsonFault(error)}` });
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

// Enough rows to tell what the columns hold.
const mostRecords = 200;
// Of long ones fewer are kept: each may take 1 MB.
const mostLetters = 8 * 2 ** 20;

/** The first records of a file. */
export interface RecordSample {
  readonly records: readonly (FileRecord | UnreadableLine)[];
  readonly add: (record: FileRecord | UnreadableLine) => void;
  /** Whether they are enough to tell what the columns hold. */
  readonly isEnough: () => boolean;
}

export function createRecordSample(): RecordSample {
  const records: (FileRecord | UnreadableLine)[] = [];
  let letters = 0;
  return {
    records,
    add(record) {
      records.push(record);
      letters += lettersOf(record);
    },
    isEnough: () => records.length >= mostRecords || letters > mostLetters,
  };
}

/** The letters of a record, about. */
function lettersOf(record: FileRecord | UnreadableLine): number {
  if ('reason' in record) return record.reason.length;
  const { cells, fields } = record;
  if (cells !== undefined) return cells.reduce((sum, cell) => sum + cell.length, 0);
  try {
    return JSON.stringify(fields).length;
  } catch {
    // What can be read may still be nested too deeply to be written.
    return mostLetters;
  }
}
