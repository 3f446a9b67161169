/**
 * The four statuses that the API knows, in the order in which its 400 names them.
 *
 * @example
 * ```ts
 * import { ticketStatuses } from '@ticket-lifecycle/sandbox';
 *
 * console.log(ticketStatuses.join(' → ')); // open → in-progress → resolved → closed
 * ```
 */
export const ticketStatuses = ['open', 'in-progress', 'resolved', 'closed'] as const;

/** One of {@link ticketStatuses}. */
export type TicketStatus = (typeof ticketStatuses)[number];

/** The person who opened a ticket. */
export interface TicketAuthor {
  readonly userId: number;
  readonly username: string;
  readonly displayName: string;
  readonly avatarUrl: string;
}

/** A message that the author added to a ticket. */
export interface TicketReply {
  readonly content: string;
  readonly at: Date;
}

/**
 * A ticket at one moment; a later change makes a new object.
 *
 * @example
 * ```ts
 * import { createSandbox, type SandboxTicket } from '@ticket-lifecycle/sandbox';
 *
 * const { tickets } = createSandbox();
 * const before: SandboxTicket = tickets.add({ ticketId: 'TICKET-1' });
 * const after = tickets.setStatus('TICKET-1', 'in-progress');
 * console.log(before.status, after.status); // open in-progress
 * ```
 */
export interface SandboxTicket {
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

/** A ticket to be added: everything but the id has a default. */
export type NewTicket = Pick<SandboxTicket, 'ticketId'> &
  Partial<Omit<SandboxTicket, 'createdAt' | 'updatedAt' | 'replies'>>;

/** The defaults of a new ticket. */
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
} as const satisfies Partial<SandboxTicket>;

export function isTicketStatus(value: unknown): value is TicketStatus {
  return ticketStatuses.some((status) => status === value);
}
