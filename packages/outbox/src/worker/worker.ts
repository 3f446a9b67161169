import { waitAtMost } from '@ticket-lifecycle/internal/wait-at-most';
import { FencedError } from '../model/errors.ts';
import type { Claimed, StrayClaim } from '../model/claim.ts';
import type { Store } from '../model/store.ts';
import { attemptClaim, type AttemptOptions } from './attempt.ts';
import { createHoldings } from './holdings.ts';
import { giveBack } from './ledger.ts';
import { createInterruptibleSleep } from './interruptible-sleep.ts';
import { createLives, type WorkerLife } from './lives.ts';
import { longestSleepMs, renewMs } from './permit.ts';

/** What a worker works with. */
export interface WorkerOptions extends AttemptOptions {
  readonly store: Store<never>;
  /** Changes under way at a time. */
  readonly concurrency: number;
}

/** Delivers in this process. */
export interface Worker {
  stop(drainMs: number): Promise<unknown>;
}

/** How long something is waited for at closing that should take no time. */
export const farewellMs = 1000;
const sweepMs = 250;
const calmMs = 1500;
const shortestSleepMs = 2;
const mostUnanswered = 10_000;
const slowMs = 2000;
const slowFactor = 5;

/**
 * Enters the fleet, and takes and delivers changes until it is stopped. `signal` ends its tries to
 * enter.
 */
export async function startWorker(options: WorkerOptions, signal: AbortSignal): Promise<Worker> {
  const { store, ledger, emit, onError, concurrency } = options;
  const lives = createLives(store);
  const holdings = createHoldings();
  // The numbers of the claims whose answers never came here: what they took was never started.
  const unanswered = new Set<number>();
  const cut = new AbortController();
  // One that takes long leaves its place to others.
  const underWay = new Map<Promise<void>, { readonly key: string; readonly at: number }>();
  const stopping = new AbortController();
  const sleep = createInterruptibleSleep();
  let claims = 0;
  let calmAt = 0;
  let sweepAt = 0;
  let isSweeping = false;

  const leave = () =>
    waitAtMost(
      farewellMs,
      guarded(() => lives.end()),
    );
  if (!(await lives.begin(signal))) return { stop: leave };
  store.onWake(() => sleep.wake());
  const renewTimer = setInterval(() => void guarded(renew), renewMs / 2);
  const sweepTimer = setInterval(() => void guarded(sweep), sweepMs);
  const looping = loop();

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

  /** Takes changes, and sets right what the store and this worker disagree about. */
  async function claim(): Promise<number> {
    const life = await lives.live();
    const { most, without } = places();
    const held = holdings.namesOf(life);
    const number = (claims += 1);
    const askedAt = performance.now();
    noteUnanswered(number);
    try {
      const asked = () => store.claim(life, { number, most, held, without });
      const { jobs, strays, lost, nextInMs } = await life.permit.during(asked);
      unanswered.delete(number);
      holdings.lose(life, lost);
      endStrays(life, strays);
      for (const claimed of jobs) start(claimed, life, askedAt);
      const isFull = places().most === 0;
      // A place came free meanwhile.
      if (most === 0 && !isFull) return 0;
      // It is woken when a delivery ends.
      return Math.min(isFull ? placeInMs() : (nextInMs ?? Infinity), longestSleepMs);
    } catch (error) {
      if (!FencedError.is(error)) throw error;
      // It comes back in the next round. What it held was given back as it was declared dead.
      lives.lose(life);
      return 0;
    }
  }

  /**
   * How many more it may take. What has been under way for long waits for an API or a vault that
   * hangs, and leaves its place to others. A key that has many of these gets no more.
   */
  function places(): { readonly most: number; readonly without: readonly string[] } {
    const slowSince = performance.now() - slowMs;
    const slow = [...underWay.values()].filter(({ at }) => at < slowSince);
    const quick = underWay.size - slow.length;
    const most = Math.min(concurrency - quick, slowFactor * concurrency - underWay.size);
    const share = Math.ceil(concurrency / 4);
    const without = [...Map.groupBy(slow, ({ key }) => key)]
      .filter(([, its]) => its.length >= share)
      .map(([key]) => key);
    return { most: Math.max(most, 0), without };
  }

  /** Milliseconds until the next of what is under way counts as slow, and leaves its place. */
  function placeInMs(): number {
    const slowSince = performance.now() - slowMs;
    // They stand in the order in which they began.
    const next = [...underWay.values()].find(({ at }) => at > slowSince);
    // A timer may be a millisecond early.
    return next === undefined ? Infinity : Math.ceil(next.at - slowSince) + 1;
  }

  function noteUnanswered(number: number): void {
    unanswered.add(number);
    const [oldest] = unanswered;
    // Without its number, what it took counts as sent: that costs a read, and does no harm.
    if (unanswered.size > mostUnanswered && oldest !== undefined) unanswered.delete(oldest);
  }

  /**
   * Ends what the store holds for this worker without its knowledge. What came with an answer that
   * never arrived was not sent, so it goes back as it was. Else the store has forgotten an end.
   */
  function endStrays({ id: life }: WorkerLife, strays: readonly StrayClaim[]): void {
    for (const { id, fence, number, slots = [] } of strays) {
      const wasNeverStarted = unanswered.has(number);
      if (wasNeverStarted) for (const slot of slots) giveBack(ledger, slot);
      const doubt = wasNeverStarted ? 'as-before' : 'anew';
      const reason = 'Its worker did not know that it held the change.';
      const end = { life, id, fence, kind: 'retry', reason, delayMs: 0, isOutage: true } as const;
      void ledger.end({ ...end, doubt });
    }
    if (strays.length > 0) emit({ type: 'recovered', worker: life, changes: strays.length });
  }

  function start(claimed: Claimed, life: WorkerLife, askedAt: number): void {
    const isTwice = claimed.doubtMs === null && holdings.has(claimed);
    const holding = holdings.add(life, claimed);
    const work = (isTwice ? giveBackTwice(claimed, life) : attempt()).finally(() => {
      holdings.remove(holding);
      underWay.delete(work);
      sleep.wake();
    });
    underWay.set(work, { key: claimed.key, at: performance.now() });

    function attempt(): Promise<void> {
      return attemptClaim(holding, options, { askedAt, cut: cut.signal });
    }
  }

  /** The store has forgotten a claim that is under way here: its request may have left. */
  async function giveBackTwice({ id, fence, slots }: Claimed, life: WorkerLife): Promise<void> {
    for (const slot of slots) giveBack(ledger, slot);
    const reason = 'An earlier attempt is still under way in the same worker.';
    const name = { life: life.id, id, fence };
    await ledger.end({ ...name, kind: 'retry', reason, delayMs: 1000, doubt: 'anew' });
  }

  async function renew(): Promise<void> {
    const life = lives.present();
    if (life === undefined || (await life.permit.renew())) return;
    lives.lose(life);
    sleep.wake();
  }

  async function sweep(): Promise<void> {
    const life = lives.present();
    // After the database was away all workers look dead, since none could renew its permit.
    if (life?.permit.isHeld() !== true) calmAt = performance.now() + calmMs;
    if (life === undefined || isSweeping || performance.now() < Math.max(calmAt, sweepAt)) return;
    isSweeping = true;
    try {
      const { dead, nextInMs } = await store.sweep(life);
      sweepAt = performance.now() + Math.min(nextInMs ?? longestSleepMs, longestSleepMs);
      for (const worker of dead) emit({ type: 'recovered', ...worker });
      if (dead.length > 0) sleep.wake();
    } finally {
      isSweeping = false;
    }
  }

  async function guarded<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!stopping.signal.aborted) onError(error);
      return undefined;
    }
  }

  /** Resolves when no delivery is under way any more, and all ends are written down. */
  async function finish(): Promise<void> {
    await looping;
    await Promise.allSettled(underWay.keys());
    await ledger.drained();
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
      await leave();
    },
  };
}
