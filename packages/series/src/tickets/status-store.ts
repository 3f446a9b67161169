import type { TicketStatus } from '@ticket-lifecycle/core';
import { checkOptions, type OptionCheck } from '@ticket-lifecycle/internal/option-checks';

/** The last known state of a ticket. */
export interface KnownState {
  /** A state of the lifecycle, not only its API status. */
  readonly state: string;
  /** When the server said so, in whole milliseconds since the epoch. */
  readonly seenAt: number;
  /** The API status that the state stands for. */
  readonly status?: TicketStatus | undefined;
  /**
   * Since when the ticket is in this state, at the latest, in whole milliseconds since the epoch: what
   * `meta.due` is counted from.
   */
  readonly enteredAt?: number | undefined;
  /** Of the lifecycle that the state belongs to. Another lifecycle reads the ticket instead. */
  readonly fingerprint?: string | undefined;
  /** Present where the definition alone decided between several states of the status. */
  readonly assumed?: true | undefined;
}

/** The last known state of a ticket, with its id. */
export interface StoredTicket extends KnownState {
  readonly ticketId: string;
}

/**
 * Remembers the states of tickets, so that not every change needs a read first. Only Series knows
 * the truth: people move tickets too. A store keeps what it is given, field by field; the cases of
 * `@ticket-lifecycle/series/testing` try whether yours does.
 */
export interface StatusStore {
  get(ticketId: string): Promise<KnownState | undefined> | KnownState | undefined;
  set(ticketId: string, known: KnownState): Promise<void> | void;
  delete(ticketId: string): Promise<void> | void;
  /** The tickets that are in one of these states. Only `runDue` needs it. */
  list?(states: readonly string[]): Promise<readonly StoredTicket[]> | readonly StoredTicket[];
}

/** Settings of the store in memory. */
export interface MemoryStatusStoreOptions {
  /**
   * Tickets to remember. Beyond it, those that were not touched for the longest are forgotten.
   *
   * @defaultValue 100_000
   */
  readonly maxTickets?: number;
}

const aNumber: OptionCheck = (value) =>
  typeof value === 'number' && value >= 0 ? undefined : 'a number from 0';

/**
 * A store in memory, for one process.
 *
 * @throws TypeError for an option that does not exist, or makes no sense
 *
 * @example
 * ```ts
 * import { createMemoryStatusStore } from '@ticket-lifecycle/series';
 *
 * const store = createMemoryStatusStore({ maxTickets: 1_000 });
 * await store.set('TICKET-1', { state: 'open', seenAt: Date.now() });
 * console.log((await store.get('TICKET-1'))?.state); // open
 * ```
 */
export function createMemoryStatusStore(
  options: MemoryStatusStoreOptions = {},
): Required<StatusStore> {
  checkOptions('createMemoryStatusStore', options, { maxTickets: aNumber });
  const { maxTickets = 100_000 } = options;
  // A Map keeps the order of insertion: the first one is the one untouched for the longest.
  const tickets = new Map<string, KnownState>();
  return {
    get: (ticketId) => tickets.get(ticketId),
    set(ticketId, known) {
      tickets.delete(ticketId);
      tickets.set(ticketId, known);
      const [oldest] = tickets.keys();
      if (tickets.size > maxTickets && oldest !== undefined) tickets.delete(oldest);
    },
    delete(ticketId) {
      tickets.delete(ticketId);
    },
    list: (states) =>
      [...tickets]
        .filter(([, { state }]) => states.includes(state))
        .map(([ticketId, known]) => ({ ticketId, ...known })),
  };
}
