import { seededRandom } from '../seeded-random.ts';

/** How requests come up. */
export type Workload = 'backlog' | 'late burst' | 'Poisson' | 'stalls' | 'restart';

/** When each of a run's requests comes up, in milliseconds from its beginning. */
export function arrivals(workload: Workload, requests: number, seed: number): number[] {
  const moment = momentOf(workload, seed);
  return Array.from({ length: requests }, (_, index) => moment(index));
}

// Below the limit, so that the queue now and then runs empty and fills again.
const poissonPerSecond = 22;

function momentOf(workload: Workload, seed: number): (index: number) => number {
  switch (workload) {
    case 'late burst':
      // The first ones open the connections, so that the many that follow land early.
      return (index) => (index < 40 ? 0 : 3300);
    case 'Poisson': {
      const random = seededRandom(seed);
      let at = 0;
      return () => {
        at -= (Math.log(1 - random()) / poissonPerSecond) * 1000;
        return at;
      };
    }
    default:
      return () => 0;
  }
}

const stallMs = 250;
const everyMs = 700;

/** Stalls this process's event loop for 250 in every 700 ms, until it is told to end. */
export function startStalling(): () => void {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  // Asleep instead of busy: a stalled run must not take the processor from the others.
  const timer = setInterval(() => Atomics.wait(cell, 0, 0, stallMs), everyMs);
  return () => clearInterval(timer);
}
