import { waitAtMost } from '@ticket-lifecycle/internal/wait-at-most';
import { systemClock } from '@ticket-lifecycle/series';
import type { Deliver, DeliveryJob } from '../model/delivery.ts';
import { FencedError } from '../model/errors.ts';
import type { FleetLimiter } from './fleet-limiter.ts';
import { storeFollowUps } from './store-follow-ups.ts';
import type { Ledger } from './ledger.ts';
import { createInterruptibleSleep } from './interruptible-sleep.ts';
import type { OutboxEvent } from '../model/outbox.ts';
import { createPermit, renewMs, type Permit } from './permit.ts';
import { backoffMs, checkEnding, endClaim, type AttemptEnd } from './end-claim.ts';
import { createDeliveryLimiter } from './delivery-limiter.ts';
import type { Claimed, Store } from '../model/store.ts';

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

/** How long something is waited for at closing that should take no time. */
export const farewellMs = 1000;
const sweepMs = 250;
const calmMs = 1500;
const longestSleepMs = 1000;
const shortestSleepMs = 2;

/** The claim was answered later than it was asked for, so the earliest moment lies further back. */
function doubtOf({ doubtMs, doubtFromMs }: Claimed, askedAt: number): DeliveryJob['doubt'] {
  if (doubtMs === null) return undefined;
  const fromMs = doubtFromMs === null ? undefined : doubtFromMs + performance.now() - askedAt;
  return { sinceMs: doubtMs, fromMs };
}

const seenAt = (ageMs: number) => Math.floor(systemClock.now() - ageMs);

/** Enters the fleet, and takes and delivers changes until it is stopped. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { store, ledger, deliver, emit, concurrency } = options;
  const cut = new AbortController();
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();
  const sleep = createInterruptibleSleep();
  let calmAt = 0;
  let entering: Promise<void> | undefined;

  let permit = await enter();
  store.onWake(() => sleep.wake());
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
      sleep.forget();
      const startedAt = performance.now();
      const nextInMs = await guarded(claim);
      // A slow call is not repeated at once: the database has others to serve.
      const leastMs = Math.min(2 * (performance.now() - startedAt), 100);
      if (leastMs > shortestSleepMs) await new Promise((resolve) => setTimeout(resolve, leastMs));
      const sleepMs = Math.max(nextInMs ?? longestSleepMs / 4, shortestSleepMs);
      await sleep.for(Math.max(sleepMs - leastMs, 0));
    }
  }

  async function claim(): Promise<number> {
    const room = concurrency - underWay.size;
    if (room <= 0) return longestSleepMs;
    const holder = permit;
    const askedAt = performance.now();
    try {
      const { jobs, nextInMs } = await holder.during(() => store.claim(room));
      for (const claimed of jobs) start(claimed, holder, askedAt);
      return Math.min(nextInMs ?? longestSleepMs, longestSleepMs);
    } catch (error) {
      if (!(error instanceof FencedError)) throw error;
      await comeBack(holder);
      return 0;
    }
  }

  /** Enters anew after this worker was declared dead. It no longer holds its old claims. */
  async function comeBack(lost: Permit): Promise<void> {
    // A worker that is shutting down expects to be declared dead and must not re-register.
    if (permit !== lost || stopping.signal.aborted) return;
    // Comes first: holders of the old permit must not renew it under the new name.
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
    // After the database was away all workers look dead, since none could renew its permit.
    if (!permit.isHeld()) calmAt = performance.now() + calmMs;
    if (performance.now() < calmAt) return;
    const { dead } = await store.sweep();
    for (const worker of dead) emit({ type: 'recovered', ...worker });
    if (dead.length > 0) sleep.wake();
  }

  function start(claimed: Claimed, holder: Permit, askedAt: number): void {
    const work = handle(claimed, holder, askedAt).finally(() => {
      underWay.delete(work);
      sleep.wake();
    });
    underWay.add(work);
  }

  async function handle(claimed: Claimed, holder: Permit, askedAt: number): Promise<void> {
    const own = createDeliveryLimiter(claimed, holder, options);
    const doubt = doubtOf(claimed, askedAt);
    const ending = await attempt(claimed, holder, { doubt, rateLimiter: own.rateLimiter });
    own.giveBack();
    if (ending === undefined) return emit({ type: 'fenced', id: claimed.id });
    const end = endClaim(claimed, ending, options.maxAttempts);
    const wasHeld = await ledger.end(end);
    const { id, change } = claimed;
    const { kind, reason } = end;
    emit(wasHeld ? { type: 'ended', id, change, kind, reason } : { type: 'fenced', id });
  }

  /** Tries once. Returns nothing when another worker has taken the change over. */
  async function attempt(
    claimed: Claimed,
    holder: Permit,
    own: Pick<DeliveryJob, 'doubt' | 'rateLimiter'>,
  ): Promise<AttemptEnd | undefined> {
    const { id, change, key, state, stateAgeMs } = claimed;
    const job: DeliveryJob = {
      id,
      change,
      key,
      attempt: claimed.attempt,
      ...own,
      known: state === null ? undefined : { state, seenAt: seenAt(stateAgeMs ?? 0) },
      timeoutMs: options.timeoutMs,
      ensureHeld: () => holder.ensure(),
      isHeld: () => holder.isHeld(),
      signal: cut.signal,
    };
    try {
      const ending = checkEnding(await deliver(job));
      if (ending.kind !== 'done' || ending.later === undefined) return ending;
      const onError = (error: unknown) => emit({ type: 'error', error });
      if (await storeFollowUps(store, ending.later, { signal: cut.signal, onError })) return ending;
      throw new Error('The changes that it sets off could not be stored.');
    } catch (error) {
      if (error instanceof FencedError) return undefined;
      return { kind: 'broken', reason: error, delayMs: backoffMs(claimed.attempt) };
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

  /** Resolves when no delivery is under way any more, and all ends are written down. */
  async function finish(): Promise<void> {
    await looping;
    await Promise.allSettled(underWay);
    await ledger.drained();
    await entering?.catch(() => {});
  }

  return {
    async stop(drainMs) {
      stopping.abort();
      sleep.wake();
      const ended = finish();
      await waitAtMost(drainMs, ended);
      cut.abort(new Error('The outbox closes.'));
      // Waits for the answers to what has been sent. A delivery that hangs for longer is left behind,
      // and sends nothing any more.
      await waitAtMost(options.timeoutMs + farewellMs, ended);
      clearInterval(renewTimer);
      clearInterval(sweepTimer);
      permit.revoke();
      await waitAtMost(
        farewellMs,
        guarded(() => store.leave()),
      );
    },
  };
}
