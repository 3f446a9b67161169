import { readFileSync } from 'node:fs';
import type { PgBoss } from 'pg-boss';
import type { Database, Queryable } from './database.ts';
import { changesQueue, fillIn, laterQueue, type Names } from './names.ts';

// The build puts the texts themselves in the place of these calls: see tsup.config.ts.
const tables = readFileSync(new URL('./tables.sql', import.meta.url), 'utf8');
const functions = [
  readFileSync(new URL('./dispatch-lock.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./claim.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./compare-claims.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./take-slots.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./end-claims.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./sweep.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./end-by-hand.sql', import.meta.url), 'utf8'),
].join('\n');

/** Counts up with every change of the tables and functions above. */
const schemaVersion = 4;

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

// Others may be starting or delivering at the same time, and hold what we want in another order.
const attempts = 5;
const retryMs = 200;

/** Makes the queues, and our tables and functions beside them, where they are missing or old. */
export async function install(
  boss: PgBoss,
  database: Database,
  db: Queryable,
  schema: string,
): Promise<Names> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      // An index that exists already would still lock out the workers while it is looked for.
      if ((await installedVersion(database, schema)) < schemaVersion) {
        await createQueue(boss, changesQueue, 'key_strict_fifo');
        await createQueue(boss, laterQueue, 'standard');
        await db.executeSql(upgradeOf(await namesOf(boss, schema)));
      }
      return await namesOf(boss, schema);
    } catch (error) {
      if (attempt === attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMs * attempt));
    }
  }
}

/** One statement, so that it happens as a whole; one process does it, and the others find it done. */
const upgradeOf = (names: Names) => `
do $install$ begin
  perform pg_advisory_xact_lock(hashtextextended('${names.schema}/install', 0));
  execute $tables$ ${fillIn(tables, names)} $tables$;
  -- An older process that starts during an upgrade must not bring its functions back.
  if (select coalesce(max(version), 0) from ${names.schema}.outbox_version) >= ${schemaVersion} then
    return;
  end if;
  execute $functions$ ${fillIn(functions, names)} $functions$;
  delete from ${names.schema}.outbox_version;
  insert into ${names.schema}.outbox_version values (${schemaVersion});
end $install$`;

async function createQueue(boss: PgBoss, name: string, policy: string): Promise<void> {
  if ((await boss.getQueue(name)) === null) await boss.createQueue(name, { policy, ...keeping });
}

/** The version that is there, or 0. */
async function installedVersion(database: Database, schema: string): Promise<number> {
  const [place] = await database.query<{ name: string | null }>(
    `select to_regclass('${schema}.outbox_version')::text as name`,
  );
  if (typeof place?.name !== 'string') return 0;
  const [found] = await database.query<{ version: number | null }>(
    `select max(version) as version from ${schema}.outbox_version`,
  );
  return found?.version ?? 0;
}

/** Finds the tables of the queues. They must be ours: others would let changes pass each other. */
export async function namesOf(boss: PgBoss, schema: string): Promise<Names> {
  const [changes, later] = [await boss.getQueue(changesQueue), await boss.getQueue(laterQueue)];
  if (changes === null || later === null) {
    throw new Error(`The queues of the outbox are missing in the schema ${schema}.`);
  }
  if (changes.policy !== 'key_strict_fifo' || later.policy !== 'standard') {
    throw new Error(
      `The schema ${schema} has queues named ${changesQueue} and ${laterQueue} that are not of an outbox. Give it a schema of its own.`,
    );
  }
  return { schema, jobs: changes.table, later: later.table };
}

/** Throws where nobody has installed the outbox, or where ours is newer than what is there. */
export async function demandInstalled(database: Database, schema: string): Promise<void> {
  const version = await installedVersion(database, schema);
  if (version === 0)
    throw new Error(`There is no outbox in the schema ${schema} of this database.`);
  if (version < schemaVersion) {
    throw new Error(`The outbox in the schema ${schema} is of an older version: install it first.`);
  }
}
