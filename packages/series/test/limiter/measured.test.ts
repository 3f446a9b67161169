import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRateLimiter, type LeaseAnswer, type LimiterEvent } from '../../src/index.ts';
import { cooldownMs, windowMs } from '../../src/limiter/slots.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { serverOf } from '../support/saturate.ts';

interface Path {
  readonly upMs: number;
  readonly downMs: number;
}

interface Way {
  readonly requests: number;
  /** The time there and back of a request that leaves now. */
  readonly path: (now: number, index: number) => Path;
  /** What its sender has measured. */
  readonly pathMs: (now: number) => number | undefined;
}

/** Sends a backlog under the policy `measured` to a strict server. */
async function send({ requests, path, pathMs }: Way) {
  const clock = new FakeClock();
  const start = clock.now();
  const limiter = createRateLimiter({ clock, policy: 'measured' });
  const events: LimiterEvent[] = [];
  limiter.on((event) => events.push(event));
  const server = serverOf('sliding-log', 25);
  const counted: number[] = [];
  let limited = 0;
  const all = Array.from({ length: requests }, async (_, index) => {
    for (let first = false; ; first = true) {
      const lease = await limiter.acquire('key', `T${index}`, { first });
      expect(lease.measuresPath).toBe(limiter.describe('key').policy === 'measured');
      const { upMs, downMs } = path(clock.now() - start, index);
      await clock.sleep(upMs);
      const isAdmitted = server.admit(clock.now());
      if (isAdmitted) counted.push(clock.now() - start);
      else limited += 1;
      await clock.sleep(downMs);
      const kind = isAdmitted ? 'answered' : 'limited';
      lease.release({ kind, pathMs: pathMs(clock.now() - start) });
      if (isAdmitted) return;
    }
  });
  await clock.run(Promise.all(all));
  const steady = counted.filter((at) => at >= 1000);
  const use = steady.length / ((25 * (Math.max(...counted) - 1000)) / 1000);
  return { limiter, clock, events, limited, use };
}

test.each([
  [20, 0.97],
  [90, 0.945],
  [150, 0.92],
])('at %i ms it uses %d of the budget at least, without a 429', async (tripMs, least) => {
  const { limited, use } = await send({
    requests: 300,
    path: () => ({ upMs: tripMs / 2, downMs: tripMs / 2 }),
    pathMs: () => 0.75 * tripMs,
  });
  expect(limited).toBe(0);
  expect(use).toBeGreaterThanOrEqual(least);
});

test('it never earns a 429 while the way takes no less than was measured, however it varies', async () => {
  const delay = fc.integer({ min: 0, max: 120 });
  const least = fc.record({ upMs: delay, downMs: delay });
  const more = fc.array(fc.record({ upMs: delay, downMs: delay }), {
    minLength: 60,
    maxLength: 90,
  });
  await fc.assert(
    fc.asyncProperty(least, more, async ({ upMs, downMs }, extra) => {
      const { limited } = await send({
        requests: extra.length,
        path: (_, index) => ({
          upMs: upMs + (extra[index]?.upMs ?? 0),
          downMs: downMs + (extra[index]?.downMs ?? 0),
        }),
        pathMs: () => 0.75 * (upMs + downMs),
      });
      expect(limited).toBe(0);
    }),
    { numRuns: 20 },
  );
});

describe('when the way becomes shorter than was measured', () => {
  const shortened = () =>
    send({
      requests: 400,
      path: (now) => (now < 4000 ? { upMs: 60, downMs: 30 } : { upMs: 4, downMs: 26 }),
      // The sender measures anew after a 429.
      pathMs: (now) => (now < 4000 || now > 6000 ? 0.75 * (now < 4000 ? 90 : 30) : undefined),
    });

  test('a 429 comes for those under way at most, and the key goes on with the old bound', async () => {
    const { limited, events } = await shortened();
    const paused = events.filter(({ type }) => type === 'paused').map(({ at }) => at);
    expect(limited).toBe(paused.length);
    expect(Math.max(...paused) - Math.min(...paused)).toBeLessThanOrEqual(30);
    const steps = events.filter(({ type }) => type === 'stepped-down');
    expect(steps).toMatchObject([
      {
        from: { policy: 'measured', requestsPerSecond: 25 },
        to: { policy: 'paced', requestsPerSecond: 25, mostUnderWay: undefined },
      },
    ]);
  });

  test('a 429 takes the measured time back at once, and a quiet time later it is tried again', async () => {
    const clock = new FakeClock();
    const limiter = createRateLimiter({ clock, policy: 'measured' });
    const request = async (answer: LeaseAnswer) => {
      const lease = await limiter.acquire('key', 'T1');
      await clock.sleep(90);
      lease.release(answer);
    };
    for (let count = 0; count < 20; count += 1) {
      await clock.run(request({ kind: 'answered', pathMs: 80 }));
    }
    expect(limiter.describe('key')).toMatchObject({ policy: 'measured', pathFloorMs: 80 });
    await clock.run(request({ kind: 'limited' }));
    expect(limiter.describe('key')).toMatchObject({ policy: 'paced', pathFloorMs: undefined });
    await clock.advance(5000);
    await clock.run(request({ kind: 'answered', pathMs: 20 }));
    await clock.run(request({ kind: 'answered', pathMs: 20 }));
    expect(limiter.describe('key')).toMatchObject({ policy: 'measured', pathFloorMs: 20 });
  });
});

test('clients with several addresses get the shortest way of the last seconds', async () => {
  const clock = new FakeClock();
  const limiter = createRateLimiter({ clock, policy: 'measured' });
  const answered = async (pathMs: number | undefined) => {
    const lease = await clock.run(limiter.acquire('key', 'T1'));
    lease.release({ kind: 'answered', pathMs });
    return limiter.describe('key').pathFloorMs;
  };
  expect(await answered(undefined)).toBe(0);
  expect(await answered(90)).toBe(90);
  expect(await answered(20)).toBe(20);
  expect(await answered(90)).toBe(20);
  expect(await answered(undefined)).toBe(20);
  expect(await answered(0)).toBe(0);
  await clock.advance(11_000);
  expect(await answered(90)).toBe(90);
  expect(await answered(1e9)).toBe(90);
});

test.each([
  [{ kind: 'answered', pathMs: 80 }, windowMs + 2 - 80],
  [{ kind: 'answered' }, windowMs + 2],
  [{ kind: 'answered', pathMs: -5 }, windowMs + 2],
  [{ kind: 'answered', pathMs: Number.NaN }, windowMs + 2],
  [{ kind: 'answered', pathMs: 1e9 }, windowMs + 2 - 500],
  [{ kind: 'limited', pathMs: 80 }, windowMs + 2 - 80],
  [{ kind: 'silent' }, 2 * windowMs + 2],
  [{ kind: 'not-sent' }, 0],
] as const)('a slot of %o cools down for %d ms', (answer, expected) => {
  expect(cooldownMs(answer)).toBe(expected);
});
