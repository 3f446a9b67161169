import type { UnreadableTime } from '@ticket-lifecycle/internal/histories/histories';
import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Misfit } from '../../histories/misfits.ts';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-code.ts';
import { writeErrorText } from '../../error-text.ts';
import { csvCell } from '../../terminal/csv-cell.ts';
import type { Secrets } from '../../terminal/secrets.ts';
import { jsonLine } from '../../terminal/text.ts';

const columns = ['ticketId', 'problem', 'line', 'from', 'to', 'kind', 'events'];

/**
 * Writes every ticket that does not follow the lifecycle, with a line for each step that is none, and
 * then the rows whose time could not be read: CSV, or NDJSON where the name of the file ends so.
 */
export async function writeMisfits(
  file: string,
  misfits: Iterable<Misfit>,
  unreadableTimes: readonly UnreadableTime[],
  secrets: Secrets,
): Promise<void> {
  const isNdjson = ['.ndjson', '.jsonl'].includes(extname(file).toLowerCase());
  try {
    await using handle = await open(file, 'w');
    let text = isNdjson ? '' : `${columns.join(',')}\n`;
    for (const misfit of misfits) {
      text += isNdjson ? `${jsonLine(misfit)}\n` : rowsOf(misfit);
      if (text.length < 100_000) continue;
      await handle.write(secrets.hide(text));
      text = '';
    }
    for (const row of unreadableTimes) {
      text += isNdjson ? `${jsonLine({ ...row, kind: 'unreadable-time' })}\n` : timeRow(row);
    }
    await handle.write(secrets.hide(text));
  } catch (error) {
    throw new CliError(
      `--list: ${file} can't be written: ${writeErrorText(error)}.`,
      exitCodes.unexpected,
    );
  }
}

function rowsOf({ ticketId, kind, firstLine, firstState, steps }: Misfit): string {
  const first = [ticketId, kind, firstLine, '', firstState, 'first row', ''];
  const rows = steps.map(({ line, step }) => {
    const events = 'events' in step ? step.events.join(' ') : '';
    return [ticketId, kind, line, step.from, step.to, step.kind, events];
  });
  return [first, ...rows].map(lineOf).join('');
}

/** The value of the row stands where the state after a step stands: both are words of the log. */
const timeRow = ({ ticketId, line, value = '' }: UnreadableTime): string =>
  lineOf([ticketId, 'unreadable-time', line, '', value, 'time', '']);

const lineOf = (row: readonly (string | number)[]): string => `${row.map(cellOf).join(',')}\n`;

// The id is read back, and all but the states of the log are words of ours.
const cellOf = (value: string | number, column: number): string =>
  csvCell(value, ['from', 'to'].includes(columns[column] ?? ''));
