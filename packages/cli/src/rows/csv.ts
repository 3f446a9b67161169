import { parse } from 'csv-parse/sync';
import { longestLine, type Line, type UnreadableLine } from './lines.ts';

/** The fields of a row, or why it can't be read. */
export type CsvRow = { readonly line: number; readonly fields: readonly string[] } | UnreadableLine;

/** Puts lines together to rows: a quoted field may hold line ends. */
export interface CsvReader {
  readonly read: (line: Line) => void;
  /** Gives what is left at the end of the file. */
  readonly end: () => void;
}

/**
 * Starts at the beginning of a file; the first row is the header.
 *
 * A quote that never closes costs its own line only. The lines after it are read once more, each
 * by itself.
 */
export function createCsvReader(visit: (record: CsvRow) => void): CsvReader {
  let open: Line[] = [];
  let length = 0;

  return {
    read(line) {
      const { text } = line;
      // Without a quote a line is a row, and nearly all lines are.
      if (open.length > 0 || text === undefined || text.includes('"')) add(line);
      else if (text.trim() !== '') visit({ line: line.line, fields: text.split(',') });
    },
    end() {
      for (const row of giveUp(open)) visit(row);
    },
  };

  function add(line: Line): void {
    open.push(line);
    length += line.text?.length ?? 0;
    const isOpen = line.text !== undefined && endsInQuotes(line.text, open.length > 1);
    if (isOpen && length <= longestLine) return;
    const row = rowOf(open);
    if ('reason' in row && open.length > 1) for (const one of giveUp(open)) visit(one);
    else visit(row);
    open = [];
    length = 0;
  }
}

function* giveUp(lines: readonly Line[]): Generator<CsvRow> {
  for (const line of lines) {
    if (line.text?.trim() === '') continue;
    yield line.text !== undefined && endsInQuotes(line.text, false)
      ? { line: line.line, reason: 'a quote is opened and never closed' }
      : rowOf([line]);
  }
}

function rowOf(lines: readonly Line[]): CsvRow {
  const line = lines[0]?.line ?? 0;
  const reason = lines.find((part) => part.reason !== undefined)?.reason;
  if (reason !== undefined) return { line, reason };
  const text = lines.map((part) => part.text).join('\n');
  // Starting the parser takes longer than most rows do, and without quotes there is no need.
  if (!text.includes('"')) return { line, fields: text.split(',') };
  try {
    const [fields = []] = parse(text, { relax_column_count: true });
    return { line, fields };
  } catch {
    return { line, reason: 'a quote stands where none may stand (write it twice, in quotes)' };
  }
}

// A field in quotes, in which two quotes stand for one. The lookahead keeps the search from taking
// the first of such two for the end.
const quoted = /(^|,)"[^"]*(?:""[^"]*)*"(?!")/g;
const restOfQuoted = /^[^"]*(?:""[^"]*)*"(?!")/;

/** Whether a field is still open at the end of a line. A quote opens only where a field begins. */
function endsInQuotes(text: string, startsInQuotes: boolean): boolean {
  const rest = startsInQuotes ? text.replace(restOfQuoted, '') : text;
  if (startsInQuotes && rest === text) return true;
  return /(^|,)"/.test(rest.replaceAll(quoted, '$1'));
}
