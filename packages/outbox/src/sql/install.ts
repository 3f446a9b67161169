import { readFileSync } from 'node:fs';
import type { Database } from './database.ts';
import { fillIn } from './names.ts';

// The build puts the texts themselves in the place of these calls: see tsup.config.ts.
const tables = readFileSync(new URL('./functions/tables.sql', import.meta.url), 'utf8');
const functions = [
  readFileSync(new URL('./functions/era.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./functions/dispatch-lock.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./functions/admit.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./functions/accept.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./functions/circuit.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./functions/claim.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./functions/take-slots.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./functions/end-claims.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./functions/live.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./functions/sweep.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./functions/end-by-hand.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./functions/tidy.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./functions/blockers.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./functions/blocked.sql', import.meta.url), 'utf8'),
  readFileSync(new URL('./functions/inspect.sql', import.meta.url), 'utf8'),
].join('\n');

/** Counts up with every change of the tables and functions above. */
export const schemaVersion = 37;

// Nobody has those before: they were never released.
const oldestVersion = 36;

// Postgres 14 is the oldest that the tests pass on.
const oldestServer = 140_000;

// Others may be starting or delivering at the same time, and hold what we want in another order.
const attempts = 5;
const retryMs = 200;

/** Makes our tables and functions where they are missing or old. */
export async function install(database: Database, schema: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    // An index that exists already would still lock out the workers while it is looked for.
    if ((await checkedVersion(database, schema)) === schemaVersion) return;
    try {
      await database.transaction(async (tx) => {
        // It may take long, and an attempt that is cut off has done nothing.
        await tx.executeSql(withoutLimit);
        await tx.executeSql(installation(schema));
      });
      return;
    } catch (error) {
      if (attempt === attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMs * attempt));
    }
  }
}

/** Throws where nobody has installed the outbox, or where it is of another version. */
export async function demandInstalled(database: Database, schema: string): Promise<void> {
  const version = await checkedVersion(database, schema);
  if (version === 0) {
    throw new Error(
      `There is no outbox in the schema ${schema} of this database. Name the schema that has it, or make it: ticket-lifecycle outbox install.`,
    );
  }
  if (version < schemaVersion) {
    throw new Error(
      `The outbox in the schema ${schema} is of version ${version}, older than the ${schemaVersion} that this release works with. Upgrade it: ticket-lifecycle outbox install.`,
    );
  }
}

// Older servers have no transaction_timeout.
const withoutLimit = `select set_config(s.name, '0', true) from pg_settings s
  where s.name in ('statement_timeout', 'transaction_timeout')`;

/** The version that is there, or 0. Throws for one that this release can't work with. */
async function checkedVersion(database: Database, schema: string): Promise<number> {
  const [server] = await database.query<{ version: string; place: string | null }>(
    `select current_setting('server_version_num') as version,
      to_regclass('${schema}.outbox_version')::text as place`,
  );
  if (Number(server?.version) < oldestServer) {
    throw new Error(`The outbox needs Postgres 14 or newer, found ${server?.version}.`);
  }
  if (typeof server?.place !== 'string') return 0;
  const version = await database.transaction(async (tx) => {
    // The lock of a whole table lasts, and nobody would learn what is waited for.
    await tx.executeSql("set local lock_timeout = '2s'");
    const { rows } = await tx.executeSql(
      `select max(version)::text as version from ${schema}.outbox_version`,
    );
    const [found] = rows as { readonly version: string | null }[];
    return Number(found?.version ?? 0);
  });
  if (version > schemaVersion) {
    throw new Error(
      `The outbox in the schema ${schema} is of version ${version}, newer than the ${schemaVersion} that this release works with. Upgrade this process.`,
    );
  }
  if (version > 0 && version < oldestVersion) {
    throw new Error(
      `The outbox in the schema ${schema} is of version ${version}, which this release can't upgrade. Let the release that made it deliver what waits, and give this one another schema.`,
    );
  }
  return version;
}

/** One statement, so that it happens as a whole; one process does it, and the others find it done. */
const installation = (schema: string) => `
do $install$ begin
  perform pg_advisory_xact_lock(hashtextextended('${schema}/install', 0));
  -- Whoever may not make schemas may still use one that is there.
  if not exists (select from pg_namespace where nspname = '${schema}') then
    execute 'create schema ${schema}';
  end if;
  execute $tables$ ${fillIn(tables, schema)} $tables$;
  -- An older process that starts during an upgrade must not bring its functions back.
  if (select coalesce(max(version), 0) from ${schema}.outbox_version) >= ${schemaVersion} then
    return;
  end if;
  execute $functions$ ${fillIn(functions, schema)} $functions$;
  delete from ${schema}.outbox_version;
  insert into ${schema}.outbox_version values (${schemaVersion});
end $install$`;
