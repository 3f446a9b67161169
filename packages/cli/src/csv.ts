import { parse } from 'csv-parse/sync';
import { longestLine, type Line } from './lines.ts';

/** The fields of a record, or why it can't be read. */
export type CsvRecord =
  | { readonly line: number; readonly fields: readonly string[] }
  | { readonly line: number; readonly fault: string };

/**
 * Puts lines together to records: a quoted field may hold line ends.
 *
 * A quote that never closes costs its own line only. The lines after it are read once more, each
 * by itself.
 *
 * @yields the header first, as a record like the others
 */
export async function* readCsv(lines: AsyncIterable<Line>): AsyncGenerator<CsvRecord> {
  let open: Line[] = [];
  let length = 0;
  for await (const line of lines) {
    const isBlank = 'text' in line && line.text.trim() === '';
    if (isBlank && open.length === 0) continue;
    open.push(line);
    length += 'text' in line ? line.text.length : 0;
    const isOpen = 'text' in line && endsInQuotes(line.text, open.length > 1);
    if (isOpen && length <= longestLine) continue;
    const record = recordOf(open);
    if ('fault' in record && open.length > 1) yield* giveUp(open);
    else yield record;
    open = [];
    length = 0;
  }
  yield* giveUp(open);
}

function* giveUp(lines: readonly Line[]): Generator<CsvRecord> {
  for (const line of lines) {
    if ('text' in line && line.text.trim() === '') continue;
    yield 'text' in line && endsInQuotes(line.text, false)
      ? { line: line.line, fault: 'a quote is opened and never closed' }
      : recordOf([line]);
  }
}

function recordOf(lines: readonly Line[]): CsvRecord {
  const line = lines[0]?.line ?? 0;
  const fault = lines.find((part) => 'fault' in part);
  if (fault !== undefined) return fault;
  const text = lines.map((part) => ('text' in part ? part.text : '')).join('\n');
  // Starting the parser takes longer than most records do, and without quotes there is no need.
  if (!text.includes('"')) return { line, fields: text.split(',') };
  try {
    const [fields = []] = parse(text, { relax_column_count: true });
    return { line, fields };
  } catch {
    return { line, fault: 'a quote stands where none may stand (write it twice, in quotes)' };
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
