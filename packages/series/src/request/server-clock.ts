/** By how much the server's clock is ahead of ours, within bounds; negative when it is behind. */
export interface ClockOffset {
  readonly atLeastMs: number;
  readonly atMostMs: number;
}

/** Learns from the dates of answers how late it is at the server. */
export interface ServerClock {
  /** Notes the `Date` of an answer to a request, with when that was sent and answered. */
  note(date: string | null, sentAt: number, answeredAt: number): void;
  /** `undefined` until an answer with a date has come. */
  offset(): ClockOffset | undefined;
}

// Clocks drift, and are set now and then.
const longestTrustMs = 10 * 60_000;

/**
 * A date in a header says the second and drops the rest. One answer so leaves a second of doubt;
 * each further one cuts off a part of it.
 */
export function createServerClock(): ServerClock {
  let known: (ClockOffset & { readonly since: number }) | undefined;
  return {
    note(date, sentAt, answeredAt) {
      const second = Date.parse(date ?? '');
      if (Number.isNaN(second)) return;
      const seen = { atLeastMs: second - answeredAt, atMostMs: second + 1000 - sentAt };
      const isOld = known === undefined || answeredAt - known.since > longestTrustMs;
      const atLeastMs = Math.max(known?.atLeastMs ?? -Infinity, seen.atLeastMs);
      const atMostMs = Math.min(known?.atMostMs ?? Infinity, seen.atMostMs);
      // Bounds that exclude each other were made by two clocks: the latest one counts.
      known =
        known === undefined || isOld || atLeastMs > atMostMs
          ? { ...seen, since: answeredAt }
          : { atLeastMs, atMostMs, since: known.since };
    },
    offset: () => known && { atLeastMs: known.atLeastMs, atMostMs: known.atMostMs },
  };
}
