import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createRateLimiter,
  createSeriesClient,
  createTicketWorkflow,
  type Clock,
  type Lease,
} from '../../src/index.ts';
import { ticketLifecycle } from '@ticket-lifecycle/core';
import { createSandbox } from '@ticket-lifecycle/sandbox';
import { FakeClock } from '../support/fake-clock.ts';

/** A clock that loses some timers, and shows a time that somebody may set. */
class PoorClock implements Clock {
  readonly true = new FakeClock();
  aheadMs = 0;
  losesTimer = (): boolean => false;
  readonly now = () => this.true.now() + this.aheadMs;
  readonly setTimeout = (callback: () => void, delayMs: number): unknown =>
    this.losesTimer() ? undefined : this.true.setTimeout(callback, delayMs);
  readonly clearTimeout = (timer: unknown): void => this.true.clearTimeout(timer);
}

const week = 7 * 86_400_000;

describe('a wake-up that never comes', () => {
  test('because timers were faked is set anew by the next request', async () => {
    const clock = new PoorClock();
    const limiter = createRateLimiter({ clock });
    clock.losesTimer = () => true;
    const first = limiter.acquire('key', 'A');
    clock.losesTimer = () => false;
    clock.true.stall(1);
    const second = limiter.acquire('key', 'B');
    for (const lease of await clock.true.run(Promise.all([first, second]))) {
      lease.release({ kind: 'answered' });
    }
    expect(limiter.describe('key')).toMatchObject({ waiting: 0, sent: 2 });
  });

  test('is set anew by whoever looks at the budget', async () => {
    const clock = new PoorClock();
    const limiter = createRateLimiter({ clock });
    clock.losesTimer = () => true;
    const waiting = limiter.acquire('key', 'A');
    clock.losesTimer = () => false;
    clock.true.stall(1);
    expect(limiter.describe('key').waiting).toBe(1);
    await clock.true.run(waiting);
  });

  test('has a second timer behind it', async () => {
    const clock = new PoorClock();
    const limiter = createRateLimiter({ clock });
    let set = 0;
    clock.losesTimer = () => (set += 1) === 1;
    const from = clock.true.now();
    await clock.true.run(limiter.acquire('key', 'A'));
    expect(clock.true.now() - from).toBeLessThanOrEqual(1000);
  });

  test('leaves the changes of other tickets alone', async () => {
    const clock = new PoorClock();
    const sandbox = createSandbox({
      tickets: [{ ticketId: 'A' }, { ticketId: 'B' }],
      clock: clock.true,
      sleep: clock.true.sleep,
    });
    const { fetch } = sandbox;
    const client = createSeriesClient({ apiKey: 'key', clock, fetch });
    const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
    clock.losesTimer = () => true;
    const lost = workflow.apply('A', 'START', { staffUserId: 1 });
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    clock.losesTimer = () => false;
    clock.true.stall(5);
    const other = workflow.apply('B', 'START', { staffUserId: 1 });
    expect(await clock.true.run(other)).toMatchObject({ kind: 'confirmed' });
    expect(await clock.true.run(lost)).toMatchObject({ kind: 'confirmed' });
  });
});

test('a clock that was a week ahead for one request makes no later one wait', async () => {
  const clock = new PoorClock();
  const limiter = createRateLimiter({ clock });
  clock.aheadMs = week;
  const lease = await clock.true.run(limiter.acquire('key', 'A'));
  lease.release({ kind: 'limited', retryAfterMs: 60_000 });
  clock.aheadMs = 0;
  const next = limiter.acquire('key', 'B', { maxWaitMs: 100_000 });
  expect(limiter.describe('key').nextSendMs).toBeLessThanOrEqual(60_000);
  const from = clock.true.now();
  await clock.true.run(next);
  expect(clock.true.now() - from).toBeLessThanOrEqual(60_000);
});

const step = fc.record({
  afterMs: fc.integer({ min: 0, max: 400 }),
  tripMs: fc.integer({ min: 0, max: 300 }),
  jumpMs: fc.constantFrom(0, 0, 0, 0, -1, -40, -2000, -week, 30, 5000, week),
  stallMs: fc.constantFrom(0, 0, 0, 0, 300, 1500),
  isLost: fc.boolean(),
  kind: fc.constantFrom('answered', 'answered', 'answered', 'limited', 'silent', 'not-sent'),
});
const steps = fc.array(step, { minLength: 20, maxLength: 60 });
const policy = fc.constantFrom('burst', 'paced', 'even', 'one-at-a-time');

test('whatever time does, every wait ends, and no second has more requests than the limit', async () => {
  await fc.assert(
    fc.asyncProperty(steps, policy, async (all, ofKey) => {
      const limit = 5;
      const clock = new PoorClock();
      const limiter = createRateLimiter({
        clock,
        requestsPerSecond: limit,
        policy: ofKey,
        stepUpAfterMs: 400,
      });
      const sends: number[] = [];
      const jumps: number[] = [];
      let ended = 0;
      let losses = 0;
      // Never two in a row: nothing can help where every timer is lost.
      clock.losesTimer = () => {
        const isLost = losses > 0 && !wasLost;
        wasLost = isLost;
        if (isLost) losses -= 1;
        return isLost;
      };
      let wasLost = false;
      const waits: Promise<unknown>[] = [];
      for (const [index, { afterMs, tripMs, jumpMs, stallMs, isLost, kind }] of all.entries()) {
        await clock.true.advance(afterMs);
        clock.true.stall(stallMs);
        clock.aheadMs += jumpMs;
        if (jumpMs > 0) jumps.push(clock.true.now());
        if (isLost) losses += 1;
        const send = async (lease: Lease) => {
          // What was never sent takes no place.
          if (kind !== 'not-sent') sends.push(clock.true.now());
          await clock.true.sleep(tripMs);
          lease.release({ kind });
        };
        const waiting = limiter.acquire('key', `T${index % 7}`, { maxWaitMs: 20_000 });
        waits.push(waiting.then(send, () => {}).finally(() => (ended += 1)));
      }
      await clock.true.run(Promise.all(waits));
      expect(ended).toBe(all.length);
      expect(limiter.describe('key')).toMatchObject({ waiting: 0, underWay: 0 });
      for (const from of sends) {
        const until = from + 1000;
        // Who sets a clock ahead says that the time has passed.
        if (jumps.some((at) => at >= from && at <= until)) continue;
        expect(sends.filter((at) => at >= from && at < until).length).toBeLessThanOrEqual(limit);
      }
    }),
    { numRuns: 60 },
  );
});

describe('whoever never answers is not waited for by one timer alone', () => {
  const hanging = () => new Promise<never>(() => {});
  test.each([
    ['a key', { apiKey: hanging }, () => ({}), {}],
    ['beforeAttempt', { beforeAttempt: hanging }, () => ({}), {}],
    ['beforeSend', {}, () => ({}), { beforeSend: hanging }],
    ['a store', {}, () => ({ store: { get: hanging, set: hanging, delete: hanging } }), {}],
  ])('%s', async (_, ofClient, ofWorkflow, asked) => {
    for (const lost of [0, 1]) {
      const clock = new PoorClock();
      const sandbox = createSandbox({
        tickets: [{ ticketId: 'T-1' }],
        clock: clock.true,
        sleep: clock.true.sleep,
      });
      const { fetch } = sandbox;
      const client = createSeriesClient({ apiKey: 'key', fetch, clock, ...ofClient });
      const lifecycle = ticketLifecycle;
      const workflow = createTicketWorkflow({ lifecycle, client, ...ofWorkflow() });
      let set = 0;
      clock.losesTimer = () => (set += 1) % 2 === lost;
      const change = workflow.apply('T-1', 'START', { staffUserId: 7, ...asked });
      expect((await clock.true.run(change)).kind).toMatch(/^(confirmed|not-sent)$/);
    }
  });
});
