import { expect, test } from 'vitest';
import { cases } from './cases.ts';
import { describe, rotate, runAll } from './run-all.ts';
import { variants } from './variants.ts';

const fewest = { cases: 400, variants: 10 };
// Of how many further variants each case is tried, in turn. ADVERSARY_VARIANTS=16 tries all of them.
const othersEach = Number(process.env['ADVERSARY_VARIANTS'] ?? 1);
const mostShown = 5;
// Fifteen seconds on an idle core. Only a test that hangs may fail for want of time.
const slowMachineMs = 1_200_000;

test('there are enough cases and variants, each with a name of its own', () => {
  expect(cases.length).toBeGreaterThanOrEqual(fewest.cases);
  expect(variants.length).toBeGreaterThanOrEqual(fewest.variants);
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  expect(new Set(variants.map(({ name }) => name)).size).toBe(variants.length);
});

test(
  'no server, colleague or cache brings about a wrong write or a wrong verdict',
  async () => {
    const trials = rotate(cases, variants, othersEach);
    const { figures, offenders } = await runAll(trials);
    const shown = offenders.slice(0, mostShown).map(describe).join('\n\n');
    expect(figures, `${offenders.length} trials show faults, such as:\n\n${shown}\n`).toEqual({
      trials: trials.length,
      duplicates: 0,
      wrongVerdicts: 0,
      inversions: 0,
      keysShown: 0,
    });
  },
  slowMachineMs,
);
