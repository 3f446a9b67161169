import { checkOptions, oneOf } from '@ticket-lifecycle/internal/option-checks';
import { aBoolean, aSignal } from '../options.ts';
import { createExpiries } from './expiries.ts';
import { createLanes, type Rank, Waiter } from './lanes.ts';
import {
  type AcquireOptions,
  type Lease,
  LimiterClosedError,
  priorities,
  type Priority,
  QueueFullError,
  WaitExpiredError,
} from './lease.ts';

/** All requests that wait for a slot of one key, until they get one, give up or run out of time. */
export interface Queue {
  readonly waiting: number;
  /** Lanes with a request that waits or is under way. */
  readonly lanes: number;
  /** How many requests `next` would give, one after the other: one of each lane that is not busy. */
  readonly ready: number;
  /** Whether `next` would give something. */
  hasNext(): boolean;
  /**
   * Waits in a lane. Resolves with the lease that the entry is given.
   *
   * @param now - milliseconds, by the clock that `expire` goes by
   * @throws QueueFullError when too many are waiting already
   * @throws LimiterClosedError after `close`
   * @throws WaitExpiredError for a wait that is over before it begins
   * @throws TypeError for an option of a wrong type
   */
  join(lane: string, options: AcquireOptions, now: number): Promise<Lease>;
  /** Takes out the entry whose turn it is; its lane is busy until the entry is done. */
  next(): Waiter | undefined;
  done(entry: Waiter): void;
  /** When the next entry expires. */
  expiresAt(): number | undefined;
  /** Rejects the entries that have expired. */
  expire(now: number): void;
  /** Rejects all entries. */
  close(): void;
}

const ranks: Readonly<Record<Priority, Rank>> = { high: 0, normal: 1, low: 2 };
const acquireChecks = {
  signal: aSignal,
  first: aBoolean,
  priority: oneOf(...priorities),
  maxWaitMs: (value: unknown) =>
    typeof value === 'number' && !Number.isNaN(value) ? undefined : 'a number of milliseconds',
};

/**
 * Makes the queue of one key.
 *
 * @param maxQueue - how many may wait
 * @param onEmpty - called when an abort or a close has emptied it
 */
export function createQueue(maxQueue: number, onEmpty: () => void): Queue {
  const lanes = createLanes();
  let isClosed = false;
  const expiries = createExpiries();
  const aborts = createAborts((entry, why) => {
    lanes.leave(entry);
    expiries.forget(entry);
    entry.resolve(why);
    if (lanes.waiting === 0) onEmpty();
  });

  return {
    get waiting() {
      return lanes.waiting;
    },
    get lanes() {
      return lanes.count;
    },
    get ready() {
      return lanes.ready;
    },
    hasNext: () => lanes.ready > 0,
    join(lane, options, now) {
      if (!isPlain(options)) checkOptions('acquire', options, acquireChecks);
      const { first = false, priority = 'normal', maxWaitMs = Infinity } = options;
      const signal = options.signal ?? undefined;
      if (isClosed) throw new LimiterClosedError('The rate limiter is closed.');
      // A signal of somebody's own may have no `throwIfAborted`.
      if (signal?.aborted === true) throw signal.reason;
      if (maxWaitMs < 0) throw expired();
      // A request that comes back was already counted.
      if (lanes.waiting >= maxQueue && !first) {
        const message = `The queue is full: ${maxQueue} requests are waiting already.`;
        throw new QueueFullError(message);
      }
      const { promise, resolve } = Promise.withResolvers<Lease>();
      const expiresAt = maxWaitMs < Infinity ? now + maxWaitMs : undefined;
      const entry = new Waiter(resolve, ranks[priority], now, expiresAt, signal);
      // What may throw comes first: an entry that only its lane knows would block it for good.
      aborts.watch(entry);
      expiries.watch(entry);
      lanes.join(lane, entry, first);
      return promise;
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
        why ??= rejected(expired());
        aborts.forget(entry);
        lanes.leave(entry);
        entry.resolve(why);
      }
    },
    close() {
      isClosed = true;
      const why = rejected(new LimiterClosedError('The rate limiter was closed.'));
      for (const entry of lanes.everyone()) {
        aborts.forget(entry);
        lanes.leave(entry);
        expiries.forget(entry);
        entry.resolve(why);
      }
      onEmpty();
    },
  };
}

const expired = () => new WaitExpiredError('No slot of the rate limit came in time.');

/** A fast path: most calls pass a signal at most, and there may be a million of them. */
function isPlain(options: unknown): boolean {
  if (typeof options !== 'object' || options === null) return false;
  for (const name in options) if (name !== 'signal') return false;
  const { signal } = options as AcquireOptions;
  return signal === undefined || typeof signal?.addEventListener === 'function';
}

/**
 * Calls back for each entry whose signal aborts. A signal has one listener, however many entries
 * wait under it: EventTarget searches all listeners for each that is added.
 */
function createAborts(onAbort: (entry: Waiter, why: Promise<never>) => void) {
  // The latest entry under each signal; the others follow by `earlier`.
  const latest = new Map<AbortSignal, Waiter>();

  function abortAll({ target }: Event): void {
    const signal = target as AbortSignal;
    let entry = latest.get(signal);
    while (entry?.earlier !== undefined) entry = entry.earlier;
    latest.delete(signal);
    signal.removeEventListener('abort', abortAll);
    const why = rejected(signal.reason);
    while (entry !== undefined) {
      const next: Waiter | undefined = entry.later;
      entry.earlier = undefined;
      entry.later = undefined;
      onAbort(entry, why);
      entry = next;
    }
  }

  return {
    watch(entry: Waiter) {
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
    forget(entry: Waiter) {
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
 * A rejected promise, for any number of others to follow. Its own rejection is marked as handled.
 * Promises resolved with it still report an unhandled rejection.
 */
function rejected(reason: unknown): Promise<never> {
  const promise = Promise.reject(reason);
  promise.catch(() => {});
  return promise;
}
