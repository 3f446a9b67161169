import { type Clock, pause } from '../clock.ts';

/** What keeps the changes of one ticket apart. */
export interface TicketOrder {
  readonly turns: Turns;
  /** Until when tickets are held, because a request may still be under way. */
  readonly heldUntil: Map<string, number>;
}

// Each is gone with what it belongs to.
const orders = new WeakMap<object, TicketOrder>();

/**
 * The order that belongs to a store or a client. What one workflow has just sent must not be sent by
 * another that waited for the same ticket. Of where the ticket stands then only those with one store
 * know alike: with a client alone each goes by what it has seen itself, and reads the rest.
 */
export function orderOf(shared: object): TicketOrder {
  const known = orders.get(shared);
  if (known !== undefined) return known;
  const order: TicketOrder = { turns: createTurns(), heldUntil: new Map() };
  orders.set(shared, order);
  return order;
}

/** Lets one task at a time work on a ticket, in the order in which they asked. */
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
  /** Whether anybody works on a ticket or waits for it. */
  isTaken(ticketId: string): boolean;
}

export function createTurns(): Turns {
  // The end of the line for each ticket that anybody works on or waits for.
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

/** Tickets for which a request may still be under way, and until when. */
export interface Holds {
  /** Keeps further changes of a ticket waiting until a moment. */
  hold(ticketId: string, until: number): void;
  /** Waits until a ticket is free, or the signal aborts. */
  wait(ticketId: string, signal: AbortSignal | undefined): Promise<void>;
}

/**
 * Makes the holds of a workflow, on what it may share with others. A hold ends by itself, with or
 * without anybody waiting.
 */
export function createHolds(clock: Clock, holds: Map<string, number>): Holds {
  return {
    hold(ticketId, until) {
      // The oldest come first, and all last about equally long.
      for (const [other, ending] of holds) {
        if (ending > clock.now()) break;
        holds.delete(other);
      }
      holds.delete(ticketId);
      holds.set(ticketId, until);
    },
    async wait(ticketId, signal) {
      const until = holds.get(ticketId);
      if (until === undefined) return;
      const leftMs = until - clock.now();
      if (leftMs > 0) await pause(clock, leftMs, signal);
      if (signal?.aborted !== true && holds.get(ticketId) === until) holds.delete(ticketId);
    },
  };
}
