import type { Session } from './database.ts';

/** A worker's lock, and its ear for notifications. */
export interface Liveness {
  close(): void;
}

/** What to do when the session tells something. */
export interface LivenessOptions {
  readonly open: () => Promise<Session>;
  /** The number of this worker's lock. */
  readonly lock: string;
  readonly channel: string;
  readonly onWake: () => void;
}

const reconnectMs = 250;

/**
 * Holds a worker's lock and listens, on a connection of its own. The connection is made anew when
 * it breaks; until then the worker lives by its heartbeats.
 */
export async function openLiveness(options: LivenessOptions): Promise<Liveness> {
  const { open, lock, channel, onWake } = options;
  let session: Session | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  async function connect(): Promise<void> {
    const opened = await open();
    if (isClosed) return opened.close();
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

  await connect();
  return {
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
    first.close({ reuse: true });
    second.close({ reuse: true });
  }
}
