import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createRateLimiter,
  LimiterClosedError,
  QueueFullError,
  WaitExpiredError,
  type LeaseAnswer,
} from '../../src/index.ts';
import { FakeClock } from '../support/fake-clock.ts';

const answered: LeaseAnswer = { kind: 'answered' };

function setUp(options: { requestsPerSecond?: number; maxQueue?: number } = {}) {
  const clock = new FakeClock();
  const limiter = createRateLimiter({ clock, ...options });
  const sentAt: number[] = [];
  const start = clock.now();
  /** Takes a slot and gives it back after a round trip. */
  async function request(lane: string, roundTripMs = 0, answer = answered): Promise<void> {
    const lease = await limiter.acquire('key', lane);
    sentAt.push(clock.now() - start);
    if (roundTripMs > 0) await clock.sleep(roundTripMs);
    lease.release(answer);
  }
  return { clock, limiter, request, sentAt };
}

/** The most entries in any span of one second, ends included. */
function mostInOneSecond(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.max(
    ...sorted.map((end) => sorted.filter((at) => at <= end && at >= end - 1000).length),
  );
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('the pace', () => {
  test('spreads the first 25 requests over a second instead of sending them in a burst', async () => {
    const { clock, request, sentAt } = setUp();
    await clock.run(Promise.all(range(25).map((index) => request(`T${index}`))));
    expect(sentAt[0]).toBe(0);
    expect(sentAt.at(-1)).toBeGreaterThan(900);
    expect(sentAt.at(-1)).toBeLessThanOrEqual(1000);
  });

  test('uses the whole budget while there is work and the server answers at once', async () => {
    const { clock, request, sentAt } = setUp();
    await clock.run(Promise.all(range(200).map((index) => request(`T${index}`))));
    const seconds = ((sentAt.at(-1) ?? 0) - 1000) / 1000;
    const steady = sentAt.filter((at) => at > 1000).length;
    expect(steady / (25 * seconds)).toBeGreaterThanOrEqual(0.985);
  });

  test('sends at most four at once after the process was asleep', async () => {
    const { clock, request, sentAt } = setUp();
    const all = Promise.all(range(40).map((index) => request(`T${index}`)));
    await clock.advance(200);
    const before = sentAt.length;
    clock.stall(800);
    await clock.advance(1);
    expect(sentAt.length - before).toBe(4);
    await clock.run(all);
  });

  test('sends no burst when several tickets get their answers at once', async () => {
    const { clock, limiter, request, sentAt } = setUp();
    const lanes = range(6).map((index) => `T${index}`);
    const slow = await clock.run(Promise.all(lanes.map((lane) => limiter.acquire('key', lane))));
    const all = Promise.all(lanes.map((lane) => request(lane)));
    await clock.advance(5000);
    for (const lease of slow) lease.release(answered);
    await clock.advance(2);
    expect(sentAt).toHaveLength(1);
    await clock.run(all);
  });

  test('does not save up unused time for a burst', async () => {
    const { clock, request, sentAt } = setUp();
    await clock.run(request('T1'));
    await clock.advance(10_000);
    const all = Promise.all(range(10).map((index) => request(`T${index}`)));
    await clock.advance(100);
    expect(sentAt.length - 1).toBeLessThanOrEqual(3);
    await clock.run(all);
  });
});

describe('the slots', () => {
  test('rest for a second after the response, not after the request', async () => {
    const { clock, limiter } = setUp({ requestsPerSecond: 1 });
    const first = await clock.run(limiter.acquire('key', 'T1'));
    await clock.advance(5000);
    const second = limiter.acquire('key', 'T2');
    const releasedAt = clock.now();
    first.release(answered);
    await clock.run(second);
    expect(clock.now() - releasedAt).toBeGreaterThanOrEqual(1000);
    expect(clock.now() - releasedAt).toBeLessThan(1010);
  });

  test('never put 26 requests into a second of the server, whenever it counts them', async () => {
    const trip = fc.record({
      uplinkMs: fc.integer({ min: 0, max: 400 }),
      downlinkMs: fc.integer({ min: 0, max: 400 }),
      pauseMs: fc.integer({ min: 0, max: 120 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(trip, { minLength: 60, maxLength: 120 }), async (trips) => {
        const { clock, limiter } = setUp();
        const countedAt: number[] = [];
        const send = async (lane: string, uplinkMs: number, downlinkMs: number) => {
          const lease = await limiter.acquire('key', lane);
          await clock.sleep(uplinkMs);
          countedAt.push(clock.now());
          await clock.sleep(downlinkMs);
          lease.release(answered);
        };
        const all = trips.map(async ({ uplinkMs, downlinkMs, pauseMs }, index) => {
          await clock.sleep(pauseMs * (index % 10));
          await send(`T${index}`, uplinkMs, downlinkMs);
        });
        await clock.run(Promise.all(all));
        expect(countedAt).toHaveLength(trips.length);
        expect(mostInOneSecond(countedAt)).toBeLessThanOrEqual(25);
      }),
      { numRuns: 15 },
    );
  });
});

describe('the queue', () => {
  test('fails with errors that say of themselves which they are', () => {
    const classes = [QueueFullError, WaitExpiredError, LimiterClosedError];
    const errors = classes.map((kind) => new kind('no'));
    expect(errors.map((error) => classes.map((kind) => kind.is(error)))).toEqual([
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ]);
    for (const other of [undefined, null, 'no', new Error('no')]) {
      expect(classes.map((kind) => kind.is(other))).toEqual([false, false, false]);
    }
  });

  test('leaves no timer behind when everybody is served', async () => {
    const { clock, request } = setUp();
    await clock.run(Promise.all(range(30).map((index) => request(`T${index}`, 20))));
    await clock.advance(5000);
    expect(clock.pending).toBe(0);
  });
});

test('refuses settings that make no sense, and says which', () => {
  expect(() => createRateLimiter({ requestsPerSecond: 0 })).toThrow(
    'createRateLimiter: option "requestsPerSecond" must be a whole number above 0, received 0.',
  );
  expect(() => createRateLimiter({ maxQueue: Number.NaN })).toThrow('"maxQueue"');
});

test.each([
  [{ signal: new AbortController() }, '"signal" must be an AbortSignal'],
  [{ signal: 'stop' }, '"signal" must be an AbortSignal'],
  [{ priority: 'urgent' }, '"priority" must be one of "high", "normal", "low"'],
  [{ maxWaitMs: Number.NaN }, '"maxWaitMs" must be a number of milliseconds, received NaN'],
])('a request that asks wrongly holds nobody up: %o', async (options, message) => {
  const { clock, limiter } = setUp();
  await expect(limiter.acquire('key', 'T1', options as never)).rejects.toThrow(message);
  expect(limiter.describe('key')).toMatchObject({ waiting: 0, lanes: 0 });
  await clock.run(limiter.acquire('key', 'T1', { signal: null } as never));
});
