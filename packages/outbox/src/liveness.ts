import type { Database, Session } from './database.ts';

/** How a worker shows that it lives: a lock of its session, or only its heartbeats. */
export interface Liveness {
  readonly hasSession: boolean;
  close(): void;
}

/** What to do when the session tells something. */
export interface LivenessOptions {
  readonly database: Database;
  /** The number of this worker's lock. */
  readonly lock: string;
  readonly channel: string;
  readonly onWake: () => void;
  /** Is told once why there is no session. */
  readonly onDegraded: (reason: string) => void;
}

const reconnectMs = 250;

/**
 * Holds a worker's lock and listens, on a connection of its own. The connection is made anew when
 * it breaks; until then the worker lives by its heartbeats.
 */
export async function openLiveness(options: LivenessOptions): Promise<Liveness> {
  const { database, lock, channel, onWake, onDegraded } = options;
  let session: Session | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  async function connect(): Promise<void> {
    const opened = await database.session?.();
    if (opened === undefined || isClosed) return opened?.close();
    session = opened;
    opened.onEnd(() => {
      session = undefined;
      reconnect();
    });
    opened.onNotification(onWake);
    await opened.query(`listen ${channel}`);
    await opened.query('select pg_advisory_lock($1::bigint)', [lock]);
    onWake();
  }

  function reconnect(): void {
    if (isClosed) return;
    timer = setTimeout(() => {
      connect().catch(() => session?.close() ?? reconnect());
    }, reconnectMs);
  }

  const isPooled = database.session !== undefined && (await sharesBackends(database.session));
  if (isPooled) {
    onDegraded(
      'A pooler hands out connections by transaction: no session locks and no notifications.',
    );
  } else await connect();

  return {
    hasSession: database.session !== undefined && !isPooled,
    close() {
      isClosed = true;
      clearTimeout(timer);
      session?.close();
    },
  };
}

/**
 * Whether two connections can be one process of the database: while nobody is in a transaction, a
 * pooler in transaction mode gives the second client what the first one just used.
 */
export async function sharesBackends(open: () => Promise<Session>): Promise<boolean> {
  const first = await open();
  const second = await open();
  try {
    const pidOf = async (session: Session) =>
      (await session.query<{ pid: number }>('select pg_backend_pid() as pid'))[0]?.pid;
    for (let round = 0; round < 3; round += 1) {
      const one = await pidOf(first);
      await second.query('begin');
      const other = await pidOf(second);
      const again = await pidOf(first);
      await second.query('commit');
      if (one === other || one !== again) return true;
    }
    return false;
  } finally {
    first.close();
    second.close();
  }
}
