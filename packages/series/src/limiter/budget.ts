import { checkOptions, oneOf } from '@ticket-lifecycle/internal/option-checks';
import { pause, type Clock } from '../clock.ts';
import { aSignal } from '../options.ts';
import type { BudgetState } from './budget-state.ts';
import { type Rank, Waiter } from './lanes.ts';
import {
  type AcquireOptions,
  type Lease,
  type LeaseAnswer,
  LimiterClosedError,
  priorities,
  type Priority,
  QueueFullError,
} from './lease.ts';
import type { LimiterListener } from './limiter-event.ts';
import { createPacing } from './pacing.ts';
import { createKeyPolicy, type PacingPolicy } from './policy.ts';
import { createQueue } from './queue.ts';
import { pauseMs } from './retry-after.ts';
import { createRoundTrips } from './round-trips.ts';
import { cooldownAfter, createSlots } from './slots.ts';
import { createWakeTimer } from './wake-timer.ts';

/** The slots, the pace and the queue of one API key. `rate-limiter.ts` explains how they work. */
export interface Budget {
  acquire(lane: string, options?: AcquireOptions): Promise<Lease>;
  describe(): BudgetState;
  /** Whether a new budget in its place would behave the same. */
  isForgettable(now: number): boolean;
  close(): void;
}

export interface BudgetOptions {
  readonly key: string;
  readonly requestsPerSecond: number;
  readonly maxQueue: number;
  readonly policy: PacingPolicy;
  readonly clock: Clock;
  readonly emit: LimiterListener;
}

const ranks: Readonly<Record<Priority, Rank>> = { high: 0, normal: 1, low: 2 };
const acquireChecks = {
  signal: aSignal,
  priority: oneOf(...priorities),
  maxWaitMs: (value: unknown) =>
    typeof value === 'number' && !Number.isNaN(value) ? undefined : 'a number of milliseconds',
};
// A dashboard may want the figures of a key for a while after its last request.
const rememberedMs = 60_000;
// Requests with a slot go on before more slots are handed out: thousands at once would survive
// into the garbage collector's old generation.
const portion = 16;
// A timer that fires later than this shows that the event loop was stalled.
const stallMs = 20;

export function createBudget(budgetOptions: BudgetOptions): Budget {
  const { key, requestsPerSecond, maxQueue, policy, clock, emit } = budgetOptions;
  const slots = createSlots(requestsPerSecond);
  const trips = createRoundTrips();
  const pacing = createPacing(requestsPerSecond, trips);
  const keyPolicy = createKeyPolicy(policy, clock.now());
  const queue = createQueue(() => setTimer(clock.now()));
  const timer = createWakeTimer(clock, work);
  let pausedUntil = -Infinity;
  let awaitedSince = -Infinity;
  let stalledUntil = -Infinity;
  let usedAt = clock.now();
  let sent = 0;
  let limited = 0;
  let isClosed = false;

  /** When the next send may leave, or `undefined` while that depends on an answer. */
  function dueAt(): number | undefined {
    const freeAt = slots.freeAt();
    const pacedAt = pacing.nextAt(keyPolicy.current);
    return freeAt === undefined || pacedAt === undefined
      ? undefined
      : Math.max(freeAt, pacedAt, pausedUntil, awaitedSince);
  }

  // Always in a task of its own, so that a request that comes back after a 429 can queue up first.
  function work(dueAtTimer: number): void {
    const now = clock.now();
    if (now - dueAtTimer > stallMs) stalledUntil = now;
    usedAt = now;
    queue.expire(now);
    // The clock decides, not the timer: timers may fire up to a millisecond early.
    let handedOut = 0;
    for (let due = dueAt(); due !== undefined && due <= now; due = dueAt()) {
      if (handedOut === portion) return queueMicrotask(() => work(now));
      handedOut += 1;
      const entry = queue.next();
      if (entry === undefined) break;
      slots.take();
      const number = pacing.sent(now, due);
      sent += 1;
      entry.resolve(new SlotLease(entry, number, now, keyPolicy.current, holder));
    }
    setTimer(now);
  }

  function setTimer(now: number): void {
    const due = queue.hasNext() ? dueAt() : undefined;
    timer.set(Math.min(due ?? Infinity, queue.expiresAt() ?? Infinity), now);
  }

  function end(lease: SlotLease, answer: LeaseAnswer): void {
    const { entry, number, delayedUntil: leavesAt = lease.sentAt } = lease;
    const now = clock.now();
    const cooldown = cooldownAfter(answer);
    usedAt = now;
    if (answer.kind === 'limited') pauseKey(answer, lease, now);
    slots.giveBack(now, cooldown);
    pacing.ended(number, now, cooldown);
    // An answer that arrived during a stall waited for us: its round trip says nothing.
    if (cooldown === 'answered' && leavesAt >= stalledUntil) trips.add(now - leavesAt);
    if (!queue.hasNext()) awaitedSince = now;
    queue.done(entry);
    setTimer(now);
  }

  /** Pauses the whole key, and steps down if the 429 is evidence. */
  function pauseKey(answer: Limited, { sentAt, sentUnder }: SlotLease, at: number): void {
    limited += 1;
    pausedUntil = Math.max(pausedUntil, at + pauseMs(answer));
    const { retryAfterMs } = answer;
    emit({ type: 'paused', key, at, forMs: pausedUntil - at, retryAfterMs });
    const from = keyPolicy.current;
    const to = keyPolicy.stepDown(sentUnder, sentAt);
    if (to === undefined) return;
    const evidence = {
      sentAt,
      answeredAt: at,
      atMostInTheSecond: slots.inUse + slots.coolingDown(at),
      requestsPerSecond,
      jitterMs: trips.jitterMs,
      retryAfterMs,
    };
    emit({ type: 'stepped-down', key, at, from, to, evidence });
  }

  const holder: LeaseHolder = {
    end,
    pace(lease) {
      const now = clock.now();
      const leavesAt = pacing.leaves(now, keyPolicy.current);
      lease.delayedUntil = leavesAt;
      return leavesAt > now ? pause(clock, leavesAt - now) : undefined;
    },
  };

  return {
    acquire(lane, options = {}) {
      try {
        if (!isPlain(options)) checkAcquire(options);
      } catch (mistake) {
        return Promise.reject(mistake);
      }
      const { first = false, priority = 'normal', maxWaitMs = Infinity } = options;
      const signal = options.signal ?? undefined;
      if (isClosed) return Promise.reject(new LimiterClosedError('The rate limiter is closed.'));
      if (signal?.aborted === true) return Promise.reject(signal.reason);
      // A request that comes back was already counted.
      if (queue.waiting >= maxQueue && !first) {
        const message = `The queue is full: ${maxQueue} requests are waiting already.`;
        return Promise.reject(new QueueFullError(message));
      }
      const now = clock.now();
      usedAt = now;
      const { promise, resolve } = Promise.withResolvers<Lease>();
      const expiresAt = maxWaitMs < Infinity ? now + maxWaitMs : undefined;
      const entry = new Waiter(resolve, ranks[priority], now, expiresAt, signal);
      // Joining others changes nothing about when the next request may leave.
      const isAlone = !queue.hasNext();
      if (isAlone) awaitedSince = now;
      queue.join(lane, entry, first);
      if (isAlone || expiresAt !== undefined || timer.isOverdue(now)) setTimer(now);
      return promise;
    },
    describe() {
      const now = clock.now();
      if (timer.isOverdue(now)) setTimer(now);
      const due = queue.hasNext() ? dueAt() : undefined;
      return {
        requestsPerSecond,
        waiting: queue.waiting,
        underWay: slots.inUse,
        sent,
        limited,
        pausedMs: Math.max(0, pausedUntil - now),
        policy: keyPolicy.current,
        maxQueue,
        lanes: queue.lanes,
        coolingDown: slots.coolingDown(now),
        nextSendMs: due === undefined ? undefined : Math.max(0, due - now),
        roundTripMs: trips.typicalMs,
        jitterMs: trips.jitterMs,
      };
    },
    isForgettable: (now) =>
      queue.lanes === 0 && keyPolicy.current === policy && now - usedAt > rememberedMs,
    close() {
      isClosed = true;
      queue.close();
    },
  };
}

/** The caller may be of a later version, and give more than is known here. */
function checkAcquire({ signal, priority, maxWaitMs }: AcquireOptions): void {
  checkOptions('acquire', { signal, priority, maxWaitMs }, acquireChecks);
}

/** A fast path: most calls pass a signal at most, and there may be a million of them. */
function isPlain({ signal, priority, maxWaitMs }: AcquireOptions): boolean {
  const isSignal = signal === undefined || typeof signal?.addEventListener === 'function';
  return isSignal && priority === undefined && maxWaitMs === undefined;
}

/** A slot that was handed out, and the request that has it. */
class SlotLease implements Lease {
  readonly entry: Waiter;
  /** Counts the requests of its key. */
  readonly number: number;
  readonly sentAt: number;
  readonly sentUnder: PacingPolicy;
  /** When its request leaves, where a slow key or guard delays it. */
  delayedUntil: number | undefined = undefined;
  #holder: LeaseHolder | undefined;

  constructor(
    entry: Waiter,
    number: number,
    sentAt: number,
    sentUnder: PacingPolicy,
    holder: LeaseHolder,
  ) {
    this.entry = entry;
    this.number = number;
    this.sentAt = sentAt;
    this.sentUnder = sentUnder;
    this.#holder = holder;
  }

  get waitedMs(): number {
    return this.sentAt - this.entry.askedAt;
  }

  pace(): Promise<void> | undefined {
    return this.#holder?.pace(this);
  }

  release(answer: LeaseAnswer): void {
    // Checked first: with the handle, the slot and the lane would be lost.
    if (!leaseAnswers.includes(answer?.kind)) {
      const expected = [...leaseAnswers].map((kind) => `"${kind}"`).join(', ');
      throw new TypeError(`release: the answer needs a kind. Expected one of ${expected}.`);
    }
    const holder = this.#holder;
    this.#holder = undefined;
    holder?.end(this, answer);
  }
}

type Limited = Extract<LeaseAnswer, { readonly kind: 'limited' }>;

/** The budget, as a lease sees it. */
interface LeaseHolder {
  end(lease: SlotLease, answer: LeaseAnswer): void;
  pace(lease: SlotLease): Promise<void> | undefined;
}

const leaseAnswers = [
  'answered',
  'limited',
  'not-sent',
  'silent',
] as const satisfies readonly LeaseAnswer['kind'][];
