import { isOldAnswer, provingOffset, type DoubtfulChange, type TicketSeen } from './judge-doubt.ts';
import { secondMs } from './server-moment.ts';

/** What a further read depends on, besides the change and the ticket. */
export interface ReadAgainContext {
  /** When the ticket was read first, on our clock. */
  readonly since: number;
  /** What time it is, on the same clock. */
  readonly now: number;
  /** How long the last read took. */
  readonly readMs: number;
  /** How long to go on after the quiet moment. */
  readonly forMs: number;
  /**
   * A number from 0 up to 1, but not 1.
   *
   * @defaultValue Math.random
   */
  readonly random?: (() => number) | undefined;
}

const firstPauseMs = 1000;

/**
 * In how many milliseconds to read a ticket again of which `judgeDoubt` says `undecided`;
 * `undefined` where no further read can decide it. Pure, but for chance.
 *
 * Until the quiet moment the pauses grow. After it, only an answer that is not old can help, or a
 * better knowledge of the server's clock.
 */
export function readAgainInMs(
  change: DoubtfulChange,
  seen: TicketSeen,
  { since, now, readMs, forMs, random = Math.random }: ReadAgainContext,
): number | undefined {
  const { quietAt } = change;
  if (seen.seenAt < quietAt) return growingPauseMs(quietAt, since, now);
  const quietForMs = now - quietAt;
  const { clockOffset, status } = seen;
  const isAmbiguous = change.edges.some(({ to }) => to === status);
  // A cache ends, and another server may have the right time.
  const isOld = isOldAnswer(change, seen) && !isAmbiguous && quietForMs <= forMs;
  if (isOld) return growingPauseMs(Infinity, quietAt, now);
  const proof = provingOffset(change, seen);
  if (clockOffset === undefined || proof === undefined || isAmbiguous) return undefined;
  const leastMs = Math.max(clockOffset.atLeastMs, proof.atLeastMs);
  const mostMs = Math.min(clockOffset.atMostMs, proof.atMostMs);
  if (leastMs > mostMs || quietForMs > forMs) return undefined;
  // An answer from right after a second has begun over there proves how far that clock is ahead at
  // least, and one from right before it, at most. Which of the offsets that would be a proof is
  // asked for is left to chance: several tickets may be read at a time, and each answer serves all.
  const offsetMs = leastMs + random() * (mostMs - leastMs);
  const untilAnswerMs = secondMs - ((now + readMs + offsetMs) % secondMs);
  // After some time, more seldom.
  return Math.max(1, untilAnswerMs) + Math.floor(quietForMs / 10 / secondMs) * secondMs;
}

/** The pause before the next read until the quiet moment: after 1, 3, 7, 15 seconds, and then. */
export const growingPauseMs = (quietAt: number, since: number, now: number): number =>
  Math.max(1, Math.min(quietAt - now, firstPauseMs + now - since));
