import { expect, test } from 'vitest';
import { exitCodeOf } from '../src/exit-code.ts';
import { createTally } from '../src/tally.ts';

const nothing = createTally().summary();
const calm = nothing.outcomes;

test('a run in which everything arrived ends with 0', () => {
  const outcomes = { ...calm, confirmed: 3, unchanged: 2 };
  expect(exitCodeOf({ ...nothing, outcomes })).toBe(0);
});

test('of several things that went wrong, the one that needs a look first counts', () => {
  const all = {
    ...nothing,
    outcomes: { ...calm, unknown: 1, refused: 2, 'not-sent': 1, blocked: 1 },
    keyRefused: 1,
    unreadable: 1,
  };
  const without = (...kinds: (keyof typeof calm)[]) => ({
    ...all,
    outcomes: { ...all.outcomes, ...Object.fromEntries(kinds.map((kind) => [kind, 0])) },
  });
  expect(exitCodeOf(all)).toBe(6);
  expect(exitCodeOf(without('unknown'))).toBe(4);
  expect(exitCodeOf({ ...without('unknown'), keyRefused: 0 })).toBe(5);
  expect(exitCodeOf({ ...without('unknown', 'refused'), keyRefused: 0 })).toBe(75);
  const quiet = { ...without('unknown', 'refused', 'not-sent'), keyRefused: 0 };
  expect(exitCodeOf(quiet)).toBe(65);
  expect(exitCodeOf({ ...quiet, unreadable: 0 })).toBe(3);
});
