import { longestLine, type Line, type UnreadableLine } from './lines.ts';

/** The cells of a row, or why it can't be read. */
export type DelimitedRow =
  | { readonly line: number; readonly fields: readonly string[] }
  | UnreadableLine;

/** Puts lines together to rows: a quoted field may hold line ends. */
export interface DelimitedReader {
  readonly read: (line: Line) => void;
  /** Gives what is left at the end of the file. */
  readonly end: () => void;
}

// An empty line takes memory too: what an object costs, in letters.
const lineCost = 100;

/**
 * Starts at the beginning of a file.
 *
 * Rows without a value in any cell are passed over, as empty lines are. A quote that never closes
 * costs its own line only: the lines after it are read again, each by itself.
 *
 * @param delimiter - the character between two cells
 */
export function createDelimitedReader(
  visitRow: (row: DelimitedRow) => void,
  delimiter = ',',
): DelimitedReader {
  const endsInQuotes = createQuoteCheck(delimiter);
  let open: Line[] = [];
  let length = 0;

  return {
    read(line) {
      const { text } = line;
      // Without a quote a line is a row, and nearly all lines are.
      if (open.length > 0 || text === undefined || text.includes('"')) add(line);
      else visit({ line: line.line, fields: text.split(delimiter) });
    },
    end() {
      for (const row of giveUp(open)) visit(row);
      open = [];
    },
  };

  /** A spreadsheet writes an empty row as delimiters alone. */
  function visit(row: DelimitedRow): void {
    if ('reason' in row || row.fields.some((field) => field.trim() !== '')) visitRow(row);
  }

  function add(line: Line): void {
    open.push(line);
    length += lineCost + (line.text?.length ?? 0);
    const isOpen = line.text !== undefined && endsInQuotes(line.text, open.length > 1);
    if (isOpen && length <= longestLine) return;
    const row = rowOf(open);
    if ('reason' in row && open.length > 1) for (const one of giveUp(open)) visit(one);
    else visit(row);
    open = [];
    length = 0;
  }

  function* giveUp(lines: readonly Line[]): Generator<DelimitedRow> {
    for (const line of lines) {
      if (line.text?.trim() === '') continue;
      yield line.text !== undefined && endsInQuotes(line.text, false)
        ? { line: line.line, reason: 'a quote is opened and never closed' }
        : rowOf([line]);
    }
  }

  function rowOf(lines: readonly Line[]): DelimitedRow {
    const line = lines[0]?.line ?? 0;
    const reason = lines.find((part) => part.reason !== undefined)?.reason;
    if (reason !== undefined) return { line, reason };
    const text = lines.map((part) => part.text).join('\n');
    const fields = text.includes('"') ? splitQuoted(text, delimiter) : text.split(delimiter);
    if (fields !== undefined) return { line, fields };
    return {
      line,
      reason: 'a quote is not allowed here: write it twice, and put the value in quotes',
    };
  }
}

/** Splits a whole row; `undefined` where a quote stands within a cell that has none around it. */
function splitQuoted(text: string, delimiter: string): string[] | undefined {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      const [value, end] = quotedField(text, at + 1) ?? [];
      if (value === undefined || end === undefined) return undefined;
      fields.push(value);
      if (end === text.length) return fields;
      if (text[end] !== delimiter) return undefined;
      at = end + 1;
    } else {
      const end = text.indexOf(delimiter, at);
      const field = text.slice(at, end === -1 ? undefined : end);
      if (field.includes('"')) return undefined;
      fields.push(field);
      if (end === -1) return fields;
      at = end + 1;
    }
  }
}

/** What stands in quotes, in which two of them stand for one, and where it ends. */
function quotedField(text: string, start: number): [string, number] | undefined {
  let value = '';
  for (let from = start; ;) {
    const quote = text.indexOf('"', from);
    if (quote === -1) return undefined;
    value += text.slice(from, quote);
    if (text[quote + 1] !== '"') return [value, quote + 1];
    value += '"';
    from = quote + 2;
  }
}

/** Whether a field is still open at the end of a line. A quote opens only where a field begins. */
function createQuoteCheck(delimiter: string): (text: string, startsInQuotes: boolean) => boolean {
  const before = `(^|${delimiter.replaceAll(/[|^$.*+?()[\]{}\\]/g, String.raw`\$&`)})`;
  // A field in quotes, in which two quotes stand for one. The lookahead keeps the search from
  // taking the first of such two for the end.
  const quoted = new RegExp(`${before}"[^"]*(?:""[^"]*)*"(?!")`, 'g');
  const opened = new RegExp(`${before}"`);
  const restOfQuoted = /^[^"]*(?:""[^"]*)*"(?!")/;
  return (text, startsInQuotes) => {
    const rest = startsInQuotes ? text.replace(restOfQuoted, '') : text;
    if (startsInQuotes && rest === text) return true;
    return opened.test(rest.replaceAll(quoted, '$1'));
  };
}
