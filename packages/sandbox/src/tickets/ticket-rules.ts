/** What writing the status that a ticket already has does to the ticket. */
export type SameStatus = 'adds-message' | 'no-message';

/**
 * Which changes renew `UpdatedAt`: all, replies and unclaims included, or only those that write a
 * status.
 */
export type UpdatedAt = 'every-change' | 'status-changes';

/** Whether `unclaim` adds a system message, as `claim` is documented to do. */
export type UnclaimMessage = 'adds-message' | 'no-message';

/** How a ticket changes, where the documentation does not say. */
export interface TicketRules {
  readonly sameStatus?: SameStatus | undefined;
  readonly updatedAt?: UpdatedAt | undefined;
  readonly unclaim?: UnclaimMessage | undefined;
}
