// First: it sets the clocks before anything reads one.
import { simulate, type Simulated } from '../../../outbox/test/simulation/simulate.ts';
import type { OpenBackend } from '../../../outbox/test/simulation/backend.ts';
import { openMemoryBackend } from '../../../outbox/test/simulation/memory-backend.ts';
import { sqlBugs, workerBugs } from '../../../outbox/test/simulation/planted-bugs.ts';
import {
  differenceOf,
  explainFailure,
  isBroken,
  scheduleOf,
  seedsUntilFound,
  sumOf,
  twinDifferences,
  type Failure,
} from '../../../outbox/test/simulation/run-seeds.ts';
import { isTimeless, type Kept } from '../../../outbox/test/simulation/schedule.ts';
import { keptOf } from '../../../outbox/test/simulation/shrink.ts';
import {
  openSimulatedPostgres,
  type SimulatedPostgres,
} from '../../../outbox/test/simulation/sql-backend.ts';
import type { Benchmark, BenchmarkOptions } from '../benchmark.ts';
import { table } from '../table.ts';

const mostSeedsForABug = 200;
const mostExplained = 3;
const progressEvery = 50;

type Findings = Simulated['findings'];
type StoreName = 'postgres' | 'memory';

/** What came of all seeds on one store. */
interface Run {
  readonly sums: Record<keyof Findings, number>;
  readonly unequal: number;
  readonly twins: number;
  readonly twinDifferences: number;
  readonly seconds: number;
  readonly failures: readonly Failure[];
}

/** A fleet under virtual time: seeds on Postgres and in memory, and planted bugs that it has to find. */
export const run: Benchmark = async (options) => {
  const { progress, seeds = 100, from = 1, store, only } = options;
  const kept = only === undefined ? undefined : keptOf(only);
  if (only !== undefined && kept === undefined) {
    throw new Error(`--only must be what a smallest schedule shows, received "${only}".`);
  }
  const postgres = await openSimulatedPostgres();
  const stores = (['postgres', 'memory'] as const).filter((one) => (store ?? one) === one);
  const runs: Partial<Record<StoreName, Run>> = {};
  for (const name of stores) {
    const open = name === 'postgres' ? postgres.open : openMemoryBackend;
    runs[name] = await runSeeds(name, open, { progress, seeds, from, kept });
  }
  // Whoever runs a part of one seed again, or one store alone, has no need of them.
  const bugs = store === undefined && kept === undefined ? await plant(postgres, progress) : [];
  await postgres.close();

  const failures = stores.flatMap((name) =>
    (runs[name]?.failures ?? []).map((failure) => describeFailure(name, failure)),
  );
  return {
    markdown: [
      `## ${seeds} seeds from ${from}: a fleet, its store and the API under virtual time`,
      '',
      table(
        `figure | ${stores.join(' | ')}`,
        Object.keys(figuresOf(runs[stores[0] ?? 'memory'], 0)).map((name) => [
          name,
          ...stores.map((one) => figuresOf(runs[one], seeds)[name] ?? 0),
        ]),
      ),
      '',
      ...(bugs.length === 0
        ? []
        : ['## Planted bugs', '', table('bug | store | seeds until found', bugs), '']),
      ...failures.flat(),
    ].join('\n'),
    figures: {
      ...figuresOf(runs.postgres ?? runs.memory, seeds),
      memorySeeds: runs.memory === undefined ? 0 : seeds,
      memoryChanges: runs.memory?.sums.changes ?? 0,
      memoryBroken: runs.memory === undefined ? 0 : brokenIn(runs.memory),
      plantedFound: bugs.filter(([, , found]) => typeof found === 'number').length,
      plantedOf: bugs.length,
    },
  };
};

function figuresOf(one: Run | undefined, seeds: number): Record<string, number> {
  if (one === undefined) return {};
  const { sums, unequal, twins, twinDifferences: differences, seconds } = one;
  const counts = { seeds, ...sums, unequal, twins, twinDifferences: differences };
  return { ...counts, seconds: Math.round(seconds) };
}

/** All promises that were broken in a run, and all runs that were not the same again. */
function brokenIn({ sums, unequal }: Run): number {
  const { changes: _, ...broken } = sums;
  return Object.values(broken).reduce((sum, count) => sum + count, unequal);
}

/** Runs each seed twice. Those that must end alike on both stores also run on the other one. */
async function runSeeds(
  name: StoreName,
  open: OpenBackend,
  {
    progress,
    seeds,
    from,
    kept,
  }: Pick<BenchmarkOptions, 'progress'> & {
    readonly seeds: number;
    readonly from: number;
    readonly kept: Kept | undefined;
  },
): Promise<Run> {
  const startedAt = performance.now();
  const all: Findings[] = [];
  const failures: Failure[] = [];
  const counts = { unequal: 0, twins: 0, twinDifferences: 0 };
  for (let seed = from; seed < from + seeds; seed += 1) {
    const schedule = scheduleOf(seed, kept);
    const one = await simulate(schedule, open);
    all.push(one.findings);
    const difference = differenceOf(one, await simulate(schedule, open));
    if (difference !== undefined) {
      counts.unequal += 1;
      progress(`${name}, seed ${seed}: the second run differs: ${difference}`);
    }
    if (name === 'postgres' && isTimeless(schedule)) {
      counts.twins += 1;
      const differences = twinDifferences(one, await simulate(schedule, openMemoryBackend));
      counts.twinDifferences += differences.length;
      for (const text of differences) progress(`seed ${seed} ends otherwise in memory: ${text}`);
    }
    if (isBroken(one)) {
      progress(`${name}, seed ${seed}: ${one.why.join('; ')}`);
      if (kept !== undefined) progress(one.trace.join('\n'));
      else if (failures.length < mostExplained) {
        failures.push(await explainFailure(schedule, one, open));
      }
    }
    if (all.length % progressEvery === 0) {
      const { changes, ...broken } = sumOf(all);
      progress(`${name}: ${all.length} seeds, ${changes} changes, ${JSON.stringify(broken)}`);
    }
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return { sums: sumOf(all), ...counts, seconds, failures };
}

type FoundBug = readonly [name: string, store: string, seeds: number | string];

/** Plants one bug after another, and counts the seeds until the judge sees it. */
async function plant(
  postgres: SimulatedPostgres,
  progress: BenchmarkOptions['progress'],
): Promise<FoundBug[]> {
  const found: FoundBug[] = [];
  const note = (name: string, store: string, seeds: number | undefined) => {
    found.push([name, store, seeds ?? `not found in ${mostSeedsForABug}`]);
    progress(`Planted in ${store}: ${name}: ${seeds ?? 'not found'}`);
  };
  for (const [name, breaks] of Object.entries(workerBugs)) {
    const seeds = await seedsUntilFound(
      (schedule) => simulate(schedule, openMemoryBackend, breaks()),
      mostSeedsForABug,
    );
    note(name, 'memory', seeds);
  }
  for (const [name, bug] of Object.entries(sqlBugs)) {
    const seeds = await seedsUntilFound(
      (schedule) => simulate(schedule, postgres.broken(bug)),
      mostSeedsForABug,
    );
    note(name, 'postgres', seeds);
  }
  return found;
}

/** The smallest schedule that fails, and the line that runs it again with all that happens. */
function describeFailure(store: StoreName, { seed, why, schedule, only }: Failure): string[] {
  return [
    `### Seed ${seed} on ${store}`,
    '',
    ...why.map((one) => `- ${one}`),
    '',
    'The smallest schedule that fails:',
    '',
    ...schedule.map((line) => `    ${line}`),
    '',
    `    npm run bench -- simulate --store ${store} --from ${seed} --seeds 1 --only "${only}"`,
    '',
  ];
}
