import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { engines } from './engines.ts';
import type { Fleet } from './fleet.ts';
import { withFleet, type Ground } from './ground.ts';
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

/**
 * Leaves a transaction open that has seen the tables as they were, while the work goes on: for one
 * engine after the other, so that no figure shows what another takes of the processors.
 */
export async function measureOpenTransaction(
  ground: Ground,
  seconds: number,
  progress: (text: string) => void,
): Promise<OpenResult[]> {
  const results: OpenResult[] = [];
  for (const engine of engines) {
    progress(`a transaction left open for ${seconds} s: ${engine.name}`);
    results.push(
      await withFleet(ground, engine, 'open', (fleet) => beside(fleet, ground.pool, seconds)),
    );
  }
  return results;
}

async function beside(fleet: Fleet, pool: pg.Pool, seconds: number): Promise<OpenResult> {
  const { engine, load, arrivals } = fleet;
  const longMs = Math.min(partMs, (seconds * 1000) / 2);
  load.rate(perSecond);
  await sleep(warmUpMs);
  const before = await claimsDuring(fleet, longMs);
  const client = await pool.connect();
  await client.query('begin isolation level repeatable read');
  await client.query('select pg_current_xact_id(), count(*) from pg_class');
  const [offered, arrived] = [load.offered(), arrivals.count()];
  await sleep(seconds * 1000 - longMs);
  const open = await claimsDuring(fleet, longMs);
  const done = (arrivals.count() - arrived) / (load.offered() - offered);
  await client.query('commit');
  client.release();
  const after = await claimsDuring(fleet, longMs);
  const result = {
    cell: 'open transaction',
    engine: engine.name,
    figure: engine.figure,
    done,
    claimP99BeforeMs: p99(before),
    claimP99OpenMs: p99(open),
    claimP99AfterMs: p99(after),
  };
  const worst = Math.max(result.claimP99OpenMs, result.claimP99AfterMs);
  return { ...result, isHeld: done >= enough && worst <= mostRatio * result.claimP99BeforeMs };
}

/** How long each claim took in a span. */
async function claimsDuring(fleet: Fleet, ms: number): Promise<readonly number[]> {
  await fleet.counts();
  await sleep(ms);
  return (await fleet.counts()).claimsMs;
}

function p99(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
}
