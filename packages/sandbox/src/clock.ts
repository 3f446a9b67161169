/**
 * Tells the time in milliseconds, never running backwards; where it starts does not matter.
 *
 * @example
 * ```ts
 * import { type Clock, createSandbox } from '@ticket-lifecycle/sandbox';
 *
 * let now = 0;
 * const clock: Clock = { now: () => now };
 * const sandbox = createSandbox({ clock });
 * now += 1000; // a second passes, without waiting for it
 * console.log(sandbox.record().requests); // 0
 * ```
 */
export interface Clock {
  now(): number;
}

// The API shows calendar dates, the limit needs a clock that nobody sets back: dates are derived
// from the clock, so a test that controls one controls both.
export function createCalendar(clock: Clock, startedAt: Date): (at: number) => Date {
  const offset = startedAt.getTime() - clock.now();
  return (at) => new Date(offset + at);
}
