import { checkOptions } from '@ticket-lifecycle/internal/option-checks';
import { places } from '../tickets/store-key.ts';
import type { TicketStatus } from '@ticket-lifecycle/core';
import type { KnownState, StatusStore, StoredTicket } from '../tickets/status-store.ts';

/** Settings of a store in a database. */
export interface StoreOptions {
  /**
   * The name of its table. Behind the same name, `_audit` is the audit log, and `_version` says how
   * they are built.
   *
   * @defaultValue 'ticket_status'
   */
  readonly table?: string | undefined;
}

/** How the tables of this version are built; a number for each change of them. */
export const tableVersion = 1;

/** What is stored of a ticket, in the order in which it is written. */
export const columns = 'state, status, seen_at, entered_at, assumed, fingerprint, going_to';

/** A row of the table. Some databases give numbers as a text or as a bigint. */
export interface Row {
  readonly state: string;
  readonly status: TicketStatus | null;
  readonly seen_at: number | string | bigint;
  readonly entered_at: number | string | bigint | null;
  readonly assumed: boolean | number | bigint;
  readonly fingerprint: string | null;
  readonly going_to: string | null;
}

/** What a row says of its ticket. */
export function knownIn({ state, status, fingerprint, ...row }: Row): KnownState {
  const { entered_at: enteredAt, going_to: goingTo } = row;
  return {
    state,
    seenAt: Number(row.seen_at),
    ...(status === null ? {} : { status }),
    ...(enteredAt === null ? {} : { enteredAt: Number(enteredAt) }),
    ...(Number(row.assumed) === 1 ? { assumed: true } : {}),
    ...(fingerprint === null ? {} : { fingerprint }),
    ...(goingTo === null ? {} : { goingTo }),
  };
}

/** The tickets of some rows. */
export const storedIn = (rows: readonly unknown[]): StoredTicket[] =>
  (rows as readonly (Row & { readonly ticket_id: string })[]).map((row) => ({
    ticketId: row.ticket_id,
    ...knownIn(row),
  }));

/** Finds the few tickets of which a change may be under way. */
export const goingToIndex = (table: string): string =>
  `CREATE INDEX IF NOT EXISTS ${table}_going_to ON ${table} (going_to) WHERE going_to IS NOT NULL`;

/** The name of the table, which goes into statements as it is. */
export function tableName(owner: string, options: StoreOptions): string {
  checkOptions(owner, options, {
    table: (value) =>
      typeof value === 'string' && /^[a-z_][a-z0-9_]{0,49}$/.test(value)
        ? undefined
        : 'a name of at most 50 small letters, digits and _',
  });
  return options.table ?? 'ticket_status';
}

const tables = new WeakMap<object, Map<string, object>>();

/** Notes where a store keeps its tickets. Several stores may do so in one table. */
export function keptIn<Store extends StatusStore>(
  store: Store,
  database: object,
  table: string,
): Store {
  const ofDatabase = tables.get(database) ?? new Map<string, object>();
  tables.set(database, ofDatabase);
  const place = ofDatabase.get(table) ?? {};
  ofDatabase.set(table, place);
  places.set(store, place);
  return store;
}

/** The error for a table that this version can't know. */
export const wrongVersion = (table: string, version: number): Error =>
  new Error(
    `The table ${table} has version ${version}, and this package knows ${tableVersion}. Install the newer version of @ticket-lifecycle/series.`,
  );
