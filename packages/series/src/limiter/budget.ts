import { pause, type Clock } from '../clock.ts';
import type { BudgetState } from './budget-state.ts';
import type { AcquireOptions, Lease, LeaseAnswer } from './lease.ts';
import type { LimiterListener, LimitEvidence } from './limiter-event.ts';
import { createPacing } from './pacing.ts';
import { createPathFloor } from './path-floor.ts';
import { type CautionStep, createCaution, forgottenAfterMs } from './caution.ts';
import type { PacingPolicy } from './policy.ts';
import { createQueue } from './queue.ts';
import { pauseMs } from './retry-after.ts';
import { createRoundTrips } from './round-trips.ts';
import { type LeaseHolder, type Limited, SlotLease } from './slot-lease.ts';
import { cooldownAfter, createSlots } from './slots.ts';
import { createUnderWay } from './under-way.ts';
import { createWakeTimer } from './wake-timer.ts';

/** The slots, the pace and the queue of one API key. `rate-limiter.ts` explains how they work. */
export interface Budget {
  acquire(lane: string, options?: AcquireOptions): Promise<Lease>;
  describe(): BudgetState;
  /** Whether a new budget in its place would behave the same. */
  isForgettable(now: number): boolean;
  /** Forgets what 429s have taught. */
  reset(): void;
  close(): void;
}

export interface BudgetOptions {
  readonly key: string;
  readonly requestsPerSecond: number;
  readonly maxQueue: number;
  readonly policy: PacingPolicy;
  readonly stepUpAfterMs: number;
  readonly clock: Clock;
  readonly emit: LimiterListener;
}

// A dashboard may want the figures of a key for a while after its last request.
const rememberedMs = 60_000;
// Requests with a slot go on before more slots are handed out: thousands at once would survive
// into the garbage collector's old generation.
const portion = 16;
// A timer that fires later than this shows that the event loop was stalled.
const stallMs = 20;
// A wait so short may be over before its timer fires, so it is decided at once.
const briefMs = stallMs;

export function createBudget(budgetOptions: BudgetOptions): Budget {
  const { key, requestsPerSecond, maxQueue, clock, emit } = budgetOptions;
  const slots = createSlots(requestsPerSecond);
  const trips = createRoundTrips();
  const underWay = createUnderWay();
  const pacing = createPacing(requestsPerSecond, trips, underWay);
  const pathFloor = createPathFloor();
  const caution = createCaution({ ...budgetOptions, startedAt: clock.now() });
  const queue = createQueue(maxQueue, () => setTimer(clock.now()));
  const timer = createWakeTimer(clock, work);
  let pausedUntil = -Infinity;
  let awaitedSince = -Infinity;
  let stalledUntil = -Infinity;
  let usedAt = clock.now();
  let sent = 0;
  let latest = 0;
  let limited = 0;
  let latestEvidence: LimitEvidence | undefined;

  /** When the next send may leave, or `undefined` while that depends on an answer. */
  function dueAt(now: number): number | undefined {
    const freeAt = slots.freeAt(now);
    if (freeAt === undefined) return undefined;
    const most = mostAtOnce();
    const mayFollowAt = most === undefined ? -Infinity : underWay.freeAt(most, trips.longestMs);
    const pacedAt = pacing.nextAt(caution.current.policy, now);
    return Math.max(freeAt, mayFollowAt, pacedAt, pausedUntil, awaitedSince);
  }

  function mostAtOnce(): number | undefined {
    const { policy, mostUnderWay } = caution.current;
    return policy === 'one-at-a-time' ? 1 : mostUnderWay;
  }

  const isMeasured = () => caution.current.policy === 'measured';

  /** Sends from now on as a step says, and tells it. */
  function take(step: CautionStep | undefined, at: number, evidence?: LimitEvidence): void {
    if (step === undefined) return;
    slots.resize(step.to.requestsPerSecond);
    pacing.setRate(step.to.requestsPerSecond);
    const { triesHigherAt } = caution;
    const triesHigherInMs = triesHigherAt && Math.max(0, triesHigherAt - at);
    const told = { key, at, ...step, triesHigherInMs };
    emit(
      evidence === undefined
        ? { type: 'stepped-up', ...told }
        : { type: 'stepped-down', ...told, evidence },
    );
  }

  // In a task of its own, so that a request that comes back after a 429 can queue up first.
  function work(dueAtTimer: number): void {
    const now = clock.now();
    if (now - dueAtTimer > stallMs) stalledUntil = now;
    usedAt = now;
    queue.expire(now);
    if (!handOut(now, portion)) return queueMicrotask(() => work(now));
    setTimer(now);
  }

  /** Hands out the slots that are due. Tells whether that were all of them. */
  function handOut(now: number, most: number): boolean {
    if (queue.hasNext()) take(caution.advance(now), now);
    // The clock decides, not the timer: timers may fire up to a millisecond early.
    let handedOut = 0;
    for (let due = dueAt(now); due !== undefined && due <= now; due = dueAt(now)) {
      if (handedOut === most) return false;
      handedOut += 1;
      const entry = queue.next();
      if (entry === undefined) break;
      const others = slots.inUse;
      slots.take();
      latest = pacing.sent(now, due);
      sent += 1;
      const { stage } = caution;
      entry.resolve(new SlotLease(entry, latest, now, stage, others, isMeasured(), holder));
    }
    return true;
  }

  function setTimer(now: number): void {
    const due = queue.hasNext() ? dueAt(now) : undefined;
    timer.set(Math.min(due ?? Infinity, queue.expiresAt() ?? Infinity), now);
  }

  function end(lease: SlotLease, answer: LeaseAnswer): void {
    const { entry, number, delayedUntil: leavesAt = lease.sentAt } = lease;
    const now = clock.now();
    const cooldown = cooldownAfter(answer);
    usedAt = now;
    // Who gives a slot back has sent nothing, and takes another for the same request.
    if (answer.kind === 'not-sent') sent -= 1;
    if (answer.kind === 'limited') pauseKey(answer, lease, now);
    else if (answer.kind === 'answered') caution.taken(lease.stage);
    if (lease.measuresPath) pathFloor.note(answer, now);
    slots.giveBack(now, cooldown, isMeasured() ? pathFloor.ms : 0);
    pacing.ended(number, now, cooldown);
    // An answer that arrived during a stall waited for us: its round trip says nothing.
    if (cooldown === 'answered' && leavesAt >= stalledUntil) trips.add(now - leavesAt);
    if (!queue.hasNext()) awaitedSince = now;
    queue.done(entry);
    setTimer(now);
  }

  /** Pauses the whole key, and steps down if the 429 is evidence. */
  function pauseKey(answer: Limited, lease: SlotLease, at: number): void {
    limited += 1;
    pausedUntil = Math.max(pausedUntil, at + pauseMs(answer));
    const { retryAfterMs } = answer;
    emit({ type: 'paused', key, at, forMs: pausedUntil - at, retryAfterMs });
    const { sentAt, stage, othersUnderWay } = lease;
    const inTheSecond = slots.inUse + slots.coolingDown(at);
    // Those that left later can't have been counted before it, or not surely.
    const others = Math.max(0, inTheSecond - 1 - (latest - lease.number));
    const evidence = {
      sentAt,
      answeredAt: at,
      atMostInTheSecond: inTheSecond,
      requestsPerSecond: caution.current.requestsPerSecond,
      underWay: othersUnderWay + 1,
      jitterMs: trips.jitterMs,
      retryAfterMs,
    };
    const wasSooner = isMeasured() && pathFloor.ms > 0;
    const refused = { stage, sentAt, others, othersUnderWay, isMeasured: wasSooner };
    const step = caution.refused(refused, at);
    if (step !== undefined) latestEvidence = evidence;
    pathFloor.distrust();
    take(step, at, evidence);
  }

  const holder: LeaseHolder = {
    end,
    pace(lease) {
      // It comes back, and then finds its place.
      if (!holder.mayLeave(lease)) return undefined;
      const now = clock.now();
      const leavesAt = pacing.leaves(lease.number, now, caution.current.policy);
      lease.delayedUntil = leavesAt;
      return leavesAt > now ? pause(clock, leavesAt - now) : undefined;
    },
    mayLeave({ number, delayedUntil }) {
      const now = clock.now();
      if (now < pausedUntil) return false;
      // Its turn came when it was spaced.
      if (delayedUntil !== undefined) return true;
      return (
        underWay.mayFollow(number, mostAtOnce(), trips.longestMs, now) &&
        pacing.mayLeave(number, now, caution.current.policy)
      );
    },
  };

  return {
    acquire(lane, options = {}) {
      const now = clock.now();
      // Joining others changes nothing about when the next request may leave.
      const isAlone = !queue.hasNext();
      let lease: Promise<Lease>;
      const isBrief = isBriefWait(options);
      try {
        if (isBrief) queue.expire(now);
        lease = queue.join(lane, options, now);
      } catch (reason) {
        return Promise.reject(reason);
      }
      usedAt = now;
      if (isAlone) awaitedSince = now;
      if (isBrief) handOut(now, Infinity);
      if (isAlone || options.maxWaitMs !== undefined || timer.isOverdue(now)) setTimer(now);
      return lease;
    },
    describe() {
      const now = clock.now();
      if (timer.isOverdue(now)) setTimer(now);
      const due = queue.hasNext() ? dueAt(now) : undefined;
      const { current, triesHigherAt } = caution;
      return {
        requestsPerSecond,
        waiting: queue.waiting,
        underWay: slots.inUse,
        sent,
        limited,
        pausedMs: Math.max(0, pausedUntil - now),
        policy: current.policy,
        maxQueue,
        lanes: queue.lanes,
        coolingDown: slots.coolingDown(now),
        nextSendMs: due === undefined ? undefined : Math.max(0, due - now),
        roundTripMs: trips.typicalMs,
        jitterMs: trips.jitterMs,
        pathFloorMs: isMeasured() ? pathFloor.ms : undefined,
        learnedRequestsPerSecond:
          current.requestsPerSecond < requestsPerSecond ? current.requestsPerSecond : undefined,
        learnedUnderWay: current.mostUnderWay,
        triesHigherInMs: triesHigherAt && Math.max(0, triesHigherAt - now),
        steppedDownBy: caution.isUntouched ? undefined : latestEvidence,
      };
    },
    isForgettable: (now) =>
      queue.lanes === 0 && now - usedAt > (caution.isUntouched ? rememberedMs : forgottenAfterMs),
    reset() {
      const now = clock.now();
      take(caution.reset(), now);
      setTimer(now);
    },
    close: () => queue.close(),
  };
}

// Before they are checked: they may be anything.
const isBriefWait = (options: AcquireOptions | null): boolean =>
  (options?.maxWaitMs ?? Infinity) <= briefMs;
