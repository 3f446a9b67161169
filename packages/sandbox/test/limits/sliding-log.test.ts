import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSlidingLog } from '../../src/index.ts';

// The rule word for word, over the whole past.
function referenceVerdicts(times: readonly number[], limit: number, windowMs: number): boolean[] {
  const admitted: number[] = [];
  return times.map((now) => {
    const inWindow = admitted.filter((at) => at > now - windowMs && at <= now);
    if (inWindow.length >= limit) return false;
    admitted.push(now);
    return true;
  });
}

const gaps = fc.array(
  fc.oneof(fc.nat(3), fc.nat(300), fc.double({ min: 0, max: 50, noNaN: true })),
  {
    maxLength: 200,
  },
);

function timesOf(steps: readonly number[]): number[] {
  let now = 0;
  return steps.map((gap) => (now += gap));
}

test('decides every sequence of requests as the written rule does', () => {
  fc.assert(
    fc.property(
      gaps,
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 400 }),
      (steps, limit, windowMs) => {
        const times = timesOf(steps);
        const log = createSlidingLog({ limit, windowMs });
        const verdicts = times.map((now) => log.admit(now).admitted);
        expect(verdicts).toEqual(referenceVerdicts(times, limit, windowMs));
      },
    ),
  );
});

test('a refused request that comes back when told to is admitted, and not a moment earlier', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(300), { maxLength: 200 }),
      fc.integer({ min: 1, max: 5 }),
      (steps, limit) => {
        const log = createSlidingLog({ limit });
        let now = 0;
        for (const gap of steps) {
          now += gap;
          const admission = log.admit(now);
          if (admission.admitted) continue;
          expect(log.admit(now + admission.retryInMs - 1).admitted).toBe(false);
          now += admission.retryInMs;
          expect(log.admit(now).admitted).toBe(true);
        }
      },
    ),
  );
});

test('two bursts cannot meet at a boundary', () => {
  const log = createSlidingLog({ limit: 25 });
  const admittedAt = (now: number) =>
    Array.from({ length: 50 }, () => log.admit(now)).filter(({ admitted }) => admitted).length;
  expect([admittedAt(999), admittedAt(1000), admittedAt(1998), admittedAt(1999)]).toEqual([
    25, 0, 0, 25,
  ]);
});
