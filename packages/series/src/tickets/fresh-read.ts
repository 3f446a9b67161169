import { stopwatch, type Clock } from '../clock.ts';
import type { SeriesClient } from '../client/series-client.ts';
import type { Ticket } from '../client/ticket.ts';
import type { CallOptions } from '../request/call-options.ts';

/** What is needed to read a ticket, and to see that the process was stopped meanwhile. */
export interface ReadingContext {
  readonly client: Pick<SeriesClient, 'getTicket' | 'timeoutMs'>;
  readonly clock: Clock;
}

/** How a read is made; its `beforeSend` is ours. */
export type ReadOptions = Omit<CallOptions, 'beforeSend'>;

// How much longer than its time limit a request may take in a process that is busy.
const busyMs = 2000;

/** Whether something that is over within `mostMs` took so long that the process was stopped meanwhile. */
export const spannedStop = (tookMs: number, mostMs: number): boolean => tookMs > mostMs + busyMs;

/** A database that answers from a copy may be behind by a moment: then, how often to read, and when. */
export const mostReads = 3;
export const readAgainMs = 1000;

/**
 * Reads a ticket. An answer that was under way while the process was stopped may be old, so it is asked
 * for once more.
 *
 * @throws SeriesError when it could not be read
 */
export async function readFreshly(
  ticketId: string,
  { client, clock }: ReadingContext,
  options: ReadOptions,
): Promise<{
  readonly ticket: Ticket;
  /** When it was begun: it may have waited for a slot since. */
  readonly begunAt: number;
  /** When the request left that was answered: the answer may have been written right then. */
  readonly askedAt: number;
}> {
  const first = await read();
  // A client that does not tell when the request left has waited for a slot in that time.
  const isOld = first.ageMs !== undefined && spannedStop(first.ageMs(), client.timeoutMs);
  return isOld ? read() : first;

  async function read() {
    const begunAt = clock.now();
    let askedAt = begunAt;
    let ageMs: (() => number) | undefined;
    const beforeSend = () => {
      askedAt = clock.now();
      ageMs = stopwatch(clock);
    };
    const ticket = await client.getTicket(ticketId, { ...options, beforeSend });
    return { ticket, begunAt, askedAt, ageMs };
  }
}
