import type { Lease, LeaseAnswer, PacingPolicy } from '@ticket-lifecycle/series';
import {
  checkAnswer,
  createPathFloor,
  createRoundTrips,
  createSpacing,
  pauseMs,
  type PathFloor,
  type RoundTrips,
  type Spacing,
} from '@ticket-lifecycle/series/limiter';
import type { Release, Slot } from '../model/claim.ts';
import { isBefore } from '../model/moment.ts';
import type { Pace } from '../model/slot-timing.ts';
import { sleepUntil } from './interruptible-sleep.ts';

/** What the requests of one key have shown this process. */
export interface KeyTraffic {
  readonly pathFloor: PathFloor;
  readonly trips: RoundTrips;
  readonly spacing: Spacing;
  underWay: number;
  sent: number;
  limited: number;
  pausedUntil: number;
  usedAt: number;
}

// The store spaces slots. Requests that were held up after their slots came are spaced again as they
// leave, as by a limiter of one process.
const policyOf: Readonly<Record<Pace, PacingPolicy>> = {
  even: 'paced',
  burst: 'burst',
  measured: 'measured',
};

// A slot may go to another process next, whose way to the server is another. So only the way back of the
// answer counts, by which the server has counted the request sooner than we saw.
const wayBackShare = 0.5;

export function createKeyTraffic(requestsPerSecond: number): KeyTraffic {
  const trips = createRoundTrips();
  return {
    pathFloor: createPathFloor(),
    trips,
    spacing: createSpacing(requestsPerSecond, trips),
    underWay: 0,
    sent: 0,
    limited: 0,
    pausedUntil: 0,
    usedAt: performance.now(),
  };
}

/** How long a key still pauses. */
export const pauseOf = ({ pausedUntil }: KeyTraffic): number =>
  Math.max(0, pausedUntil - performance.now());

/** Makes the lease for a slot whose time has come. `release` is called once. */
export function createFleetLease(
  { key, slot, token, sendBy }: Slot,
  traffic: KeyTraffic,
  {
    pace,
    askedAt,
    release,
  }: {
    readonly pace: Pace;
    readonly askedAt: number;
    readonly release: (released: Omit<Release, 'at'>) => void;
  },
): Lease {
  const isMeasured = pace === 'measured';
  const { pathFloor, trips, spacing } = traffic;
  let leavesAt = performance.now();
  let isReleased = false;
  traffic.underWay += 1;
  traffic.sent += 1;

  function end(answer: LeaseAnswer): void {
    const now = performance.now();
    traffic.usedAt = now;
    traffic.underWay -= 1;
    pathFloor.note(answer, now);
    if (answer.kind === 'not-sent') traffic.sent -= 1;
    if (answer.kind === 'limited') {
      traffic.limited += 1;
      pathFloor.distrust();
      traffic.pausedUntil = Math.max(traffic.pausedUntil, now + pauseMs(answer));
    }
    const pathMs = isMeasured ? pathFloor.ms * wayBackShare : 0;
    const wasAnswered = answer.kind === 'answered' || answer.kind === 'limited';
    if (wasAnswered) trips.add(now - leavesAt);
    release({ key, slot, token, answer: wasAnswered ? { ...answer, pathMs } : answer });
  }

  return {
    waitedMs: Math.round(leavesAt - askedAt),
    measuresPath: isMeasured,
    pace() {
      const now = performance.now();
      leavesAt = spacing.leaves(now, policyOf[pace]);
      return leavesAt > now ? sleepUntil(leavesAt) : undefined;
    },
    isInTime: () => isBefore(sendBy),
    mayLeave: () => pauseOf(traffic) === 0,
    release(answer) {
      checkAnswer(answer);
      if (isReleased) return;
      isReleased = true;
      end(answer);
    },
  };
}
