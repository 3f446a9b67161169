import type { RateLimiter } from '@ticket-lifecycle/series';
import type { Deliver, Delivery } from '../model/delivery.ts';
import { FencedError } from '../model/errors.ts';
import type { FleetLimiter } from './fleet-limiter.ts';
import { storeLater } from './store-follow-ups.ts';
import type { Ledger } from './ledger.ts';
import { createNap } from './interruptible-sleep.ts';
import type { OutboxEvent } from '../model/outbox.ts';
import { createPermit, renewMs, type Permit } from './permit.ts';
import { backoffMs, checkEnding, settledClaim, type End } from './end-claim.ts';
import { slotsOf } from './delivery-limiter.ts';
import type { Claimed, Store } from '../model/store.ts';
import { farewellMs, within } from './wait-at-most.ts';

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

const sweepMs = 250;
const calmMs = 1500;
const longestNapMs = 1000;
const shortestNapMs = 2;

/** Enters the fleet, and takes and delivers changes until it is stopped. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { store, ledger, deliver, emit, concurrency } = options;
  const cut = new AbortController();
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();
  const nap = createNap();
  let calmAt = 0;
  let entering: Promise<void> | undefined;

  let permit = await enter();
  store.onWake(() => nap.wake());
  const renewTimer = setInterval(() => void guarded(renew), renewMs / 2);
  const sweepTimer = setInterval(() => void guarded(sweep), sweepMs);
  const looping = loop();

  async function enter(): Promise<Permit> {
    try {
      await store.enter();
      const entered = createPermit(() => store.renew());
      await entered.renew();
      return entered;
    } catch (error) {
      await store.leave().catch(() => {});
      throw error;
    }
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      nap.begin();
      const startedAt = performance.now();
      const napMs = await guarded(claim);
      // A look that was dear is not repeated at once: the database has others to serve.
      const restMs = 2 * (performance.now() - startedAt);
      await rest(Math.max(napMs ?? longestNapMs / 4, shortestNapMs), Math.min(restMs, 100));
    }
  }

  async function claim(): Promise<number> {
    const room = concurrency - underWay.size;
    if (room <= 0) return longestNapMs;
    const holder = permit;
    try {
      const { jobs, nextInMs } = await holder.during(() => store.claim(room));
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
    if (dead.length > 0) nap.wake();
  }

  function start(job: Claimed, holder: Permit): void {
    const work = handle(job, holder).finally(() => {
      underWay.delete(work);
      nap.wake();
    });
    underWay.add(work);
  }

  async function handle(job: Claimed, holder: Permit): Promise<void> {
    const own = slotsOf(job, holder, options);
    const ending = await attempt(job, holder, own.rateLimiter);
    own.giveBack();
    if (ending === undefined) return emit({ type: 'fenced', id: job.id });
    const settled = settledClaim(job, ending, options.maxAttempts);
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
  ): Promise<End | undefined> {
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
      isHeld: () => holder.isHeld(),
      signal: cut.signal,
    };
    try {
      const ending = checkEnding(await deliver(delivery));
      if (ending.kind !== 'done' || ending.later === undefined) return ending;
      const onError = (error: unknown) => emit({ type: 'error', error });
      if (await storeLater(store, ending.later, { signal: cut.signal, onError })) return ending;
      throw new Error('What it sets off could not be stored.');
    } catch (error) {
      if (error instanceof FencedError) return undefined;
      return { kind: 'broken', reason: error, delayMs: backoffMs(job.attempt) };
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

  /** Sleeps for `ms` or until there may be work, but for `restMs` in any case. */
  async function rest(ms: number, restMs: number): Promise<void> {
    if (restMs > shortestNapMs) await new Promise((resolve) => setTimeout(resolve, restMs));
    await nap.take(Math.max(ms - restMs, 0));
  }

  /** Resolves when nothing is under way any more, and all of it is written down. */
  async function finish(): Promise<void> {
    await looping;
    await Promise.allSettled(underWay);
    await ledger.drained();
    await entering?.catch(() => {});
  }

  return {
    async stop(drainMs) {
      stopping.abort();
      nap.wake();
      const ended = finish();
      await within(drainMs, ended);
      cut.abort(new Error('The outbox closes.'));
      // What has been sent is waited for. Whoever hangs for longer is left behind, and sends nothing
      // any more.
      await within(options.timeoutMs + farewellMs, ended);
      clearInterval(renewTimer);
      clearInterval(sweepTimer);
      permit.revoke();
      await within(
        farewellMs,
        guarded(() => store.leave()),
      );
    },
  };
}
