import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet } from './fleet.ts';
import { withFleets, type Ground } from './ground.ts';

/** A fault, and what came of it. */
export interface ChaosResult {
  readonly cell: string;
  readonly engine: string;
  readonly figure: string;
  /** Deliveries a second before the fault. */
  readonly before: number;
  /** The same in the seconds that follow the recovery, by the rate before. */
  readonly recovery: number;
  /** From the end of the fault until deliveries are as many as before. */
  readonly recoverSeconds: number;
  /** Changes that were accepted and have not arrived half a minute after the load has ended. */
  readonly missing: number;
  readonly sentTwice: number;
  /** Workers that the fault has ended. A supervisor starts each of them again. */
  readonly died: number;
  readonly isHeld: boolean;
}

interface Cell {
  readonly name: string;
  readonly disturb: (fleets: readonly Fleet[], ground: Ground) => Promise<void>;
}

const hogMs = 5000;
const kills = 4;
const betweenKillsMs = 2000;

const cells: readonly Cell[] = [
  { name: 'Postgres restart', disturb: (_, ground) => ground.restart('fast') },
  { name: 'backend kill', disturb: (_, ground) => killBackends(ground) },
  {
    name: 'pool exhausted',
    disturb: async (fleets) => {
      await Promise.all(fleets.map((fleet) => fleet.exhaust(hogMs)));
    },
  },
  { name: 'crash recovery', disturb: (_, ground) => ground.restart('immediate') },
  {
    name: 'repeated kills',
    async disturb(fleets) {
      for (let killed = 0; killed < kills; killed += 1) {
        await Promise.all(fleets.map((fleet) => fleet.replaceOne()));
        await sleep(betweenKillsMs);
      }
    },
  },
];

/** So much of the rate before counts as recovered. */
const enough = 0.95;
const perSecond = 40;
const warmUpMs = 3000;
const baselineMs = 5000;
const windowMs = 3000;
export const longestRecoveryMs = 30_000;
const lastMs = 5000;
const longestRestMs = 30_000;

export async function measureChaos(
  ground: Ground,
  progress: (text: string) => void,
): Promise<ChaosResult[]> {
  const results: ChaosResult[] = [];
  for (const [at, cell] of cells.entries()) {
    progress(`chaos: ${cell.name}`);
    const run = (fleets: readonly Fleet[]) => runCell(cell, fleets, ground);
    const its = await withFleets(ground, `chaos_${at}`, run);
    for (const { engine, recoverSeconds, recovery, missing, isHeld } of its) {
      const after = `${recoverSeconds.toFixed(1)} s, then ${(100 * recovery).toFixed(0)} %`;
      progress(`  ${engine}: ${isHeld ? 'held' : 'not held'}, ${after}, ${missing} missing`);
    }
    results.push(...its);
  }
  return results;
}

async function runCell(
  { name, disturb }: Cell,
  fleets: readonly Fleet[],
  ground: Ground,
): Promise<ChaosResult[]> {
  for (const { load } of fleets) load.rate(perSecond);
  await sleep(warmUpMs + baselineMs);
  const baselineAt = performance.now() - baselineMs;
  // What is made up for from the beginning is no rate that can last.
  const before = new Map(
    fleets.map((fleet) => [
      fleet,
      Math.min(rateOf(fleet, baselineAt, performance.now()), perSecond),
    ]),
  );
  await disturb(fleets, ground);
  const endedAt = performance.now();
  const recoveries = await Promise.all(
    fleets.map((fleet) => recoveryOf(fleet, endedAt, before.get(fleet) ?? 0)),
  );
  for (const { load } of fleets) load.rate(0);
  await Promise.all(fleets.map(hasArrived));

  return fleets.map((fleet, index) => {
    const { engine, load, arrivals } = fleet;
    const missing = load.accepted() - arrivals.count();
    const { seconds = Infinity, share = 0 } = recoveries[index] ?? {};
    return {
      cell: name,
      engine: engine.name,
      figure: engine.figure,
      before: before.get(fleet) ?? 0,
      recovery: share,
      recoverSeconds: seconds,
      missing,
      sentTwice: arrivals.repeated(),
      died: fleet.died(),
      isHeld: share >= enough && missing === 0,
    };
  });
}

const rateOf = ({ arrivals }: Fleet, from: number, to: number) =>
  (arrivals.between(from, to) * 1000) / (to - from);

interface Recovery {
  /** From the end of the fault on. */
  readonly seconds: number;
  /** Of the rate before, in the span that followed. */
  readonly share: number;
}

/** Waits until as much arrives as before the fault, and goes on doing so; gives up at some time. */
async function recoveryOf(fleet: Fleet, since: number, before: number): Promise<Recovery> {
  let share = 0;
  while (performance.now() - since < longestRecoveryMs) {
    const now = performance.now();
    if (rateOf(fleet, now - windowMs, now) < enough * before) {
      await sleep(100);
      continue;
    }
    await sleep(lastMs);
    share = rateOf(fleet, now, now + lastMs) / before;
    if (share >= enough) return { seconds: (now - since) / 1000, share };
  }
  return { seconds: Infinity, share };
}

async function hasArrived({ load, arrivals }: Fleet): Promise<void> {
  const until = performance.now() + longestRestMs;
  await load.settled();
  while (arrivals.count() < load.accepted() && performance.now() < until) await sleep(100);
  // What is sent twice may come after the first of them.
  await sleep(1000);
}

async function killBackends({ pool }: Ground): Promise<void> {
  await pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
    where pid <> pg_backend_pid() and datname = current_database()`,
  );
}
