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
  // One that waits for the lock.
  let opening: Session | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  /** What it opens, it closes on every path on which nobody else would. */
  async function connect(): Promise<void> {
    const opened = await open();
    opening = opened;
    try {
      demandWanted();
      opened.onNotification(onWake);
      await opened.query(`listen ${channel}`);
      while (!(await hasLocked(opened))) {
        await new Promise((resolve) => setTimeout(resolve, reconnectMs));
        demandWanted();
      }
      demandWanted();
    } catch (error) {
      opened.close();
      throw error;
    } finally {
      opening = undefined;
    }
    session = opened;
    opened.onEnd(() => {
      session = undefined;
      reconnect();
    });
    onWake();
  }

  /**
   * The server may not have heard that an earlier session has ended, and keep its lock for as long. To
   * wait for it would keep this one busy, and its notifications would not be heard.
   */
  async function hasLocked(opened: Session): Promise<boolean> {
    // As text, which each client reads in the same way.
    const [row] = await opened.query<{ locked: string }>(
      'select pg_try_advisory_lock($1::bigint)::text as locked',
      [lock],
    );
    return row?.locked === 'true';
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
      opening?.close();
    },
  };
}

/**
 * Whether two connections can be one process of the database: while nobody is in a transaction, a
 * pooler in transaction mode gives the second client what the first one just used.
 */
export async function sharesBackends(open: () => Promise<Session>): Promise<boolean> {
  const sessions: Session[] = [];
  const opened = async () => {
    const session = await open();
    sessions.push(session);
    return session;
  };
  // One that failed on its way may be in a transaction still.
  let isClean = false;
  try {
    const first = await opened();
    const second = await opened();
    const found = await looksShared(first, second);
    isClean = true;
    return found;
  } finally {
    for (const session of sessions) session.close({ reuse: isClean });
  }
}

async function looksShared(first: Session, second: Session): Promise<boolean> {
  // As text, which each client reads in the same way.
  const pidOf = async (session: Session) =>
    (await session.query<{ pid: string }>('select pg_backend_pid()::text as pid'))[0]?.pid;
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
}
