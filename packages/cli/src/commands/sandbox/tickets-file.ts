import { ticketStatuses, ticketStatusSchema } from '@ticket-lifecycle/core';
import type { NewTicket } from '@ticket-lifecycle/sandbox';
import { ticketIdSchema } from '@ticket-lifecycle/series';
import { unusable } from '../../rows/first-bytes.ts';
import { openInput } from '../../rows/input.ts';
import { unknownName } from '../../terminal/did-you-mean.ts';
import type { Fields } from '@ticket-lifecycle/internal/histories/json/json-lines';
import { readRows, type Row } from '../../rows/rows.ts';
import type { Messages } from '../../terminal/messages.ts';

/**
 * Reads the tickets of a sandbox: each stands where its first line says, as `status` or as the
 * `from` of a change, and else is open. Lines that can't be read are named and left out, and so are
 * those that say the contrary of an earlier one.
 */
export async function readTickets(file: string, messages: Messages): Promise<NewTicket[]> {
  const tickets = new Map<string, { readonly ticket: NewTicket; readonly line: number }>();
  let hasRows = false;
  const checkColumns = (columns: readonly string[]) =>
    columns.includes('ticketId') ? undefined : 'has no column "ticketId"';
  for await (const rows of readRows(await openInput(file), { checkColumns, allowEmpty: true })) {
    hasRows ||= rows.length > 0;
    for (const row of rows) {
      if ('fields' in row && row.fields['type'] === 'summary') continue;
      const reason = take(row);
      if (reason !== undefined)
        messages.show(`${file}, line ${row.line}: ${reason}. It is left out.`);
    }
  }
  if (!hasRows) {
    throw unusable(
      file,
      'has no rows. Did its export fail? Leave --tickets out to start without tickets.',
    );
  }
  return Array.from(tickets.values(), ({ ticket }) => ticket);

  /** Takes the ticket of a line, or says why not. */
  function take(row: Row): string | undefined {
    const ticket = ticketOf(row);
    if ('reason' in ticket) return ticket.reason;
    const { ticketId, status } = ticket;
    const known = tickets.get(ticketId);
    if (known === undefined) tickets.set(ticketId, { ticket, line: row.line });
    else if (known.ticket.status !== status && saysWhereItIs(row))
      return `${ticketId} is ${known.ticket.status} by line ${known.line}, not ${status}`;
    return undefined;
  }
}

function ticketOf(row: Row): NewTicket | { readonly reason: string } {
  if ('reason' in row) return row;
  const { ticketId, subject } = row.fields;
  const id = ticketIdSchema.safeParse(ticketId);
  if (!id.success) return { reason: id.error.issues[0]?.message ?? 'there is no ticketId' };
  const stated = statedIn(row.fields);
  const status = ticketStatusSchema.safeParse(stated);
  if (!status.success) {
    return { reason: unknownName('status', stated, ticketStatuses) };
  }
  const described = typeof subject === 'string' ? { subject } : {};
  return { ticketId: id.data, status: status.data, ...described };
}

const statedIn = ({ status, from }: Fields): unknown => status ?? from ?? 'open';

/** A change says where the ticket is when its turn comes, after the changes before it. */
const saysWhereItIs = (row: Row): boolean =>
  'fields' in row &&
  (row.fields['status'] ?? row.fields['from']) !== undefined &&
  row.fields['event'] === undefined &&
  row.fields['to'] === undefined;
