import { describe, expect, test } from 'vitest';
import {
  createRateLimiter,
  type LimiterEvent,
  type RateLimiterOptions,
  type PacingPolicy,
  type SteppedDown,
} from '../../src/index.ts';
import { FakeClock } from '../support/fake-clock.ts';

function setUp(options: RateLimiterOptions = {}) {
  const clock = new FakeClock();
  const limiter = createRateLimiter({ clock, ...options });
  const events: LimiterEvent[] = [];
  limiter.on((event) => events.push(event));
  const steps = () => events.filter((event) => event.type === 'stepped-down');
  async function request(kind: 'answered' | 'limited', lane = 'T1', tripMs = 20) {
    const lease = await limiter.acquire('key', lane);
    await clock.sleep(tripMs);
    lease.release({ kind });
  }
  /** Uses the key for so long that nothing of an earlier process can be counted any more. */
  const growUp = () => clock.run(request('answered')).then(() => clock.advance(2000));
  return { clock, limiter, events, steps, request, growUp };
}

const policiesOf = (steps: readonly SteppedDown[]): PacingPolicy[] =>
  steps.map(({ to }) => to.policy);

describe('a 429 in spite of everything', () => {
  test('makes the key step down, one policy at a time and no further than to one at a time', async () => {
    const { clock, limiter, steps, request, growUp } = setUp({ policy: 'burst' });
    await growUp();
    for (let count = 0; count < 6; count += 1) await clock.run(request('limited'));
    // One at a time comes last, when few requests are left to slow down.
    expect(policiesOf(steps())).toEqual(['paced', 'even', 'even', 'one-at-a-time']);
    expect(limiter.describe('key')).toMatchObject({ policy: 'one-at-a-time', limited: 6 });
  });

  test('is told with what speaks for it', async () => {
    const { clock, steps, request, growUp } = setUp();
    await growUp();
    const answeredAt = clock.now() + 20;
    await clock.run(request('limited'));
    expect(steps()).toEqual([
      {
        type: 'stepped-down',
        key: 'key',
        at: answeredAt,
        from: { policy: 'paced', requestsPerSecond: 25, mostUnderWay: undefined },
        to: { policy: 'even', requestsPerSecond: 12, mostUnderWay: 1 },
        triesHigherInMs: 5000,
        evidence: {
          sentAt: answeredAt - 20,
          answeredAt,
          atMostInTheSecond: 1,
          requestsPerSecond: 25,
          underWay: 1,
          jitterMs: 0,
          retryAfterMs: undefined,
        },
      },
    ]);
  });

  test('counts once when several requests were refused for the same reason', async () => {
    const { clock, steps, request, growUp } = setUp();
    await growUp();
    const lanes = ['T1', 'T2', 'T3'];
    await clock.run(Promise.all(lanes.map((lane) => request('limited', lane, 300))));
    expect(policiesOf(steps())).toEqual(['even']);
  });

  test('proves nothing in the first second, which a process before us may have used up', async () => {
    const { clock, limiter, events, request } = setUp();
    await clock.run(request('limited'));
    expect(events).toMatchObject([{ type: 'paused', forMs: 1000 }]);
    expect(limiter.describe('key').policy).toBe('paced');
  });

  test('leaves other keys on their policy', async () => {
    const { clock, limiter, request, growUp } = setUp();
    await growUp();
    await clock.run(request('limited'));
    expect(limiter.describe('another key').policy).toBe('paced');
  });

  test.each([
    ['remembered for nine minutes without a request', 9, 'even'],
    ['forgotten after ten', 11, 'paced'],
  ])('is %s, however many other keys come', async (_, minutes, policy) => {
    const { clock, limiter, request, growUp } = setUp();
    await growUp();
    await clock.run(request('limited'));
    await clock.advance(minutes * 60_000);
    for (let index = 0; index < 500; index += 1) {
      const lease = await clock.run(limiter.acquire(`key ${index}`, 'T1'));
      lease.release({ kind: 'not-sent' });
    }
    expect(limiter.describe('key').policy).toBe(policy);
  });

  test('never makes a key step down that only waits or is idle', async () => {
    const { clock, limiter, steps, growUp } = setUp();
    await growUp();
    await clock.advance(3_600_000);
    const lease = await clock.run(limiter.acquire('key', 'T1'));
    lease.release({ kind: 'silent' });
    await clock.advance(3_600_000);
    expect(steps()).toEqual([]);
  });
});

describe('under each policy', () => {
  const sendTimes = async (policy: PacingPolicy, count: number, tripMs: number) => {
    const { clock, limiter } = setUp({ policy });
    const start = clock.now();
    const sentAt: number[] = [];
    const all = Array.from({ length: count }, async (_, index) => {
      const lease = await limiter.acquire('key', `T${index}`);
      sentAt.push(clock.now() - start);
      await clock.sleep(tripMs);
      lease.release({ kind: 'answered' });
    });
    await clock.run(Promise.all(all));
    return sentAt.map((at, index) => at - (sentAt[index - 1] ?? 0)).slice(1);
  };

  test('burst sends all 25 at once, and the 26th a second after the first answer', async () => {
    const gaps = await sendTimes('burst', 26, 30);
    expect(Math.max(...gaps.slice(0, 24))).toBe(0);
    expect(gaps[24]).toBeGreaterThanOrEqual(1030);
  });

  test('even never sends sooner than an interval after the last', async () => {
    const gaps = await sendTimes('even', 30, 30);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(40);
  });

  test('one at a time waits for the answer, and an interval more', async () => {
    const gaps = await sendTimes('one-at-a-time', 10, 130);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(170);
    expect(Math.max(...gaps)).toBeLessThan(180);
  });

  test('one at a time gives a request without an answer time to be counted', async () => {
    const { clock, limiter } = setUp({ policy: 'one-at-a-time' });
    const lease = await clock.run(limiter.acquire('key', 'T1'));
    lease.release({ kind: 'silent' });
    const silentAt = clock.now();
    await clock.run(limiter.acquire('key', 'T2'));
    expect(clock.now() - silentAt).toBeGreaterThanOrEqual(2000);
  });

  test('even leaves more space the more the network varies', async () => {
    const { clock, limiter, request } = setUp({ policy: 'even' });
    for (const tripMs of [10, 90, 10]) await clock.run(request('answered', 'T1', tripMs));
    const before = clock.now();
    const leases = [limiter.acquire('key', 'T1'), limiter.acquire('key', 'T2')];
    await clock.run(Promise.all(leases));
    expect(clock.now() - before).toBeGreaterThanOrEqual(120);
  });
});

describe('when answers fail to come', () => {
  test('no more leave than may arrive together, until one is answered', async () => {
    const { clock, limiter } = setUp();
    const sent: (() => void)[] = [];
    for (let index = 0; index < 12; index += 1) {
      void limiter.acquire('key', `T${index}`).then(
        (lease) => sent.push(() => lease.release({ kind: 'answered' })),
        () => {},
      );
    }
    await clock.advance(900);
    expect(sent).toHaveLength(4);
    for (const answer of sent.splice(0)) answer();
    await clock.advance(29);
    expect(sent).toHaveLength(0);
    await clock.advance(140);
    expect(sent.length).toBeGreaterThanOrEqual(1);
    limiter.close();
  });

  test('one request a second finds out whether the server is back', async () => {
    const { clock, limiter } = setUp();
    let sent = 0;
    for (let index = 0; index < 12; index += 1) {
      void limiter.acquire('key', `T${index}`).then(
        () => (sent += 1),
        () => {},
      );
    }
    await clock.advance(3500);
    expect(sent).toBe(7);
    limiter.close();
  });

  test('a single slow request holds up nobody', async () => {
    const { clock, limiter, request } = setUp();
    await clock.run(limiter.acquire('key', 'slow'));
    const before = clock.now();
    await clock.run(
      Promise.all(Array.from({ length: 20 }, (_, n) => request('answered', `T${n}`))),
    );
    expect(clock.now() - before).toBeLessThan(1000);
  });
});

test('a listener that throws stops neither the others nor the limiter', async () => {
  const { clock, limiter, request, events } = setUp();
  limiter.on(() => {
    throw new Error('a broken log');
  });
  const heard: string[] = [];
  const stop = limiter.on(({ type }) => heard.push(type));
  await clock.run(request('limited'));
  stop();
  await clock.run(request('limited'));
  expect(heard).toEqual(['paused']);
  expect(events.map(({ type }) => type)).toEqual(['paused', 'paused', 'stepped-down']);
});
