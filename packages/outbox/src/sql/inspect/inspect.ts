import { readFileSync } from 'node:fs';
import type { Depth, Inspect } from '../../model/outbox.ts';
import type { Database } from '../database.ts';
import { fillIn, type Names } from '../names.ts';

const blocked = readFileSync(new URL('./blocked.sql', import.meta.url), 'utf8');
const budgets = readFileSync(new URL('./budgets.sql', import.meta.url), 'utf8');
const dead = readFileSync(new URL('./dead.sql', import.meta.url), 'utf8');
const depth = readFileSync(new URL('./depth.sql', import.meta.url), 'utf8');

/** Looks into the tables. */
export function createInspect(
  database: Database,
  names: Names,
  requestsPerSecond: number,
): Inspect {
  return {
    async depth(key) {
      const [row] = await database.query<Depth>(fillIn(depth, names), [key ?? null]);
      if (row === undefined) throw new Error('The database answered without a row.');
      return row;
    },
    blocked: () => database.query(fillIn(blocked, names)),
    dead: () => database.query(fillIn(dead, names)),
    budgets: () => database.query(fillIn(budgets, names), [requestsPerSecond]),
  };
}
