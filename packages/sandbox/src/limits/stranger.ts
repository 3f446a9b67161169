import { createRandom } from '../random.ts';
import type { RateLimit } from './rate-limit.ts';

/**
 * Another program with the same API key: it takes places in the limit that the client can't see.
 * Its requests come at random moments, the same for the same seed; a refused one comes back as soon
 * as there is room, and gives up when a second's worth of others waits already.
 */
export interface Stranger {
  /** How many requests it makes in an average second; they come as independent people do. */
  readonly requestsPerSecond: number;
}

export interface StrangerOptions extends Stranger {
  readonly seed: number;
  /** When it begins. */
  readonly from: number;
}

// A rest this long empties every limit, so what came before it can be left out.
const longestRestMs = 600_000;
const shortestRetryMs = 0.001;

/** The limit as the client of the key meets it, whose places the stranger has taken before. */
export function shareWithStranger(limit: RateLimit, options: StrangerOptions): RateLimit {
  const { requestsPerSecond, seed, from } = options;
  const random = createRandom(seed);
  // The gaps of a Poisson process: mostly short, at times long.
  const gap = () => (-Math.log(1 - random()) * 1000) / requestsPerSecond;
  const mostWaiting = Math.ceil(requestsPerSecond);
  let next = from + gap();
  let retryAt = Infinity;
  let waiting = 0;
  const ask = (at: number) => {
    const admission = limit.admit(at);
    if (!admission.admitted) {
      retryAt = at + Math.max(admission.retryInMs, shortestRetryMs);
      return;
    }
    limit.release?.();
    waiting -= 1;
    retryAt = waiting > 0 ? at : Infinity;
  };
  const catchUpWith = (now: number) => {
    next = Math.max(next, now - longestRestMs);
    for (let at = Math.min(next, retryAt); at <= now; at = Math.min(next, retryAt)) {
      if (at === next) {
        waiting = Math.min(waiting + 1, mostWaiting);
        next += gap();
      }
      ask(at);
    }
  };

  return {
    admit(now) {
      catchUpWith(now);
      return limit.admit(now);
    },
    release: () => limit.release?.(),
    fill(now) {
      catchUpWith(now);
      return limit.fill(now);
    },
  };
}
