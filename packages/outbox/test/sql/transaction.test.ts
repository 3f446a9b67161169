import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type pg from 'pg';
import { createPostgresOutbox, type Outbox, type Transaction } from '../../src/index.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { change, delivering, ended, eventOf, trialOf } from '../support/trial.ts';

let server: PostgresServer;
let pool: pg.Pool;
let outbox: Outbox<Transaction>;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url, 20);
  outbox = await createPostgresOutbox({ pool });
  await pool.query('create table ticket (id text primary key, state text not null)');
});
afterAll(async () => {
  await outbox.close();
  await pool.end();
  await server.stop();
});
beforeEach(async () => {
  await pool.query(`truncate ticket; ${emptyTables()}`);
});

async function inTransaction(
  end: 'commit' | 'rollback',
  work: (client: pg.PoolClient) => Promise<unknown>,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await work(client);
    await client.query(end);
  } finally {
    client.release();
  }
}

/** What would be delivered of each ticket, in order. */
async function delivered(count: number): Promise<string[]> {
  const seen: string[] = [];
  const trial = await trialOf((onEvent) => createPostgresOutbox({ pool, pace: 'burst', onEvent }));
  await trial.outbox.run(
    delivering((delivery) => {
      seen.push(`${delivery.change.ticketId} ${eventOf(delivery)}`);
      return { kind: 'done' };
    }),
  );
  await trial.until(ended('done'), count);
  await trial.outbox.close();
  return seen;
}

describe('a change that is accepted in a transaction', () => {
  test('is stored together with the rows of the service', async () => {
    await inTransaction('commit', async (tx) => {
      await tx.query(`insert into ticket values ('TICKET-1', 'in-progress')`);
      await outbox.accept(change('TICKET-1'), { tx });
      expect(await outbox.inspect.depth()).toMatchObject({ waiting: 0 });
    });
    expect(await outbox.inspect.depth()).toMatchObject({ waiting: 1 });
  });

  test('vanishes together with them', async () => {
    await inTransaction('rollback', async (tx) => {
      await tx.query(`insert into ticket values ('TICKET-1', 'in-progress')`);
      await outbox.accept(change('TICKET-1'), { tx });
    });
    expect(await outbox.inspect.depth()).toMatchObject({ waiting: 0 });
    expect((await pool.query('select 1 from ticket')).rows).toEqual([]);
  });

  test('goes by what an adapter makes of other clients', async () => {
    const client = await pool.connect();
    const types: number[] = [];
    await client.query('begin');
    await outbox.accept(change('TICKET-1'), {
      tx: {
        async executeSql(text, values) {
          const result = await client.query(text, values);
          types.push(...result.fields.map(({ dataTypeID }) => dataTypeID));
          return result;
        },
      },
    });
    await client.query('commit');
    client.release();
    // Nothing but text, which every client reads.
    expect(new Set(types)).toEqual(new Set([25]));
    expect(await outbox.inspect.depth()).toMatchObject({ waiting: 1 });
  });
});

describe('what is no transaction', () => {
  test.each([
    ['a pool, in which each statement is one of its own', () => pool],
    ['what no adapter has made', () => ({})],
    ['a client whose query is no function', () => ({ query: {} })],
    ['nothing', () => null],
  ])('is refused: %s', async (_, tx) => {
    await expect(outbox.accept(change('TICKET-1'), { tx: tx() as never })).rejects.toThrow(
      'accept: "tx" must be the client of pg that is in the transaction',
    );
    expect(await outbox.inspect.depth()).toMatchObject({ waiting: 0 });
  });
});

describe('the order of a ticket', () => {
  test('is that of the calls, where one transaction makes several', async () => {
    const tickets = Array.from({ length: 10 }, (_, index) => `TICKET-${index}`);
    await Promise.all(
      tickets.map((ticketId) =>
        inTransaction('commit', async (tx) => {
          for (const event of ['A', 'B', 'C']) await outbox.accept(change(ticketId, event), { tx });
        }),
      ),
    );
    const seen = await delivered(30);
    for (const ticket of tickets) {
      expect(seen.filter((line) => line.startsWith(`${ticket} `))).toEqual(
        ['A', 'B', 'C'].map((event) => `${ticket} ${event}`),
      );
    }
  });

  test('is that of the commits, where a transaction waited for another', async () => {
    for (let round = 0; round < 5; round += 1) {
      const ticketId = `TICKET-${round}`;
      await pool.query('insert into ticket values ($1, $2)', [ticketId, 'open']);
      const isLocked = Promise.withResolvers<void>();
      const mayCommit = Promise.withResolvers<void>();
      const lock = (tx: pg.PoolClient) =>
        tx.query('select 1 from ticket where id = $1 for update', [ticketId]);
      const first = inTransaction('commit', async (tx) => {
        await lock(tx);
        isLocked.resolve();
        await mayCommit.promise;
        await outbox.accept(change(ticketId, 'FIRST'), { tx });
      });
      await isLocked.promise;
      // Its transaction begins before the first change is made, and gets its turn after it.
      const second = inTransaction('commit', async (tx) => {
        await tx.query('select now()');
        mayCommit.resolve();
        await lock(tx);
        await outbox.accept(change(ticketId, 'SECOND'), { tx });
      });
      await Promise.all([first, second]);
    }
    const seen = await delivered(10);
    for (let round = 0; round < 5; round += 1) {
      expect(seen.filter((line) => line.startsWith(`TICKET-${round} `))).toEqual([
        `TICKET-${round} FIRST`,
        `TICKET-${round} SECOND`,
      ]);
    }
  });

  test('a change waits for the transaction before it, and others do not', async () => {
    const client = await pool.connect();
    await client.query('begin');
    await outbox.accept(change('TICKET-1', 'FIRST'), { tx: client });
    await outbox.accept(change('TICKET-2', 'OTHER'));
    const second = outbox.accept(change('TICKET-1', 'SECOND'));
    expect(await outbox.inspect.depth()).toMatchObject({ waiting: 1 });
    await client.query('commit');
    client.release();
    await second;
    expect((await delivered(3)).filter((line) => line.startsWith('TICKET-1'))).toEqual([
      'TICKET-1 FIRST',
      'TICKET-1 SECOND',
    ]);
  });
});
