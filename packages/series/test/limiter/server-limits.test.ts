import { createRateLimit, type LimitAlgorithm } from '@ticket-lifecycle/sandbox';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRateLimiter, type LimiterEvent, type PacingPolicy } from '../../src/index.ts';
import { FakeClock } from '../support/fake-clock.ts';

interface Trip {
  /** When the request comes up, after the one before. */
  readonly pauseMs: number;
  readonly uplinkMs: number;
  readonly downlinkMs: number;
}

interface Traffic {
  readonly algorithm: LimitAlgorithm;
  readonly burst?: number;
  readonly policy?: PacingPolicy;
  readonly trips: readonly Trip[];
  readonly stallMs?: number;
  readonly startMs?: number;
}

/** Sends traffic through a limiter to a server that counts by an algorithm of its own. */
async function send({ algorithm, burst, policy, trips, stallMs, startMs = 0 }: Traffic) {
  const clock = new FakeClock();
  clock.stall(startMs);
  const limit = createRateLimit({
    algorithm,
    requestsPerSecond: 25,
    ...(burst === undefined ? {} : { burst }),
  });
  const limiter = createRateLimiter({ clock, policy });
  const events: LimiterEvent[] = [];
  limiter.on((event) => events.push(event));
  const admitted: number[] = [];
  let refused = 0;
  if (stallMs !== undefined) stallNowAndThen(clock, stallMs, trips.length * 60);

  let at = 0;
  const all = trips.map(async ({ pauseMs, uplinkMs, downlinkMs }, index) => {
    at += pauseMs;
    await clock.sleep(at);
    for (let isBack = false; ; isBack = true) {
      const lease = await limiter.acquire('key', `T${index}`, { first: isBack });
      await clock.sleep(uplinkMs);
      const admission = limit.admit(clock.now());
      if (admission.admitted) admitted.push(clock.now());
      else refused += 1;
      await clock.sleep(downlinkMs);
      limit.release?.();
      lease.release({ kind: admission.admitted ? 'answered' : 'limited' });
      if (admission.admitted) return;
    }
  });
  await clock.run(Promise.all(all));
  limiter.close();
  return { refused, admitted: admitted.length, events };
}

/** The event loop sleeps for a while in every 700 ms. */
function stallNowAndThen(clock: FakeClock, stallMs: number, untilMs: number): void {
  for (let at = 450; at < untilMs; at += 700) clock.setTimeout(() => clock.stall(stallMs), at);
}

const trip = (mostMs: number) =>
  fc.record({
    pauseMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 }), fc.constant(900)),
    uplinkMs: fc.integer({ min: 0, max: mostMs }),
    downlinkMs: fc.integer({ min: 0, max: mostMs }),
  });
const traffic = (mostMs: number) => fc.array(trip(mostMs), { minLength: 40, maxLength: 90 });
const start = fc.integer({ min: 0, max: 999 });

describe('never earns a 429', () => {
  test.each([
    ['sliding-log', 'paced'],
    ['fixed-window', 'paced'],
    ['token-bucket', 'paced'],
    ['sliding-log', 'burst'],
    ['fixed-window', 'burst'],
    ['token-bucket', 'burst'],
    ['sliding-log', 'even'],
  ] as const)('from a %s by the policy %s, whatever the delays', async (algorithm, policy) => {
    await fc.assert(
      fc.asyncProperty(traffic(700), start, async (trips, startMs) => {
        const { refused } = await send({ algorithm, policy, trips, startMs });
        expect(refused).toBe(0);
      }),
      { numRuns: 8 },
    );
  });

  test.each([
    [0, undefined],
    [0, 250],
    [40, undefined],
    [80, undefined],
  ])(
    'from a leaky bucket of 5, with delays up to %i ms and stalls of %s ms',
    async (most, stallMs) => {
      await fc.assert(
        fc.asyncProperty(traffic(most), async (trips) => {
          const stalls = stallMs === undefined ? {} : { stallMs };
          const { refused } = await send({ algorithm: 'leaky-bucket', trips, ...stalls });
          expect(refused).toBe(0);
        }),
        { numRuns: 12 },
      );
    },
  );

  test('from any server that takes one at a time, under the last policy', async () => {
    await fc.assert(
      fc.asyncProperty(traffic(90), async (trips) => {
        for (const algorithm of ['one-at-a-time', 'leaky-bucket'] as const) {
          const policy = 'one-at-a-time';
          const { refused } = await send({ algorithm, burst: 1, policy, trips });
          expect(refused).toBe(0);
        }
      }),
      { numRuns: 4 },
    );
  });
});

describe('a server that is stricter than the policy', () => {
  test.each([['leaky-bucket'], ['one-at-a-time']] as const)(
    'is met by stepping down, and loses nothing: %s',
    async (algorithm) => {
      await fc.assert(
        fc.asyncProperty(traffic(60), async (trips) => {
          const backlog = [...trips, ...trips].map((one) => ({ ...one, pauseMs: 0 }));
          const ran = await send({ algorithm, burst: 1, trips: backlog });
          expect(ran.admitted).toBe(backlog.length);
          expect(ran.refused).toBeLessThanOrEqual(12);
          expect(ran.events.filter(({ type }) => type === 'stepped-down')).not.toEqual([]);
        }),
        { numRuns: 6 },
      );
    },
  );

  test('is met from a burst as well, and the key ends where the server is content', async () => {
    const trips = Array.from({ length: 150 }, () => ({ pauseMs: 0, uplinkMs: 3, downlinkMs: 3 }));
    const ran = await send({ algorithm: 'leaky-bucket', burst: 5, policy: 'burst', trips });
    const [step] = ran.events.filter((event) => event.type === 'stepped-down');
    expect(step).toMatchObject({ from: { policy: 'burst' }, to: { policy: 'paced' } });
    expect(ran.admitted).toBe(150);
  });
});
