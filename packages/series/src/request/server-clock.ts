import { httpDate } from '../limiter/retry-after.ts';

/** By how much the server's clock is ahead of ours, within bounds; negative when it is behind. */
export interface ClockOffset {
  readonly atLeastMs: number;
  readonly atMostMs: number;
}

/** Learns from the dates of responses what time it is at the server. */
export interface ServerClock {
  /**
   * Notes the `Date` of a response, with when its request was sent and answered. Says whether the date
   * is behind that of an earlier response by more than the second to which both are exact.
   */
  note(date: string | null, sentAt: number, answeredAt: number): boolean;
  /**
   * Whether a response bears a date from before its request, as an old answer from a cache does. To be
   * asked once for each response, and before its date is noted.
   */
  isOld(date: string | null, sentAt: number, answeredAt: number): boolean;
  /** `undefined` until a response with a date has come. */
  offset(): ClockOffset | undefined;
}

const shared = new WeakMap<object, WeakMap<object, Map<string, ServerClock>>>();

/**
 * The clock of one server, as all clients of this process see it: what one of them has learnt of the
 * time there serves the others. Another clock of ours, or another `fetch`, is another world.
 */
export function serverClockOf(origin: string, clock: object, fetch: object): ServerClock {
  const byFetch = shared.get(clock) ?? new WeakMap<object, Map<string, ServerClock>>();
  const byOrigin = byFetch.get(fetch) ?? new Map<string, ServerClock>();
  const serverClock = byOrigin.get(origin) ?? createServerClock();
  shared.set(clock, byFetch.set(fetch, byOrigin.set(origin, serverClock)));
  return serverClock;
}

const byClient = new WeakMap<object, ServerClock>();

/** Says by which server's clock a client goes. */
export function goesBy(client: object, serverClock: ServerClock | undefined): void {
  if (serverClock !== undefined) byClient.set(client, serverClock);
}

/** The clock of a client's server, as far as the client is one of ours. */
export const clockOfServerOf = (client: object): ServerClock | undefined => byClient.get(client);

// Clocks drift, and are set now and then: older bounds are dropped.
const longestTrustMs = 10 * 60_000;

// Servers behind one address may differ by this much.
const mostSkewMs = 5000;
// Clocks that are set by one time differ by some milliseconds, and ours drifts.
const driftMs = 100;
// An answer may have been on its way for a while, and its date is exact to a second.
const sameClockMs = 2000;
const mostClocks = 4;

/** Whether a clock has gone back, by more than the second to which the dates are exact. */
export const hasGoneBack = (before: ClockOffset, now: ClockOffset): boolean =>
  before.atLeastMs - now.atMostMs > driftMs;

/**
 * The `Date` header has one-second resolution, so one response only bounds the offset to within a
 * second. Each further response narrows the bounds.
 *
 * An old answer from a cache has an old date, also where no header says that it is one. But a server's
 * clock may have been set back, and one of several behind an address may be slow. Their dates go on,
 * and that of a cached answer stands still.
 */
export function createServerClock(): ServerClock {
  let known: (ClockOffset & { readonly since: number }) | undefined;
  // That of the response by which the clock was furthest ahead.
  let newest: typeof known;
  // What was old by its date, once for each clock, and by how much that would be ahead of ours.
  let slow: readonly { readonly second: number; readonly aheadMs: number }[] = [];
  return {
    isOld(date, sentAt, answeredAt) {
      const second = httpDate(date);
      if (known === undefined || second === undefined) return false;
      if (answeredAt - known.since > longestTrustMs) return false;
      if (second + 1000 + mostSkewMs >= sentAt + known.atLeastMs) return false;
      const aheadMs = second - answeredAt;
      const same = slow.find((one) => Math.abs(one.aheadMs - aheadMs) <= sameClockMs);
      if (same === undefined) slow = [{ second, aheadMs }, ...slow].slice(0, mostClocks);
      return same === undefined || same.second >= second;
    },
    note(date, sentAt, answeredAt) {
      const second = httpDate(date);
      if (second === undefined) return false;
      const seen = { atLeastMs: second - answeredAt, atMostMs: second + 1000 - sentAt };
      if (answeredAt - (newest?.since ?? answeredAt) > longestTrustMs) newest = undefined;
      const isBehind = newest !== undefined && hasGoneBack(newest, seen);
      if (seen.atLeastMs >= (newest?.atLeastMs ?? -Infinity)) {
        newest = { ...seen, since: answeredAt };
      }
      const isOld = known === undefined || answeredAt - known.since > longestTrustMs;
      const atLeastMs = Math.max(known?.atLeastMs ?? -Infinity, seen.atLeastMs);
      const atMostMs = Math.min(known?.atMostMs ?? Infinity, seen.atMostMs);
      // Bounds that exclude each other show that a clock was set: the latest response counts.
      known =
        known === undefined || isOld || atLeastMs > atMostMs
          ? { ...seen, since: answeredAt }
          : { atLeastMs, atMostMs, since: known.since };
      return isBehind;
    },
    offset: () => known && { atLeastMs: known.atLeastMs, atMostMs: known.atMostMs },
  };
}
