import { pause, type Clock } from '../clock.ts';

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
