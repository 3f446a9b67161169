import { setTimer } from '@ticket-lifecycle/internal/wait-at-most';
import type { Clock } from '../clock.ts';

// A wake-up that was just set anew is believed in for this long: timers are late where much is to do.
const believedMs = 100;

/**
 * One wake-up, for the next thing to do.
 *
 * A wake-up may get lost: timers that are set while timers are faked never fire, and some platforms
 * drop them. So one that is overdue counts as none, and whoever asks next sets a new one.
 */
export function createWakeTimer(clock: Clock, wake: (at: number) => void) {
  let cancel: (() => void) | undefined;
  let setFor = Infinity;
  let believedUntil = Infinity;

  function stop(): void {
    cancel?.();
    cancel = undefined;
    setFor = Infinity;
    believedUntil = Infinity;
  }

  return {
    /** Whether the wake-up should have come by now, and has not. Then it has to be set anew. */
    isOverdue: (now: number): boolean => now > believedUntil,
    /** Wakes at a moment, or sooner if that was set before; never for `Infinity`. */
    set(at: number, now: number): void {
      if (at === Infinity) return stop();
      const isOverdue = now > believedUntil;
      // Waking too soon costs one reading of the clock. Setting a new timer each time costs more.
      // Compared with what was asked for: a moment that is past stays past, and needs no second timer.
      if (at >= setFor && !isOverdue) return;
      stop();
      setFor = at;
      const due = Math.max(at, now);
      believedUntil = due + (isOverdue ? believedMs : 0);
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
