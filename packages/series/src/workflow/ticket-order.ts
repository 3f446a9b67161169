import { type Clock, pause } from '../clock.ts';
import { createSightings, type Sightings } from '../tickets/sightings.ts';
import { createMemoryStatusStore, type StatusStore } from '../tickets/status-store.ts';
import { placeOf } from '../tickets/store-key.ts';
import { keepLatest } from '../tickets/store-writes.ts';

/** What keeps the changes of one ticket apart. */
export interface TicketOrder {
  readonly turns: Turns;
  /** Until when tickets are held, because a request may still be under way. */
  readonly heldUntil: Map<string, number>;
  readonly sightings: Sightings;
  /** What those without a store of their own remember, each lifecycle for itself. */
  readonly memoryOf: (fingerprint: string) => StatusStore;
}

// An order is collected together with its store or client.
const orders = new WeakMap<object, TicketOrder>();

/**
 * Workflows that share a store or a client share one queue per ticket, so they never send changes of
 * the same ticket concurrently. They also share what is known about a ticket: what one has sent,
 * another must not judge by an older memory.
 *
 * @throws TypeError where other workflows order their changes by the client, and others by the store
 */
export function orderOf(client: object, store: StatusStore | undefined): TicketOrder {
  const keys = store === undefined ? [client] : [client, placeOf(store)];
  const [order = createOrder(), other = order] = keys.flatMap((key) => orders.get(key) ?? []);
  if (other !== order) {
    throw new TypeError(
      'createTicketWorkflow: The client and the store have workflows already that do not wait for each other. Use one client for all workflows of a key.',
    );
  }
  for (const key of keys) orders.set(key, order);
  return order;
}

function createOrder(): TicketOrder {
  const memories = new Map<string, StatusStore>();
  return {
    turns: createTurns(),
    heldUntil: new Map(),
    sightings: createSightings(),
    memoryOf(fingerprint) {
      const memory = memories.get(fingerprint) ?? createMemoryStatusStore();
      memories.set(fingerprint, memory);
      return memory;
    },
  };
}

/** Runs one task at a time per ticket, first come, first served. */
export interface Turns {
  /**
   * Waits for the turn and runs the task. When the signal aborts first, the task never runs and
   * the promise resolves to `undefined`.
   */
  take<Result>(
    ticketId: string,
    signal: AbortSignal | undefined,
    task: () => Promise<Result>,
  ): Promise<Result | undefined>;
  /** Whether a task of the ticket runs or waits. */
  isTaken(ticketId: string): boolean;
}

function createTurns(): Turns {
  // The end of the last task, for each ticket with a task.
  const tails = new Map<string, Promise<void>>();
  return {
    isTaken: (ticketId) => tails.has(ticketId),
    async take(ticketId, signal, task) {
      const { promise: left, resolve: leave } = Promise.withResolvers<undefined>();
      const leaveEarly = () => leave(undefined);
      if (signal?.aborted === true) return undefined;
      signal?.addEventListener('abort', leaveEarly, { once: true });
      const run = (tails.get(ticketId) ?? Promise.resolve()).then(() => {
        signal?.removeEventListener('abort', leaveEarly);
        return signal?.aborted === true ? undefined : task();
      });
      const tail = run.then(
        () => {},
        () => {},
      );
      tails.set(ticketId, tail);
      void tail.then(() => {
        if (tails.get(ticketId) === tail) tails.delete(ticketId);
      });
      return Promise.race([run, left]);
    },
  };
}

/** Tickets that are kept for a change in doubt: its request may still be under way. */
export interface Holds {
  /** Makes further changes of a ticket wait until a moment. */
  hold(ticketId: string, until: number): void;
  /** Whether a ticket is held now. */
  isHeld(ticketId: string): boolean;
  /** When the last hold of a ticket ends, or has ended: reads before that moment are not noted. */
  endOf(ticketId: string): number;
  /** Waits until a ticket is free, or the signal aborts. Says whether it had to wait. */
  wait(ticketId: string, signal: AbortSignal | undefined): Promise<boolean>;
}

/**
 * The holds of a workflow, on the order that it may share with others. A hold ends by itself, and its end
 * is known still: what was noted before it must not be used.
 */
export function createHolds(clock: Clock, holds: Map<string, number>): Holds {
  const endOf = (ticketId: string) => holds.get(ticketId) ?? -Infinity;
  return {
    hold(ticketId, until) {
      keepLatest(holds, ticketId, Math.max(endOf(ticketId), Math.ceil(until)));
    },
    isHeld: (ticketId) => endOf(ticketId) > clock.now(),
    endOf,
    async wait(ticketId, signal) {
      const leftMs = endOf(ticketId) - clock.now();
      if (leftMs > 0) await pause(clock, leftMs, signal);
      return leftMs > 0;
    },
  };
}
