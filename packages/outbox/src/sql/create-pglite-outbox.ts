import {
  aFunction,
  hasMethod,
  milliseconds,
  type OptionChecks,
} from '@ticket-lifecycle/internal/option-checks';
import { join } from 'node:path';
import {
  createOutbox,
  checkOutboxOptions,
  createListeners,
  type OutboxOptions,
  type Settings,
} from '../create-outbox.ts';
import { queryableOf, type Database, type PgClient } from './database.ts';
import { install } from './install.ts';
import { lockDirectory, makeDirectory } from './directory-lock.ts';
import type { Outbox } from '../model/outbox.ts';
import type { Transaction } from './accept.ts';
import { defaultKeepEndedMs } from './names.ts';
import type { PostgresOutboxOptions } from './create-postgres-outbox.ts';
import { createSqlStore } from './sql-store.ts';
import type { Store } from '../model/store.ts';

/** The part of PGlite that is used. */
export interface PgliteLike extends PgClient {
  exec(query: string): Promise<{ rows: unknown[] }[]>;
  transaction<Result>(work: (tx: PgClient) => Promise<Result>): Promise<Result>;
  listen(channel: string, callback: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** Settings of an outbox on PGlite. */
export interface PgliteOutboxOptions
  extends OutboxOptions, Pick<PostgresOutboxOptions, 'keepEndedMs' | 'onEnd'> {
  /**
   * Where it keeps its data.
   *
   * @defaultValue '.ticket-outbox'
   */
  readonly directory?: string | undefined;
  /**
   * The service's own PGlite instead, so that `accept` can join its transactions. The service
   * closes it, and sees to it that no other process opens its directory. One outbox at a time
   * delivers from it.
   */
  readonly pglite?: PgliteLike | undefined;
}

const schema = 'ticket_outbox';

const ownChecks: OptionChecks<Omit<PgliteOutboxOptions, keyof OutboxOptions>> = {
  directory: (value) => (typeof value === 'string' && value !== '' ? undefined : 'a path'),
  pglite: hasMethod('transaction', 'a PGlite'),
  keepEndedMs: milliseconds,
  onEnd: aFunction,
};

/**
 * Opens an outbox for one process that needs no server: a Postgres in WebAssembly, in a directory.
 *
 * It survives the death of the process. It runs without fsync, so it does not promise to survive
 * that of the machine.
 *
 * @throws DirectoryInUseError when another process has the directory open
 *
 * @example
 * ```ts
 * import { createPgliteOutbox } from '@ticket-lifecycle/outbox';
 *
 * // What was accepted and not delivered is still there when the next process opens it.
 * export const open = () => createPgliteOutbox({ directory: '.ticket-outbox' });
 * ```
 */
export async function createPgliteOutbox(
  options: PgliteOutboxOptions = {},
): Promise<Outbox<Transaction>> {
  const settings = checkOutboxOptions('createPgliteOutbox', options, ownChecks);
  const { directory = '.ticket-outbox' } = options;
  const opened = options.pglite ?? (await openDirectory(directory));
  const close = async () => {
    if (options.pglite === undefined) await opened.close();
  };
  try {
    return await openOn(opened, settings, options, close);
  } catch (error) {
    // Whoever mends what was wrong with it can open it again.
    await close().catch(() => {});
    throw error;
  }
}

async function openOn(
  opened: PgliteLike,
  settings: Settings,
  { pglite, keepEndedMs = defaultKeepEndedMs, onEnd, onEvent }: PgliteOutboxOptions,
  close: () => Promise<void>,
): Promise<Outbox<Transaction>> {
  const database = databaseOf(opened);
  await install(database, schema);
  const listeners = createListeners(onEvent);
  const store = createSqlStore({
    database,
    schema,
    settings,
    keepEndedMs,
    onEnd,
    session: undefined,
    listen: (channel, callback) => opened.listen(channel, callback),
    isAlone: true,
    onError: listeners.emitError,
    onClose: close,
  });
  const capabilities = {
    transactional: pglite !== undefined,
    scope: 'process',
    survives: 'process-death',
    liveness: 'none',
  } as const;
  return createOutbox(alone(store, opened), capabilities, settings, listeners);
}

const delivering = new WeakSet<PgliteLike>();

/** Each would take the other for a worker that is gone, and nothing would be delivered. */
function alone<Tx>(store: Store<Tx>, pglite: PgliteLike): Store<Tx> {
  let isEntered = false;
  function free(): void {
    if (isEntered) delivering.delete(pglite);
    isEntered = false;
  }
  return {
    ...store,
    async enter() {
      if (!isEntered && delivering.has(pglite)) {
        throw new Error(
          'Another outbox delivers from this PGlite already. Close that one first, or let it deliver for all.',
        );
      }
      const wasEntered = isEntered;
      isEntered = true;
      delivering.add(pglite);
      try {
        return await store.enter();
      } catch (error) {
        if (!wasEntered) free();
        throw error;
      }
    },
    async leave(life) {
      free();
      await store.leave(life);
    },
    async close() {
      free();
      await store.close();
    },
  };
}

async function openDirectory(directory: string): Promise<PgliteLike> {
  makeDirectory(directory);
  const unlock = lockDirectory(directory);
  try {
    // Loaded on demand: whoever uses Postgres has no need of its ten megabytes.
    const { PGlite } = await import('@electric-sql/pglite');
    const pglite = await PGlite.create(join(directory, 'data'));
    return {
      query: (text, values) => pglite.query(text, values),
      exec: (text) => pglite.exec(text),
      transaction: (work) =>
        pglite.transaction((tx) => work({ query: (text, values) => tx.query(text, values) })),
      listen: (channel, callback) => pglite.listen(channel, callback),
      async close() {
        await pglite.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

function databaseOf(pglite: PgliteLike): Database {
  return {
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await pglite.query(text, [...values])).rows as Row[],
    transaction: (work) => pglite.transaction((tx) => work(queryableOf(tx))),
    session: undefined,
  };
}
