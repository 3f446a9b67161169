import { vi } from 'vitest';
import { checkOutboxOptions, createOutbox, type OutboxOptions } from '../../src/create-outbox.ts';
import type { DeliveryJob, Ending, Outbox } from '../../src/index.ts';
import { createMemoryStore } from '../../src/memory/memory-store.ts';
import type { Store } from '../../src/model/store.ts';
import { behindNetwork, type WorkerCall } from '../support/faulty-store.ts';
import { change, eventOf } from '../support/trial.ts';

/*
 * A whole fleet in one process, under virtual time: the real workers, ledgers, limiters and permits
 * over the store in memory, and an API that is no more than what can go wrong with one. All chance
 * comes from one seed, so a seed that fails fails again. What a run is like is drawn first: which
 * faults it has, and how often each happens. They end after a minute; then all has to be delivered.
 */

/** What came of one seed. */
export interface Simulated {
  readonly changes: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly disorder: number;
  /** Requests beyond the limit of a key in a window of a second. */
  readonly over: number;
  /** Changes that had not ended two minutes after the last fault. */
  readonly stranded: number;
  /** Those of them that `inspect.blocked` did not show. */
  readonly silent: number;
  /** All that happened, line by line, for the comparison of two runs. */
  readonly trace: readonly string[];
}

export interface SimulationOptions {
  /** Breaks the store, or what comes of it, to show that the judge sees that. */
  readonly breakStore?: ((store: Store<never>) => Store<never>) | undefined;
  /** How long a change in doubt is left alone: longer than any request is under way. */
  readonly settleMs?: number | undefined;
}

const capabilities = {
  transactional: false,
  scope: 'process',
  survives: 'nothing',
  liveness: 'none',
} as const;
const timeoutMs = 1000;
const faultyMs = 60_000;
const restMs = 120_000;
const requestsPerSecond = 25;
// A request that its sender has given up is under way for no longer than this.
const longestUnderWayMs = 2500;

/** Faults, each with the share of calls, requests or seconds in which it happens. */
interface Weather {
  readonly callsLost: number;
  readonly answersLost: number;
  readonly answersLate: number;
  readonly requestsLost: number;
  readonly requestsLate: number;
  readonly responsesLost: number;
  readonly kills: number;
  readonly pauses: number;
}

/** A process of the fleet, which can be killed and stopped. */
interface Process {
  readonly outbox: Outbox;
  isDead: boolean;
  /** Resolves at once, or when it is woken. */
  awake: Promise<void>;
}

export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Simulated> {
  const random = randomOf(seed);
  vi.useFakeTimers({
    now: 1_750_000_000_000,
    toFake: [
      ...(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const),
      ...(['setImmediate', 'clearImmediate', 'Date', 'performance'] as const),
    ],
  });
  const chance = vi.spyOn(Math, 'random').mockImplementation(random);
  try {
    return await run(random, options);
  } finally {
    chance.mockRestore();
    vi.useRealTimers();
  }
}

async function run(random: () => number, options: SimulationOptions): Promise<Simulated> {
  const { settleMs = 4000, breakStore = (store) => store } = options;
  const draw = (most: number) => (random() < 0.5 ? 0 : random() * most);
  const weather: Weather = {
    callsLost: draw(0.1),
    answersLost: draw(0.2),
    answersLate: draw(0.1),
    requestsLost: draw(0.2),
    requestsLate: draw(0.1),
    responsesLost: draw(0.2),
    kills: draw(0.1),
    pauses: draw(0.2),
  };
  const trace: string[] = [];
  const startedAt = performance.now();
  const note = (line: string) =>
    trace.push(`${(performance.now() - startedAt).toFixed(1)} ${line}`);
  const isFaulty = () => performance.now() - startedAt < faultyMs;
  const happens = (share: number) => random() < share && isFaulty();
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const between = (least: number, most: number) => least + random() * (most - least);

  // The API: what was applied to each ticket, and when requests came in.
  const applied = new Map<string, string[]>();
  const arrivals = new Map<string, number[]>();
  function apply(key: string, ticket: string, event: string): void {
    applied.set(ticket, [...(applied.get(ticket) ?? []), event]);
    note(`applied ${ticket} ${event}`);
    arrive(key);
  }
  function arrive(key: string): void {
    arrivals.set(key, [...(arrivals.get(key) ?? []), performance.now()]);
  }

  const store = createMemoryStore({ requestsPerSecond, pace: 'burst', timeoutMs });
  const broken = breakStore(store);
  const outboxOptions: OutboxOptions = { requestsPerSecond, pace: 'burst', timeoutMs };
  const settings = checkOutboxOptions<OutboxOptions>('simulate', outboxOptions, {} as never);
  const processes: Process[] = [];

  async function start(): Promise<void> {
    const name = processes.length;
    const self: Pick<Process, 'isDead' | 'awake'> = { isDead: false, awake: Promise.resolve() };
    const network = behindNetwork(slowed(broken, self), {
      before: () => (happens(weather.callsLost) ? 'never-arrives' : undefined),
      after() {
        if (happens(weather.answersLost)) return random() < 0.3 ? 'hangs' : 'lost';
        return happens(weather.answersLate) ? between(500, 4000) : undefined;
      },
    });
    const outbox = createOutbox(network, capabilities, settings, (event) => {
      if (event.type === 'ended') note(`${name} ended ${event.kind} ${event.change.ticketId}`);
      else note(`${name} ${event.type}`);
    });
    processes.push(Object.assign(self, { outbox }));
    const begin = (): Promise<void> => outbox.run((job) => deliver(job, self)).catch(begin);
    await begin();
  }

  /** Calls of a process that is dead never end, and those of one that stands still end later. */
  function slowed(to: Store<never>, self: Pick<Process, 'isDead' | 'awake'>): Store<never> {
    const wrapped: Record<string, unknown> = { ...to };
    const calls: readonly WorkerCall[] = ['enter', 'claim', 'end', 'renew', 'takeSlots', 'sweep'];
    for (const name of calls) {
      const call = to[name] as (...args: unknown[]) => Promise<unknown>;
      wrapped[name] = async (...args: unknown[]) => {
        await alive(self);
        await sleep(between(0.2, 4));
        const answer = await call(...args);
        await sleep(between(0.2, 4));
        await alive(self);
        return answer;
      };
    }
    return wrapped as unknown as Store<never>;
  }

  async function alive(self: Pick<Process, 'isDead' | 'awake'>): Promise<void> {
    await self.awake;
    if (self.isDead) await new Promise(() => {});
  }

  /** A client in small: it reads what is in doubt, sends, and gives its slots back. */
  async function deliver(
    job: DeliveryJob,
    self: Pick<Process, 'isDead' | 'awake'>,
  ): Promise<Ending> {
    const {
      key,
      doubt,
      change: { ticketId },
    } = job;
    const event = eventOf(job);
    // A vault that may take its time: so long is the change held before anything is sent.
    await sleep(random() < 0.2 ? between(500, 5000) : between(0, 20));
    await alive(self);
    if (doubt !== undefined) {
      const lease = await job.rateLimiter.acquire(key, ticketId);
      await alive(self);
      arrive(key);
      await sleep(between(5, 40));
      await alive(self);
      lease.release({ kind: 'answered' });
      if (applied.get(ticketId)?.includes(event) === true) return { kind: 'done' };
      if (doubt.sinceMs < settleMs) {
        return { kind: 'read-again', reason: 'too early', delayMs: 1000, isOutage: true };
      }
    }
    const lease = await job.rateLimiter.acquire(key, ticketId);
    await job.ensureHeld();
    await alive(self);
    // The moment in which the headers are written.
    if (!job.isHeld()) {
      lease.release({ kind: 'not-sent' });
      return { kind: 'retry', reason: 'stopped', delayMs: 100, isOutage: true };
    }
    note(`sent ${ticketId} ${event}`);
    const isLate = happens(weather.requestsLate);
    const underWay = sleep(isLate ? between(timeoutMs, longestUnderWayMs) : between(5, 40));
    if (happens(weather.requestsLost)) note(`lost on the way ${ticketId} ${event}`);
    else {
      const arrived = underWay.then(() => apply(key, ticketId, event));
      if (!isLate && !happens(weather.responsesLost)) {
        await arrived;
        await sleep(between(5, 40));
        await alive(self);
        lease.release({ kind: 'answered' });
        return { kind: 'done' };
      }
    }
    await sleep(timeoutMs);
    await alive(self);
    lease.release({ kind: 'silent' });
    throw new Error('No answer came.');
  }

  // Some tickets that are moved step by step, and many that are moved at once.
  const steps = ['ONE', 'TWO', 'THREE'];
  const plan = new Map<string, readonly string[]>();
  for (let at = 0; at < 10; at += 1) plan.set(`TICKET-${at}`, steps);
  for (let at = 0; at < 70; at += 1) plan.set(`BURST-${at}`, ['ONE']);
  const accepting = createOutbox(store, capabilities, settings, undefined);
  async function accept(): Promise<void> {
    for (const step of steps) {
      for (const [ticket, events] of plan) {
        if (!events.includes(step)) continue;
        const isOne = events.length === 1;
        const key = isOne || ticket.endsWith('0') ? 'north' : 'south';
        await accepting.accept(change(ticket, step, { key }));
        if (!isOne) await sleep(between(0, 1500));
      }
    }
  }

  /** Every second a process may end, with another one in its place, or stand still for a while. */
  async function disturb(): Promise<void> {
    while (isFaulty()) {
      await sleep(1000);
      const living = processes.filter(({ isDead }) => !isDead);
      const victim = living[Math.floor(random() * living.length)];
      if (victim === undefined) continue;
      if (happens(weather.kills)) {
        note('killed');
        victim.isDead = true;
        void sleep(between(100, 3000)).then(start);
      } else if (happens(weather.pauses)) {
        note('stopped');
        victim.awake = sleep(between(300, 15_000));
      }
    }
  }

  void start();
  void start();
  void accept();
  void disturb();
  await vi.advanceTimersByTimeAsync(faultyMs + restMs);

  const { waiting, underWay, retrying, dead, unknown } = await store.inspect.depth();
  const stranded = waiting + underWay + retrying + dead + unknown;
  const shown = (await store.inspect.blocked()).reduce((sum, one) => sum + 1 + one.waiting, 0);
  const found = [...plan].map(([ticket, events]) => {
    const all = applied.get(ticket) ?? [];
    const once = [...new Set(all)];
    return {
      missing: events.length - once.length,
      twice: all.length - once.length,
      isDisordered: once.some((event, at) => event !== events[at]),
    };
  });
  const sum = (of: (ticket: (typeof found)[number]) => number) =>
    found.reduce((all, ticket) => all + of(ticket), 0);
  const result: Simulated = {
    changes: [...plan.values()].flat().length,
    lost: stranded > 0 ? 0 : sum(({ missing }) => missing),
    duplicates: sum(({ twice }) => twice),
    disorder: found.filter(({ isDisordered }) => isDisordered).length,
    over: [...arrivals.values()].filter((times) => isOver(times)).length,
    stranded,
    silent: Math.max(0, stranded - shown),
    trace,
  };
  for (const one of processes) one.isDead = true;
  vi.clearAllTimers();
  return result;
}

const isOver = (times: readonly number[]) =>
  times.some((time, at) => (times[at + requestsPerSecond] ?? Infinity) - time < 1000);

/** The same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
