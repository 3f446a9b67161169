import { ticketStatuses, ticketStatusSchema } from '@ticket-lifecycle/core';
import type { NewTicket } from '@ticket-lifecycle/sandbox';
import { ticketIdSchema } from '@ticket-lifecycle/series';
import { openInput } from '../../rows/input.ts';
import { unknownName } from '../../terminal/did-you-mean.ts';
import type { Fields } from '@ticket-lifecycle/internal/histories/json/json-lines';
import { readRows, type Row } from '../../rows/rows.ts';
import type { Messages } from '../../terminal/messages.ts';

/**
 * Reads the tickets of a sandbox: each stands where its first line says, as `status` or as the
 * `from` of a change, and else is open. Lines that can't be read are named and left out.
 */
export async function readTickets(file: string, messages: Messages): Promise<NewTicket[]> {
  const tickets = new Map<string, NewTicket>();
  const checkColumns = (columns: readonly string[]) =>
    columns.includes('ticketId') ? undefined : 'has no column "ticketId"';
  for await (const rows of readRows(await openInput(file), { checkColumns, allowEmpty: true }))
    rows.forEach(take);
  return [...tickets.values()];

  function take(row: Row): void {
    if ('fields' in row && row.fields['type'] === 'summary') return;
    const ticket = ticketOf(row);
    if ('reason' in ticket)
      messages.show(`${file}, line ${row.line}: ${ticket.reason}. It is left out.`);
    else if (!tickets.has(ticket.ticketId)) tickets.set(ticket.ticketId, ticket);
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
