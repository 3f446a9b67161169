import type { Encoding } from './lines.ts';

/** The formats of files with histories. */
export const historyFormats = ['csv', 'ndjson', 'json', 'xes'] as const;

/** The name of such a format. */
export type HistoryFormat = (typeof historyFormats)[number];

/** How much of a file is looked at to tell its format. */
export const headBytes = 16 * 1024;

/** What the first bytes of a file look like. */
export type Sniffed =
  | { readonly format: HistoryFormat; readonly encoding: Encoding | 'detect' }
  /** No format that can be read here: what it is, and what to do. */
  | { readonly looksLike: string; readonly cure: string };

interface Signature {
  readonly bytes: readonly number[];
  readonly looksLike: string;
  readonly cure: string;
}

const textOf = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0));
const unpack = (program: string) => `Unpack it first, such as with ${program}.`;
const endWithNewlines = String.raw`End them with LF, such as with tr '\r' '\n' < FILE | … -.`;
const saveAsCsv = 'Save the sheet as CSV (UTF-8).';

const signatures: readonly Signature[] = [
  { bytes: [0x1f, 0x8b], looksLike: 'packed with gzip', cure: unpack('gunzip -c FILE | … -') },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], looksLike: 'packed with zstd', cure: unpack('zstd -d FILE') },
  { bytes: textOf('BZh'), looksLike: 'packed with bzip2', cure: unpack('bunzip2 FILE') },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], looksLike: 'packed with xz', cure: unpack('unxz FILE') },
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    looksLike: 'an Excel workbook or another ZIP file',
    cure: `${saveAsCsv} Unpack a ZIP file first.`,
  },
  { bytes: [0xd0, 0xcf, 0x11, 0xe0], looksLike: 'an old Excel workbook', cure: saveAsCsv },
  { bytes: textOf('%PDF'), looksLike: 'a PDF', cure: 'Export the list as CSV instead.' },
  {
    bytes: textOf('SQLite format 3'),
    looksLike: 'an SQLite database',
    cure: `Export the table: sqlite3 -csv -header FILE 'select * from …'.`,
  },
  { bytes: textOf('PAR1'), looksLike: 'Parquet', cure: 'Export it as CSV or NDJSON.' },
  { bytes: textOf('Obj\u{1}'), looksLike: 'Avro', cure: 'Export it as NDJSON.' },
];

/** Tells the format of a file by its first bytes. */
export function sniff(head: Uint8Array, isWhole: boolean): Sniffed {
  const signature = signatures.find(({ bytes }) => bytes.every((byte, at) => head[at] === byte));
  if (signature !== undefined) return signature;
  const encoding = encodingOf(head);
  if (encoding === 'detect' && head.includes(0)) {
    return { looksLike: 'binary', cure: 'Export the histories as CSV, NDJSON, JSON or XES.' };
  }
  const label = encoding === 'detect' ? 'windows-1252' : encoding;
  const text = new TextDecoder(label)
    .decode(head)
    .replace(/^(?:\u{FEFF}|ï»¿)/u, '')
    .trimStart();
  // As programs of old Macs end their lines: all of the file would be one.
  if (/\r[^\n]/.test(text) && !text.includes('\n') && !/^[<[{]/.test(text)) {
    return { looksLike: 'text whose lines end with CR alone', cure: endWithNewlines };
  }
  return { ...formatOf(text, isWhole), encoding };
}

function encodingOf(head: Uint8Array): Encoding | 'detect' {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  // Without a mark: every other byte of text in Latin letters is 0.
  const zeros = [0, 0];
  for (const [at, byte] of head.entries()) if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (odd > head.length / 4 && even === 0) return 'utf-16le';
  if (even > head.length / 4 && odd === 0) return 'utf-16be';
  return 'detect';
}

function formatOf(
  text: string,
  isWhole: boolean,
): { format: HistoryFormat } | { looksLike: string; cure: string } {
  if (text.startsWith('<')) return markupOf(text);
  if (text.startsWith('[')) return { format: 'json' };
  if (!text.startsWith('{')) return { format: 'csv' };
  // An answer of an API on one line: its rows are within.
  if (/^\{\s*"[^"]*"\s*:\s*\[\s*\{/.test(text) && !text.includes('\n')) return { format: 'json' };
  const [first = '', ...others] = text.split('\n');
  // An object that ends with its line, or a line that is longer than what is looked at.
  const isLine = others.length === 0 && !isWhole ? true : isJson(first);
  return { format: isLine ? 'ndjson' : 'json' };
}

function markupOf(text: string): { format: 'xes' } | { looksLike: string; cure: string } {
  if (/<log[\s>]/.test(text)) return { format: 'xes' };
  if (/<(?:!doctype\s+html|html|table)\b/i.test(text)) {
    return { looksLike: 'a web page', cure: 'Export the list as CSV instead.' };
  }
  const isWorkbook = text.includes('urn:schemas-microsoft-com:office:spreadsheet');
  return isWorkbook
    ? { looksLike: 'an Excel workbook as XML', cure: saveAsCsv }
    : { looksLike: 'XML, but not XES', cure: 'Export the histories as XES, CSV or NDJSON.' };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Broken lines of NDJSON are told as such, one by one.
    return /\}\s*$/.test(text) && !/^\s*\{\s*\}?\s*$/.test(text);
  }
}
