import { ticketStatuses } from '@ticket-lifecycle/core';
import { SeriesError } from '@ticket-lifecycle/series';
import { connect, type ConnectOptions } from '../../api/connect.ts';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-code.ts';
import { jsonVersion } from '../../json-version.ts';
import { checkName } from '../../lifecycle/check-name.ts';
import { watchInterrupt } from '../../terminal/interrupt.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { csvCell } from '../../terminal/csv-cell.ts';
import { printable, several } from '../../terminal/text.ts';
import { readFailureCode } from '../../api/read-failure-code.ts';
import { columns, shownOf, type ShownTicket } from './shown-ticket.ts';

interface TicketsOptions extends ConnectOptions {
  readonly status?: string | undefined;
  readonly department?: string | undefined;
  readonly staffUserId?: number | undefined;
  readonly limit?: number | undefined;
  readonly output?: 'table' | 'csv' | 'json' | undefined;
}

/** Prints the tickets of the workspace, page by page. */
export async function tickets(options: TicketsOptions, terminal: Terminal): Promise<number> {
  const { status, department, staffUserId, limit = Infinity, output: form = 'table' } = options;
  const { output, messages } = terminal;
  const known = ticketStatuses.find((one) => one === status);
  if (status !== undefined) checkName('--status', 'status', status, ticketStatuses);
  const client = await connect(options, terminal);
  const interrupt = watchInterrupt();
  const query = { status: known, department, staffUserId };
  let listed = 0;
  try {
    if (form === 'csv') await output.print(columns.join(','));
    for await (const ticket of client.tickets(query, { signal: interrupt.signal })) {
      if (interrupt.signal.aborted || output.closed.aborted) break;
      const shown = shownOf(ticket);
      if (form === 'json') {
        await output.printJson({ type: 'ticket', schema: jsonVersion, ...shown });
      } else await output.print(form === 'csv' ? csvOf(shown) : rowOf(shown));
      listed += 1;
      if (listed === limit) break;
    }
    if (form === 'table') messages.show(several(listed, 'ticket'));
    return interrupt.exitCode() ?? exitCodes.ok;
  } catch (error) {
    if (interrupt.signal.aborted) return interrupt.exitCode() ?? exitCodes.interrupted;
    if (!SeriesError.is(error)) throw error;
    const so = listed === 0 ? '' : ` ${several(listed, 'ticket')} had been listed.`;
    throw new CliError(`${printable(error.message)}${so}`, readFailureCode(error));
  } finally {
    interrupt.release();
  }
}

function rowOf({ ticketId, status, updatedAt, subject }: ShownTicket): string {
  const cells = [String(ticketId).padEnd(16), String(status).padEnd(12), updatedAt ?? '', subject];
  return cells
    .map((cell) => printable(String(cell ?? '')))
    .join('  ')
    .trimEnd();
}

const csvOf = (shown: ShownTicket): string =>
  columns
    .map((column) => csvCell(printable(String(shown[column] ?? '')), texts.has(column)))
    .join(',');

// Only what people have written: other commands read the rest, letter by letter.
const texts: ReadonlySet<string> = new Set(['department', 'subject']);
