import type { TicketStatus } from './ticket.ts';

/**
 * The message that every status change adds to its ticket, where people see it.
 *
 * @example
 * ```ts
 * import { createSandbox, type SystemMessage } from '@ticket-lifecycle/sandbox';
 *
 * const { tickets, systemMessages } = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
 * tickets.setStatus('TICKET-1', 'in-progress', { staffUserId: 7 });
 * const message: SystemMessage | undefined = systemMessages[0];
 * console.log(message?.text); // Status changed from open to in-progress by staff member 7
 * ```
 */
export interface SystemMessage {
  readonly ticketId: string;
  /** Milliseconds on the sandbox's clock. */
  readonly at: number;
  readonly staffUserId: number;
  readonly from: TicketStatus;
  readonly to: TicketStatus;
  readonly text: string;
}
