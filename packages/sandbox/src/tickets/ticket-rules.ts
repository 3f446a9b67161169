/**
 * Says what writing the status that a ticket already has does to the ticket.
 *
 * @example
 * ```ts
 * import { createSandbox, type SameStatus } from '@ticket-lifecycle/sandbox';
 *
 * const sameStatus: SameStatus = 'no-message';
 * const { tickets, systemMessages } = createSandbox({ sameStatus });
 * tickets.add({ ticketId: 'TICKET-1', status: 'open' });
 * tickets.setStatus('TICKET-1', 'open');
 * console.log(systemMessages.length); // 0
 * ```
 */
export type SameStatus = 'adds-message' | 'no-message';

/**
 * Says what a change that leaves the status alone does to a ticket: `every-change` renews
 * `UpdatedAt` for replies and unclaims too, `status-changes` only where a status is written.
 *
 * @example
 * ```ts
 * import { createSandbox, type UpdatedAt } from '@ticket-lifecycle/sandbox';
 *
 * const updatedAt: UpdatedAt = 'status-changes';
 * createSandbox({ updatedAt });
 * ```
 */
export type UpdatedAt = 'every-change' | 'status-changes';

/**
 * Says whether `unclaim` adds a system message, as `claim` is documented to do.
 *
 * @example
 * ```ts
 * import { createSandbox, type UnclaimMessage } from '@ticket-lifecycle/sandbox';
 *
 * const unclaim: UnclaimMessage = 'no-message';
 * createSandbox({ unclaim });
 * ```
 */
export type UnclaimMessage = 'adds-message' | 'no-message';

/** What the documentation does not say of how a ticket changes. */
export interface TicketRules {
  readonly sameStatus?: SameStatus;
  readonly updatedAt?: UpdatedAt;
  readonly unclaim?: UnclaimMessage;
}
