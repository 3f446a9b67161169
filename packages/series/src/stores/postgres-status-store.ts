import type { KnownState, StatusStore, StoredTicket } from '../tickets/status-store.ts';
import { entriesOf, historyQuery, type AuditLog } from './audit-log.ts';
import {
  columns,
  goingToIndex,
  keptIn,
  knownIn,
  storedIn,
  tableName,
  tableVersion,
  wrongVersion,
  type Row,
  type StoreOptions,
} from './table.ts';

/** Runs one statement with `$1`-style parameters, and gives its rows, alone or as `rows`. */
export type PostgresQuery = (
  text: string,
  values: unknown[],
) => Promise<readonly unknown[] | { readonly rows: readonly unknown[] }>;

/** What has such a function as its method: a pool or client of `pg`, and PGlite. */
export interface PostgresQueryable {
  // A method, so that the many overloads of `pg` fit.
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

export { type AuditLog, type HistoryOptions } from './audit-log.ts';
export { type StoreOptions } from './table.ts';

/** A store that also keeps an audit log: what happened to each ticket. */
export interface PostgresStatusStore extends Required<StatusStore>, AuditLog {
  get(ticketId: string): Promise<KnownState | undefined>;
  set(ticketId: string, known: KnownState): Promise<void>;
  delete(ticketId: string): Promise<void>;
  list(states: readonly string[]): Promise<readonly StoredTicket[]>;
  record(this: void, ...asked: Parameters<AuditLog['record']>): Promise<void>;
  history(
    this: void,
    ...asked: Parameters<AuditLog['history']>
  ): Promise<Awaited<ReturnType<AuditLog['history']>>>;
}

/**
 * A store in a table of your Postgres database. It makes the table at first use, if there is none; many
 * processes may do so at once. A second table is an audit log: pass `store.record` as the workflow's
 * `onChange`, and `store.history(ticketId)` says what happened.
 *
 * It takes a pool of `pg`, PGlite, or a function that runs a statement: with Kysely,
 * `(sql, values) => db.executeQuery(CompiledQuery.raw(sql, values))`; with postgres.js,
 * `(text, values) => sql.unsafe(text, values)`.
 *
 * @throws TypeError for a table name that Postgres would have to quote
 *
 * @example
 * ```ts
 * import { createPostgresStatusStore } from '@ticket-lifecycle/series/postgres';
 *
 * const statements: string[] = [];
 * const store = createPostgresStatusStore(async (text) => {
 *   statements.push(text);
 *   return [];
 * });
 * console.log(await store.get('TICKET-1')); // undefined
 * ```
 */
export function createPostgresStatusStore(
  database: PostgresQueryable | PostgresQuery,
  options: StoreOptions = {},
): PostgresStatusStore {
  const table = tableName('createPostgresStatusStore', options);
  let ready: Promise<void> | undefined;
  const store: PostgresStatusStore = {
    async record(entry) {
      const sql = `INSERT INTO ${table}_audit (id, ticket_id, at, entry) VALUES ($1, $2, $3, $4)
        ON CONFLICT (id) DO NOTHING`;
      await run(sql, [entry.id, textFor(entry.ticketId), entry.at, JSON.stringify(entry)]);
    },
    async history(ticketId, asked = {}) {
      const { limit, before } = historyQuery(asked);
      const at = before === null ? null : textFor(before);
      const sql = `SELECT entry FROM ${table}_audit WHERE ticket_id = $1 AND ($2::text IS NULL
        OR seq < (SELECT seq FROM ${table}_audit WHERE id = $2)) ORDER BY seq DESC LIMIT $3`;
      const rows = await run<{ readonly entry: string }>(sql, [textFor(ticketId), at, limit]);
      return entriesOf(rows, ticketId);
    },
    async get(ticketId) {
      const sql = `SELECT ${columns} FROM ${table} WHERE ticket_id = $1`;
      const [row] = await run<Row>(sql, [ticketId]);
      return row === undefined ? undefined : knownIn(row);
    },
    async set(ticketId, { state, status, seenAt, enteredAt, assumed, fingerprint, goingTo }) {
      const sql = `INSERT INTO ${table} (ticket_id, ${columns})
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (ticket_id) DO UPDATE SET state = excluded.state, status = excluded.status,
          seen_at = excluded.seen_at, entered_at = excluded.entered_at,
          assumed = excluded.assumed, fingerprint = excluded.fingerprint,
          going_to = excluded.going_to`;
      const times = [seenAt, enteredAt ?? null];
      const how = [assumed === true, fingerprint ?? null, goingTo ?? null];
      await run(sql, [ticketId, state, status ?? null, ...times, ...how]);
    },
    async delete(ticketId) {
      await run(`DELETE FROM ${table} WHERE ticket_id = $1`, [ticketId]);
    },
    async list(states) {
      const sql = `SELECT ticket_id, ${columns} FROM ${table}
        WHERE state = ANY (ARRAY (SELECT jsonb_array_elements_text($1::text::jsonb)))
          OR going_to IS NOT NULL
            AND going_to = ANY (ARRAY (SELECT jsonb_array_elements_text($1::text::jsonb)))
        ORDER BY entered_at, ticket_id`;
      return storedIn(await run(sql, [JSON.stringify(states)]));
    },
    keepsGoingTo: true,
  };
  return keptIn(store, database, table);

  async function run<Found>(text: string, values: unknown[]): Promise<readonly Found[]> {
    // A database that was away when the table was to be made is asked again.
    ready ??= makeTable().catch((error: unknown) => {
      ready = undefined;
      throw error;
    });
    await ready;
    return query<Found>(text, values);
  }

  async function query<Found>(text: string, values: unknown[]): Promise<readonly Found[]> {
    const answer =
      typeof database === 'function'
        ? await database(text, values)
        : await database.query(text, values);
    return ('rows' in answer ? answer.rows : answer) as readonly Found[];
  }

  async function makeTable(): Promise<void> {
    await query(creationOf(table), []);
    const [row] = await query<{ readonly version: number | string }>(
      `SELECT max(version) AS version FROM ${table}_version`,
      [],
    );
    const version = Number(row?.version ?? tableVersion);
    if (version > tableVersion) throw wrongVersion(table, version);
  }
}

// What somebody asked for may be no id at all. Postgres takes no text with a zero in it, and none of
// more than 2704 bytes into an index. No id of a ticket is as long as what is kept.
const longestKey = 600;
const textFor = (ticketId: string): string =>
  ticketId.slice(0, longestKey).replaceAll('\0', '\uFFFD');

/**
 * One statement, so that it is all or nothing on any connection. `CREATE TABLE IF NOT EXISTS` fails
 * where two processes run it at once, hence the lock, and for a user who may not create tables even
 * if they are there, hence the question before it.
 */
const creationOf = (table: string): string => `DO $ticket_lifecycle$
BEGIN
  IF to_regclass('${table}_version') IS NULL THEN
    PERFORM pg_advisory_xact_lock(hashtext('ticket-lifecycle'), hashtext('${table}'));
    CREATE TABLE IF NOT EXISTS ${table} (
      ticket_id text PRIMARY KEY,
      state text NOT NULL,
      status text,
      seen_at bigint NOT NULL,
      entered_at bigint,
      assumed boolean NOT NULL,
      fingerprint text,
      going_to text
    );
    CREATE INDEX IF NOT EXISTS ${table}_state ON ${table} (state, entered_at);
    ${goingToIndex(table)};
    CREATE TABLE IF NOT EXISTS ${table}_audit (
      seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      id text NOT NULL UNIQUE,
      ticket_id text NOT NULL,
      at timestamptz NOT NULL,
      entry text NOT NULL
    );
    CREATE INDEX IF NOT EXISTS ${table}_audit_ticket ON ${table}_audit (ticket_id, seq);
    CREATE TABLE IF NOT EXISTS ${table}_version (version integer NOT NULL);
    INSERT INTO ${table}_version (version)
      SELECT ${tableVersion} WHERE NOT EXISTS (SELECT FROM ${table}_version);
  END IF;
END
$ticket_lifecycle$`;
