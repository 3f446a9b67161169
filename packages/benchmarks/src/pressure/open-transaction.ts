import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet } from './fleet.ts';
import { withFleets, type Ground } from './ground.ts';
import { enough, type StrainResult } from './strain.ts';

/** What a transaction that stays open does to an engine. */
export interface OpenResult extends StrainResult {
  /** 99 % of the statements that take work were answered within this: before it began. */
  readonly claimP99BeforeMs: number;
  /** The same in its last part. */
  readonly claimP99OpenMs: number;
  /** The same after it has ended. */
  readonly claimP99AfterMs: number;
}

export const defaultOpenSeconds = 900;
const mostRatio = 2;
const perSecond = 40;
const warmUpMs = 10_000;
const partMs = 60_000;

/** Leaves a transaction open that has seen the tables as they were, while the work goes on. */
export function measureOpenTransaction(
  ground: Ground,
  seconds: number,
  progress: (text: string) => void,
): Promise<OpenResult[]> {
  const longMs = Math.min(partMs, (seconds * 1000) / 2);
  return withFleets(ground, 'open', async (fleets) => {
    progress(`pressure: a transaction left open for ${seconds} s`);
    for (const { load } of fleets) load.rate(perSecond);
    await sleep(warmUpMs);
    const before = await claimsDuring(fleets, longMs);
    const client = await ground.pool.connect();
    await client.query('begin isolation level repeatable read');
    await client.query('select pg_current_xact_id(), count(*) from pg_class');
    const begun = performance.now();
    const counts = fleets.map(({ load, arrivals }) => [load.offered(), arrivals.count()] as const);
    await sleep(seconds * 1000 - longMs);
    const open = await claimsDuring(fleets, longMs);
    const done = fleets.map(({ load, arrivals }, at) => {
      const [offered = 0, arrived = 0] = counts[at] ?? [];
      return (arrivals.count() - arrived) / (load.offered() - offered);
    });
    progress(`it was open for ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    await client.query('commit');
    client.release();
    const after = await claimsDuring(fleets, longMs);
    return fleets.map(({ engine: { name, figure } }, at) => {
      const result = {
        cell: 'open transaction',
        engine: name,
        figure,
        done: done[at] ?? 0,
        claimP99BeforeMs: p99(before[at] ?? []),
        claimP99OpenMs: p99(open[at] ?? []),
        claimP99AfterMs: p99(after[at] ?? []),
      };
      const worst = Math.max(result.claimP99OpenMs, result.claimP99AfterMs);
      const isHeld = result.done >= enough && worst <= mostRatio * result.claimP99BeforeMs;
      return { ...result, isHeld };
    });
  });
}

/** How long each claim took in a span, of each fleet. */
async function claimsDuring(fleets: readonly Fleet[], ms: number): Promise<(readonly number[])[]> {
  await Promise.all(fleets.map((fleet) => fleet.counts()));
  await sleep(ms);
  return Promise.all(fleets.map(async (fleet) => (await fleet.counts()).claimsMs));
}

function p99(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
}
