import type { Clock } from '../clock.ts';
import { aSignal, checkOptions, oneOf } from '../options.ts';
import type { BudgetState } from './budget-state.ts';
import { type Rank, Waiting } from './lanes.ts';
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
import { createLadder, type Rung } from './policy.ts';
import { createQueue } from './queue.ts';
import { boundedWaitMs } from './retry-after.ts';
import { createRoundTrips } from './round-trips.ts';
import { createSlots, type Rest, windowMs } from './slots.ts';
import { createAlarm } from './wake-timer.ts';

/** The slots, the pace and the queue of one API key. */
export interface Budget {
  acquire(lane: string, options?: AcquireOptions): Promise<Lease>;
  describe(): BudgetState;
  /** Whether it remembers nothing that a new budget would not do as well without. */
  isForgettable(now: number): boolean;
  close(): void;
}

export interface BudgetOptions {
  readonly key: string;
  readonly requestsPerSecond: number;
  readonly maxQueue: number;
  readonly policy: Rung;
  readonly clock: Clock;
  readonly tell: LimiterListener;
}

const ranks: Readonly<Record<Priority, Rank>> = { high: 0, normal: 1, low: 2 };
const acquireChecks = {
  signal: aSignal,
  priority: oneOf(...priorities),
  maxWaitMs: (value: unknown) =>
    typeof value === 'number' && !Number.isNaN(value) ? undefined : 'a number of milliseconds',
};
// Figures of a key are of use for a while after its last request.
const rememberedMs = 60_000;
// Those who have a slot go on before more are handed out: thousands at once would all be moved by
// the garbage collector before they are done.
const portion = 16;
// A timer that is later than this shows that the event loop was stalled.
const asleepMs = 20;

export function createBudget(budgetOptions: BudgetOptions): Budget {
  const { key, requestsPerSecond, maxQueue, policy, clock, tell } = budgetOptions;
  const slots = createSlots(requestsPerSecond);
  const trips = createRoundTrips();
  const pacing = createPacing(requestsPerSecond, trips);
  const ladder = createLadder(policy, clock.now());
  const queue = createQueue(setAlarm);
  const alarm = createAlarm(clock, work);
  let pausedUntil = -Infinity;
  let awaitedSince = -Infinity;
  let asleepUntil = -Infinity;
  let usedAt = clock.now();
  let sent = 0;
  let limited = 0;
  let isClosed = false;

  /** When the next send may leave, or `undefined` while that depends on an answer. */
  function dueAt(): number | undefined {
    const freeAt = slots.freeAt();
    const pacedAt = pacing.nextAt(ladder.rung);
    return freeAt === undefined || pacedAt === undefined
      ? undefined
      : Math.max(freeAt, pacedAt, pausedUntil, awaitedSince);
  }

  // Always in a task of its own, so that a request that comes back after a 429 can queue up first.
  function work(rangAt: number): void {
    const now = clock.now();
    if (now - rangAt > asleepMs) asleepUntil = now;
    usedAt = now;
    queue.expire(now);
    // Looked at again after every timer: they may fire up to a millisecond early.
    let handedOut = 0;
    for (let due = dueAt(); due !== undefined && due <= now; due = dueAt()) {
      if (handedOut === portion) return queueMicrotask(() => work(now));
      handedOut += 1;
      const entry = queue.next();
      if (entry === undefined) break;
      slots.take();
      const number = pacing.sent(now, due);
      sent += 1;
      entry.settle(new SlotLease(entry, number, now, ladder.rung, end));
    }
    setAlarm();
  }

  function setAlarm(): void {
    const due = queue.hasNext() ? dueAt() : undefined;
    alarm.set(Math.min(due ?? Infinity, queue.expiresAt() ?? Infinity));
  }

  function end({ entry, number, sentAt, sentUnder }: SlotLease, answer: LeaseAnswer): void {
    const now = clock.now();
    const rest = restAfter(answer);
    usedAt = now;
    if (answer.kind === 'limited') pause(answer.retryAfterMs, sentUnder, sentAt, now);
    slots.giveBack(now, rest);
    pacing.ended(number, now, rest);
    // While we were asleep an answer may have waited for us: that is no fault of the network.
    if (rest === 'answered' && sentAt >= asleepUntil) trips.add(now - sentAt);
    if (!queue.hasNext()) awaitedSince = now;
    queue.done(entry);
    setAlarm();
  }

  /** Requests already waiting would be refused too, so the whole key pauses. */
  function pause(asked: number | undefined, sentUnder: Rung, sentAt: number, at: number): void {
    limited += 1;
    const retryAfterMs = asked === undefined ? undefined : boundedWaitMs(asked);
    const forMs = Math.max(retryAfterMs ?? 0, windowMs);
    pausedUntil = Math.max(pausedUntil, at + forMs);
    tell({ type: 'paused', key, at, forMs: pausedUntil - at, retryAfterMs });
    const from = ladder.rung;
    const to = ladder.weigh(sentUnder, sentAt);
    if (to === undefined) return;
    const evidence = {
      sentAt,
      answeredAt: at,
      atMostInTheSecond: slots.inUse + slots.resting(at),
      requestsPerSecond,
      jitterMs: trips.jitterMs,
      retryAfterMs,
    };
    tell({ type: 'stepped-down', key, at, from, to, evidence });
  }

  return {
    acquire(lane, options = {}) {
      try {
        if (!isPlain(options)) checkOptions('acquire', options, acquireChecks);
      } catch (mistake) {
        return Promise.reject(mistake);
      }
      const { first = false, priority = 'normal', maxWaitMs = Infinity } = options;
      const signal = options.signal ?? undefined;
      if (isClosed) return Promise.reject(new LimiterClosedError('The rate limiter is closed.'));
      if (signal?.aborted === true) return Promise.reject(signal.reason);
      // One that comes back was counted when it came first.
      if (queue.waiting >= maxQueue && !first) {
        const message = `The queue is full: ${maxQueue} requests are waiting already.`;
        return Promise.reject(new QueueFullError(message));
      }
      const now = clock.now();
      usedAt = now;
      const { promise, resolve } = Promise.withResolvers<Lease>();
      const expiresAt = maxWaitMs < Infinity ? now + maxWaitMs : undefined;
      const entry = new Waiting(resolve, ranks[priority], now, expiresAt, signal);
      // Whoever joins others changes nothing about when the next may leave.
      const isAlone = !queue.hasNext();
      if (isAlone) awaitedSince = now;
      queue.join(lane, entry, first);
      if (isAlone || expiresAt !== undefined) setAlarm();
      return promise;
    },
    describe() {
      const now = clock.now();
      const due = queue.hasNext() ? dueAt() : undefined;
      return {
        requestsPerSecond,
        waiting: queue.waiting,
        underWay: slots.inUse,
        sent,
        limited,
        pausedMs: Math.max(0, pausedUntil - now),
        rung: ladder.rung,
        maxQueue,
        lanes: queue.lanes,
        resting: slots.resting(now),
        nextSendMs: due === undefined ? undefined : Math.max(0, due - now),
        roundTripMs: trips.typicalMs,
        jitterMs: trips.jitterMs,
      };
    },
    isForgettable: (now) =>
      queue.lanes === 0 && ladder.rung === policy && now - usedAt > rememberedMs,
    close() {
      isClosed = true;
      queue.close();
    },
  };
}

/** Most calls give a signal at most, and there may be a million of them. */
function isPlain({ signal, priority, maxWaitMs }: AcquireOptions): boolean {
  const isSignal = signal === undefined || typeof signal?.addEventListener === 'function';
  return isSignal && priority === undefined && maxWaitMs === undefined;
}

/** What a slot needs after its request: a second from the last moment it can be counted. */
function restAfter({ kind }: LeaseAnswer): Rest {
  switch (kind) {
    case 'not-sent':
      return 'none';
    case 'silent':
      return 'silent';
    default:
      return 'answered';
  }
}

/** A slot that was handed out, and the request that has it. */
export class SlotLease implements Lease {
  readonly entry: Waiting;
  /** Counts the requests of its key. */
  readonly number: number;
  readonly sentAt: number;
  readonly sentUnder: Rung;
  #onEnd: OnEnd | undefined;

  constructor(entry: Waiting, number: number, sentAt: number, sentUnder: Rung, onEnd: OnEnd) {
    this.entry = entry;
    this.number = number;
    this.sentAt = sentAt;
    this.sentUnder = sentUnder;
    this.#onEnd = onEnd;
  }

  get waitedMs(): number {
    return this.sentAt - this.entry.askedAt;
  }

  release(answer: LeaseAnswer): void {
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    onEnd?.(this, answer);
  }
}

/** What happens at the end of a request. */
export type OnEnd = (lease: SlotLease, answer: LeaseAnswer) => void;
