import type { Clock } from '../clock.ts';

// A longer delay overflows setTimeout, which then fires at once.
const longestTimerMs = 2 ** 31 - 1;

/** One timer, for the next thing to do. */
export interface Alarm {
  /** Rings at a moment, or sooner if it was set to; never when the moment is `Infinity`. */
  set(at: number): void;
}

export function createAlarm(clock: Clock, ring: (at: number) => void): Alarm {
  let timer: unknown;
  let ringsAt = Infinity;
  return {
    set(at) {
      if (at === Infinity) {
        if (ringsAt < Infinity) clock.clearTimeout(timer);
        ringsAt = Infinity;
        return;
      }
      // Ringing too soon costs a look at the clock; setting a timer anew each time costs more.
      if (at >= ringsAt) return;
      if (ringsAt < Infinity) clock.clearTimeout(timer);
      ringsAt = at;
      const delayMs = Math.min(Math.max(0, Math.ceil(at - clock.now())), longestTimerMs);
      const rings = clock.now() + delayMs;
      timer = clock.setTimeout(() => {
        ringsAt = Infinity;
        ring(rings);
      }, delayMs);
    },
  };
}
