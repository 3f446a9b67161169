import { createAborts } from './aborts.ts';
import { createExpiries } from './expiries.ts';
import { failed } from './failed.ts';
import { createLanes } from './lanes.ts';
import { LimiterClosedError, WaitExpiredError } from './lease.ts';
import type { Waiting } from './waiting.ts';

/** All who wait for a slot of one key, until they get one, give up or run out of time. */
export interface Queue {
  readonly waiting: number;
  /** Lanes that somebody waits in or is under way in. */
  readonly lanes: number;
  /** Whether `next` would give something. */
  hasNext(): boolean;
  join(lane: string, entry: Waiting, first: boolean): void;
  /** Takes out whose turn it is; its lane is busy until the entry is done. */
  next(): Waiting | undefined;
  done(entry: Waiting): void;
  /** When somebody will have waited long enough. */
  expiresAt(): number | undefined;
  /** Sends away those who have waited long enough. */
  expire(now: number): void;
  /** Sends everybody away. */
  close(): void;
}

/** Calls back when an abort has left nobody waiting. */
export function createQueue(onEmpty: () => void): Queue {
  const lanes = createLanes();
  const expiries = createExpiries();
  const aborts = createAborts((entry, why) => {
    expiries.forget(entry);
    lanes.leave(entry);
    entry.settle(why);
    if (lanes.waiting === 0) onEmpty();
  });

  return {
    get waiting() {
      return lanes.waiting;
    },
    get lanes() {
      return lanes.count;
    },
    hasNext: () => lanes.hasNext(),
    join(lane, entry, first) {
      // First what may throw: who stands in a lane without being known holds it up for good.
      aborts.watch(entry);
      expiries.watch(entry);
      lanes.join(lane, entry, first);
    },
    next() {
      const entry = lanes.next();
      if (entry === undefined) return undefined;
      aborts.forget(entry);
      expiries.forget(entry);
      return entry;
    },
    done: (entry) => lanes.done(entry),
    expiresAt: () => expiries.nextAt(),
    expire(now) {
      let why: Promise<never> | undefined;
      for (let entry = expiries.takeDue(now); entry !== undefined; entry = expiries.takeDue(now)) {
        why ??= failed(new WaitExpiredError('No slot of the rate limit came in time.'));
        aborts.forget(entry);
        lanes.leave(entry);
        entry.settle(why);
      }
    },
    close() {
      const why = failed(new LimiterClosedError('The rate limiter was closed.'));
      for (const entry of lanes.everyone()) {
        aborts.forget(entry);
        expiries.forget(entry);
        lanes.leave(entry);
        entry.settle(why);
      }
      onEmpty();
    },
  };
}
