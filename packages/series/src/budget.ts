import { createAborts } from './aborts.ts';
import { createAlarm } from './alarm.ts';
import type { BudgetState } from './budget-state.ts';
import type { Clock } from './clock.ts';
import { createExpiries } from './expiries.ts';
import { createLadder } from './ladder.ts';
import { createLanes } from './lanes.ts';
import {
  LimiterClosedError,
  QueueFullError,
  WaitExpiredError,
  type AcquireOptions,
  type Lease,
  type LeaseAnswer,
  type Priority,
} from './lease.ts';
import type { LimiterListener } from './limiter-event.ts';
import { createPacing } from './pacing.ts';
import { failed } from './failed.ts';
import { boundedWaitMs } from './retry-after.ts';
import { createRoundTrips } from './round-trips.ts';
import type { Rung } from './rung.ts';
import { SlotLease } from './slot-lease.ts';
import { createSlots, windowMs, type Rest } from './slots.ts';
import { Waiting, type Rank } from './waiting.ts';

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
// Figures of a key are of use for a while after its last request.
const rememberedMs = 60_000;

export function createBudget(options: BudgetOptions): Budget {
  const { key, requestsPerSecond, maxQueue, clock, tell } = options;
  const slots = createSlots(requestsPerSecond);
  const trips = createRoundTrips();
  const pacing = createPacing(requestsPerSecond, trips);
  const ladder = createLadder(options.policy, clock.now());
  const lanes = createLanes();
  const expiries = createExpiries();
  const alarm = createAlarm(clock, work);
  const aborts = createAborts((entry, why) => {
    expiries.forget(entry);
    leave(entry, why);
  });
  let pausedUntil = -Infinity;
  let awaitedSince = -Infinity;
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
  function work(): void {
    const now = clock.now();
    expire(now);
    // Looked at again after every timer: they may fire up to a millisecond early.
    for (let due = dueAt(); due !== undefined && due <= now; due = dueAt()) {
      const entry = lanes.next();
      if (entry === undefined) break;
      aborts.forget(entry);
      expiries.forget(entry);
      slots.take();
      pacing.sent(now, due);
      sent += 1;
      entry.settle(new SlotLease(entry, now, ladder.rung, end));
    }
    usedAt = now;
    setAlarm();
  }

  function expire(now: number): void {
    let expired: Promise<never> | undefined;
    for (let entry = expiries.takeDue(now); entry !== undefined; entry = expiries.takeDue(now)) {
      expired ??= failed(new WaitExpiredError('No slot of the rate limit came in time.'));
      aborts.forget(entry);
      leave(entry, expired);
    }
  }

  function setAlarm(): void {
    const due = lanes.hasNext() ? dueAt() : undefined;
    alarm.set(Math.min(due ?? Infinity, expiries.nextAt() ?? Infinity));
  }

  function leave(entry: Waiting, why: Promise<never>): void {
    lanes.leave(entry);
    entry.settle(why);
    if (lanes.waiting === 0) setAlarm();
  }

  function end(entry: Waiting, answer: LeaseAnswer, sentAt: number, sentUnder: Rung): void {
    const now = clock.now();
    const rest = restAfter(answer);
    usedAt = now;
    if (rest === 'answered') trips.add(now - sentAt);
    if (answer.kind === 'limited') pause(answer.retryAfterMs, sentUnder, sentAt, now);
    slots.giveBack(now, rest);
    pacing.ended(now, rest);
    if (!lanes.hasNext()) awaitedSince = now;
    lanes.done(entry);
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
    acquire(lane, { signal, first = false, priority = 'normal', maxWaitMs = Infinity } = {}) {
      if (isClosed) return Promise.reject(new LimiterClosedError('The rate limiter is closed.'));
      if (signal?.aborted === true) return Promise.reject(signal.reason);
      // One that comes back was counted when it came first.
      if (lanes.waiting >= maxQueue && !first) {
        const message = `The queue is full: ${maxQueue} requests are waiting already.`;
        return Promise.reject(new QueueFullError(message));
      }
      const now = clock.now();
      usedAt = now;
      return new Promise<Lease>((settle) => {
        const expiresAt = maxWaitMs < Infinity ? now + maxWaitMs : undefined;
        const entry = new Waiting(settle, ranks[priority], now, expiresAt, signal);
        if (!lanes.hasNext()) awaitedSince = now;
        lanes.join(lane, entry, first);
        if (signal !== undefined) aborts.watch(entry, signal);
        expiries.watch(entry);
        setAlarm();
      });
    },
    describe() {
      const now = clock.now();
      const due = lanes.hasNext() ? dueAt() : undefined;
      return {
        requestsPerSecond,
        waiting: lanes.waiting,
        underWay: slots.inUse,
        sent,
        limited,
        pausedMs: Math.max(0, pausedUntil - now),
        rung: ladder.rung,
        maxQueue,
        lanes: lanes.count,
        resting: slots.resting(now),
        nextSendMs: due === undefined ? undefined : Math.max(0, due - now),
        roundTripMs: trips.latestMs,
        jitterMs: trips.jitterMs,
      };
    },
    isForgettable: (now) =>
      lanes.count === 0 && ladder.rung === options.policy && now - usedAt > rememberedMs,
    close() {
      isClosed = true;
      const closed = failed(new LimiterClosedError('The rate limiter was closed.'));
      for (const entry of lanes.everyone()) {
        aborts.forget(entry);
        expiries.forget(entry);
        leave(entry, closed);
      }
    },
  };
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
