import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type pg from 'pg';
import type { Life } from '../../src/model/claim.ts';
import type { Store } from '../../src/model/store.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { merges, runSteps, type Step } from '../support/sessions.ts';
import { openPostgresStore } from '../support/sql-stores.ts';

let server: PostgresServer;
let pool: pg.Pool;
let store: Store<never>;
let life: Life;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url, 10);
  store = await openPostgresStore(pool, 'ticket_outbox', { isAlone: true });
  life = await store.enter();
});
afterAll(async () => {
  await store.close();
  await pool.end();
  await server.stop();
});

const accepting = (of: 'A' | 'B', how: 'commit' | 'rollback'): Step[] =>
  (['begin', 'accept', how] as const).map((what) => ({ of, do: what }));

const dispatching: Record<string, Step[]> = {
  'claims and ends': [
    { of: 'C', do: 'claim' },
    { of: 'C', do: 'end', kind: 'done' },
  ],
  'claims, and tries again': [
    { of: 'C', do: 'claim' },
    { of: 'C', do: 'end', kind: 'retry' },
  ],
  'claims, and is declared dead': [
    { of: 'C', do: 'claim' },
    { of: 'C', do: 'give-up' },
  ],
  'takes slots, and claims': [
    { of: 'C', do: 'take' },
    { of: 'C', do: 'claim' },
  ],
  'claims, and somebody cancels': [
    { of: 'C', do: 'claim' },
    { of: 'C', do: 'cancel' },
  ],
  'somebody cancels, and it claims': [
    { of: 'C', do: 'cancel' },
    { of: 'C', do: 'claim' },
  ],
};
const byHand: Record<string, Step[]> = Object.fromEntries(
  (['redrive', 'skip', 'cancel'] as const).map((what) => [
    `claims what is dead, and somebody does: ${what}`,
    [
      { of: 'C', do: 'claim' },
      { of: 'C', do: 'end', kind: 'dead' },
      { of: 'C', do: what },
    ] satisfies Step[],
  ]),
);

// All of them take some minutes: EVERY_PERMUTATION=1 runs them.
const every = process.env['EVERY_PERMUTATION'] === undefined ? 13 : 1;
const of = (count: number) => Math.ceil(count / every);

let run = 0;
/** Runs every permutation on real sessions and on the memory store, and names where they differ. */
async function differences(
  lists: readonly Step[][],
  isOneTicket: boolean,
): Promise<[number, unknown[]]> {
  const found: unknown[] = [];
  const all = merges<Step>(lists).filter((_, at) => at % every === 0);
  for (const steps of all) {
    run += 1;
    const tickets = { A: `T-${run}`, B: isOneTicket ? `T-${run}` : `U-${run}` };
    const ran = await runSteps(pool, store, life, steps, tickets);
    const { real, memory } = ran;
    life = ran.life;
    if (JSON.stringify(real) !== JSON.stringify(memory)) {
      const line = (step: Step) => `${step.of} ${step.do}`;
      const at = real.findIndex(
        (one, index) => JSON.stringify(one) !== JSON.stringify(memory[index]),
      );
      found.push(
        `${steps.map(line).join(', ')}: ${JSON.stringify(real[at])}, in memory ${JSON.stringify(memory[at])}`,
      );
    }
    if (found.length > 2) break;
  }
  return [all.length, found];
}

describe('every permutation of the steps of real sessions ends as in memory', () => {
  test.each(Object.entries(dispatching))(
    'two transactions of one ticket, and a dispatcher: %s',
    async (_, steps) => {
      const lists = [accepting('A', 'commit'), accepting('B', 'commit'), steps];
      expect(await differences(lists, true)).toEqual([of(560), []]);
    },
  );

  test.each([
    ['commit', 'rollback', true],
    ['rollback', 'commit', true],
    ['commit', 'commit', false],
  ] as const)(
    'two transactions, %s and %s (of one ticket: %s), and a dispatcher that claims and ends',
    async (a, b, isOneTicket) => {
      const lists = [accepting('A', a), accepting('B', b), dispatching['claims and ends'] ?? []];
      expect(await differences(lists, isOneTicket)).toEqual([of(560), []]);
    },
  );

  test.each(Object.entries(byHand))('a transaction, and a dispatcher: %s', async (_, steps) => {
    for (const how of ['commit', 'rollback'] as const) {
      expect(await differences([accepting('A', how), steps], true)).toEqual([of(20), []]);
    }
  });
});
