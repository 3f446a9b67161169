import type { Ticket } from '@ticket-lifecycle/series';

/** What is shown of a ticket in a list. */
export const columns = [
  'ticketId',
  'status',
  'updatedAt',
  'claimedBy',
  'department',
  'subject',
] as const;

/** The values of these columns. */
export type ShownTicket = Readonly<
  Record<(typeof columns)[number], string | number | null | undefined>
>;

/** Takes from a ticket what a list shows. */
export const shownOf = (ticket: Ticket): ShownTicket =>
  Object.fromEntries(columns.map((column) => [column, ticket[column]])) as unknown as ShownTicket;
