import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRowStore, type StoredRow } from '../../src/histories/row-store.ts';

const rowsOf = (
  count: number,
  { values, gap, hasFroms, time }: { values: number; gap: number; hasFroms: boolean; time: number },
): StoredRow[] =>
  Array.from({ length: count }, (_, at) => ({
    ticket: (at * 7) % 1000,
    value: (at * at) % values,
    from: hasFroms ? at % 3 : 0,
    at: at % 11 === 0 ? Number.NaN : at % 13 === 0 ? time : at * 1000,
    line: at + 2 + (gap === 0 ? 0 : Math.floor(at / gap)),
  }));

// The first and the last whole second that fits four bytes, and what lies beyond.
const oddTimes = [
  0,
  1,
  999.5,
  -1000,
  (2 ** 32 - 2) * 1000,
  (2 ** 32 - 1) * 1000,
  8.64e15,
  -8.64e15,
];

test('gives back what was added, many values, lines with gaps and odd times too', () => {
  const kinds = fc.record({
    values: fc.constantFrom(1, 256, 257, 70_000),
    gap: fc.constantFrom(0, 1, 1000, 66_000),
    hasFroms: fc.boolean(),
    time: fc.constantFrom(...oddTimes),
  });
  fc.assert(
    fc.property(kinds, fc.constantFrom(10, 70_000), fc.boolean(), (kind, count, isReversed) => {
      const rows = rowsOf(count, kind);
      const store = createRowStore(Infinity, kind.hasFroms);
      for (const row of rows) store.add(row);
      const order = Uint32Array.from(rows, (_, at) => (isReversed ? count - 1 - at : at));
      const found: StoredRow[] = [];
      const visit = (...[ticket, value, from, at, line]: Parameters<Visit>) =>
        void found.push({ ticket, value, from, at, line });
      while (store.take(visit, 30_000, isReversed ? order : undefined));
      const differing = (isReversed ? rows.toReversed() : rows).findIndex(
        (row, at) => JSON.stringify(row) !== JSON.stringify(found[at]),
      );
      expect([differing, found.length]).toEqual([-1, count]);
    }),
    { numRuns: 16 },
  );
});

test.each(oddTimes)('changes every time that was added, %d too', (time) => {
  const store = createRowStore(Infinity, false);
  const times = [1000, Number.NaN, time, 86_400_000];
  for (const at of times) store.add({ ticket: 0, value: 0, from: 0, at, line: 1 });
  expect(times.map((_, index) => store.timeOf(index))).toEqual(times);
  store.mapTimes((at) => at + 500);
  expect(times.map((_, index) => store.timeOf(index))).toEqual(times.map((at) => at + 500));
});

type Visit = Parameters<ReturnType<typeof createRowStore>['take']>[0];
