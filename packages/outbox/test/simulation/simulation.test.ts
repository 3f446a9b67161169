// First: it sets the clocks before anything reads one.
import { simulate } from './simulate.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openMemoryBackend } from './memory-backend.ts';
import { sqlBugs, workerBugs } from './planted-bugs.ts';
import { differenceOf, explainFailure, seedsUntilFound, twinDifferences } from './run-seeds.ts';
import { drawSchedule, isTimeless, keep } from './schedule.ts';
import { keptOf } from './shrink.ts';
import { openSimulatedPostgres, type SimulatedPostgres } from './sql-backend.ts';
import { VirtualTime } from './virtual-time.ts';

// Fifty seeds; many more of them: npm run bench -- simulate --seeds 2000
const seedsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, at) => first + at);
const kept = {
  lost: 0,
  duplicates: 0,
  disorder: 0,
  over: 0,
  own429s: 0,
  stranded: 0,
  silent: 0,
  wrong: 0,
};

let postgres: SimulatedPostgres;
beforeAll(async () => {
  postgres = await openSimulatedPostgres();
});
afterAll(() => postgres.close());

describe('a fleet under faults loses, doubles, disorders and strands nothing', () => {
  // One seed in a hundred has a change that ends as unknown, with its reason: not one of these.
  test.each(seedsFrom(19, 12))('on Postgres: seed %i', async (seed) => {
    const { findings, why } = await simulate(drawSchedule(seed), postgres.open);
    expect({ ...findings, why }).toMatchObject({ ...kept, why: [] });
  });

  test.each(seedsFrom(51, 38))('in memory: seed %i', async (seed) => {
    const { findings, why } = await simulate(drawSchedule(seed), openMemoryBackend);
    expect({ ...findings, why }).toMatchObject({ ...kept, why: [] });
  });
});

describe('a schedule', () => {
  test('gives the same run again', async () => {
    for (const open of [postgres.open, openMemoryBackend]) {
      const [one, other] = [
        await simulate(drawSchedule(7), open),
        await simulate(drawSchedule(7), open),
      ];
      expect(one.trace.length).toBeGreaterThan(60);
      expect(differenceOf(one, other)).toBeUndefined();
    }
  });

  test('gives the same run on any day', async () => {
    const schedule = drawSchedule(1_100_214);
    const one = await simulate(schedule, postgres.open);
    // Each simulation has a day of its own: with these, years go by.
    expect(Array.from({ length: 3000 }, () => new VirtualTime(Math.random))).toHaveLength(3000);
    expect(differenceOf(one, await simulate(schedule, postgres.open))).toBeUndefined();
  });

  test('in which a sweep is never answered strands nothing: there is a next one', async () => {
    const smallest = keptOf('1;14,21,23,31,35,44;41');
    if (smallest === undefined) throw new Error('It is readable.');
    const schedule = keep(drawSchedule(3_000_325), smallest);
    expect(schedule.faults.at(-1)).toMatchObject({ kind: 'answer-hangs', call: 'sweep' });
    const { findings, why } = await simulate(schedule, postgres.open);
    expect({ ...findings, why }).toMatchObject({ ...kept, why: [] });
  });

  test('ends in the same way on Postgres and in memory', async () => {
    const timeless = seedsFrom(101, 20).map(drawSchedule).filter(isTimeless).slice(0, 2);
    for (const schedule of timeless) {
      const one = await simulate(schedule, postgres.open);
      const other = await simulate(schedule, openMemoryBackend);
      expect(one.ends.size).toBeGreaterThan(20);
      expect(twinDifferences(one, other)).toEqual([]);
    }
  });

  test('that fails is made smaller, and what is left fails again', async () => {
    const breaks = workerBugs['a change in doubt is sent without a look'];
    const schedule = drawSchedule(4);
    const found = await simulate(schedule, openMemoryBackend, breaks?.());
    const { only, why } = await explainFailure(schedule, found, openMemoryBackend, breaks);
    const smallest = keptOf(only);
    if (smallest === undefined) throw new Error(`Not readable: ${only}`);
    expect(why).toEqual(expect.arrayContaining([expect.stringMatching(/^twice: /)]));
    expect(smallest.faults.length).toBeLessThan(schedule.faults.length / 4);
    expect(smallest.tickets.length).toBeLessThan(schedule.tickets.length / 4);
    const again = await simulate(keep(schedule, smallest), openMemoryBackend, breaks?.());
    expect(again.findings.duplicates).toBeGreaterThan(0);
  });
});

// Each is found within these seeds. Most by the first ones; the others by a seed that is tried first.
const mostSeeds = 200;
const likelySeeds: Readonly<Record<string, number>> = {
  'a doubt is a minute old as it begins': 34,
  'a life that was given up is told that it lives': 14,
  'a look comes while the request is under way': 51,
  'what a dead worker held is in no doubt': 19,
};

describe('the simulator finds a planted bug', () => {
  test.each(Object.entries(workerBugs))('of the workers: %s', async (name, breaks) => {
    const run = (schedule: Parameters<typeof simulate>[0]) =>
      simulate(schedule, openMemoryBackend, breaks());
    const found = await seedsUntilFound(run, mostSeeds, likelySeeds[name]);
    expect(found).toBeLessThanOrEqual(mostSeeds);
  });

  // Those of the SQL that the first seeds find; npm run bench -- simulate plants them all.
  test.each(['what a dead worker held is in no doubt'])('of the SQL: %s', async (name) => {
    const bug = sqlBugs[name];
    if (bug === undefined) throw new Error(`There is no bug "${name}".`);
    const run = (schedule: Parameters<typeof simulate>[0]) =>
      simulate(schedule, postgres.broken(bug));
    const found = await seedsUntilFound(run, mostSeeds, likelySeeds[name]);
    expect(found).toBeLessThanOrEqual(mostSeeds);
  });

  test('of the SQL, which stops tickets and says nothing: they count as silent', async () => {
    const bug = sqlBugs['what has arrived is thrown away, silently'];
    if (bug === undefined) throw new Error('There is no such bug.');
    const { findings } = await simulate(drawSchedule(1), postgres.broken(bug));
    expect(findings.silent).toBeGreaterThan(0);
  });
});
