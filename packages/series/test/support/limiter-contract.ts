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
  /** How late all may be: a fake clock is never late, and a busy machine is. */
  readonly lateMs: number;
}

const answered: LeaseAnswer = { kind: 'answered' };
const second = 1000;
// Two clocks never agree to the millisecond.
const toleranceMs = 5;

/** What every limiter keeps, whichever way it does: in one process, or in a fleet. */
export function testLimiter(name: string, contract: LimiterContract): void {
  const { open, noticesWithinMs, lateMs } = contract;

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
      expect(now() - from).toBeLessThan(second + lateMs);
      expect(limiter.describe('key').waiting).toBe(0);
    });

    test('gives a free slot to whoever waits as long as it takes to notice it', async () => {
      const { run, acquire, limiter } = setUp(1);
      await run(acquire('T1', { maxWaitMs: noticesWithinMs }));
      expect(limiter.describe('key')).toMatchObject({ waiting: 0, sent: 1 });
    });

    test.each([0, 1, 5])('ends a wait of %i ms for a slot that is not free', async (maxWaitMs) => {
      const { run, take, acquire, limiter } = setUp(1);
      await take('T1');
      await expect(run(acquire('T2', { maxWaitMs }))).rejects.toThrow(WaitExpiredError);
      expect(limiter.describe('key')).toMatchObject({ waiting: 0, sent: 1 });
    });

    test('ends a wait whose time is over before it begins, also where a slot is free', async () => {
      const { run, acquire, limiter } = setUp();
      await expect(run(acquire('T1', { maxWaitMs: -1 }))).rejects.toThrow(WaitExpiredError);
      expect(limiter.describe('key')).toMatchObject({ waiting: 0, sent: 0 });
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
      expect(now() - from).toBeLessThan(least + noticesWithinMs + second / 2 + lateMs);
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

    test('loses no slot to a release without an answer of a known kind', async () => {
      const { take, limiter } = setUp(1);
      const lease = await take('T1');
      for (const none of [undefined, null, {}, { kind: 'done' }]) {
        expect(() => lease.release(none as never)).toThrow('release: the answer needs a kind.');
        expect(limiter.describe('key').underWay).toBe(1);
      }
      lease.release({ kind: 'not-sent' });
      expect(limiter.describe('key').underWay).toBe(0);
      await take('T1');
    });

    test('counts no request whose slot was given back', async () => {
      const { limiter, take } = setUp();
      (await take('a')).release({ kind: 'not-sent' });
      (await take('a')).release(answered);
      (await take('b')).release({ kind: 'silent' });
      expect(limiter.describe('key')).toMatchObject({ sent: 2, underWay: 0 });
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

    test.each([
      ['priority', 'urgent'],
      ['priority', ''],
      ['priority', null],
      ['maxWaitMs', Number.NaN],
      ['maxWaitMs', '5'],
      ['maxWaitMs', null],
      ['signal', {}],
      ['first', 'yes'],
    ])('refuses the option %s of %j by its name', async (option, value) => {
      const { acquire, limiter } = setUp();
      const odd = { [option]: value } as AcquireOptions;
      const said = acquire('T1', odd).catch((error: unknown) => error);
      expect(await said).toBeInstanceOf(TypeError);
      expect(String(await said)).toContain(`option "${option}" must be`);
      expect(limiter.describe('key')).toMatchObject({ waiting: 0, underWay: 0, sent: 0 });
    });

    test.each(['maxWait', 'maxwaitms', 'timeoutMs', 'toString', ''])(
      'refuses the unknown option "%s", names those that there are, and nobody waits',
      async (option) => {
        const { acquire, limiter } = setUp();
        for (const value of [5, undefined]) {
          const odd = { signal: undefined, [option]: value } as AcquireOptions;
          await expect(acquire('T1', odd)).rejects.toThrow(
            new TypeError(
              `acquire: unknown option "${option}". Expected one of signal, first, priority, maxWaitMs.`,
            ),
          );
        }
        expect(limiter.describe('key')).toMatchObject({ waiting: 0, underWay: 0, sent: 0 });
      },
    );

    test.each([null, 5, 'high', true])('refuses %j in place of options', async (options) => {
      const { acquire } = setUp();
      await expect(acquire('T1', options as never)).rejects.toThrow(
        'acquire: the options must be an object',
      );
    });

    test('gives a low priority its turn at last', async () => {
      const { run, take, ask, order } = setUp(20);
      for (let number = 0; number < 20; number += 1) {
        (await take(`before-${number}`)).release(answered);
      }
      const urgent = Array.from({ length: 30 }, (_, number) =>
        ask(`high-${number}`, { priority: 'high' }),
      );
      await run(Promise.all([ask('low', { priority: 'low' }), ...urgent]));
      expect(order.indexOf('low')).toBeLessThan(9);
    });

    test('lets no lane wait for all of a longer one', async () => {
      const { run, take, ask, order } = setUp(10);
      for (let number = 0; number < 10; number += 1) {
        (await take(`before-${number}`)).release(answered);
      }
      const busy = Array.from({ length: 12 }, () => ask('busy'));
      await run(Promise.all([...busy, ask('one'), ask('two')]));
      expect(order.slice(0, 4).toSorted()).toEqual(['busy', 'busy', 'one', 'two'].toSorted());
    });

    test('ends a wait by its signal also during a pause, and the next of its lane goes', async () => {
      const { run, take, acquire, ask, order, limiter } = setUp(2);
      const lease = await take('T1');
      const stop = new AbortController();
      const given = [
        acquire('T1', { signal: stop.signal }),
        acquire('T2', { signal: stop.signal }),
      ];
      const next = [ask('T1'), ask('T2')];
      lease.release({ kind: 'limited', retryAfterMs: 300 });
      stop.abort(new Error('no longer needed'));
      for (const waiting of given) await expect(waiting).rejects.toThrow('no longer needed');
      await run(Promise.all(next));
      expect(order.toSorted()).toEqual(['T1', 'T2']);
      expect(limiter.describe('key')).toMatchObject({ waiting: 0, underWay: 0 });
    });

    test.each([Number.NaN, -5, 0, Infinity, 1e15])(
      'pauses for a time that ends after a 429 with %d ms',
      async (retryAfterMs) => {
        const { take, limiter } = setUp();
        (await take('T1')).release({ kind: 'limited', retryAfterMs });
        const { pausedMs } = limiter.describe('key');
        expect(pausedMs).toBeGreaterThan(0);
        expect(pausedMs).toBeLessThanOrEqual(60_000);
      },
    );

    test('may be closed twice, and with a request under way', async () => {
      const { take, close, limiter, acquire } = setUp();
      const lease = await take('T1');
      close();
      close();
      lease.release(answered);
      expect(limiter.describe('key')).toMatchObject({ waiting: 0, underWay: 0 });
      await expect(acquire('T1')).rejects.toThrow(LimiterClosedError);
    });

    test('tells how long a request has waited', async () => {
      const { take } = setUp(1);
      (await take('T1')).release(answered);
      const { waitedMs } = await take('T2');
      expect(waitedMs).toBeGreaterThanOrEqual(second - toleranceMs);
    });
  });
}
