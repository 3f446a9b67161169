import { windowMs } from './slots.ts';

/** The requests under way, for a key that may only have so many of them. */
export interface UnderWay {
  sent(number: number, now: number): void;
  ended(number: number): void;
  /**
   * When one more may follow if `most` may be under way at once. A request that hangs is given up on
   * after a while, so that it holds up its own ticket alone.
   */
  freeAt(most: number | undefined, usualMs: number): number;
}

// A server that is slow for every request shows it in the round trips.
const longestPatienceMs = 10_000;

export function createUnderWay(): UnderWay {
  // By number, so in the order of their sending.
  const sentAt = new Map<number, number>();
  return {
    sent: (number, now) => void sentAt.set(number, now),
    ended: (number) => void sentAt.delete(number),
    freeAt(most = Infinity, usualMs) {
      let surplus = sentAt.size - most + 1;
      if (surplus <= 0) return -Infinity;
      const patienceMs = Math.min(Math.max(windowMs, 2 * usualMs), longestPatienceMs);
      for (const at of sentAt.values()) if ((surplus -= 1) === 0) return at + patienceMs;
      return Infinity;
    },
  };
}
