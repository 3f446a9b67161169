import type { TicketStatus } from '@ticket-lifecycle/core';
import { checkOptions, type OptionCheck } from '@ticket-lifecycle/internal/option-checks';

/**
 * The last known state of a ticket.
 *
 * Before a change is sent, its ticket's entry must not say any longer that the ticket is in the state
 * that the change begins in: a process that dies then would leave it behind, and the next one would
 * send the change again because of it. But a state that shares its status is known from nowhere else, and
 * neither is since when the ticket is in it. So the entry stays, and says where the change goes: with
 * `goingTo` it is no memory of where the ticket is, and every question leads to a read. The status that
 * is read decides between the two states. The end of the change replaces the entry. Without an end,
 * because the process died or the outcome is `unknown`, it waits for that read. As long as the request
 * may arrive, no other process sends a change of the ticket or notes what it reads of it.
 *
 * A store that drops the field would leave the old state behind after all. So only a store with
 * `keepsGoingTo` gets such an entry; of all others the entry is deleted before a change is sent.
 */
export interface KnownState {
  /** A state of the lifecycle, not only its API status. */
  readonly state: string;
  /**
   * When the server said so, in whole milliseconds since the epoch; 0 where only a caller did. With
   * `goingTo`: when the change was sent.
   */
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
  /**
   * The state that a change leads to which may be under way, or whose process has died. Then the ticket
   * is read, and its status decides between this state and `state`.
   */
  readonly goingTo?: string | undefined;
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
  /** The tickets that are in one of these states, or may be going to one. Only `runDue` needs it. */
  list?(states: readonly string[]): Promise<readonly StoredTicket[]> | readonly StoredTicket[];
  /**
   * Says that it keeps `goingTo`, and lists by it. Without it, a ticket is deleted before a change of it is
   * sent, and a state that shares its status is lost when the process dies then.
   */
  readonly keepsGoingTo?: true | undefined;
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
        .filter(([, { state, goingTo = state }]) =>
          [state, goingTo].some((one) => states.includes(one)),
        )
        .map(([ticketId, known]) => ({ ticketId, ...known })),
    keepsGoingTo: true,
  };
}
