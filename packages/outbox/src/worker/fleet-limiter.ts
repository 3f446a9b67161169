import {
  LimiterClosedError,
  type AcquireOptions,
  type Lease,
  type RateLimiter,
} from '@ticket-lifecycle/series';
import { createQueue, type Queue } from '@ticket-lifecycle/series/limiter';
import { aText, checkOptions, type OptionCheck } from '@ticket-lifecycle/internal/option-checks';
import { createValuesByKey } from '@ticket-lifecycle/internal/values-by-key';
import { longestTimerMs } from '@ticket-lifecycle/internal/wait-at-most';
import { createFleetLease, createKeyTraffic, type KeyTraffic, pauseOf } from './fleet-lease.ts';
import { giveBack, type Ledger } from './ledger.ts';
import { createInterruptibleSleep, sleepUntil } from './interruptible-sleep.ts';
import { isBefore } from '../model/moment.ts';
import { isIndexable, longestIndexed } from '../model/storable.ts';
import type { Pace } from '../model/slot-timing.ts';
import type { Slot } from '../model/claim.ts';
import type { Store } from '../model/store.ts';

/** A limiter whose slots lie in the store, so that all processes share them. */
export interface FleetLimiter extends RateLimiter {
  /**
   * The lease for a slot that was taken together with a change. During a pause the slot goes back,
   * and the request waits like any other.
   */
  claimed(slot: Slot, lane: string, options?: AcquireOptions): Promise<Lease>;
  /** Waits like `acquire`, for a change under way: the store keeps slots for these. */
  acquireForChange(key: string, lane: string, options?: AcquireOptions): Promise<Lease>;
  stop(): void;
}

/** Who waits for a slot of one key here, and what this process has seen of its budget. */
interface Budget {
  readonly queue: Queue;
  readonly traffic: KeyTraffic;
  /** Slots that were taken for those who wait, and whose time has not come. */
  coming: number;
  /** How many of those who wait belong to a change under way. */
  ofChanges: number;
  /** Ends the waits whose time is over. */
  expiry: NodeJS.Timeout | undefined;
}

const shortestSleepMs = 5;
const longestSleepMs = 1000;

// A dashboard may want the figures of a key for a while after its last request.
const rememberedMs = 60_000;

// The store is asked for all keys at once: with one that it can't read, none would get a slot.
const aKey: OptionCheck = (value) =>
  typeof value === 'string' && isIndexable(value)
    ? undefined
    : `a text of at most ${longestIndexed} characters, without NUL or half surrogate pairs`;

const placeChecks = { key: aKey, lane: aText };
const placeNeeds = { required: ['key', 'lane'] } as const;

export function createFleetLimiter(
  store: Pick<Store<never>, 'takeSlots'>,
  ledger: Pick<Ledger, 'release'>,
  options: {
    readonly requestsPerSecond: number;
    readonly maxQueue: number;
    readonly pace: Pace;
    readonly onError: (error: unknown) => void;
  },
): FleetLimiter {
  const { requestsPerSecond, maxQueue, pace, onError } = options;
  const budgets = createValuesByKey(createBudget, isForgettable);
  let isPumping = false;
  const sleep = createInterruptibleSleep();
  let isStopped = false;

  function createBudget(): Budget {
    return {
      queue: createQueue(maxQueue, () => {}),
      traffic: createKeyTraffic(requestsPerSecond),
      coming: 0,
      ofChanges: 0,
      expiry: undefined,
    };
  }

  function leaseOf(slot: Slot, askedAt: number, done = () => {}): Lease {
    return createFleetLease(slot, budgets.of(slot.key).traffic, {
      pace,
      askedAt,
      release(released) {
        ledger.release(released);
        done();
      },
    });
  }

  /** Whether a slot may be used now: nothing pauses its key, and its time is not over. */
  const isUsable = ({ sendBy }: Slot, { traffic }: Budget) =>
    pauseOf(traffic) === 0 && isBefore(sendBy);

  async function pump(): Promise<void> {
    isPumping = true;
    for (;;) {
      const waiting = [...budgets.entries()].filter(([, { queue }]) => queue.waiting > 0);
      if (waiting.length === 0 || isStopped) {
        // In the same step: whoever asks right after this must find it, or start another one.
        isPumping = false;
        return;
      }
      sleep.forget();
      // A pause holds here at once, before the store has heard of it.
      const pauses = waiting.map(([, { traffic }]) => pauseOf(traffic)).filter((ms) => ms > 0);
      let sleepMs = Math.min(longestSleepMs, ...pauses);
      const asked = waiting
        .filter(([, { traffic }]) => pauseOf(traffic) === 0)
        // One slot for each lane that waits, less those that are on their way.
        .map(([key, { queue, coming, ofChanges }]) => {
          return { key, count: queue.ready - coming, ofChanges };
        })
        .filter(({ count }) => count > 0);
      const wants = Object.fromEntries(asked.map(({ key, count }) => [key, count]));
      const kept = Object.fromEntries(asked.map(({ key, ofChanges }) => [key, ofChanges]));
      try {
        const taken = asked.length === 0 ? undefined : await store.takeSlots(wants, kept);
        for (const slot of taken?.slots ?? []) void hand(slot);
        sleepMs = Math.min(sleepMs, taken?.nextInMs ?? longestSleepMs);
      } catch (error) {
        onError(error);
      }
      await sleep.for(Math.min(Math.max(sleepMs, shortestSleepMs), longestSleepMs));
    }
  }

  /** Hands a slot to whoever's turn it is when its time has come. */
  async function hand(slot: Slot): Promise<void> {
    const budget = budgets.of(slot.key);
    const { queue } = budget;
    budget.coming += 1;
    await sleepUntil(slot.sendAt);
    budget.coming -= 1;
    // Its timer may be late, too.
    queue.expire(performance.now());
    const entry = isUsable(slot, budget) ? queue.next() : undefined;
    if (entry === undefined) {
      giveBack(ledger, slot);
      // Whoever waits still, waits for another one.
      return wake();
    }
    const done = () => {
      queue.done(entry);
      wake();
    };
    entry.resolve(leaseOf(slot, entry.askedAt, done));
  }

  function wake(): void {
    sleep.wake();
    if (!isPumping) void pump();
  }

  /** Also while the store does not answer. */
  function expireInTime(budget: Budget): void {
    clearTimeout(budget.expiry);
    const at = budget.queue.expiresAt();
    if (at === undefined) return;
    const inMs = Math.min(Math.ceil(at - performance.now()), longestTimerMs);
    budget.expiry = setTimeout(() => {
      budget.queue.expire(performance.now());
      expireInTime(budget);
    }, inMs).unref();
  }

  // Not asynchronous itself: a wait that ends at once is not in the queue.
  function acquire(
    key: string,
    lane: string,
    asked: AcquireOptions = {},
    isOfChange = false,
  ): Promise<Lease> {
    let budget: Budget;
    let lease: Promise<Lease>;
    try {
      checkOptions('rateLimiter.acquire', { key, lane }, placeChecks, placeNeeds);
      if (isStopped) throw new LimiterClosedError('The outbox is closed.');
      budget = budgets.of(key);
      lease = budget.queue.join(lane, asked, performance.now());
    } catch (reason) {
      return Promise.reject(reason);
    }
    if (asked.maxWaitMs !== undefined) expireInTime(budget);
    if (isOfChange) countWait(budget, lease);
    wake();
    return lease;
  }

  function countWait(budget: Budget, lease: Promise<Lease>): void {
    const ends = () => void (budget.ofChanges -= 1);
    budget.ofChanges += 1;
    lease.then(ends, ends);
  }

  return {
    acquire: (key, lane, acquireOptions) => acquire(key, lane, acquireOptions),
    acquireForChange: (key, lane, acquireOptions) => acquire(key, lane, acquireOptions, true),
    async claimed(slot, lane, acquireOptions) {
      const askedAt = performance.now();
      await sleepUntil(slot.sendAt);
      if (isUsable(slot, budgets.of(slot.key))) return leaseOf(slot, askedAt);
      giveBack(ledger, slot);
      return acquire(slot.key, lane, acquireOptions, true);
    },
    stop() {
      isStopped = true;
      sleep.wake();
      for (const [, { queue, expiry }] of budgets.entries()) {
        clearTimeout(expiry);
        queue.close();
      }
    },
    describe(key) {
      const budget = budgets.get(key) ?? createBudget();
      const { waiting, lanes } = budget.queue;
      const { underWay, sent, limited } = budget.traffic;
      const pausedMs = pauseOf(budget.traffic);
      return { requestsPerSecond, maxQueue, waiting, lanes, underWay, sent, limited, pausedMs };
    },
  };
}

const isForgettable = ({ queue, coming, traffic }: Budget): boolean => {
  const { underWay, pausedUntil, usedAt } = traffic;
  const isIdle = queue.lanes === 0 && coming === 0 && underWay === 0;
  return isIdle && performance.now() > Math.max(pausedUntil, usedAt + rememberedMs);
};
