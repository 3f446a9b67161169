import { describe, expect, test } from 'vitest';
import { compareLifecycles, defineLifecycle, type Lifecycle } from '../../src/index.ts';
import { definitionOf, editDesk, logOf, realDesks } from '../support/real-desks.ts';

// Logs in the manner of real desks: usual ways come often and rare ones rarely, tickets are reworked,
// wait and take short cuts, rows repeat, and some statuses were set by hand against the definition.
// Each desk then changes its definition in twenty ways that a desk would.

/** The rows that a definition blocks, read off its replay. */
function blockedRows(lifecycle: Lifecycle, history: readonly string[], complete: boolean) {
  const { start, steps } = lifecycle.replay(history, { complete });
  const isBornElsewhere = complete && start?.isInitial === false;
  const isFine = complete ? ['edge', 'unchanged'] : ['edge', 'unchanged', 'path'];
  const rows = steps.filter(({ kind }) => !isFine.includes(kind)).map(({ index }) => index);
  return isBornElsewhere ? [0, ...rows] : rows;
}

describe.each(realDesks)('$name', (desk) => {
  const before = defineLifecycle(definitionOf(desk)) as Lifecycle;
  const histories = logOf(desk, before, 500);

  test('the log looks like one: rework, repeated rows, and changes against the rules', () => {
    const ways = new Set(histories.map((history) => history.join()));
    expect(ways.size).toBeGreaterThan(40);
    expect(ways.size).toBeLessThan(400);
    const against = histories.filter((one) => blockedRows(before, one, true).length > 0);
    expect(against.length).toBeGreaterThan(10);
    expect(against.length).toBeLessThan(400);
    expect(histories.some((one) => one.filter((status) => status === 'resolved').length > 1)).toBe(
      true,
    );
    expect(new Set(desk.edits).size).toBe(20);
  });

  const effects = { broken: 0, whole: 0 };

  test.each(desk.edits)(
    '%s: what is predicted to break is what the new definition blocks',
    (edit) => {
      const after = defineLifecycle(definitionOf(editDesk(desk, edit))) as Lifecycle;
      expect(after.fingerprint).not.toBe(before.fingerprint);
      for (const complete of [true, false]) {
        const predicted = compareLifecycles(before, after, { histories, complete });
        const rows = new Map(predicted.histories.map((one) => [one.history, one.blocked]));
        for (const [index, history] of histories.entries()) {
          const old = blockedRows(before, history, complete);
          const blocked = blockedRows(after, history, complete);
          const breaks = blocked.some((row) => !old.includes(row));
          effects[breaks ? 'broken' : 'whole'] += 1;
          expect([history, rows.get(index)?.map((row) => row.index)]).toEqual([
            history,
            breaks ? blocked : undefined,
          ]);
          for (const row of rows.get(index) ?? [])
            expect(row.wasBlocked).toBe(old.includes(row.index));
        }
      }
    },
  );

  test('the edits break some histories and spare others', () => {
    expect(effects.broken).toBeGreaterThan(500);
    expect(effects.whole).toBeGreaterThan(500);
  });
});
