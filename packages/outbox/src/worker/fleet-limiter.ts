import { longestTimerMs } from '@ticket-lifecycle/internal/wait-at-most';
import {
  LimiterClosedError,
  QueueFullError,
  WaitExpiredError,
  type AcquireOptions,
  type Lease,
  type RateLimiter,
} from '@ticket-lifecycle/series';
import { pauseMs } from '@ticket-lifecycle/series/limiter';
import type { Ledger } from './ledger.ts';
import { createInterruptibleSleep, sleepUntil } from './interruptible-sleep.ts';
import type { Slot, Store } from '../model/store.ts';

/** A limiter whose slots lie in the store, so that all processes share them. */
export interface FleetLimiter extends RateLimiter {
  /**
   * The lease for a slot that was taken together with a change. During a pause the slot goes back,
   * and the request waits like any other.
   */
  claimed(slot: Slot, lane: string, options?: AcquireOptions): Promise<Lease>;
  stop(): void;
}

/** Someone who waits for a slot. */
interface Waiter {
  readonly lane: string;
  readonly askedAt: number;
  readonly grant: (lease: Lease) => void;
  /** Waits no longer, for this reason. */
  readonly leave: (reason: unknown) => void;
  readonly hasLeft: () => boolean;
}

/** One key's waiters here, and what this process has seen of its budget. */
interface Queue {
  readonly waiters: Waiter[];
  readonly busy: Set<string>;
  underWay: number;
  sent: number;
  limited: number;
  pausedUntil: number;
}

const shortestSleepMs = 5;
const longestSleepMs = 1000;

export function createFleetLimiter(
  store: Pick<Store<never>, 'takeSlots'>,
  ledger: Pick<Ledger, 'release'>,
  options: {
    readonly requestsPerSecond: number;
    readonly maxQueue: number;
    readonly onError: (error: unknown) => void;
  },
): FleetLimiter {
  const { requestsPerSecond, maxQueue, onError } = options;
  const queues = new Map<string, Queue>();
  let isPumping = false;
  const sleep = createInterruptibleSleep();
  let isStopped = false;

  function queueOf(key: string): Queue {
    const known = queues.get(key);
    if (known !== undefined) return known;
    const made = {
      waiters: [],
      busy: new Set<string>(),
      underWay: 0,
      sent: 0,
      limited: 0,
      pausedUntil: 0,
    };
    queues.set(key, made);
    return made;
  }

  function leaseOf(slot: Slot, askedAt: number, done = () => {}): Lease {
    const queue = queueOf(slot.key);
    queue.underWay += 1;
    queue.sent += 1;
    let isReleased = false;
    return {
      waitedMs: performance.now() - askedAt,
      release(answer) {
        if (isReleased) return;
        isReleased = true;
        queue.underWay -= 1;
        if (answer.kind === 'limited') {
          queue.limited += 1;
          const until = performance.now() + pauseMs(answer);
          queue.pausedUntil = Math.max(queue.pausedUntil, until);
        }
        const { key, slot: number, token } = slot;
        ledger.release({ key, slot: number, token, answer });
        done();
      },
    };
  }

  const closed = () => new LimiterClosedError('The outbox is closed.');

  const pauseOf = ({ pausedUntil }: Queue) => Math.max(0, pausedUntil - performance.now());

  /** What can be asked for: one request of each lane at a time. */
  function nextOf({ waiters, busy }: Queue): Waiter[] {
    const lanes = new Set(busy);
    return waiters.filter(({ lane }) => {
      if (lanes.has(lane)) return false;
      lanes.add(lane);
      return true;
    });
  }

  async function pump(): Promise<void> {
    isPumping = true;
    for (;;) {
      const waiting = [...queues].filter(([, { waiters }]) => waiters.length > 0);
      if (waiting.length === 0 || isStopped) {
        // In the same step: whoever asks right after this must find it, or start another one.
        isPumping = false;
        return;
      }
      sleep.forget();
      // A pause holds here at once, before the store has heard of it.
      const pauses = waiting.map(([, queue]) => pauseOf(queue)).filter((ms) => ms > 0);
      let sleepMs = Math.min(longestSleepMs, ...pauses);
      const asked = waiting
        .filter(([, queue]) => pauseOf(queue) === 0)
        .map(([key, queue]) => [key, nextOf(queue).length] as const)
        .filter(([, count]) => count > 0);
      try {
        const taken =
          asked.length === 0 ? undefined : await store.takeSlots(Object.fromEntries(asked));
        for (const slot of taken?.slots ?? []) void hand(slot);
        sleepMs = Math.min(sleepMs, taken?.nextInMs ?? longestSleepMs);
      } catch (error) {
        onError(error);
      }
      await sleep.for(Math.min(Math.max(sleepMs, shortestSleepMs), longestSleepMs));
    }
  }

  async function hand(slot: Slot): Promise<void> {
    const queue = queueOf(slot.key);
    const [waiter] = nextOf(queue);
    if (waiter === undefined) return giveBack(slot);
    queue.waiters.splice(queue.waiters.indexOf(waiter), 1);
    queue.busy.add(waiter.lane);
    const done = () => {
      queue.busy.delete(waiter.lane);
      wake();
    };
    await sleepUntil(slot.sendAt);
    if (pauseOf(queue) === 0 && !waiter.hasLeft()) {
      return waiter.grant(leaseOf(slot, waiter.askedAt, done));
    }
    giveBack(slot);
    if (isStopped) waiter.leave(closed());
    else if (!waiter.hasLeft()) queue.waiters.unshift(waiter);
    done();
  }

  function giveBack({ key, slot, token }: Slot): void {
    ledger.release({ key, slot, token, answer: { kind: 'not-sent' } });
  }

  function wake(): void {
    sleep.wake();
    if (!isPumping) void pump();
  }

  function acquire(
    key: string,
    lane: string,
    { signal, first = false, maxWaitMs = Infinity }: AcquireOptions = {},
  ): Promise<Lease> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (isStopped) throw closed();
      const queue = queueOf(key);
      if (queue.waiters.length >= maxQueue && !first) {
        throw new QueueFullError(`The queue is full: ${maxQueue} requests are waiting already.`);
      }
      let hasLeft = false;
      let timer: NodeJS.Timeout | undefined;
      const onAbort = () => waiter.leave(signal?.reason);
      const forget = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
        lane,
        askedAt: performance.now(),
        hasLeft: () => hasLeft,
        grant(lease) {
          forget();
          resolve(lease);
        },
        leave(reason) {
          hasLeft = true;
          forget();
          // One that was handed a slot is no longer among them, and does not take it.
          const at = queue.waiters.indexOf(waiter);
          if (at !== -1) queue.waiters.splice(at, 1);
          reject(reason);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      if (maxWaitMs < longestTimerMs) {
        const expired = () => new WaitExpiredError(`No slot came within ${maxWaitMs} ms.`);
        timer = setTimeout(() => waiter.leave(expired()), Math.max(maxWaitMs, 0));
      }
      if (first) queue.waiters.unshift(waiter);
      else queue.waiters.push(waiter);
      wake();
    });
  }

  return {
    acquire,
    async claimed(slot, lane, acquireOptions) {
      const askedAt = performance.now();
      await sleepUntil(slot.sendAt);
      if (pauseOf(queueOf(slot.key)) === 0) return leaseOf(slot, askedAt);
      giveBack(slot);
      return acquire(slot.key, lane, acquireOptions);
    },
    stop() {
      isStopped = true;
      sleep.wake();
      for (const { waiters } of queues.values()) {
        for (const waiter of waiters.splice(0)) waiter.leave(closed());
      }
    },
    describe(key) {
      const queue = queueOf(key);
      const { waiters, underWay, sent, limited } = queue;
      const pausedMs = pauseOf(queue);
      return { requestsPerSecond, waiting: waiters.length, underWay, sent, limited, pausedMs };
    },
  };
}
