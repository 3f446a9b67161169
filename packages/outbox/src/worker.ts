import type { RateLimiter } from '@ticket-lifecycle/series';
import type { Deliver, Delivery, Ending } from './delivery.ts';
import { FencedError } from './errors.ts';
import type { FleetLimiter } from './fleet-limiter.ts';
import type { Ledger } from './ledger.ts';
import type { OutboxEvent } from './outbox.ts';
import { createPermit, renewMs, type Permit } from './permit.ts';
import type { Claimed, SettledClaim, Store } from './store.ts';

/** What a worker works with. */
export interface WorkerOptions {
  readonly store: Store<never>;
  readonly ledger: Ledger;
  readonly limiter: FleetLimiter;
  readonly deliver: Deliver;
  readonly emit: (event: OutboxEvent) => void;
  /** Changes under way at a time. */
  readonly concurrency: number;
  /** Tries before a change that is surely not processed is dead. */
  readonly maxAttempts: number;
  readonly timeoutMs: number;
}

/** Delivers in this process. */
export interface Worker {
  stop(drainMs: number): Promise<void>;
}

/** A delivery that threw: what broke may have broken after the request had left. */
interface Broken {
  readonly kind: 'broken';
  readonly reason: string;
  readonly delayMs: number;
}

const sweepMs = 500;
const calmMs = 1500;
const longestNapMs = 1000;
const shortestNapMs = 2;
const longestBackoffMs = 60_000;

/** Enters the fleet, and takes and delivers changes until it is stopped. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { store, ledger, limiter, deliver, emit, concurrency } = options;
  const cut = new AbortController();
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();
  let isWoken = false;
  let endNap = () => {};
  let calmAt = 0;
  let entering: Promise<void> | undefined;

  await store.enter();
  let permit = createPermit(() => store.renew());
  await permit.renew();
  store.onWake(wake);
  const renewTimer = setInterval(() => void guarded(renew), renewMs);
  const sweepTimer = setInterval(() => void guarded(sweep), sweepMs);
  const looping = loop();

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      isWoken = false;
      const startedAt = performance.now();
      const napMs = await guarded(claim);
      // A look that was dear is not repeated at once: the database has others to serve.
      const restMs = 2 * (performance.now() - startedAt);
      await nap(Math.max(napMs ?? longestNapMs / 4, shortestNapMs), Math.min(restMs, 100));
    }
  }

  async function claim(): Promise<number> {
    const room = concurrency - underWay.size;
    if (room <= 0) return longestNapMs;
    const holder = permit;
    try {
      const { jobs, nextInMs } = await store.claim(room);
      for (const job of jobs) start(job, holder);
      return Math.min(nextInMs ?? longestNapMs, longestNapMs);
    } catch (error) {
      if (!(error instanceof FencedError)) throw error;
      await comeBack(holder);
      return 0;
    }
  }

  /** After this worker was given up it enters anew; what it held is no longer its own. */
  async function comeBack(lost: Permit): Promise<void> {
    // One that leaves has to find itself given up, and must not come back for it.
    if (permit !== lost || stopping.signal.aborted) return;
    // First of all: whatever still holds the old one must not renew it under the new name.
    lost.revoke();
    permit = createPermit(() => store.renew());
    entering = store.enter();
    await entering;
    await permit.renew();
  }

  async function renew(): Promise<void> {
    const holder = permit;
    if (!(await holder.renew())) await comeBack(holder);
  }

  async function sweep(): Promise<void> {
    // After the database was away everybody looks dead, only because nobody could show life.
    if (!permit.isHeld()) calmAt = performance.now() + calmMs;
    if (performance.now() < calmAt) return;
    const { dead } = await store.sweep();
    for (const one of dead) emit({ type: 'recovered', ...one });
    if (dead.length > 0) wake();
  }

  function start(job: Claimed, holder: Permit): void {
    const work = handle(job, holder).finally(() => {
      underWay.delete(work);
      wake();
    });
    underWay.add(work);
  }

  async function handle(job: Claimed, holder: Permit): Promise<void> {
    const first = firstLease(job, holder);
    const ending = await attempt(job, holder, first.rateLimiter);
    first.giveBack();
    if (ending === undefined) return emit({ type: 'fenced', id: job.id });
    const settled = settledClaim(job, ending);
    const wasHeld = await ledger.end(settled);
    const { id, change } = job;
    const { kind, reason } = settled;
    emit(wasHeld ? { type: 'ended', id, change, kind, reason } : { type: 'fenced', id });
  }

  /** Tries once. Nothing when another has taken the change over. */
  async function attempt(
    job: Claimed,
    holder: Permit,
    rateLimiter: RateLimiter,
  ): Promise<Ending | Broken | undefined> {
    const { id, change, key, doubtMs, state, stateAgeMs } = job;
    const delivery: Delivery = {
      id,
      change,
      key,
      attempt: job.attempt,
      doubt: doubtMs === null ? undefined : { sinceMs: doubtMs },
      known: state === null ? undefined : { state, seenAt: Date.now() - (stateAgeMs ?? 0) },
      rateLimiter,
      timeoutMs: options.timeoutMs,
      ensureHeld: () => holder.ensure(),
      signal: cut.signal,
    };
    try {
      return await deliver(delivery);
    } catch (error) {
      if (error instanceof FencedError) return undefined;
      return { kind: 'broken', reason: messageOf(error), delayMs: backoffMs(job.attempt) };
    }
  }

  /** The limiter of one delivery: its first request goes in the slot that came with the change. */
  function firstLease(job: Claimed, holder: Permit) {
    let isUsed = false;
    const rateLimiter: RateLimiter = {
      describe: (key) => limiter.describe(key),
      async acquire(key, lane, acquireOptions) {
        const isFirst = !isUsed && key === job.key;
        if (isFirst) isUsed = true;
        const lease = isFirst
          ? await limiter.claimed(job, lane, acquireOptions)
          : await limiter.acquire(key, lane, acquireOptions);
        try {
          acquireOptions?.signal?.throwIfAborted();
          await holder.ensure();
          return lease;
        } catch (error) {
          lease.release({ kind: 'not-sent' });
          throw error;
        }
      },
    };
    const { key, slot, token } = job;
    const unused = { key, slot, token, answer: { kind: 'not-sent' } } as const;
    return { rateLimiter, giveBack: () => isUsed || ledger.release(unused) };
  }

  function settledClaim(job: Claimed, ending: Ending | Broken): SettledClaim {
    const { id, fence, attempt: number } = job;
    switch (ending.kind) {
      case 'done':
        return { id, fence, kind: 'done', reason: ending.note, state: ending.state, doubt: 'none' };
      case 'dropped':
      case 'dead':
        return { id, fence, ...ending, doubt: 'none' };
      case 'unknown':
        return { id, fence, ...ending, doubt: 'anew' };
      default: {
        const doubt = doubts[ending.kind];
        const { reason, delayMs = backoffMs(number) } = ending;
        if (number < options.maxAttempts) {
          return { id, fence, kind: 'retry', reason, delayMs, doubt };
        }
        const gaveUp = `${reason} (given up after ${number} attempts)`;
        return { id, fence, kind: doubt === 'none' ? 'dead' : 'unknown', reason: gaveUp, doubt };
      }
    }
  }

  async function guarded<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!stopping.signal.aborted) emit({ type: 'error', error });
      return undefined;
    }
  }

  function wake(): void {
    isWoken = true;
    endNap();
  }

  /** Sleeps for `ms` or until there may be work, but for `restMs` in any case. */
  async function nap(ms: number, restMs: number): Promise<void> {
    if (restMs > shortestNapMs) await new Promise((resolve) => setTimeout(resolve, restMs));
    if (isWoken || stopping.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(ms - restMs, 0));
      endNap = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    async stop(drainMs) {
      stopping.abort();
      endNap();
      await looping;
      const drained = Promise.allSettled(underWay);
      const timer = setTimeout(() => cut.abort(new Error('The outbox closes.')), drainMs);
      await drained;
      clearTimeout(timer);
      await ledger.drained();
      clearInterval(renewTimer);
      clearInterval(sweepTimer);
      await entering?.catch(() => {});
      await guarded(() => store.leave());
    },
  };
}

const doubts = { retry: 'none', 'look-again': 'as-before', broken: 'anew' } as const;

/** Full jitter, so that changes that failed together don't come back together. */
function backoffMs(attempt: number): number {
  return Math.max(100, Math.random() * Math.min(longestBackoffMs, 1000 * 2 ** (attempt - 1)));
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
