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

/** The time of the process: ticks that never go back, and the date of each. */
export interface ProcessTime extends SandboxClock {
  dateOf(at: number): Date;
}

const ticker = (): unknown => Reflect.get(performance, 'now');
// Where the two clocks of a process part by more, one of them was set.
const mostApartMs = 1000;

/**
 * Reads both clocks of the process anew each time, so it follows a test that fakes them or sets the
 * date forward, whenever it does so. Where one of them is set back, ticks and dates go on from the
 * latest. A moment keeps the date that it had.
 */
export function createProcessTime(): ProcessTime {
  let latest = performance.now();
  let latestTicker = ticker();
  let aheadMs = 0;
  let offset = Date.now() - latest;
  const earlier: { readonly until: number; readonly offset: number }[] = [];

  return {
    now() {
      const ticks = performance.now();
      if (ticks + aheadMs < latest) aheadMs = latest - ticks;
      const at = ticks + aheadMs;
      const offsetNow = Date.now() - at;
      const isNew = ticker() !== latestTicker;
      latestTicker = ticker();
      // A date that goes back looks like an old answer from a cache.
      if (offsetNow > offset + (isNew ? 0 : mostApartMs)) {
        earlier.push({ until: latest, offset });
        offset = offsetNow;
      }
      latest = at;
      return at;
    },
    dateOf(at) {
      const past = earlier.find(({ until }) => at < until);
      return new Date((past?.offset ?? offset) + at);
    },
  };
}
