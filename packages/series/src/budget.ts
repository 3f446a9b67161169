import type { Clock } from './clock.ts';
import { createLanes, type Waiting } from './lanes.ts';
import { createPacing } from './pacing.ts';
import { QueueFullError, type AcquireOptions, type Lease, type LeaseAnswer } from './lease.ts';
import { createSlots } from './slots.ts';

/** The state of one key's budget. */
export interface BudgetState {
  readonly requestsPerSecond: number;
  /** Requests waiting for a slot. */
  readonly waiting: number;
  /** Requests sent and not yet answered. */
  readonly underWay: number;
  /** Requests sent so far. */
  readonly sent: number;
  /** Answers of 429 so far. */
  readonly limited: number;
  /** Milliseconds until the key may send again after a 429, or 0. */
  readonly pausedMs: number;
}

/** The slots, the pace and the queue of one API key. */
export interface Budget {
  acquire(lane: string, options?: AcquireOptions): Promise<Lease>;
  describe(): BudgetState;
}

interface BudgetOptions {
  readonly requestsPerSecond: number;
  readonly maxQueue: number;
  readonly clock: Clock;
}

const windowMs = 1000;
// Two clocks never agree to the last fraction of a millisecond.
const guardMs = 2;

export function createBudget({ requestsPerSecond, maxQueue, clock }: BudgetOptions): Budget {
  const slots = createSlots(requestsPerSecond);
  const pacing = createPacing(requestsPerSecond);
  const lanes = createLanes();
  let pausedUntil = -Infinity;
  let awaitedSince = -Infinity;
  let timer: unknown;
  let sent = 0;
  let limited = 0;

  /** When the next send may leave, or `undefined` while that depends on an answer. */
  function dueAt(): number | undefined {
    const freeAt = slots.freeAt();
    return freeAt === undefined
      ? undefined
      : Math.max(freeAt, pacing.nextAt(), pausedUntil, awaitedSince);
  }

  function sendWhatIsDue(): void {
    timer = undefined;
    for (let due = dueAt(); lanes.hasNext() && due !== undefined; due = dueAt()) {
      const now = clock.now();
      // Looked at again after every timer: they may fire up to a millisecond early.
      if (now < due) {
        timer = clock.setTimeout(sendWhatIsDue, Math.ceil(due - now));
        return;
      }
      slots.take();
      pacing.sent(now, due);
      sent += 1;
      lanes.next()?.start();
    }
  }

  function wake(): void {
    if (timer !== undefined) clock.clearTimeout(timer);
    // In a task of its own, so that a request that comes back after a 429 can queue up first.
    timer = clock.setTimeout(sendWhatIsDue, 0);
  }

  function leaseOf(lane: string, waitedMs: number): Lease {
    let isReleased = false;
    return {
      waitedMs,
      release(answer) {
        if (isReleased) return;
        isReleased = true;
        const now = clock.now();
        slots.giveBack(now + restMs(answer));
        if (answer.kind === 'limited') {
          limited += 1;
          // Requests already waiting would be refused too, so the whole key pauses.
          pausedUntil = Math.max(pausedUntil, now + Math.max(answer.retryAfterMs ?? 0, windowMs));
        }
        const hadNext = lanes.hasNext();
        lanes.done(lane);
        if (!hadNext) awaitedSince = now;
        // A slot that comes back unused may be due before the timer that is set.
        if (lanes.hasNext() && (timer === undefined || answer.kind === 'not-sent')) wake();
      },
    };
  }

  return {
    acquire(lane, { signal, first = false } = {}) {
      return new Promise<Lease>((resolve, reject) => {
        signal?.throwIfAborted();
        // One that comes back was counted when it came first.
        if (lanes.waiting >= maxQueue && !first) {
          throw new QueueFullError(`The queue is full: ${maxQueue} requests are waiting already.`);
        }
        const askedAt = clock.now();
        const entry: Waiting = {
          lane,
          start() {
            signal?.removeEventListener('abort', leave);
            resolve(leaseOf(lane, clock.now() - askedAt));
          },
        };
        function leave() {
          lanes.leave(entry);
          reject(signal?.reason);
        }
        signal?.addEventListener('abort', leave, { once: true });
        if (!lanes.hasNext()) awaitedSince = askedAt;
        lanes.join(entry, first);
        if (timer === undefined) wake();
      });
    },
    describe: () => ({
      requestsPerSecond,
      waiting: lanes.waiting,
      underWay: slots.inUse,
      sent,
      limited,
      pausedMs: Math.max(0, pausedUntil - clock.now()),
    }),
  };
}

/** How long a slot rests after its request: a window from the last moment it can be counted. */
function restMs(answer: LeaseAnswer): number {
  switch (answer.kind) {
    case 'not-sent':
      return 0;
    case 'silent':
      // It may still be under way, so it gets a second window to arrive in.
      return 2 * windowMs + guardMs;
    default:
      return windowMs + guardMs;
  }
}
