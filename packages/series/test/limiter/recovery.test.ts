import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRateLimiter, type LimiterEvent } from '../../src/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { atOnce, saturate, serverOf, withNeighbour } from '../support/saturate.ts';

const minute = 60_000;

describe('a server that allows less than its page says is learned', () => {
  test.each([
    ['sliding-log', 10, 2],
    ['sliding-log', 10, 40],
    ['sliding-log', 3, 2],
    ['sliding-log', 18, 5],
    ['fixed-window', 10, 2],
    ['fixed-window', 7, 2],
  ] as const)(
    'by a %s of %i a second, %i ms away: little is lost, and one 429 a minute tries for more',
    async (algorithm, perSecond, uplinkMs) => {
      const server = () => serverOf(algorithm, perSecond);
      const ran = await saturate({ server, forMs: 3 * minute, uplinkMs });
      for (const from of [minute, 2 * minute]) {
        expect(ran.rate(from, from + minute)).toBeGreaterThanOrEqual(0.9 * perSecond);
        expect(ran.refused(from, from + minute)).toBeLessThanOrEqual(1);
      }
      expect(ran.limiter.describe('key').learnedRequestsPerSecond).toBe(perSecond);
    },
  );

  test.each([
    ['token-bucket', 10, 2],
    ['leaky-bucket', 10, 2],
    ['leaky-bucket', 10, 40],
    ['token-bucket', 3, 40],
  ] as const)(
    'by a %s of %i a second, %i ms away, which overflows late: a few more 429s',
    async (algorithm, perSecond, uplinkMs) => {
      const server = () => serverOf(algorithm, perSecond);
      const ran = await saturate({ server, forMs: 3 * minute, uplinkMs });
      expect(ran.rate(minute, 3 * minute)).toBeGreaterThanOrEqual(0.9 * perSecond);
      expect(ran.refused(minute, 3 * minute)).toBeLessThanOrEqual(4);
    },
  );

  test.each([
    [3, 300],
    [1, 200],
    [5, 500],
  ])('by how many it takes at once: %i, each for %i ms', async (most, workMs) => {
    const perSecond = (1000 * most) / workMs;
    const ran = await saturate({ server: () => atOnce(most), forMs: 3 * minute, workMs });
    for (const from of [minute, 2 * minute]) {
      expect(ran.rate(from, from + minute)).toBeGreaterThanOrEqual(0.9 * perSecond);
      expect(ran.refused(from, from + minute)).toBeLessThanOrEqual(1);
    }
    expect(ran.limiter.describe('key').learnedUnderWay).toBe(most);
  });
});

describe('a neighbour that was busy for six seconds', () => {
  test.each([
    [10, 2],
    [10, 45],
    [40, 2],
    [40, 45],
    [80, 2],
  ])(
    'with a request every %i ms, %i ms away, is forgotten within a minute',
    async (everyMs, uplinkMs) => {
      const busy = { fromMs: 10_000, forMs: 6000, everyMs };
      const ran = await saturate({
        server: (clock) => withNeighbour(serverOf('sliding-log', 25), clock, busy),
        forMs: 90_000,
        uplinkMs,
      });
      const former = ran.rate(3000, 10_000);
      expect(ran.refused(10_000, 17_000)).toBeGreaterThan(0);
      expect(ran.rate(16_000 + minute, 85_000)).toBeGreaterThanOrEqual(0.95 * former);
      const state = ran.limiter.describe('key');
      expect(state).toMatchObject({ policy: 'paced', learnedRequestsPerSecond: undefined });
      expect(state.triesHigherInMs).toBeUndefined();
      expect(state.steppedDownBy).toBeUndefined();
    },
  );
});

/** A limiter that has had a 429, and what it said. */
async function stepDown(options = {}) {
  const clock = new FakeClock();
  const limiter = createRateLimiter({ clock, ...options });
  const events: LimiterEvent[] = [];
  limiter.on((event) => events.push(event));
  const request = async (kind: 'answered' | 'limited') => {
    const lease = await limiter.acquire('key', 'T1');
    await clock.sleep(10);
    lease.release({ kind });
  };
  await clock.run(request('answered'));
  await clock.advance(2000);
  await clock.run(request('limited'));
  return { clock, limiter, events, request };
}

describe('a key that has stepped down', () => {
  test('says why, and when it will try more', async () => {
    const { limiter, events } = await stepDown();
    expect(limiter.describe('key')).toMatchObject({
      policy: 'even',
      learnedRequestsPerSecond: 12,
      learnedUnderWay: 1,
      triesHigherInMs: 5000,
      steppedDownBy: { atMostInTheSecond: 1, underWay: 1, requestsPerSecond: 25 },
    });
    expect(events.at(-1)).toMatchObject({ type: 'stepped-down', triesHigherInMs: 5000 });
  });

  test('says when it tries more, and waits twice as long when that fails', async () => {
    const { clock, limiter, events, request } = await stepDown({ stepUpAfterMs: 2000 });
    for (let seconds = 0; seconds < 3; seconds += 1) {
      await clock.advance(1000);
      await clock.run(request('answered'));
    }
    expect(events.at(-1)).toMatchObject({
      type: 'stepped-up',
      from: { policy: 'even' },
      to: { policy: 'paced' },
      triesHigherInMs: 0,
    });
    await clock.run(request('limited'));
    expect(events.at(-1)).toMatchObject({
      type: 'stepped-down',
      from: { policy: 'paced' },
      to: { policy: 'even' },
      triesHigherInMs: 4000,
    });
    expect(limiter.describe('key').triesHigherInMs).toBe(4000);
  });

  test('forgets all of it by reset, and says so; other keys and pauses are left alone', async () => {
    const { clock, limiter, events } = await stepDown();
    limiter.reset('another key');
    expect(limiter.describe('key').policy).toBe('even');
    limiter.reset('key');
    expect(limiter.describe('key')).toMatchObject({
      policy: 'paced',
      learnedRequestsPerSecond: undefined,
      learnedUnderWay: undefined,
      triesHigherInMs: undefined,
      steppedDownBy: undefined,
      pausedMs: 1000,
    });
    expect(events.at(-1)).toMatchObject({ type: 'stepped-up', to: { requestsPerSecond: 25 } });
    limiter.reset('key');
    expect(events.filter(({ type }) => type === 'stepped-up')).toHaveLength(1);
    await clock.run(limiter.acquire('key', 'T2'));
  });

  test('by a request that hangs, sends those of other tickets all the same', async () => {
    const clock = new FakeClock();
    const limiter = createRateLimiter({ clock, policy: 'one-at-a-time' });
    await clock.run(limiter.acquire('key', 'HANGS'));
    const from = clock.now();
    for (let index = 0; index < 20; index += 1) {
      const lease = await clock.run(limiter.acquire('key', `T${index}`));
      await clock.advance(20);
      lease.release({ kind: 'answered' });
    }
    // One wait of a second for the one that hangs, and then the usual pace.
    expect(clock.now() - from).toBeLessThan(1000 + 20 * 70);
    const held = limiter.acquire('key', 'HANGS', { maxWaitMs: 5000 });
    await expect(clock.run(held)).rejects.toThrow('No slot');
  });
});

test('whatever is refused, no second has more requests than the limit, and nobody is lost', async () => {
  const trips = fc.array(
    fc.record({
      tripMs: fc.integer({ min: 0, max: 300 }),
      afterMs: fc.constantFrom(0, 0, 0, 20, 400),
      isLimited: fc.integer({ min: 0, max: 5 }).map((number) => number === 0),
    }),
    { minLength: 40, maxLength: 120 },
  );
  await fc.assert(
    fc.asyncProperty(trips, fc.constantFrom('burst', 'paced', 'even'), async (all, policy) => {
      const clock = new FakeClock();
      const limit = 6;
      const limiter = createRateLimiter({
        clock,
        requestsPerSecond: limit,
        policy,
        stepUpAfterMs: 300,
      });
      const from: number[] = [];
      let at = 0;
      const sends = all.map(async ({ tripMs, afterMs, isLimited }, index) => {
        at += afterMs;
        await clock.sleep(at);
        const lease = await limiter.acquire('key', `T${index % 9}`);
        from.push(clock.now());
        await clock.sleep(tripMs);
        lease.release({ kind: isLimited ? 'limited' : 'answered' });
      });
      await clock.run(Promise.all(sends));
      expect(from).toHaveLength(all.length);
      for (const first of from) {
        expect(from.filter((sent) => sent >= first && sent < first + 1000).length) //
          .toBeLessThanOrEqual(limit);
      }
      await clock.advance(5000);
      expect(limiter.describe('key')).toMatchObject({ underWay: 0, waiting: 0, coolingDown: 0 });
    }),
    { numRuns: 30 },
  );
});
