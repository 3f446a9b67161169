/**
 * How long a slot is kept for a request of a change under way: longer than it sleeps between two calls.
 * Such a change goes before one that has not begun, or a backlog would never let it through.
 */
export const keptMs = 1200;

/**
 * How long a change may wait in its turn, or be under way, before it counts as one that does not go
 * on: longer than a request takes with all its repetitions.
 */
export const stillMs = 60_000;

/** How long a key that fails pauses at first, and at most: twice as long after each probe. */
export const firstPauseMs = 1000;
export const longestPauseMs = 60_000;

/** How many deliveries in a row have to be left without an answer until their key pauses. */
export const mostSilent = 3;

/**
 * How much longer than `timeoutMs` a slot is held whose release never comes: a request may begin as
 * late as the permit allows, and be counted as late as its timeout; then its slot cools down.
 */
export const holdMarginMs = 4000;

/**
 * How long after its moment a slot may still be used. A request that begins later could be counted
 * when the slot is in use again.
 */
export const usableMs = 2000;

// A slot is handed out this long before its time, so that it is used in time.
const horizonMs = 60;

/** How the slots of a key are used. */
export type Pace = (typeof paces)[number];

export const paces = ['even', 'burst', 'measured'] as const;

/** Milliseconds from one send to the next, and how far ahead slots are handed out. */
export function paceOf(requestsPerSecond: number, pace: Pace) {
  return { gapMs: pace === 'burst' ? 0 : 1000 / requestsPerSecond, horizonMs };
}
