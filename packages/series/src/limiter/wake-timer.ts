import { longestTimerMs } from '@ticket-lifecycle/internal/wait-at-most';
import type { Clock } from '../clock.ts';

/** One timer, for the next thing to do. */
export interface WakeTimer {
  /** Wakes at a moment, or sooner if that was set before; never for `Infinity`. */
  set(at: number): void;
}

export function createWakeTimer(clock: Clock, wake: (at: number) => void): WakeTimer {
  let timer: unknown;
  let wakesAt = Infinity;
  return {
    set(at) {
      if (at === Infinity) {
        if (wakesAt < Infinity) clock.clearTimeout(timer);
        wakesAt = Infinity;
        return;
      }
      // Waking too soon costs one reading of the clock. Setting a new timer each time costs more.
      if (at >= wakesAt) return;
      if (wakesAt < Infinity) clock.clearTimeout(timer);
      wakesAt = at;
      const delayMs = Math.min(Math.max(0, Math.ceil(at - clock.now())), longestTimerMs);
      const due = clock.now() + delayMs;
      timer = clock.setTimeout(() => {
        wakesAt = Infinity;
        wake(due);
      }, delayMs);
    },
  };
}
