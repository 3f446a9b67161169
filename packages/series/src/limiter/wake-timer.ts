import { setTimer, type Clock } from '../clock.ts';

/** One wake-up, for the next thing to do. */
export interface WakeTimer {
  /** Wakes at a moment, or sooner if that was set before; never for `Infinity`. */
  set(at: number): void;
  /** Whether the wake-up should have come by now, and has not. Then it has to be set anew. */
  isOverdue(now: number): boolean;
}

// A wake-up that was just set anew is believed in for this long: timers are late where much is to do.
const believedMs = 100;

/**
 * A wake-up may get lost: timers that are set while timers are faked never fire, and some platforms
 * drop them. So one that is overdue counts as none, and whoever asks next sets a new one.
 */
export function createWakeTimer(clock: Clock, wake: (at: number) => void): WakeTimer {
  let cancel: (() => void) | undefined;
  let wakesAt = Infinity;
  let believedUntil = Infinity;

  function stop(): void {
    cancel?.();
    cancel = undefined;
    wakesAt = Infinity;
    believedUntil = Infinity;
  }

  return {
    isOverdue: (now) => now > believedUntil,
    set(at) {
      if (at === Infinity) return stop();
      const now = clock.now();
      const isOverdue = now > believedUntil;
      // Waking too soon costs one reading of the clock. Setting a new timer each time costs more.
      if (at >= wakesAt && !isOverdue) return;
      stop();
      wakesAt = Math.max(at, now);
      believedUntil = wakesAt + (isOverdue ? believedMs : 0);
      const due = wakesAt;
      cancel = setTimer(
        clock,
        () => {
          stop();
          wake(due);
        },
        Math.ceil(due - now),
      );
    },
  };
}
