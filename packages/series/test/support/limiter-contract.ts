import { describe, expect, test } from 'vitest';
import {
  LimiterClosedError,
  QueueFullError,
  WaitExpiredError,
  type AcquireOptions,
  type LeaseAnswer,
  type RateLimiter,
} from '../../src/index.ts';

/** A limiter under test, and the time that it goes by. */
export interface Trial {
  readonly limiter: RateLimiter;
  readonly now: () => number;
  /** Passes as much time as a promise needs to settle. */
  readonly run: <Value>(promise: Promise<Value>) => Promise<Value>;
  /** Ends the limiter: who waits is rejected. */
  readonly close: () => void;
}

interface LimiterContract {
  readonly open: (options: { requestsPerSecond: number; maxQueue: number }) => Trial;
  /** How late it may notice that a slot is free: a fleet looks now and then. */
  readonly noticesWithinMs: number;
}

const answered: LeaseAnswer = { kind: 'answered' };
const second = 1000;
// Two clocks never agree to the millisecond.
const toleranceMs = 5;

/** What every limiter keeps, whichever way it does: in one process, or in a fleet. */
export function testLimiter(name: string, contract: LimiterContract): void {
  const { open, noticesWithinMs } = contract;

  function setUp(requestsPerSecond = 25, maxQueue = 100) {
    const trial = open({ requestsPerSecond, maxQueue });
    const { limiter, run } = trial;
    const order: string[] = [];
    const acquire = (lane: string, options?: AcquireOptions) =>
      limiter.acquire('key', lane, options);
    /** Notes what becomes of a request, and gives its slot back at once. */
    const ask = (lane: string, options?: AcquireOptions, as = lane) =>
      acquire(lane, options).then(
        (lease) => {
          order.push(as);
          lease.release(answered);
        },
        (error: unknown) => void order.push(`${as}: ${(error as Error).name}`),
      );
    return { ...trial, acquire, ask, order, take: (lane: string) => run(acquire(lane)) };
  }

  describe(`what all limiters keep: ${name}`, () => {
    test('sends the requests of a lane in order, one at a time', async () => {
      const { run, acquire } = setUp();
      const seen: string[] = [];
      let underWay = 0;
      const all = ['a', 'b', 'c'].map(async (each) => {
        const lease = await acquire('T1');
        underWay += 1;
        expect(underWay).toBe(1);
        seen.push(each);
        await Promise.resolve();
        underWay -= 1;
        lease.release(answered);
      });
      await run(Promise.all(all));
      expect(seen).toEqual(['a', 'b', 'c']);
    });

    test('lets no lane wait for another that is under way', async () => {
      const { run, take, ask, order } = setUp();
      await take('slow');
      await run(Promise.all([ask('T1'), ask('T2')]));
      expect(order.toSorted()).toEqual(['T1', 'T2']);
    });

    test('takes one that comes back `first` before others of its lane', async () => {
      const { run, take, ask, order } = setUp();
      const lease = await take('T1');
      const all = [ask('T1', {}, 'later'), ask('T1', { first: true }, 'again')];
      lease.release(answered);
      await run(Promise.all(all));
      expect(order).toEqual(['again', 'later']);
    });

    test('prefers the higher priority', async () => {
      const { run, take, ask, order } = setUp(2);
      for (const lane of ['x', 'y']) (await take(lane)).release(answered);
      const all = [
        ask('low', { priority: 'low' }),
        ask('normal'),
        ask('high', { priority: 'high' }),
      ];
      await run(Promise.all(all));
      expect(order).toEqual(['high', 'normal', 'low']);
    });

    test('ends a wait whose time is over', async () => {
      const { run, take, acquire, now, limiter } = setUp(1);
      await take('T1');
      const from = now();
      const waiting = acquire('T2', { maxWaitMs: 100 });
      await expect(run(waiting)).rejects.toThrow(WaitExpiredError);
      expect(now() - from).toBeGreaterThanOrEqual(100 - toleranceMs);
      expect(now() - from).toBeLessThan(second);
      expect(limiter.describe('key').waiting).toBe(0);
    });

    test('ends a wait at once by its signal, with the reason of the signal', async () => {
      const { take, acquire, limiter } = setUp(1);
      await take('T1');
      const stop = new AbortController();
      const waiting = acquire('T2', { signal: stop.signal });
      const reason = new Error('no longer needed');
      stop.abort(reason);
      await expect(waiting).rejects.toBe(reason);
      await expect(acquire('T3', { signal: stop.signal })).rejects.toBe(reason);
      expect(limiter.describe('key').waiting).toBe(0);
    });

    test('takes in no more than may wait, but one that comes back', async () => {
      const { run, take, acquire, ask, close, limiter } = setUp(1, 2);
      await take('T1');
      const waiting = [ask('T2'), ask('T3')];
      await expect(acquire('T4')).rejects.toThrow(QueueFullError);
      waiting.push(ask('T5', { first: true }));
      expect(limiter.describe('key').waiting).toBe(3);
      close();
      await run(Promise.all(waiting));
    });

    test.each([
      ['answered', second],
      ['silent', 2 * second],
      ['limited', second],
      ['not-sent', 0],
    ] as const)('uses a slot again that ended as %s after %i ms', async (kind, least) => {
      const { take, now } = setUp(1);
      const lease = await take('T1');
      const from = now();
      lease.release({ kind });
      await take('T2');
      expect(now() - from).toBeGreaterThanOrEqual(least - toleranceMs);
      expect(now() - from).toBeLessThan(least + noticesWithinMs + second / 2);
    });

    test('pauses the whole key after a 429, for as long as the server asks', async () => {
      const { take, now, limiter } = setUp();
      const lease = await take('T1');
      const from = now();
      lease.release({ kind: 'limited', retryAfterMs: 1300 });
      expect(limiter.describe('key').pausedMs).toBeGreaterThan(1200);
      expect(limiter.describe('another key').pausedMs).toBe(0);
      await take('T2');
      expect(now() - from).toBeGreaterThanOrEqual(1300 - toleranceMs);
    });

    test('heeds only the first release of a slot', async () => {
      const { take, limiter } = setUp();
      const leases = [await take('T1'), await take('T2')];
      leases[0]?.release(answered);
      leases[0]?.release({ kind: 'limited' });
      expect(limiter.describe('key')).toMatchObject({ underWay: 1, limited: 0, pausedMs: 0 });
    });

    test('loses no slot to a release without an answer', async () => {
      const { take, limiter } = setUp(1);
      const lease = await take('T1');
      expect(() => lease.release(undefined as never)).toThrow(TypeError);
      expect(limiter.describe('key').underWay).toBe(1);
      lease.release({ kind: 'not-sent' });
      expect(limiter.describe('key').underWay).toBe(0);
      await take('T1');
    });

    test('tells its state as plain data', async () => {
      const { run, take, ask, close, limiter } = setUp(1);
      const lease = await take('T1');
      const waiting = ask('T2');
      const state = limiter.describe('key');
      expect(state).toMatchObject({ requestsPerSecond: 1, waiting: 1, underWay: 1, sent: 1 });
      expect(state).toMatchObject({ limited: 0, pausedMs: 0 });
      expect(structuredClone(state)).toEqual(state);
      lease.release(answered);
      close();
      await run(waiting);
    });

    test('sends nobody when it is closed, and says so', async () => {
      const { take, ask, acquire, close, order } = setUp(1);
      await take('T1');
      const waiting = ask('T2');
      close();
      await waiting;
      expect(order).toEqual(['T2: LimiterClosedError']);
      await expect(acquire('T3')).rejects.toThrow(LimiterClosedError);
    });

    test('tells how long a request has waited', async () => {
      const { take } = setUp(1);
      (await take('T1')).release(answered);
      const { waitedMs } = await take('T2');
      expect(waitedMs).toBeGreaterThanOrEqual(second - toleranceMs);
    });
  });
}
