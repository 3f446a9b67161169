import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { engines } from './engines.ts';
import type { Fleet } from './fleet.ts';
import { withFleet, type Ground } from './ground.ts';

/** What an engine did under strain. */
export interface StrainResult {
  readonly cell: string;
  readonly engine: string;
  readonly figure: string;
  /** Deliveries by changes that came, both within the span. */
  readonly done: number;
  readonly isHeld: boolean;
}

interface Cell {
  readonly name: string;
  readonly strain: (fleet: Fleet, schema: string, ground: Ground) => Promise<void>;
}

export const enough = 0.7;
const spanMs = 20_000;
const sustainedPerSecond = 200;
const besideReadersPerSecond = 100;
const readers = 4;
const bursts = 4;
const burstSize = 500;

const cells: readonly Cell[] = [
  {
    name: 'sustained load',
    async strain({ load }) {
      load.rate(sustainedPerSecond);
      await sleep(spanMs);
    },
  },
  {
    name: 'active readers',
    async strain({ load }, schema, { pool }) {
      load.rate(besideReadersPerSecond);
      const until = performance.now() + spanMs;
      await Promise.all(Array.from({ length: readers }, () => read(pool, schema, until)));
    },
  },
  {
    name: 'bursts',
    async strain({ load }) {
      for (let burst = 0; burst < bursts; burst += 1) {
        load.burst(burstSize);
        await sleep(spanMs / bursts);
      }
    },
  },
];

export async function measureStrain(
  ground: Ground,
  progress: (text: string) => void,
): Promise<StrainResult[]> {
  const results: StrainResult[] = [];
  for (const [at, { name, strain }] of cells.entries()) {
    for (const engine of engines) {
      progress(`pressure: ${name}, ${engine.name}`);
      const done = await withFleet(ground, engine, `strain_${at}`, async (fleet, schema) => {
        await strain(fleet, schema, ground);
        return fleet.arrivals.count() / fleet.load.offered();
      });
      progress(`  ${(100 * done).toFixed(0)} % done`);
      results.push({
        cell: name,
        engine: engine.name,
        figure: engine.figure,
        done,
        isHeld: done >= enough,
      });
    }
  }
  return results;
}

/** Reads all tables again and again, each time in one transaction that takes its time. */
async function read(pool: pg.Pool, schema: string, until: number): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name
    from pg_tables where schemaname = $1`,
    [schema],
  );
  const client = await pool.connect();
  try {
    while (performance.now() < until) {
      await client.query('begin isolation level repeatable read, read only');
      for (const { name } of rows) await client.query(`select max(t::text) from ${name} t`);
      await client.query('select pg_sleep(0.1)');
      await client.query('commit');
    }
  } finally {
    client.release();
  }
}
