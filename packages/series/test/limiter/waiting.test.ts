import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createRateLimiter,
  LimiterClosedError,
  WaitExpiredError,
  type AcquireOptions,
  type RateLimiterOptions,
} from '../../src/index.ts';
import { pacingPolicies } from '../../src/limiter/policy.ts';
import { FakeClock } from '../support/fake-clock.ts';

function setUp(options: RateLimiterOptions = {}) {
  const clock = new FakeClock();
  const limiter = createRateLimiter({ clock, ...options });
  const order: string[] = [];
  /** Notes what became of a request, and gives its slot back at once. */
  const ask = (lane: string, acquireOptions?: AcquireOptions, name = lane) =>
    limiter.acquire('key', lane, acquireOptions).then(
      (lease) => {
        order.push(name);
        lease.release({ kind: 'answered' });
      },
      (error: unknown) => {
        order.push(`${name}: ${error instanceof Error ? error.name : String(error)}`);
      },
    );
  return { clock, limiter, order, ask };
}

test.each([false, true])(
  'a signal needs no more than its event and aborted: %o',
  async (aborted) => {
    const { clock, order, ask } = setUp();
    const own = Object.assign(new EventTarget(), { aborted, reason: 'no longer wanted' });
    await clock.run(ask('a', { signal: own as unknown as AbortSignal }));
    expect(order).toEqual([aborted ? 'a: no longer wanted' : 'a']);
  },
);

describe('a priority', () => {
  test('does not starve the others: a lower one has every ninth turn', async () => {
    const { clock, order, ask } = setUp();
    const all = [ask('low', { priority: 'low' })];
    for (let index = 0; index < 30; index += 1)
      all.push(ask(`high ${index}`, { priority: 'high' }));
    await clock.run(Promise.all(all));
    expect(order.indexOf('low')).toBe(8);
  });

  test('lifts those before it in its ticket, whose order stays', async () => {
    const { clock, order, ask } = setUp();
    const all = [
      ask('other'),
      ask('T1', {}, 'first'),
      ask('T1', { priority: 'high' }, 'urgent second'),
    ];
    await clock.run(Promise.all(all));
    expect(order).toEqual(['first', 'urgent second', 'other']);
  });

  test('that leaves takes its lift with it', async () => {
    const { clock, order, ask } = setUp();
    const stop = new AbortController();
    const all = [
      ask('other'),
      ask('T1', {}, 'first'),
      ask('T1', { priority: 'high', signal: stop.signal }, 'urgent'),
    ];
    stop.abort(new Error('never mind'));
    await clock.run(Promise.all(all));
    expect(order).toEqual(['urgent: Error', 'other', 'first']);
  });
});

describe('a wait with an end', () => {
  test('ends when its time is over, and nothing is sent late', async () => {
    const { clock, limiter, order, ask } = setUp({ requestsPerSecond: 1 });
    await clock.run(limiter.acquire('key', 'T0'));
    const asked = clock.now();
    const all = [
      ask('patient', { maxWaitMs: 700 }),
      ask('hasty', { maxWaitMs: 300 }),
      ask('calm', { maxWaitMs: 500 }),
    ];
    await clock.run(Promise.all(all));
    expect(order).toEqual([
      'hasty: WaitExpiredError',
      'calm: WaitExpiredError',
      'patient: WaitExpiredError',
    ]);
    expect(clock.now() - asked).toBe(700);
    expect(limiter.describe('key')).toMatchObject({ waiting: 0, sent: 1 });
  });

  test('ends although its slot came meanwhile, if the process was asleep', async () => {
    const { clock, ask, order } = setUp();
    const all = ask('T1', { maxWaitMs: 50 });
    clock.stall(100);
    await clock.run(all);
    expect(order).toEqual(['T1: WaitExpiredError']);
  });

  test('costs those nothing who are served in time', async () => {
    const { clock, limiter, order, ask } = setUp();
    await clock.run(Promise.all([ask('T1', { maxWaitMs: 60_000 }), ask('T2')]));
    expect(order).toEqual(['T1', 'T2']);
    expect(clock.pending).toBe(0);
    expect(limiter.describe('key').waiting).toBe(0);
  });

  const briefWaits = [0, 0.5, 1, 2, 5, 20];

  test.each(briefWaits)(
    'of %d ms gets a slot that is free now, however late timers are',
    async (maxWaitMs) => {
      for (const policy of pacingPolicies) {
        const { clock, limiter, ask, order } = setUp({ policy });
        const all = ask('T1', { maxWaitMs });
        clock.stall(100);
        await clock.run(all);
        expect([policy, ...order]).toEqual([policy, 'T1']);
        expect(limiter.describe('key')).toMatchObject({ waiting: 0, underWay: 0, sent: 1 });
        await clock.run(ask('T2'));
        expect(clock.pending).toBe(0);
      }
    },
  );

  test.each(briefWaits.filter((ms) => ms <= 5))(
    'of %d ms ends where no slot is free, the lane is busy or the key pauses',
    async (maxWaitMs) => {
      const { clock, limiter, ask, order } = setUp({ requestsPerSecond: 2, policy: 'burst' });
      const lease = await clock.run(limiter.acquire('key', 'T1'));
      await clock.run(ask('T1', { maxWaitMs }, 'busy'));
      const second = await clock.run(limiter.acquire('key', 'T2'));
      await clock.run(ask('T3', { maxWaitMs }, 'full'));
      second.release({ kind: 'not-sent' });
      lease.release({ kind: 'limited', retryAfterMs: 3000 });
      await clock.run(ask('T3', { maxWaitMs }, 'paused'));
      expect(order).toEqual(['busy', 'full', 'paused'].map((as) => `${as}: WaitExpiredError`));
      expect(limiter.describe('key')).toMatchObject({ waiting: 0, sent: 1 });
    },
  );

  test('of no time overtakes nobody whose turn it is', async () => {
    const { clock, ask, order } = setUp({ requestsPerSecond: 2, policy: 'burst' });
    const all = ['T1', 'T2'].map((lane) => ask(lane));
    all.push(ask('T3', { maxWaitMs: 0 }));
    await clock.run(Promise.all(all));
    expect(order).toEqual(['T1', 'T2', 'T3: WaitExpiredError']);
  });

  test('of no time hands no slot to whose time is over', async () => {
    const { clock, ask, order } = setUp();
    const all = [ask('late', { maxWaitMs: 50 })];
    clock.stall(100);
    all.push(ask('now', { maxWaitMs: 0 }));
    await clock.run(Promise.all(all));
    expect(order.toSorted()).toEqual(['late: WaitExpiredError', 'now']);
  });

  test('of no time gets each of the free slots, and no more', async () => {
    const { clock, ask, order } = setUp({ requestsPerSecond: 25, policy: 'burst' });
    const all = Array.from({ length: 20 }, (_, index) => ask(`patient-${index}`));
    for (let index = 0; index < 10; index += 1) all.push(ask(`now-${index}`, { maxWaitMs: 0 }));
    await clock.run(Promise.all(all));
    expect(order.filter((one) => one.endsWith('WaitExpiredError'))).toHaveLength(5);
    expect(order.filter((one) => /^now-\d$/.test(one))).toHaveLength(5);
  });

  test("of a moment gets a free slot also by the process's own clock", async () => {
    const limiter = createRateLimiter();
    for (const maxWaitMs of [0, 1, 2]) {
      const lease = await limiter.acquire(`key-${maxWaitMs}`, 'T1', { maxWaitMs });
      expect(limiter.describe(`key-${maxWaitMs}`)).toMatchObject({ sent: 1, underWay: 1 });
      lease.release({ kind: 'not-sent' });
    }
    limiter.close();
  });

  test('ends in the order of the ends, whatever the order of asking', async () => {
    const waits = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(waits, fc.array(fc.nat(59)), async (maxWaits, leaving) => {
        const { clock, limiter } = setUp({ requestsPerSecond: 1 });
        await clock.run(limiter.acquire('key', 'blocks everybody'));
        const stops = maxWaits.map(() => new AbortController());
        const ended: number[] = [];
        const all = maxWaits.map((maxWaitMs, index) =>
          limiter
            .acquire('key', `T${index}`, { maxWaitMs, signal: stops[index]?.signal })
            .catch((error: unknown) => {
              if (error instanceof WaitExpiredError) ended.push(maxWaitMs);
            }),
        );
        for (const index of leaving) stops[index]?.abort();
        await clock.run(Promise.all(all));
        const stayed = maxWaits.filter((_, index) => stops[index]?.signal.aborted === false);
        expect(ended).toEqual(stayed.sort((a, b) => a - b));
        expect(limiter.describe('key').waiting).toBe(0);
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a signal', () => {
  test('has one listener, however many wait under it, and none when nobody does', async () => {
    const { clock, limiter } = setUp();
    const stop = new AbortController();
    let listening = 0;
    const { signal } = stop;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listening += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listening -= 1;
      remove(...args);
    };
    const all = Array.from({ length: 20 }, (_, index) =>
      limiter.acquire('key', `T${index}`, { signal }),
    );
    expect(listening).toBe(1);
    for (const lease of await clock.run(Promise.all(all))) lease.release({ kind: 'answered' });
    expect(listening).toBe(0);
  });

  test('that aborts takes a hundred thousand out, and leaves those of another signal', async () => {
    const { clock, limiter } = setUp({ maxQueue: 200_000, requestsPerSecond: 1 });
    await clock.run(limiter.acquire('key', 'blocks everybody'));
    const stop = new AbortController();
    const other = new AbortController();
    const stayed = limiter.acquire('key', 'T7', { signal: other.signal });
    const all = Array.from({ length: 100_000 }, (_, index) =>
      limiter.acquire('key', `T${index % 1000}`, { signal: stop.signal }),
    );
    const results = Promise.allSettled(all);
    const reason = new Error('shutting down');
    stop.abort(reason);
    expect(limiter.describe('key').waiting).toBe(1);
    const outcomes = await results;
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect((outcomes[0] as PromiseRejectedResult).reason).toBe(reason);
    other.abort(reason);
    await expect(stayed).rejects.toBe(reason);
  });
});

test('takes any mix of asking, aborting and time, serves each once and loses nobody', async () => {
  const request = fc.record({
    lane: fc.nat(5),
    priority: fc.constantFrom('high', 'normal', 'low', undefined),
    maxWaitMs: fc.option(fc.integer({ min: 1, max: 3000 }), { nil: undefined }),
    afterMs: fc.integer({ min: 0, max: 60 }),
    abortAfterMs: fc.option(fc.integer({ min: 0, max: 2000 }), { nil: undefined }),
    tripMs: fc.integer({ min: 0, max: 200 }),
    answer: fc.constantFrom('answered', 'limited', 'not-sent', 'silent'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 60 }), async (requests) => {
      const { clock, limiter } = setUp();
      const seen = new Map<number, number[]>();
      const busy = new Set<number>();
      const all = requests.map(async ({ lane, afterMs, abortAfterMs, tripMs, ...rest }, index) => {
        await clock.sleep(afterMs);
        const stop = new AbortController();
        if (abortAfterMs !== undefined) clock.setTimeout(() => stop.abort(), abortAfterMs);
        const { priority, maxWaitMs, answer } = rest;
        const options = { signal: stop.signal, priority, maxWaitMs };
        const asked = clock.now();
        let lease;
        try {
          lease = await limiter.acquire('key', `T${lane}`, options);
        } catch {
          return 'left';
        }
        expect(busy.has(lane)).toBe(false);
        if (maxWaitMs !== undefined) expect(clock.now()).toBeLessThan(asked + maxWaitMs);
        busy.add(lane);
        seen.set(lane, [...(seen.get(lane) ?? []), afterMs * 1000 + index]);
        await clock.sleep(tripMs);
        busy.delete(lane);
        lease.release({ kind: answer });
        return answer === 'not-sent' ? 'given back' : 'served';
      });
      const ends = await clock.run(Promise.all(all));
      await clock.advance(5000);
      expect(ends).toHaveLength(requests.length);
      expect(limiter.describe('key')).toMatchObject({
        waiting: 0,
        underWay: 0,
        lanes: 0,
        sent: ends.filter((end) => end === 'served').length,
      });
      expect(clock.pending).toBe(0);
      // In the order of asking, within each lane.
      for (const order of seen.values()) expect(order).toEqual([...order].sort((a, b) => a - b));
    }),
    { numRuns: 40 },
  );
});

describe('closing', () => {
  test('sends away all who wait, takes in nobody, and leaves no timer', async () => {
    const { clock, limiter, order, ask } = setUp();
    const lease = await clock.run(limiter.acquire('key', 'under way'));
    const all = [ask('T1'), ask('T1'), ask('T2', { maxWaitMs: 9000 })];
    limiter.close();
    await Promise.all(all);
    expect(order).toEqual(Array.from(['T1', 'T1', 'T2'], (name) => `${name}: LimiterClosedError`));
    expect(clock.pending).toBe(0);
    lease.release({ kind: 'answered' });
    expect(clock.pending).toBe(0);
    await expect(limiter.acquire('key', 'T3')).rejects.toThrow(LimiterClosedError);
    await expect(limiter.acquire('a key never seen', 'T3')).rejects.toThrow(LimiterClosedError);
  });

  test('of one limiter leaves others alone: each has its own state', async () => {
    const { clock, limiter } = setUp();
    const other = createRateLimiter({ clock });
    limiter.close();
    await clock.run(other.acquire('key', 'T1'));
    expect(other.describe('key').sent).toBe(1);
    expect(limiter.describe('key').sent).toBe(0);
  });
});

describe('keys', () => {
  test('that are idle are forgotten, so that memory does not grow with their number', async () => {
    const { clock, limiter } = setUp();
    const known = () => limiter.describe('key 0').sent;
    for (let index = 0; index < 90; index += 1) {
      const lease = await clock.run(limiter.acquire(`key ${index}`, 'T1'));
      lease.release({ kind: 'answered' });
    }
    expect(known()).toBe(1);
    await clock.advance(61_000);
    expect(known()).toBe(1);
    const held = await clock.run(limiter.acquire('key 1', 'T1'));
    for (let index = 90; index < 110; index += 1) {
      const lease = await clock.run(limiter.acquire(`key ${index}`, 'T1'));
      lease.release({ kind: 'answered' });
    }
    expect(known()).toBe(0);
    expect(limiter.describe('key 1').underWay).toBe(1);
    held.release({ kind: 'answered' });
  });

  test('that were only looked at are not remembered', () => {
    const { limiter } = setUp();
    expect(limiter.describe('nobody')).toMatchObject({ sent: 0, policy: 'paced', lanes: 0 });
  });
});

test('shows its state as plain data', async () => {
  const { clock, limiter } = setUp();
  const lease = await clock.run(limiter.acquire('key', 'T1'));
  void limiter.acquire('key', 'T1').catch(() => {});
  void limiter.acquire('key', 'T2').catch(() => {});
  await clock.advance(12);
  lease.release({ kind: 'answered' });
  const state = limiter.describe('key');
  expect(JSON.parse(JSON.stringify(state))).toEqual({
    requestsPerSecond: 25,
    waiting: 2,
    underWay: 0,
    sent: 1,
    limited: 0,
    pausedMs: 0,
    policy: 'paced',
    maxQueue: 10_000,
    lanes: 2,
    coolingDown: 1,
    nextSendMs: 18,
    roundTripMs: 12,
    jitterMs: 0,
  });
  limiter.close();
});
