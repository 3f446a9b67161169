import { describe, expect, test } from 'vitest';
import { plantedBugs } from './planted-bugs.ts';
import { simulate } from './simulate.ts';

const faults = { lost: 0, duplicates: 0, disorder: 0, over: 0, stranded: 0, silent: 0 };
// More of them: SIMULATE_SEEDS=2000 SIMULATE_FROM=51 npx vitest run --project outbox simulation
const numberOf = (name: string, usual: number) => Number(process.env[name] ?? usual);
const from = numberOf('SIMULATE_FROM', 1);
const seeds = Array.from({ length: numberOf('SIMULATE_SEEDS', 50) }, (_, at) => from + at);

describe('a fleet under faults loses, doubles, disorders and strands nothing', () => {
  test.each(seeds)('seed %i', { timeout: 60_000 }, async (seed) => {
    const { trace, ...found } = await simulate(seed);
    expect({ ...found, last: trace.at(-1) }).toMatchObject({ ...faults, changes: 100 });
  });

  test('and the same seed gives the same run', { timeout: 60_000 }, async () => {
    const [one, other] = [await simulate(7), await simulate(7)];
    expect(one.trace.length).toBeGreaterThan(60);
    expect(other.trace).toEqual(one.trace);
  });
});

/** How many seeds it took, of those that are tried at most. */
async function seedsUntilFound(options: Parameters<typeof simulate>[1]): Promise<number> {
  for (let seed = 1; seed <= 200; seed += 1) {
    const { changes: _, trace: __, ...found } = await simulate(seed, options);
    if (Object.values(found).some((count) => count > 0)) return seed;
  }
  return Infinity;
}

describe('the simulator finds a planted bug:', () => {
  test.each(Object.entries(plantedBugs))('%s', { timeout: 120_000 }, async (_, options) => {
    expect(await seedsUntilFound(options)).toBeLessThanOrEqual(200);
  });
});
