/** What statements are run on: a pool, or one connection. */
export interface Database {
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Runs `work` in a transaction on one connection. */
  transaction<Result>(work: (tx: Queryable) => Promise<Result>): Promise<Result>;
  /** Opens a connection that stays the same, where the backend has such a thing. */
  readonly session: (() => Promise<Session>) | undefined;
}

/** A transaction of another library: `fromKnex`, `fromKysely`, `fromDrizzle` and `fromPrisma` make one. */
export interface Queryable {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** A connection of its own, for locks and notifications that end with it. */
export interface Session {
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  onNotification(callback: () => void): void;
  onEnd(callback: () => void): void;
  /** Ends it, or hands the connection back where nothing is left of what was done on it. */
  close(options?: { readonly reuse: boolean }): void;
}

/** The part of node-postgres's client that is used. */
export interface PgClient {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

interface PgPoolClient extends PgClient {
  release(destroy?: boolean): void;
  on(event: 'notification' | 'end' | 'error', listener: (detail: unknown) => void): unknown;
  off(event: 'end' | 'error', listener: (detail: unknown) => void): unknown;
}

/** The part of node-postgres's pool that is used. */
export interface PgPool extends PgClient {
  connect(): Promise<PgPoolClient>;
  on?(event: 'error', listener: (error: unknown) => void): unknown;
  listenerCount?(event: 'error'): number;
}

/**
 * Listens for the errors of a pool that nobody listens to: a restart of Postgres breaks its idle
 * connections, and each of them would end the process.
 */
export function listenForErrors(pool: PgPool, onError: (error: unknown) => void): void {
  if (pool.listenerCount?.('error') === 0) pool.on?.('error', onError);
}

/** The pool's own error has no code, and would read like a connection that fails for a while. */
function demandOpen(pool: PgPool): void {
  const { ending } = pool as { readonly ending?: unknown };
  if (ending !== true) return;
  throw new TypeError(
    'The pool of this outbox was ended. End it only after outbox.close(), and open another outbox on a new pool.',
  );
}

export function databaseOf(pool: PgPool): Database {
  return {
    async query<Row>(text: string, values: readonly unknown[] = []) {
      demandOpen(pool);
      return (await pool.query(text, [...values])).rows as Row[];
    },
    async transaction(work) {
      demandOpen(pool);
      const client = await pool.connect();
      let isBroken = false;
      // Without a listener, losing the connection would be an uncaught error.
      const onError = () => (isBroken = true);
      client.on('error', onError);
      try {
        await client.query('begin');
        const result = await work(queryableOf(client));
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback').catch(() => (isBroken = true));
        throw error;
      } finally {
        client.off('error', onError);
        client.release(isBroken);
      }
    },
    session: async () => {
      demandOpen(pool);
      const client = await pool.connect();
      let onEnd = () => {};
      let isEnded = false;
      const end = () => release(true);
      client.on('error', end);
      client.on('end', end);
      function release(destroy: boolean): void {
        if (isEnded) return;
        isEnded = true;
        client.off('error', end);
        client.off('end', end);
        // What the connection still reports while it ends is ignored.
        if (destroy) client.on('error', ignore);
        client.release(destroy);
        onEnd();
      }
      return {
        query: async <Row>(text: string, values: readonly unknown[] = []) =>
          (await client.query(text, [...values])).rows as Row[],
        onNotification: (callback) => void client.on('notification', () => callback()),
        onEnd(callback) {
          onEnd = callback;
          if (isEnded) callback();
        },
        close({ reuse } = { reuse: false }) {
          onEnd = () => {};
          release(!reuse);
        },
      };
    },
  };
}

/**
 * The same where transactions see only what was there when they began, unless they are told
 * otherwise: what waits for the dispatch lock has to see all that was done before it got the lock.
 */
export function readCommitted(database: Database): Database {
  const transaction: Database['transaction'] = (work) =>
    database.transaction(async (tx) => {
      // Whoever falls silent before the commit must not keep the dispatch lock.
      await tx.executeSql('set transaction isolation level read committed');
      await tx.executeSql("set local idle_in_transaction_session_timeout = '2s'");
      return work(tx);
    });
  return {
    ...database,
    transaction,
    query: <Row>(text: string, values: readonly unknown[] = []) =>
      transaction(async (tx) => (await tx.executeSql(text, [...values])).rows as Row[]),
  };
}

const ignore = () => {};

/** Takes a client of node-postgres, or what an adapter made of another. */
export function queryableOf(client: PgClient | Queryable): Queryable {
  if ('executeSql' in client) return client;
  return { executeSql: (text, values) => client.query(text, values) };
}

/** The same for a transaction of somebody else's, which may be anything. */
export function transactionOf(tx: PgClient | Queryable): Queryable {
  const { executeSql, query, totalCount }: Partial<Queryable & PgClient & { totalCount: number }> =
    tx ?? {};
  // Each statement that is given to a pool is a transaction of its own.
  const isPool = totalCount !== undefined;
  if (!isPool && (typeof executeSql === 'function' || typeof query === 'function')) {
    return queryableOf(tx);
  }
  throw new TypeError(
    `accept: "tx" must be the client of pg that is in the transaction, or what fromKnex, fromKysely, fromDrizzle or fromPrisma made of another, received ${
      isPool ? 'a pool' : `a value of type ${typeof tx}`
    }.`,
  );
}
