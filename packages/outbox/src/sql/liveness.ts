import type { Session } from './database.ts';

/** A worker's lock, and its ear for notifications. */
export interface Liveness {
  /** Runs a statement on its connection. */
  query(text: string, values?: readonly unknown[]): Promise<unknown[]>;
  close(): void;
}

/** What to do when the session tells something. */
export interface LivenessOptions {
  readonly open: () => Promise<Session>;
  /** The number of this worker's lock. */
  readonly lock: string;
  readonly channel: string;
  readonly onWake: () => void;
  /** Whether the worker is still being entered: if not, nothing is kept open. */
  readonly isWanted: () => boolean;
}

const reconnectMs = 250;

/**
 * Holds a worker's lock and listens, on a connection of its own. The connection is made anew when
 * it breaks; until then the worker lives by its heartbeats.
 */
export async function openLiveness(options: LivenessOptions): Promise<Liveness> {
  const { open, lock, channel, onWake, isWanted } = options;
  let session: Session | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  /** What it opens, it closes on every path on which nobody else would. */
  async function connect(): Promise<void> {
    const opened = await open();
    try {
      demandWanted();
      opened.onNotification(onWake);
      await opened.query(`listen ${channel}`);
      await opened.query('select pg_advisory_lock($1::bigint)', [lock]);
      demandWanted();
    } catch (error) {
      opened.close();
      throw error;
    }
    session = opened;
    opened.onEnd(() => {
      session = undefined;
      reconnect();
    });
    onWake();
  }

  function demandWanted(): void {
    if (!isClosed && isWanted()) return;
    throw new Error('The worker was closed, or entered again, while its session was opened.');
  }

  function reconnect(): void {
    if (isClosed) return;
    timer = setTimeout(() => void connect().catch(reconnect), reconnectMs);
  }

  await connect();
  return {
    async query(text, values) {
      if (session === undefined) throw new Error('The session of the worker has ended.');
      return session.query<unknown>(text, values);
    },
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
    // Where connections are handed out in turn, an even number of statements in between comes back to
    // the same one by luck: so it is a different number each time.
    for (let between = 0; between < 3; between += 1) {
      const one = await pidOf(first);
      for (let statement = 0; statement < between; statement += 1) {
        if ((await pidOf(second)) === one) return true;
      }
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
