import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { batchKey, runBatch } from '../src/faults/batch.ts';
import { checkBatch } from '../src/faults/check-batch.ts';

// The benchmark begins at seed 1; these are others.
const seeds = [9001, 9002, 9003, 9004];
const batches = await Promise.all(seeds.map((seed) => runBatch(seed)));

test.each(batches)('the outcomes of seed $seed are what the server really did', (batch) => {
  expect(checkBatch(batch)).toEqual([]);
  expect(batch.changes).toHaveLength(100);
  expect(batch.timersLeft).toBe(0);
});

test('many kinds of faults were met, and every ending was seen', () => {
  const kinds = new Set(batches.flatMap(({ sandbox }) => Object.keys(sandbox.record().faults)));
  expect(kinds.size).toBeGreaterThan(30);
  const endings = new Set(
    batches.flatMap(({ changes }) => changes.map(({ outcome }) => outcome?.kind)),
  );
  expect(endings).toEqual(
    new Set(['confirmed', 'unchanged', 'blocked', 'refused', 'not-sent', 'unknown']),
  );
});

test('a seed repeats its batch', async () => {
  const [first] = batches;
  const again = await runBatch(seeds[0] ?? 0);
  expect(again.sandbox.record()).toEqual(first?.sandbox.record());
  const kindsOf = ({ changes }: typeof again) => changes.map(({ outcome }) => outcome?.kind);
  expect(kindsOf(again)).toEqual(first && kindsOf(first));
});

test('the check finds what is wrong', () => {
  const [batch] = batches;
  if (batch === undefined) throw new Error('There is no batch.');
  const confirmed = batch.changes.filter(({ outcome }) => outcome?.kind === 'confirmed');
  const blocked = batch.changes.find(({ outcome }) => outcome?.kind === 'blocked');
  const [applied] = confirmed.filter(
    ({ outcome }) => outcome?.kind === 'confirmed' && outcome.by === 'response',
  );
  if (applied === undefined || blocked === undefined) throw new Error('The batch is too small.');
  const lie = { ...applied, outcome: blocked.outcome };
  const lost = { ...applied, outcome: undefined };
  const found = (change: typeof applied) =>
    checkBatch({
      ...batch,
      changes: batch.changes.map((one) => (one === applied ? change : one)),
    }).map(({ kind }) => kind);
  expect(found(lie)).toEqual(['wrong-verdict']);
  expect(found(lost)).toEqual(['lost']);
});

test('the key shows in no event, outcome or error of all that', () => {
  const parts = [batchKey, encodeURIComponent(batchKey), 'f4ult+b4tch'];
  for (const { events, changes } of batches) {
    const shown = [
      inspect({ events, changes }, { depth: Infinity, showHidden: true, maxArrayLength: null }),
      JSON.stringify({ events, changes }),
      ...changes.map(({ outcome }) =>
        outcome !== undefined && 'error' in outcome ? String(outcome.error.stack) : '',
      ),
    ].join('\n');
    for (const part of parts) expect(shown.includes(part)).toBe(false);
  }
});
