import type { RateLimit } from './rate-limit.ts';

export interface FixedWindowOptions {
  readonly limit: number;
  /** The window in which a moment lies: windows begin where the calendar's seconds do. */
  readonly wallTimeOf: (at: number) => number;
}

const windowMs = 1000;

/**
 * Counts per second of the wall clock, and begins again at its full seconds. The loosest reading:
 * two bursts can meet at the boundary.
 */
export function createFixedWindow({ limit, wallTimeOf }: FixedWindowOptions): RateLimit {
  let window = -Infinity;
  let taken = 0;
  const turnTo = (now: number) => {
    const current = Math.floor(wallTimeOf(now) / windowMs);
    if (current === window) return;
    window = current;
    taken = 0;
  };

  return {
    admit(now) {
      turnTo(now);
      if (taken >= limit) {
        return { admitted: false, retryInMs: (window + 1) * windowMs - wallTimeOf(now) };
      }
      taken += 1;
      return { admitted: true };
    },
    fill(now) {
      turnTo(now);
      return taken / limit;
    },
  };
}
