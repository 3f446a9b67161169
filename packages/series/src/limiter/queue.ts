import { createExpiries } from './expiries.ts';
import { createLanes, type Waiting } from './lanes.ts';
import { LimiterClosedError, WaitExpiredError } from './lease.ts';

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

/** Watches the signals of those who wait. */
export interface Aborts {
  watch(entry: Waiting): void;
  forget(entry: Waiting): void;
}

/**
 * Calls back for each entry whose signal aborts. A signal has one listener, however many wait
 * under it: EventTarget looks through all of them for each that is added.
 */
export function createAborts(onAbort: (entry: Waiting, why: Promise<never>) => void): Aborts {
  // The last who came under each signal; the others follow by `earlier`.
  const latest = new Map<AbortSignal, Waiting>();

  function abortAll({ target }: Event): void {
    const signal = target as AbortSignal;
    let entry = latest.get(signal);
    while (entry?.earlier !== undefined) entry = entry.earlier;
    latest.delete(signal);
    signal.removeEventListener('abort', abortAll);
    const why = failed(signal.reason);
    while (entry !== undefined) {
      const next: Waiting | undefined = entry.later;
      entry.earlier = undefined;
      entry.later = undefined;
      onAbort(entry, why);
      entry = next;
    }
  }

  return {
    watch(entry) {
      const { signal } = entry;
      if (signal === undefined) return;
      const earlier = latest.get(signal);
      if (earlier === undefined) signal.addEventListener('abort', abortAll);
      else {
        entry.earlier = earlier;
        earlier.later = entry;
      }
      latest.set(signal, entry);
    },
    forget(entry) {
      const { signal, earlier, later } = entry;
      if (signal === undefined) return;
      if (earlier !== undefined) earlier.later = later;
      if (later !== undefined) later.earlier = earlier;
      else if (earlier !== undefined) latest.set(signal, earlier);
      else if (latest.get(signal) === entry) {
        latest.delete(signal);
        signal.removeEventListener('abort', abortAll);
      }
      entry.earlier = undefined;
      entry.later = undefined;
    },
  };
}

/**
 * A promise that has failed, for any number of others to follow. That nobody listens to it itself
 * is no oversight to be reported; whoever leaves one of the others unheard is still told.
 */
export function failed(reason: unknown): Promise<never> {
  const promise = Promise.reject(reason);
  promise.catch(() => {});
  return promise;
}
