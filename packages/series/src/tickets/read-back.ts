import type { SeriesClient } from '../client/series-client.ts';
import { pause, type Clock } from '../clock.ts';
import { SeriesError } from '../errors.ts';
import type { RequestListener } from '../request/request-event.ts';
import {
  judgeDoubt,
  type DoubtfulChange,
  type DoubtVerdict,
  type TicketSeen,
} from './judge-doubt.ts';

/** What reading a ticket back has shown of a change in doubt. */
export interface ReadBack {
  readonly verdict: DoubtVerdict;
  /** How the ticket was seen last; `undefined` where it could not be read. */
  readonly seen: TicketSeen | undefined;
  /** Why the last read failed, if it did. */
  readonly error: SeriesError | undefined;
  /** How often the ticket was read. */
  readonly reads: number;
}

/** How to read a ticket. */
export interface ReadContext {
  readonly client: Pick<SeriesClient, 'getTicket' | 'timeoutMs'>;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: RequestListener | undefined;
}

const firstPauseMs = 1000;
// After the quiet moment only a ticket that can't be read is read again.
const betweenFailuresMs = 1000;

/**
 * Reads the ticket back after an answer was lost, until it tells how the change ended.
 *
 * The first read finds most changes that arrived. The old status proves nothing as long as the
 * request may still be under way, so the ticket is read again after growing pauses, and for the
 * last time when all is quiet. A read that was refused for good ends it: that answer would only
 * come again.
 *
 * @param settleForMs - how long to go on after the quiet moment where the ticket can't be read
 */
export async function readBack(
  ticketId: string,
  change: DoubtfulChange,
  settleForMs: number,
  context: ReadContext,
): Promise<ReadBack> {
  const { clock, client, signal } = context;
  const { quietAt } = change;
  const giveUpAt = quietAt + settleForMs;
  let pauseMs = firstPauseMs;
  let { clockOffset } = change;

  for (let reads = 1; ; reads += 1) {
    const maxWaitMs = Math.max(giveUpAt - clock.now(), client.timeoutMs);
    const { seen, error } = await readOnce(ticketId, { ...context, maxWaitMs });
    const verdict = seen === undefined ? 'undecided' : judgeDoubt({ ...change, clockOffset }, seen);
    clockOffset ??= seen?.clockOffset;
    const now = clock.now();
    const isOver =
      verdict !== 'undecided' ||
      error?.delivery === 'refused' ||
      (seen === undefined ? now >= giveUpAt : seen.seenAt >= quietAt);
    if (isOver) return { verdict, seen, error, reads };
    const untilQuietMs = quietAt - now;
    await pause(
      clock,
      untilQuietMs > 0 ? Math.min(pauseMs, untilQuietMs) : betweenFailuresMs,
      signal,
    );
    pauseMs *= 2;
    if (signal?.aborted === true) return { verdict, seen, error, reads };
  }
}

/** Reads the ticket once. Never rejects: the change was sent, and has an outcome. */
export async function readOnce(
  ticketId: string,
  { client, clock, signal, onEvent, maxWaitMs }: ReadContext & { readonly maxWaitMs?: number },
): Promise<Pick<ReadBack, 'seen' | 'error'>> {
  const seenAt = clock.now();
  try {
    // Others wait for this ticket.
    const call = { signal, onEvent, maxWaitMs, priority: 'high' } as const;
    const ticket = await client.getTicket(ticketId, call);
    return { seen: { ...ticket, seenAt }, error: undefined };
  } catch (error) {
    // What else can fail is a limiter of somebody else.
    return { seen: undefined, error: SeriesError.is(error) ? error : undefined };
  }
}
