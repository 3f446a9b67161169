import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRateLimit, createSandbox, limitAlgorithms } from '../../src/index.ts';
import { createFakeClock, getTicket } from '../support/request.ts';

type Reference = (rate: number, burst: number) => (now: number) => boolean;

// Each rule in other words than the source: whole pasts, stepwise levels, whole numbers only.
const references = {
  'sliding-log': (rate) => {
    const admitted: number[] = [];
    return (now) => {
      const free = admitted.filter((at) => at > now - 1000).length < rate;
      if (free) admitted.push(now);
      return free;
    };
  },
  'fixed-window': (rate) => {
    const bySecond = new Map<number, number>();
    return (now) => {
      const second = (now - (now % 1000)) / 1000;
      const taken = bySecond.get(second) ?? 0;
      if (taken < rate) bySecond.set(second, taken + 1);
      return taken < rate;
    };
  },
  // Tokens in thousandths: `rate` of them come with every millisecond.
  'token-bucket': (rate) => {
    let thousandths = rate * 1000;
    let before = 0;
    return (now) => {
      thousandths = Math.min(thousandths + (now - before) * rate, rate * 1000);
      before = now;
      if (thousandths < 1000) return false;
      thousandths -= 1000;
      return true;
    };
  },
  // Water in thousandths of a request: `rate` of them leak with every millisecond.
  'leaky-bucket': (rate, burst) => {
    let water = 0;
    let before = 0;
    return (now) => {
      water = Math.max(water - (now - before) * rate, 0);
      before = now;
      if (water + 1000 > burst * 1000) return false;
      water += 1000;
      return true;
    };
  },
} satisfies Record<string, Reference>;

const gaps = fc.array(fc.oneof(fc.constant(0), fc.nat(60), fc.nat(1500)), { maxLength: 300 });
const sizes = [fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 8 })] as const;

describe.each(Object.entries(references))('%s', (algorithm, createReference: Reference) => {
  const create = (requestsPerSecond: number, burst: number) =>
    createRateLimit({ algorithm: algorithm as 'sliding-log', requestsPerSecond, burst });

  test('admits exactly what the written rule does', () => {
    fc.assert(
      fc.property(gaps, ...sizes, (steps, rate, burst) => {
        const limit = create(rate, burst);
        const reference = createReference(rate, burst);
        let now = 0;
        for (const gap of steps) {
          now += gap;
          expect(limit.admit(now).admitted).toBe(reference(now));
        }
      }),
    );
  });

  test('is full exactly when the next request is refused', () => {
    fc.assert(
      fc.property(gaps, ...sizes, (steps, rate, burst) => {
        const limit = create(rate, burst);
        let now = 0;
        for (const gap of steps) {
          now += gap;
          const fill = limit.fill(now);
          expect(fill).toBeGreaterThanOrEqual(0);
          expect(fill).toBeLessThanOrEqual(1);
          const { admitted } = limit.admit(now);
          // A bucket that has leaked a little has room for less than one more.
          if (fill === 0) expect(admitted).toBe(true);
          if (fill === 1) expect(admitted).toBe(false);
        }
      }),
    );
  });

  test('tells a refused request when to come back, and then admits it', () => {
    fc.assert(
      fc.property(gaps, ...sizes, (steps, rate, burst) => {
        const limit = create(rate, burst);
        let now = 0;
        for (const gap of steps) {
          now += gap;
          const admission = limit.admit(now);
          if (admission.admitted) continue;
          now = Math.ceil(now + admission.retryInMs);
          expect(limit.admit(now).admitted).toBe(true);
        }
      }),
    );
  });
});

test('one at a time admits none while another is in work, nor too soon after the last', () => {
  const requests = fc.array(fc.tuple(fc.nat(120), fc.nat(120)), { maxLength: 100 });
  fc.assert(
    fc.property(requests, fc.integer({ min: 1, max: 50 }), (traffic, rate) => {
      const limit = createRateLimit({ algorithm: 'one-at-a-time', requestsPerSecond: rate });
      let [now, admittedAt, doneAt] = [0, -Infinity, -Infinity];
      for (const [gap, takesMs] of traffic) {
        now += gap;
        if (doneAt <= now) limit.release?.();
        const expected = now >= doneAt && (now - admittedAt) * rate >= 1000;
        expect(limit.admit(now).admitted).toBe(expected);
        if (expected) [admittedAt, doneAt] = [now, now + takesMs];
      }
    }),
  );
});

test.each(limitAlgorithms)('a sandbox keeps its limit by %s', async (limit) => {
  const clock = createFakeClock(10_250);
  const startedAt = new Date(10_250);
  const { fetch } = createSandbox({ limit, clock, startedAt, requestsPerSecond: 10, burst: 3 });
  const admittedAt = async (ms: number) => {
    clock.pass(ms);
    const answers = await Promise.all(Array.from({ length: 12 }, () => getTicket(fetch, 'T-1')));
    return answers.filter(({ status }) => status !== 429).length;
  };
  const admitted = [await admittedAt(0), await admittedAt(750), await admittedAt(250)];
  expect(admitted).toEqual(
    {
      'sliding-log': [10, 0, 10],
      'fixed-window': [10, 10, 0],
      'token-bucket': [10, 7, 3],
      'leaky-bucket': [3, 3, 2],
      'one-at-a-time': [1, 1, 1],
    }[limit],
  );
});

test('one at a time, the next request waits for the answer of the one before', async () => {
  const clock = createFakeClock();
  const answering: (() => void)[] = [];
  const { fetch } = createSandbox({
    clock,
    limit: 'one-at-a-time',
    delayMs: { beforeAnswering: [1, 1] },
    sleep: () => new Promise((resolve) => answering.push(resolve)),
  });
  const first = getTicket(fetch, 'T-1');
  await expect.poll(() => answering.length).toBe(1);
  clock.pass(500);
  const second = getTicket(fetch, 'T-1');
  await expect.poll(() => answering.length).toBe(2);
  for (const answer of answering.splice(0)) answer();
  expect([(await first).status, (await second).status]).toEqual([404, 429]);
  const third = getTicket(fetch, 'T-1');
  await expect.poll(() => answering.length).toBe(1);
  for (const answer of answering) answer();
  expect((await third).status).toBe(404);
});

describe('a stranger with the same key', () => {
  const admittedIn = async (seed: number, strangers: number) => {
    const clock = createFakeClock();
    const stranger = { requestsPerSecond: strangers };
    const { fetch } = createSandbox({ clock, seed, ...(strangers > 0 ? { stranger } : {}) });
    const pattern: boolean[] = [];
    for (let sent = 0; sent < 25 * 40; sent += 1) {
      clock.pass(40);
      pattern.push((await getTicket(fetch, 'T-1')).status !== 429);
    }
    return pattern;
  };
  const share = (pattern: readonly boolean[]) => pattern.filter(Boolean).length / pattern.length;

  test('takes places that a client which keeps the limit then lacks', async () => {
    expect(share(await admittedIn(1, 0))).toBe(1);
    const withStranger = share(await admittedIn(1, 5));
    expect(withStranger).toBeGreaterThan(0.7);
    expect(withStranger).toBeLessThan(0.95);
  });

  test('comes at the same moments for the same seed', async () => {
    const pattern = await admittedIn(3, 5);
    expect(await admittedIn(3, 5)).toEqual(pattern);
    expect(await admittedIn(4, 5)).not.toEqual(pattern);
  });

  test('is caught up with after days of rest without counting each of its requests', async () => {
    const clock = createFakeClock();
    const { fetch } = createSandbox({ clock, stranger: { requestsPerSecond: 1000 } });
    await getTicket(fetch, 'T-1');
    clock.pass(30 * 86_400_000);
    expect((await getTicket(fetch, 'T-1')).status).toBe(429);
  });
});
