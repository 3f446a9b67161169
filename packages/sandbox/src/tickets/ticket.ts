/**
 * Lists the four statuses that the API knows, in the order in which its 400 names them.
 *
 * @example
 * ```ts
 * import { ticketStatuses } from '@ticket-lifecycle/sandbox';
 *
 * console.log(ticketStatuses.join(' → ')); // open → in-progress → resolved → closed
 * ```
 */
export const ticketStatuses = ['open', 'in-progress', 'resolved', 'closed'] as const;

/**
 * Is one of {@link ticketStatuses}.
 *
 * @example
 * ```ts
 * import { createSandbox, type TicketStatus } from '@ticket-lifecycle/sandbox';
 *
 * const status: TicketStatus = 'resolved';
 * createSandbox({ tickets: [{ ticketId: 'TICKET-1', status }] });
 * ```
 */
export type TicketStatus = (typeof ticketStatuses)[number];

/**
 * Is the person who opened a ticket.
 *
 * @example
 * ```ts
 * import { createSandbox, type TicketAuthor } from '@ticket-lifecycle/sandbox';
 *
 * const author: TicketAuthor = {
 *   userId: 5,
 *   username: 'ada',
 *   displayName: 'Ada',
 *   avatarUrl: 'https://example.com/ada.png',
 * };
 * createSandbox({ tickets: [{ ticketId: 'TICKET-1', author }] });
 * ```
 */
export interface TicketAuthor {
  readonly userId: number;
  readonly username: string;
  readonly displayName: string;
  readonly avatarUrl: string;
}

/**
 * Is something that the author added to a ticket.
 *
 * @example
 * ```ts
 * import { createSandbox, type TicketReply } from '@ticket-lifecycle/sandbox';
 *
 * const { tickets } = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
 * const { replies } = tickets.reply('TICKET-1', 'Any news?');
 * const reply: TicketReply | undefined = replies[0];
 * console.log(reply?.content); // Any news?
 * ```
 */
export interface TicketReply {
  readonly content: string;
  readonly at: Date;
}

/**
 * Shows a ticket as it stands at one moment; a later change makes a new object.
 *
 * @example
 * ```ts
 * import { createSandbox, type Ticket } from '@ticket-lifecycle/sandbox';
 *
 * const { tickets } = createSandbox();
 * const before: Ticket = tickets.add({ ticketId: 'TICKET-1' });
 * const after = tickets.setStatus('TICKET-1', 'in-progress');
 * console.log(before.status, after.status); // open in-progress
 * ```
 */
export interface Ticket {
  readonly ticketId: string;
  /** The database id (`_id`), by which the API finds the ticket as well. */
  readonly mongoId: string;
  readonly status: TicketStatus;
  readonly subject: string;
  readonly category: string;
  readonly department: string;
  readonly priority: string;
  readonly author: TicketAuthor;
  /** What the author wrote when opening the ticket. */
  readonly content: string;
  /** What the author wrote since. */
  readonly replies: readonly TicketReply[];
  /** The user id of the staff member who has claimed it. */
  readonly claimedBy: number | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/**
 * Is a ticket to be added: everything but the id has a default.
 *
 * @example
 * ```ts
 * import { createSandbox, type NewTicket } from '@ticket-lifecycle/sandbox';
 *
 * const ticket: NewTicket = { ticketId: 'TICKET-1', subject: 'Cannot log in', priority: 'high' };
 * console.log(createSandbox({ tickets: [ticket] }).tickets.size); // 1
 * ```
 */
export type NewTicket = Pick<Ticket, 'ticketId'> &
  Partial<Omit<Ticket, 'createdAt' | 'updatedAt' | 'replies'>>;

/** Stands in for what a new ticket does not say. */
export const ticketDefaults = {
  status: 'open',
  subject: 'A ticket',
  category: 'general',
  department: 'support',
  priority: 'normal',
  author: {
    userId: 1001,
    username: 'customer',
    displayName: 'Customer',
    avatarUrl: 'https://example.com/avatar.png',
  },
  content: 'Hello, I need help.',
  replies: [],
  claimedBy: undefined,
} as const satisfies Partial<Ticket>;

export function isTicketStatus(value: unknown): value is TicketStatus {
  return ticketStatuses.some((status) => status === value);
}
