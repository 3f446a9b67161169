import { afterAll, beforeAll, expect, test } from 'vitest';
import type pg from 'pg';
import { createPostgresOutbox } from '../../src/index.ts';
import { eventually } from '../support/fleet.ts';
import { poolOf, startPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { change, delivering, ended, trialOf } from '../support/trial.ts';

let server: PostgresServer;
let pool: pg.Pool;
beforeAll(async () => {
  server = await startPostgres({ fsync: false });
  pool = poolOf(server.url, 10);
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

/** What each version had otherwise. */
const before: Readonly<Record<number, string>> = {
  36: `alter table @change add column fence int; alter table @lane add column ended_fence int;
    drop function @accept(jsonb)`,
};

test.each(Object.entries(before))(
  'an outbox of version %s goes on with all that it holds',
  async (version, undo) => {
    const place = { pool, schema: `of_version_${version}`, pace: 'burst' } as const;
    const first = await trialOf((onEvent) => createPostgresOutbox({ ...place, onEvent }));
    const other = await createPostgresOutbox(place);
    const accept = (ticketId: string, options = {}) =>
      other.accept(change(ticketId, 'START', { key: ticketId }), options);
    const dead = await accept('DEAD');
    await accept('RETRY');
    await first.outbox.run(
      delivering(({ change: { ticketId } }) =>
        ticketId === 'DEAD'
          ? { kind: 'dead', reason: 'no way' }
          : { kind: 'retry', reason: 'no', delayMs: 60_000 },
      ),
    );
    await first.until(ended('dead'));
    await first.until(ended('retry'));
    await first.outbox.close();
    await accept('WAITS');
    await accept('PAUSED');
    await accept('LATER', { notBefore: new Date(Date.now() + 1500) });
    await other.pause('PAUSED', 'by hand');
    await other.close();
    await pool.query(
      `${undo}; update @version set version = ${version};
      update @lane set retry_at = now() where retry_at is not null`.replaceAll(
        '@',
        `${place.schema}.outbox_`,
      ),
    );

    const { outbox, until, events } = await trialOf((onEvent) =>
      createPostgresOutbox({ ...place, onEvent }),
    );
    await outbox.run(delivering());
    await until(ended('done'), 3);
    expect(await outbox.inspect.depth()).toMatchObject({ dead: 1, waiting: 1, later: 0 });
    expect(await outbox.redrive(dead)).toBe(true);
    expect(await outbox.resume('PAUSED')).toBe(true);
    await until(ended('done'), 5);
    await eventually(async () => (await outbox.inspect.depth()).waiting === 0);
    expect(events.filter(({ type }) => type === 'error' || type === 'fenced')).toEqual([]);
    await outbox.close();
  },
);
