import { describe, SandboxError } from '../error.ts';
import { keepLatest } from '../keep-latest.ts';
import type { SystemMessage } from './system-message.ts';
import type { TicketRules } from './ticket-rules.ts';
import {
  isTicketStatus,
  type NewTicket,
  type SandboxTicket,
  ticketDefaults,
  type TicketStatus,
  ticketStatuses,
} from './ticket.ts';

/** Who changes a status. */
export interface SetStatusOptions {
  /** @defaultValue 1 */
  readonly staffUserId?: number;
}

export interface TicketsContext {
  readonly now: () => number;
  readonly dateOf: (at: number) => Date;
  readonly mostMessages: number;
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
export class Tickets implements Iterable<SandboxTicket> {
  readonly #tickets = new Map<string, SandboxTicket>();
  readonly #ticketIds = new Map<string, string>();
  readonly #messages: SystemMessage[] = [];
  readonly #now: () => number;
  readonly #dateOf: (at: number) => Date;
  readonly #mostMessages: number;
  readonly #rules: Required<TicketRules>;
  #added = 0;
  #messageCount = 0;

  /** @internal Made by `createSandbox`. */
  constructor(rules: TicketRules, { now, dateOf, mostMessages }: TicketsContext) {
    const { sameStatus = 'adds-message', updatedAt = 'every-change' } = rules;
    const { unclaim = 'adds-message' } = rules;
    this.#rules = { sameStatus, updatedAt, unclaim };
    this.#now = now;
    this.#dateOf = dateOf;
    this.#mostMessages = mostMessages;
  }

  /** Counts the tickets. */
  get size(): number {
    return this.#tickets.size;
  }

  /** Counts the system messages so far. */
  get systemMessageCount(): number {
    return this.#messageCount;
  }

  /** Shows the latest system messages, oldest first; grows as tickets change. */
  get systemMessages(): readonly SystemMessage[] {
    return this.#messages;
  }

  /**
   * Adds a ticket, open unless told otherwise. Throws a `SandboxError` for a bad or taken id, and for
   * a field that tickets don't have.
   */
  add(ticket: NewTicket): SandboxTicket {
    checkFields(ticket);
    const mongoId = ticket.mongoId ?? (this.#added + 1).toString(16).padStart(24, '0');
    for (const [field, id] of Object.entries({ ticketId: ticket.ticketId, mongoId })) {
      if (typeof id !== 'string' || id.trim() === '') {
        throw invalid(`${field} must be a string that is not empty`, id);
      }
      if (this.has(id)) throw invalid(`${field} must be new: there already is a ticket`, id);
    }
    const createdAt = this.#dateOf(this.#now());
    const dates = { createdAt, updatedAt: createdAt };
    const added: SandboxTicket = Object.freeze({ ...ticketDefaults, ...ticket, mongoId, ...dates });
    assertStatus(added.status);
    this.#added += 1;
    this.#tickets.set(added.ticketId, added);
    this.#ticketIds.set(mongoId, added.ticketId);
    return added;
  }

  /** Finds a ticket by its ticket id or its database id. */
  get(id: string): SandboxTicket | undefined {
    return this.#tickets.get(id) ?? this.#tickets.get(this.#ticketIds.get(id) ?? '');
  }

  /** Tells whether there is a ticket with this ticket id or database id. */
  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  /** Lists the tickets as they stand now, in the order in which they were added. */
  list(): readonly SandboxTicket[] {
    return [...this.#tickets.values()];
  }

  /**
   * Sets a status as a person in the vendor's own app would: with the same effects as the API
   * call, but without a request, and so without a place in the limit or the record.
   * Throws a `SandboxError` for an unknown ticket or status.
   */
  setStatus(
    id: string,
    status: TicketStatus,
    { staffUserId = 1 }: SetStatusOptions = {},
  ): SandboxTicket {
    const before = this.#known(id);
    assertStatus(status);
    if (before.status === status && this.#rules.sameStatus === 'no-message') return before;
    // That a message is added is documented; its wording is ours.
    const text = `Status changed from ${before.status} to ${status} by staff member ${staffUserId}`;
    return this.#change(before, { status }, { staffUserId, text });
  }

  /**
   * Claims a ticket, also one that is claimed already, which the API call would refuse. Sets the
   * status to in-progress and adds a system message.
   */
  claim(id: string, { staffUserId = 1 }: SetStatusOptions = {}): SandboxTicket {
    const text = `Ticket claimed by staff member ${staffUserId}`;
    const change = { claimedBy: staffUserId, status: 'in-progress' } as const;
    return this.#change(this.#known(id), change, { staffUserId, text });
  }

  /** Gives a claimed ticket back; its status stays. */
  unclaim(id: string, { staffUserId = 1 }: SetStatusOptions = {}): SandboxTicket {
    const text = `Ticket unclaimed by staff member ${staffUserId}`;
    const message = this.#rules.unclaim === 'adds-message' ? { staffUserId, text } : undefined;
    return this.#change(this.#known(id), { claimedBy: undefined }, message);
  }

  /** Adds a reply as the author of the ticket would. No API call does that. */
  reply(id: string, content: string): SandboxTicket {
    const before = this.#known(id);
    const at = this.#dateOf(this.#now());
    return this.#change(before, { replies: [...before.replies, { content, at }] });
  }

  /** Deletes a ticket and tells whether there was one; its system messages stay. */
  delete(id: string): boolean {
    const ticket = this.get(id);
    if (ticket === undefined) return false;
    this.#ticketIds.delete(ticket.mongoId);
    return this.#tickets.delete(ticket.ticketId);
  }

  #known(id: string): SandboxTicket {
    const ticket = this.get(id);
    if (ticket === undefined) throw invalid('there is no ticket with this id', id);
    return ticket;
  }

  #change(
    before: SandboxTicket,
    change: Partial<SandboxTicket>,
    message?: Pick<SystemMessage, 'staffUserId' | 'text'>,
  ): SandboxTicket {
    const at = this.#now();
    const isRenewed = change.status !== undefined || this.#rules.updatedAt === 'every-change';
    const updatedAt = isRenewed ? this.#dateOf(at) : before.updatedAt;
    const after: SandboxTicket = Object.freeze({ ...before, ...change, updatedAt });
    const { ticketId, status: to } = after;
    this.#tickets.set(ticketId, after);
    if (message !== undefined) {
      this.#messages.push(Object.freeze({ ticketId, at, from: before.status, to, ...message }));
      this.#messageCount += 1;
      keepLatest(this.#messages, this.#mostMessages);
    }
    return after;
  }

  [Symbol.iterator](): Iterator<SandboxTicket> {
    return this.list()[Symbol.iterator]();
  }
}

function assertStatus(status: unknown): asserts status is TicketStatus {
  if (isTicketStatus(status)) return;
  throw invalid(`status must be one of ${ticketStatuses.join(', ')}`, status);
}

// The dates of a ticket that was taken out of another sandbox: here it is new.
const dateFields = ['createdAt', 'updatedAt'];
const fields = ['ticketId', 'mongoId', ...Object.keys(ticketDefaults)];

/** With a misspelt status a ticket would be open, and a test would prove something else. */
function checkFields(ticket: NewTicket): void {
  const unknown = Object.keys(ticket).find((name) => ![...fields, ...dateFields].includes(name));
  if (unknown === undefined) return;
  throw new SandboxError(
    'invalid-ticket',
    `unknown field ${JSON.stringify(unknown)}; expected one of ${fields.join(', ')}.`,
  );
}

function invalid(expected: string, received: unknown): SandboxError {
  return new SandboxError('invalid-ticket', `Ticket: ${expected}; received ${describe(received)}.`);
}
