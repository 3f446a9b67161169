/**
 * A clock in milliseconds that never runs backwards; where it starts does not matter.
 *
 * @example
 * ```ts
 * import { type SandboxClock, createSandbox } from '@ticket-lifecycle/sandbox';
 *
 * let now = 0;
 * const clock: SandboxClock = { now: () => now };
 * const sandbox = createSandbox({ clock });
 * now += 1000; // a second passes, without waiting for it
 * console.log(sandbox.record().requests); // 0
 * ```
 */
export interface SandboxClock {
  now(): number;
}

// The API shows calendar dates, the limit needs a clock that nobody sets back: dates are derived
// from the clock, so a test that controls one controls both.
export function createCalendar(clock: SandboxClock, startedAt: Date): (at: number) => Date {
  const offset = startedAt.getTime() - clock.now();
  return (at) => new Date(offset + at);
}
