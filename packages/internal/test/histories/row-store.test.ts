import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRowStore, type StoredRow } from '../../src/histories/row-store.ts';

const rowsOf = (
  count: number,
  { values, gap, hasFroms }: { values: number; gap: number; hasFroms: boolean },
): StoredRow[] =>
  Array.from({ length: count }, (_, at) => ({
    ticket: (at * 7) % 1000,
    value: (at * at) % values,
    from: hasFroms ? at % 3 : 0,
    at: at % 11 === 0 ? Number.NaN : at * 1000,
    line: at + 2 + (gap === 0 ? 0 : Math.floor(at / gap)),
  }));

test('gives back what was added, many values and lines with gaps too', () => {
  const kinds = fc.record({
    values: fc.constantFrom(1, 256, 257, 70_000),
    gap: fc.constantFrom(0, 1, 1000, 66_000),
    hasFroms: fc.boolean(),
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
    { numRuns: 12 },
  );
});

type Visit = Parameters<ReturnType<typeof createRowStore>['take']>[0];
