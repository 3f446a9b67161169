import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ticksOf } from '../../playground/drain.ts';

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
