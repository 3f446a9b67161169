import type { PgBoss } from 'pg-boss';
import { claimFunctions } from './claim-sql.ts';
import type { Database, Queryable } from './database.ts';
import { changesQueue, laterQueue, schemaVersion, tablesOf, type Names } from './schema.ts';
import { settleFunctions } from './settle-sql.ts';

const tenYears = 10 * 365 * 24 * 60 * 60;
const oneDay = 24 * 60 * 60;

// Retention would delete what waits, expiry would retry what is under way, and a limit of retries
// would fail what only met a restart. All three are decided here, not by pg-boss.
const keeping = {
  retentionSeconds: tenYears,
  expireInSeconds: oneDay,
  retryLimit: 1_000_000,
  partition: true,
} as const;

/** Makes the queues, and our tables and functions beside them. */
export async function install(boss: PgBoss, db: Queryable, schema: string): Promise<Names> {
  await createQueue(boss, changesQueue, 'key_strict_fifo');
  await createQueue(boss, laterQueue, 'standard');
  const names = await namesOf(boss, schema);
  // Several processes start at once; one of them installs, the others wait and find it done.
  await db.executeSql(`
    begin;
    select pg_advisory_xact_lock(hashtextextended('${schema}/install', 0));
    ${tablesOf(names)}
    ${(await mayReplace(db, schema)) ? claimFunctions(names) + settleFunctions(names) : ''}
    delete from ${schema}.outbox_version where version <= ${schemaVersion};
    insert into ${schema}.outbox_version select ${schemaVersion}
      where not exists (select from ${schema}.outbox_version);
    commit;
  `);
  return names;
}

async function createQueue(boss: PgBoss, name: string, policy: string): Promise<void> {
  if ((await boss.getQueue(name)) === null) await boss.createQueue(name, { policy, ...keeping });
}

/** An older process that starts during an upgrade must not bring its functions back. */
async function mayReplace(db: Queryable, schema: string): Promise<boolean> {
  const { rows } = await db.executeSql(`select to_regclass('${schema}.outbox_version') as name`);
  if ((rows[0] as { name: unknown }).name === null) return true;
  const found = await db.executeSql(`select max(version) as version from ${schema}.outbox_version`);
  const { version } = found.rows[0] as { version: number | null };
  return version === null || version <= schemaVersion;
}

/** Finds the tables of the queues. */
export async function namesOf(boss: PgBoss, schema: string): Promise<Names> {
  const [changes, later] = [await boss.getQueue(changesQueue), await boss.getQueue(laterQueue)];
  if (changes === null || later === null) {
    throw new Error(`The queues of the outbox are missing in the schema ${schema}.`);
  }
  return { schema, jobs: changes.table, later: later.table };
}

/** Throws where nobody has installed the outbox, or where ours is newer than what is there. */
export async function demandInstalled(database: Database, schema: string): Promise<void> {
  const [place] = await database.query<{ name: string | null }>(
    `select to_regclass('${schema}.outbox_version')::text as name`,
  );
  if (typeof place?.name !== 'string') {
    throw new Error(`There is no outbox in the schema ${schema} of this database.`);
  }
  const [found] = await database.query<{ version: number }>(
    `select max(version) as version from ${schema}.outbox_version`,
  );
  if ((found?.version ?? 0) >= schemaVersion) return;
  throw new Error(`The outbox in the schema ${schema} is of an older version: install it first.`);
}
