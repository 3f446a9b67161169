import {
  aFunction,
  milliseconds,
  oneOf,
  optionFault,
  type OptionChecks,
} from '@ticket-lifecycle/internal/option-checks';
import {
  createOutbox,
  checkOutboxOptions,
  createListeners,
  type OutboxOptions,
} from '../create-outbox.ts';
import { blockersOf } from './blockers.ts';
import { callOn } from './call.ts';
import { databaseOf, listenForErrors, readCommitted, type PgPool } from './database.ts';
import { demandInstalled, install } from './install.ts';
import { sharesBackends } from './liveness.ts';
import { opening } from './patient-call.ts';
import type { Outbox } from '../model/outbox.ts';
import type { Transaction } from './accept.ts';
import type { OnEnd } from './end-with-rows.ts';
import { createSqlStore } from './sql-store.ts';
import { defaultKeepEndedMs } from './names.ts';

const pooled =
  'A pooler hands out connections by transaction, so there are no session locks and no notifications.';

/** A worker keeps a connection, so with one alone it would wait for itself. */
function poolOfTwo(value: unknown): string | undefined {
  if (typeof (value as Partial<PgPool> | null)?.connect !== 'function') return 'a pool of pg';
  return sizeOf(value as PgPool) < 2 ? 'a pool of at least 2 connections' : undefined;
}

/** How many connections a pool has, where it says so. */
function sizeOf(pool: PgPool): number {
  const { options } = pool as { readonly options?: { readonly max?: unknown } };
  return typeof options?.max === 'number' ? options.max : Infinity;
}

/** Settings of an outbox on Postgres. */
export interface PostgresOutboxOptions extends OutboxOptions {
  /**
   * A pool of node-postgres, of two connections at least, and of three with `onEnd`. The outbox does
   * not end it; a worker keeps one of them.
   */
  readonly pool: PgPool;
  /**
   * The schema for its tables, which is made where it is missing.
   *
   * @defaultValue 'ticket_outbox'
   */
  readonly schema?: string | undefined;
  /**
   * Whether to make or upgrade its tables. With `never` they have to be there: a role that may not
   * create tables can work with what a step of the deployment has made.
   *
   * @defaultValue 'when-needed'
   */
  readonly install?: 'when-needed' | 'never' | undefined;
  /**
   * How long a change is kept after its end: so long its id can be looked up, and accepting the same
   * id again has no effect.
   *
   * @defaultValue 604_800_000, a week
   */
  readonly keepEndedMs?: number | undefined;
  /**
   * Writes rows of yours in the transaction in which changes end (`done`, `dropped`, `dead` or
   * `unknown`): both are committed, or neither. Use the client that it is given, and nothing else. It
   * may run again where that transaction did not commit. While it throws, the changes are under way,
   * their tickets wait, and it is tried again; an event `error` tells why.
   *
   * @defaultValue nothing is written
   */
  readonly onEnd?: OnEnd | undefined;
}

type OwnOptions = Omit<PostgresOutboxOptions, keyof OutboxOptions>;

const ownChecks: OptionChecks<OwnOptions> = {
  pool: poolOfTwo,
  install: oneOf('when-needed', 'never'),
  keepEndedMs: milliseconds,
  onEnd: aFunction,
  schema: (value) =>
    typeof value === 'string' && /^[a-z_][a-z0-9_]{0,40}$/.test(value)
      ? undefined
      : 'a name of lower-case letters, digits and underscores',
};

/**
 * Opens an outbox on the service's own Postgres, for any number of processes.
 *
 * @throws TypeError for options that make no sense
 * @throws DatabaseError where the database can't be reached, or doesn't let the pool's role do this
 *
 * @example
 * ```ts
 * import { createPostgresOutbox, type PgPool } from '@ticket-lifecycle/outbox';
 *
 * // With pg: const pool = new Pool({ connectionString: process.env.DATABASE_URL });
 * export const open = (pool: PgPool) => createPostgresOutbox({ pool });
 * ```
 */
export async function createPostgresOutbox(
  options: PostgresOutboxOptions,
): Promise<Outbox<Transaction>> {
  const settings = checkOutboxOptions('createPostgresOutbox', options, ownChecks, ['pool']);
  if (options.onEnd !== undefined && sizeOf(options.pool) < 3) {
    const expected = 'a pool of at least 3 connections with "onEnd"';
    throw new TypeError(optionFault('createPostgresOutbox', 'pool', expected, 'a smaller one'));
  }
  const { pool, schema = 'ticket_outbox', install: installing = 'when-needed' } = options;
  const listeners = createListeners(options.onEvent);
  listenForErrors(pool, listeners.emitError);
  const database = databaseOf(pool);
  const { session } = database;
  const explain = () =>
    blockersOf(callOn({ executeSql: async (...sql) => pool.query(...sql) }, schema));
  const { kept, isPooled } = await opening(async () => {
    if (installing === 'never') await demandInstalled(database, schema);
    else await install(database, schema);
    const [row] = await database.query<{ fsync: string; commits: string; isolation: string }>(
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commits,
        current_setting('transaction_isolation') as isolation`,
    );
    return { kept: row, isPooled: session !== undefined && (await sharesBackends(session)) };
  }, explain);
  const isDurable = kept?.fsync === 'on' && kept.commits !== 'off';
  if (isPooled) listeners.emit({ type: 'degraded', reason: pooled });
  const store = createSqlStore({
    schema,
    settings,
    keepEndedMs: options.keepEndedMs ?? defaultKeepEndedMs,
    onEnd: options.onEnd,
    database: kept?.isolation === 'read committed' ? database : readCommitted(database),
    session: isPooled ? undefined : session,
    onError: listeners.emitError,
    onClose: async () => {},
  });
  const capabilities = {
    transactional: true,
    scope: 'fleet',
    survives: isDurable ? 'power-loss' : 'process-death',
    liveness: isPooled ? 'heartbeat' : 'session',
  } as const;
  return createOutbox(store, capabilities, settings, listeners);
}
