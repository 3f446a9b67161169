import { SandboxError } from './error.ts';
import {
  isTicketStatus,
  type NewTicket,
  type Ticket,
  ticketDefaults,
  type TicketStatus,
  ticketStatuses,
} from './ticket.ts';

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
 * Is the line that every status change adds to its ticket, where people see it.
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

/**
 * Says who changes a status.
 *
 * @example
 * ```ts
 * import { createSandbox, type SetStatusOptions } from '@ticket-lifecycle/sandbox';
 *
 * const colleague: SetStatusOptions = { staffUserId: 8 };
 * const { tickets } = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
 * tickets.setStatus('TICKET-1', 'closed', colleague);
 * ```
 */
export interface SetStatusOptions {
  /** @defaultValue 1 */
  readonly staffUserId?: number;
}

/**
 * Holds the sandbox's tickets in memory, for a test to prepare, inspect and change them behind
 * the client's back.
 *
 * @example
 * ```ts
 * import { createSandbox } from '@ticket-lifecycle/sandbox';
 *
 * const { tickets } = createSandbox();
 * tickets.add({ ticketId: 'TICKET-1', subject: 'Cannot log in' });
 * tickets.setStatus('TICKET-1', 'closed', { staffUserId: 7 }); // a colleague was faster
 * console.log(tickets.get('TICKET-1')?.status); // closed
 * ```
 */
export class Tickets implements Iterable<Ticket> {
  readonly #tickets = new Map<string, Ticket>();
  readonly #ticketIds = new Map<string, string>();
  readonly #messages: SystemMessage[] = [];
  readonly #now: () => number;
  readonly #dateOf: (at: number) => Date;
  readonly #sameStatus: SameStatus;
  #added = 0;

  /** @internal Made by `createSandbox`. */
  constructor(now: () => number, dateOf: (at: number) => Date, sameStatus: SameStatus) {
    this.#now = now;
    this.#dateOf = dateOf;
    this.#sameStatus = sameStatus;
  }

  /** Counts the tickets. */
  get size(): number {
    return this.#tickets.size;
  }

  /** Shows every system message so far, oldest first; grows as statuses change. */
  get systemMessages(): readonly SystemMessage[] {
    return this.#messages;
  }

  /** Adds a ticket, open unless told otherwise. Throws a `SandboxError` for a bad or taken id. */
  add(ticket: NewTicket): Ticket {
    const mongoId = ticket.mongoId ?? (this.#added + 1).toString(16).padStart(24, '0');
    for (const [field, id] of Object.entries({ ticketId: ticket.ticketId, mongoId })) {
      if (typeof id !== 'string' || id.trim() === '') {
        throw invalid(`${field} must be a string that is not empty`, id);
      }
      if (this.has(id)) throw invalid(`${field} must be new: there already is a ticket`, id);
    }
    const createdAt = this.#dateOf(this.#now());
    const dates = { createdAt, updatedAt: createdAt };
    const added: Ticket = Object.freeze({ ...ticketDefaults, ...ticket, mongoId, ...dates });
    assertStatus(added.status);
    this.#added += 1;
    this.#tickets.set(added.ticketId, added);
    this.#ticketIds.set(mongoId, added.ticketId);
    return added;
  }

  /** Finds a ticket by its ticket id or its database id. */
  get(id: string): Ticket | undefined {
    return this.#tickets.get(id) ?? this.#tickets.get(this.#ticketIds.get(id) ?? '');
  }

  /** Tells whether there is a ticket with this ticket id or database id. */
  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  /** Lists the tickets as they stand now, in the order in which they were added. */
  list(): readonly Ticket[] {
    return [...this.#tickets.values()];
  }

  /**
   * Sets a status as a person in the vendor's own app would: with the same effects as the API
   * call, but without a request, and so without a place in the limit or the record.
   * Throws a `SandboxError` for an unknown ticket or status.
   */
  setStatus(id: string, status: TicketStatus, { staffUserId = 1 }: SetStatusOptions = {}): Ticket {
    const before = this.get(id);
    if (before === undefined) throw invalid('there is no ticket with this id', id);
    assertStatus(status);
    if (before.status === status && this.#sameStatus === 'no-message') return before;

    const at = this.#now();
    const { ticketId, status: from } = before;
    const after: Ticket = Object.freeze({ ...before, status, updatedAt: this.#dateOf(at) });
    this.#tickets.set(ticketId, after);
    // That a message is added is documented; its wording is ours.
    const text = `Status changed from ${from} to ${status} by staff member ${staffUserId}`;
    this.#messages.push(Object.freeze({ ticketId, at, staffUserId, from, to: status, text }));
    return after;
  }

  /** Deletes a ticket and tells whether there was one; its system messages stay. */
  delete(id: string): boolean {
    const ticket = this.get(id);
    if (ticket === undefined) return false;
    this.#ticketIds.delete(ticket.mongoId);
    return this.#tickets.delete(ticket.ticketId);
  }

  [Symbol.iterator](): Iterator<Ticket> {
    return this.list()[Symbol.iterator]();
  }
}

function assertStatus(status: unknown): asserts status is TicketStatus {
  if (isTicketStatus(status)) return;
  throw invalid(`status must be one of ${ticketStatuses.join(', ')}`, status);
}

function invalid(expected: string, received: unknown): SandboxError {
  return new SandboxError(
    'invalid-ticket',
    `Ticket: ${expected}; received ${JSON.stringify(received)}.`,
  );
}
