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
import { readFreshly, spannedStop } from './fresh-read.ts';
import type { Memory } from './memory.ts';
import { growingPauseMs, readAgainInMs } from './read-again.ts';

/** What reading a ticket back has shown of a change in doubt. */
export interface ReadBack {
  readonly verdict: DoubtVerdict;
  /** How the ticket was seen last; `undefined` where no read came, or only one that is behind. */
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
  /** How long a read may wait for its slot; as long as any request where it is absent. */
  readonly maxWaitMs?: number;
  readonly memory: Pick<Memory, 'newerThan'>;
  /** Whether our own clock has stood still since the change was sent. */
  readonly hasSlept?: (() => boolean) | undefined;
}

// After the quiet moment, where the ticket can't be read.
const betweenFailuresMs = 1000;

/**
 * Reads the ticket back after an answer was lost, until it tells how the change ended.
 *
 * The first read finds most changes that arrived. The old status proves nothing as long as the
 * request may still be under way, so the ticket is read again after growing pauses, and when all is
 * quiet. A read that was refused for good ends it: that answer would only come again.
 *
 * @param settleForMs - how long to go on after the quiet moment where the ticket can't be read, or
 * where only the server's clock is not known well enough
 */
export async function readBack(
  ticketId: string,
  change: DoubtfulChange,
  settleForMs: number,
  context: ReadContext,
): Promise<ReadBack> {
  const { clock, client, signal, hasSlept } = context;
  const { quietAt } = change;
  const since = clock.now();
  const giveUpAt = quietAt + settleForMs;
  let { clockOffset } = change;
  let hasLookedOnceMore = false;

  for (let reads = 1; ; reads += 1) {
    const begunAt = clock.now();
    const maxWaitMs = Math.max(giveUpAt - begunAt, client.timeoutMs);
    const { seen, error } = await readOnce(ticketId, { ...context, maxWaitMs });
    // A clock that stood still since tells nothing of when the send was.
    const sentAt = hasSlept?.() === true ? undefined : change.sentAt;
    const doubtful = { ...change, sentAt, clockOffset };
    const verdict = seen === undefined ? 'undecided' : judgeDoubt(doubtful, seen);
    clockOffset ??= seen?.clockOffset;
    const againMs = againInMs();
    if (againMs === undefined) return { verdict, seen, error, reads };
    await pause(clock, againMs, signal);
    if (signal?.aborted === true) return { verdict, seen, error, reads };

    function againInMs(): number | undefined {
      if (verdict !== 'undecided' || error?.delivery === 'refused') return undefined;
      const now = clock.now();
      if (seen !== undefined) {
        const readMs = now - begunAt;
        return readAgainInMs(doubtful, seen, { since, now, readMs, forMs: settleForMs });
      }
      if (now < quietAt) return growingPauseMs(quietAt, since, now);
      if (now < giveUpAt) return betweenFailuresMs;
      // Nobody has looked since all is quiet, or since the process went on after a stop.
      const wasStopped = spannedStop(now - begunAt, maxWaitMs + client.timeoutMs);
      if (hasLookedOnceMore || !(begunAt < quietAt || wasStopped)) return undefined;
      hasLookedOnceMore = true;
      return betweenFailuresMs;
    }
  }
}

/**
 * Reads the ticket once. Never rejects: the change was sent, and has an outcome. A read that shows it as
 * it was before what is known already is none.
 */
export async function readOnce(
  ticketId: string,
  { client, clock, memory, signal, onEvent, maxWaitMs }: ReadContext,
): Promise<Pick<ReadBack, 'seen' | 'error'>> {
  try {
    // Others wait for this ticket.
    const call = { signal, onEvent, maxWaitMs, priority: 'high' } as const;
    const { ticket, begunAt } = await readFreshly(ticketId, { client, clock }, call);
    const isBehind = memory.newerThan(ticketId, ticket) !== undefined;
    return { seen: isBehind ? undefined : { ...ticket, seenAt: begunAt }, error: undefined };
  } catch (error) {
    // What else can fail is a limiter of somebody else.
    return { seen: undefined, error: SeriesError.is(error) ? error : undefined };
  }
}
