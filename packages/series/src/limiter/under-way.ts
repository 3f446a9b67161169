import { type Cooldown, windowMs } from './slots.ts';

/** The requests under way: which have left, and whose answers are missing. */
export interface UnderWay {
  /** The most that `missing` can be. */
  readonly unanswered: number;
  /** Notes that a request got its slot. Unless it is held up, it leaves at once. */
  sent(number: number, now: number): void;
  /** Notes that one was about to leave that may have been held up. */
  left(number: number, at: number): void;
  ended(number: number, cooldown: Cooldown): void;
  /** When a request got its slot, or left. */
  sentAt(number: number): number | undefined;
  /**
   * When one more may follow if `most` may be under way at once. A request that hangs is given up on
   * after a while, so that it holds up its own ticket alone.
   */
  freeAt(most: number | undefined, usualMs: number): number;
  /** Whether one that was held up may leave, if `most` that have left may be under way at once. */
  mayFollow(number: number, most: number | undefined, usualMs: number, now: number): boolean;
  /**
   * How many have left, or got their slots until a moment, since the latest one that was answered.
   * Those before it are slow for reasons of their own; those after it may be held up together.
   */
  missing(until: number): number;
  /** How many others have left since then. */
  missingBefore(number: number): number;
}

interface Sent {
  readonly at: number;
  /** Counts those that got their slots, and those that left. */
  readonly place: number;
  readonly hasLeft: boolean;
}

// A server that is slow for every request shows it in the round trips.
const longestPatienceMs = 10_000;

export function createUnderWay(): UnderWay {
  // By their places: those that have left stand in the order in which they did.
  const all = new Map<number, Sent>();
  let places = 0;
  let answeredPlace = 0;
  // Those after it that ended without an answer.
  let silent = 0;

  function note(number: number, at: number, hasLeft: boolean): void {
    places += 1;
    all.delete(number);
    all.set(number, { at, place: places, hasLeft });
  }

  const patienceMs = (usualMs: number) =>
    Math.min(Math.max(windowMs, 2 * usualMs), longestPatienceMs);

  function count(fits: (sent: Sent, number: number) => boolean): number {
    let found = 0;
    for (const [number, sent] of all) if (fits(sent, number)) found += 1;
    return found;
  }

  return {
    get unanswered() {
      return all.size + silent;
    },
    sent: (number, now) => note(number, now, false),
    left: (number, at) => note(number, at, true),
    ended(number, cooldown) {
      const place = all.get(number)?.place ?? 0;
      all.delete(number);
      if (cooldown === 'silent' && place > answeredPlace) silent += 1;
      if (cooldown !== 'answered' || place < answeredPlace) return;
      answeredPlace = place;
      silent = 0;
    },
    sentAt: (number) => all.get(number)?.at,
    freeAt(most = Infinity, usualMs) {
      let surplus = all.size - most + 1;
      if (surplus <= 0) return -Infinity;
      for (const { at } of all.values()) if ((surplus -= 1) === 0) return at + patienceMs(usualMs);
      return Infinity;
    },
    mayFollow(number, most = Infinity, usualMs, now) {
      if (all.size <= most) return true;
      const since = now - patienceMs(usualMs);
      const others = count((sent, other) => sent.hasLeft && sent.at > since && other !== number);
      return others < most;
    },
    missing: (until) =>
      silent + count(({ at, place, hasLeft }) => place > answeredPlace && (hasLeft || at <= until)),
    missingBefore: (number) =>
      silent +
      count(({ place, hasLeft }, other) => place > answeredPlace && hasLeft && other !== number),
  };
}
