import fc from 'fast-check';
import { expect, test } from 'vitest';
import { curveOf, ticksOf, type Drain } from '../../playground/drain.ts';

test('an axis has few ticks, however long it is, from its beginning on', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (seconds) => {
      const ticks = ticksOf(seconds);
      expect(ticks.length).toBeLessThanOrEqual(26);
      expect(ticks[0]).toBe(0);
      expect(ticks.at(-1)).toBeLessThanOrEqual(seconds);
    }),
  );
});

test('a short axis shows each second', () => {
  expect(ticksOf(9)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('the curve shows the fullest second, wherever it begins', () => {
  const at = [50, 950, 1040];
  const requests = at.map((ms) => ({ countedAt: 1000 + ms }));
  const drain = { startedAt: 1000, sandbox: { requests } } as unknown as Drain;
  // No second that ends with a tenth of one holds all three.
  const most = Math.max(...curveOf(drain, 2000).map(({ arrived }) => arrived));
  expect(most).toBe(3);
});
