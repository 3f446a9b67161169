import {
  LimiterClosedError,
  type AcquireOptions,
  type Lease,
  type RateLimiter,
} from '@ticket-lifecycle/series';
import {
  checkAnswer,
  createPathFloor,
  createQueue,
  pauseMs,
  type PathFloor,
  type Queue,
} from '@ticket-lifecycle/series/limiter';
import { createValuesByKey } from '@ticket-lifecycle/internal/values-by-key';
import { longestTimerMs } from '@ticket-lifecycle/internal/wait-at-most';
import type { Ledger } from './ledger.ts';
import { createInterruptibleSleep, sleepUntil } from './interruptible-sleep.ts';
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
  stop(): void;
}

/** Who waits for a slot of one key here, and what this process has seen of its budget. */
interface Budget {
  readonly queue: Queue;
  readonly pathFloor: PathFloor;
  /** Slots that were taken for those who wait, and whose time has not come. */
  coming: number;
  underWay: number;
  sent: number;
  limited: number;
  pausedUntil: number;
  usedAt: number;
  /** Ends the waits whose time is over. */
  expiry: NodeJS.Timeout | undefined;
}

const shortestSleepMs = 5;
const longestSleepMs = 1000;

// A slot may go to another process next, whose way to the server is another. So only the way back of the
// answer counts, by which the server has counted the request sooner than we saw.
const wayBackShare = 0.5;
// A dashboard may want the figures of a key for a while after its last request.
const rememberedMs = 60_000;

const sendBys = new WeakMap<Lease, number>();

/** Whether a request may still begin with this lease: its slot is not taken back yet. */
export const isInTime = (lease: Lease): boolean =>
  performance.now() < (sendBys.get(lease) ?? Infinity);

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
  const isMeasured = pace === 'measured';
  const budgets = createValuesByKey(createBudget, isForgettable);
  let isPumping = false;
  const sleep = createInterruptibleSleep();
  let isStopped = false;

  function createBudget(): Budget {
    return {
      queue: createQueue(maxQueue, () => {}),
      pathFloor: createPathFloor(),
      coming: 0,
      underWay: 0,
      sent: 0,
      limited: 0,
      pausedUntil: 0,
      usedAt: performance.now(),
      expiry: undefined,
    };
  }

  function leaseOf(slot: Slot, askedAt: number, done = () => {}): Lease {
    const { key, slot: number, token } = slot;
    const budget = budgets.of(key);
    budget.underWay += 1;
    budget.sent += 1;
    let isReleased = false;
    const lease: Lease = {
      waitedMs: Math.round(performance.now() - askedAt),
      measuresPath: isMeasured,
      release(answer) {
        checkAnswer(answer);
        if (isReleased) return;
        isReleased = true;
        budget.usedAt = performance.now();
        budget.underWay -= 1;
        budget.pathFloor.note(answer, performance.now());
        if (answer.kind === 'limited') {
          budget.limited += 1;
          budget.pathFloor.distrust();
          const until = performance.now() + pauseMs(answer);
          budget.pausedUntil = Math.max(budget.pausedUntil, until);
        }
        const pathMs = isMeasured ? budget.pathFloor.ms * wayBackShare : 0;
        const wasAnswered = answer.kind === 'answered' || answer.kind === 'limited';
        const told = wasAnswered ? { ...answer, pathMs } : answer;
        ledger.release({ key, slot: number, token, answer: told });
        done();
      },
    };
    sendBys.set(lease, slot.sendBy);
    return lease;
  }

  /** Whether a slot may be used now: nothing pauses its key, and its time is not over. */
  const isUsable = (slot: Slot, budget: Budget) =>
    pauseOf(budget) === 0 && performance.now() < slot.sendBy;

  const pauseOf = ({ pausedUntil }: Budget) => Math.max(0, pausedUntil - performance.now());

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
      const pauses = waiting.map(([, budget]) => pauseOf(budget)).filter((ms) => ms > 0);
      let sleepMs = Math.min(longestSleepMs, ...pauses);
      const asked = waiting
        .filter(([, budget]) => pauseOf(budget) === 0)
        .map(([key, { queue, coming }]) => [key, queue.ready - coming] as const)
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

  /** Hands a slot to whoever's turn it is when its time has come. */
  async function hand(slot: Slot): Promise<void> {
    const budget = budgets.of(slot.key);
    const { queue } = budget;
    budget.coming += 1;
    await sleepUntil(slot.sendAt);
    budget.coming -= 1;
    const entry = isUsable(slot, budget) ? queue.next() : undefined;
    if (entry === undefined) {
      giveBack(slot);
      // Whoever waits still, waits for another one.
      return wake();
    }
    const done = () => {
      queue.done(entry);
      wake();
    };
    entry.resolve(leaseOf(slot, entry.askedAt, done));
  }

  function giveBack({ key, slot, token }: Slot): void {
    ledger.release({ key, slot, token, answer: { kind: 'not-sent' } });
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
  function acquire(key: string, lane: string, asked: AcquireOptions = {}): Promise<Lease> {
    const budget = budgets.of(key);
    let lease: Promise<Lease>;
    try {
      if (isStopped) throw new LimiterClosedError('The outbox is closed.');
      lease = budget.queue.join(lane, asked, performance.now());
    } catch (reason) {
      return Promise.reject(reason);
    }
    if (asked.maxWaitMs !== undefined) expireInTime(budget);
    wake();
    return lease;
  }

  return {
    acquire,
    async claimed(slot, lane, acquireOptions) {
      const askedAt = performance.now();
      await sleepUntil(slot.sendAt);
      if (isUsable(slot, budgets.of(slot.key))) return leaseOf(slot, askedAt);
      giveBack(slot);
      return acquire(slot.key, lane, acquireOptions);
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
      const { queue, underWay, sent, limited } = budget;
      const { waiting, lanes } = queue;
      const pausedMs = pauseOf(budget);
      return { requestsPerSecond, maxQueue, waiting, lanes, underWay, sent, limited, pausedMs };
    },
  };
}

const isForgettable = ({ queue, coming, underWay, pausedUntil, usedAt }: Budget): boolean => {
  const isIdle = queue.lanes === 0 && coming === 0 && underWay === 0;
  return isIdle && performance.now() > Math.max(pausedUntil, usedAt + rememberedMs);
};
