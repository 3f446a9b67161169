import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { engines } from './engines.ts';
import type { Fleet } from './fleet.ts';
import { withFleet, type Ground } from './ground.ts';

/** How large an engine's tables are, in megabytes with their indexes. */
export interface GrowthResult {
  readonly engine: string;
  readonly figure: string;
  readonly deliveries: number;
  readonly perSecond: number;
  readonly beforeMb: number;
  /** After half of the deliveries. */
  readonly halfMb: number;
  readonly afterMb: number;
  /** Each table after the last delivery, the largest first. */
  readonly tables: Readonly<Record<string, number>>;
}

const deliveries = 50_000;
const step = 1000;
// Enough that no worker waits, and far less than what is measured.
const ahead = 4000;
const longestMs = 240_000;
// What has ended is of no use to anyone here. With the default of a week all of it would be there.
const keepEndedMs = 1000;

/** Delivers as fast as each engine can, and weighs its tables. */
export async function measureGrowth(
  ground: Ground,
  progress: (text: string) => void,
): Promise<GrowthResult[]> {
  const results: GrowthResult[] = [];
  for (const engine of engines) {
    progress(`growth: ${engine.name}`);
    const measure = (fleet: Fleet, schema: string) => grow(ground.pool, fleet, schema);
    const options = { keepEndedMs, isInstant: true };
    results.push(await withFleet(ground, engine, 'growth', measure, options));
  }
  return results;
}

async function grow(pool: pg.Pool, fleet: Fleet, schema: string): Promise<GrowthResult> {
  const { engine, load } = fleet;
  const beforeMb = sum(await sizesOf(pool, schema));
  const startedAt = performance.now();
  let halfMb: number | undefined;
  let delivered = 0;
  while (delivered < deliveries && performance.now() - startedAt < longestMs) {
    while (load.offered() < Math.min(delivered + ahead, deliveries)) load.burst(step);
    await sleep(200);
    ({ delivered } = await fleet.counts());
    if (delivered >= deliveries / 2) halfMb ??= sum(await sizesOf(pool, schema));
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const tables = await sizesOf(pool, schema);
  return {
    engine: engine.name,
    figure: engine.figure,
    deliveries: delivered,
    perSecond: delivered / seconds,
    beforeMb,
    halfMb: halfMb ?? sum(tables),
    afterMb: sum(tables),
    tables,
  };
}

async function sizesOf(pool: pg.Pool, schema: string): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ name: string; mb: number }>(
    `select relname as name, pg_total_relation_size(oid)::float8 / 1048576 as mb from pg_class
    where relnamespace = $1::regnamespace and relkind in ('r', 'p') order by 2 desc`,
    [schema],
  );
  return Object.fromEntries(rows.map(({ name, mb }) => [name, mb]));
}

const sum = (sizes: Readonly<Record<string, number>>) =>
  Object.values(sizes).reduce((all, one) => all + one, 0);
