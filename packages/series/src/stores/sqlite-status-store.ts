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

/** What the store needs of a database: `DatabaseSync` of `node:sqlite` has it, and better-sqlite3. */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): {
    get(...values: (string | number | null)[]): unknown;
    all(...values: (string | number | null)[]): unknown;
    run(...values: (string | number | null)[]): unknown;
  };
}

export { type AuditLog, type HistoryOptions } from './audit-log.ts';
export { type StoreOptions } from './table.ts';

/** A store that also keeps an audit log: what happened to each ticket. Nothing has to be awaited. */
export interface SqliteStatusStore extends Required<StatusStore>, AuditLog {
  get(ticketId: string): KnownState | undefined;
  set(ticketId: string, known: KnownState): void;
  delete(ticketId: string): void;
  list(states: readonly string[]): readonly StoredTicket[];
  record(this: void, ...asked: Parameters<AuditLog['record']>): void;
  history(
    this: void,
    ...asked: Parameters<AuditLog['history']>
  ): Awaited<ReturnType<AuditLog['history']>>;
}

/**
 * A store in a table of your SQLite database. It makes the table, if there is none. A second table is
 * an audit log: pass `store.record` as the workflow's `onChange`, and `store.history(ticketId)` says
 * what happened.
 *
 * Several processes may share the file, and during a restart two do: open it with a `timeout`, so that
 * they wait for each other. Without it the second one gets an error, and its entry is written later.
 *
 * @throws TypeError for a table name that SQLite would have to quote
 * @throws Error when a newer version of this package has made the table
 *
 * @example
 * ```ts
 * import { DatabaseSync } from 'node:sqlite';
 * import { createSqliteStatusStore } from '@ticket-lifecycle/series/sqlite';
 *
 * const store = createSqliteStatusStore(new DatabaseSync(':memory:', { timeout: 5000 }));
 * store.set('TICKET-1', { state: 'open', seenAt: Date.now() });
 * console.log(store.get('TICKET-1')?.state); // open
 * ```
 */
export function createSqliteStatusStore(
  db: SqliteDatabase,
  options: StoreOptions = {},
): SqliteStatusStore {
  const table = tableName('createSqliteStatusStore', options);
  makeTable(db, table);
  const get = db.prepare(`SELECT ${columns} FROM ${table} WHERE ticket_id = ?`);
  const set = db.prepare(
    `INSERT INTO ${table} (ticket_id, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (ticket_id) DO UPDATE SET state = excluded.state, status = excluded.status,
       seen_at = excluded.seen_at, entered_at = excluded.entered_at, assumed = excluded.assumed,
       fingerprint = excluded.fingerprint, going_to = excluded.going_to`,
  );
  const remove = db.prepare(`DELETE FROM ${table} WHERE ticket_id = ?`);
  const list = db.prepare(
    `SELECT ticket_id, ${columns} FROM ${table}
     WHERE state IN (SELECT value FROM json_each(?1))
       OR going_to IS NOT NULL AND going_to IN (SELECT value FROM json_each(?1))
     ORDER BY entered_at, ticket_id`,
  );
  const record = db.prepare(
    `INSERT INTO ${table}_audit (id, ticket_id, at, entry) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO NOTHING`,
  );
  const latest = `SELECT entry FROM ${table}_audit WHERE ticket_id = ?`;
  const history = db.prepare(`${latest} ORDER BY seq DESC LIMIT ?`);
  const historyBefore = db.prepare(
    `${latest} AND seq < (SELECT seq FROM ${table}_audit WHERE id = ?) ORDER BY seq DESC LIMIT ?`,
  );
  const store: SqliteStatusStore = {
    record(entry) {
      record.run(entry.id, entry.ticketId, entry.at, JSON.stringify(entry));
    },
    history(ticketId, asked = {}) {
      const { limit, before } = historyQuery(asked);
      const rows =
        before === null ? history.all(ticketId, limit) : historyBefore.all(ticketId, before, limit);
      return entriesOf(rows as { readonly entry: string }[], ticketId);
    },
    get(ticketId) {
      const row = get.get(ticketId) as Row | undefined;
      return row === undefined ? undefined : knownIn(row);
    },
    set(ticketId, { state, status, seenAt, enteredAt, assumed, fingerprint, goingTo }) {
      const times = [seenAt, enteredAt ?? null] as const;
      const how = [assumed ? 1 : 0, fingerprint ?? null, goingTo ?? null] as const;
      set.run(ticketId, state, status ?? null, ...times, ...how);
    },
    delete(ticketId) {
      remove.run(ticketId);
    },
    list: (states) => storedIn(list.all(JSON.stringify(states)) as readonly unknown[]),
    keepsGoingTo: true,
  };
  return keptIn(store, db, table);
}

/** Makes the tables, all or none; a savepoint also works inside a transaction of the caller. */
function makeTable(db: SqliteDatabase, table: string): void {
  if (isMade(db, table)) return;
  db.exec('SAVEPOINT ticket_lifecycle');
  try {
    // A write comes first: SQLite waits for another process only at the beginning of a transaction, and
    // each then sees what the one before it has made.
    db.exec(`CREATE TABLE IF NOT EXISTS ${table}_version (version INTEGER NOT NULL) STRICT`);
    db.exec(`UPDATE ${table}_version SET version = version`);
    if (!isMade(db, table)) create(db, table);
    db.exec('RELEASE ticket_lifecycle');
  } catch (error) {
    db.exec('ROLLBACK TO ticket_lifecycle; RELEASE ticket_lifecycle');
    throw error;
  }
}

function isMade(db: SqliteDatabase, table: string): boolean {
  const named = db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?");
  if ((named.get(`${table}_version`) ?? undefined) === undefined) return false;
  const row = db.prepare(`SELECT max(version) AS version FROM ${table}_version`).get();
  const { version } = row as { readonly version: number | bigint | null };
  if (Number(version) > tableVersion) throw wrongVersion(table, Number(version));
  return version !== null;
}

function create(db: SqliteDatabase, table: string): void {
  db.exec(`CREATE TABLE IF NOT EXISTS ${table} (
    ticket_id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    status TEXT,
    seen_at INTEGER NOT NULL,
    entered_at INTEGER,
    assumed INTEGER NOT NULL CHECK (assumed IN (0, 1)),
    fingerprint TEXT,
    going_to TEXT
  ) STRICT, WITHOUT ROWID`);
  db.exec(`CREATE INDEX IF NOT EXISTS ${table}_state ON ${table} (state, entered_at)`);
  db.exec(goingToIndex(table));
  db.exec(`CREATE TABLE IF NOT EXISTS ${table}_audit (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    ticket_id TEXT NOT NULL,
    at TEXT NOT NULL,
    entry TEXT NOT NULL
  ) STRICT`);
  db.exec(`CREATE INDEX IF NOT EXISTS ${table}_audit_ticket ON ${table}_audit (ticket_id, seq)`);
  db.exec(`INSERT INTO ${table}_version (version) VALUES (${tableVersion})`);
}
