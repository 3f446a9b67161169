import { waitAtMost } from '@ticket-lifecycle/internal/wait-at-most';
import type { StoredChange } from '../model/change.ts';
import { callOn, type Call } from './call.ts';
import type { Database, PgClient, Queryable } from './database.ts';
import type { EndedRow, EndRow } from './slot-row.ts';

/** A change that has ended, as the service is told in the transaction that writes it down. */
export interface EndedChange {
  readonly id: string;
  readonly change: StoredChange;
  readonly kind: 'done' | 'dropped' | 'dead' | 'unknown';
  readonly reason?: string | undefined;
  /** Where the ticket stands now, where that is known. */
  readonly state?: string | undefined;
}

/**
 * Writes rows of the service in the transaction in which ends are written down: both are committed, or
 * neither. It runs again if that transaction was not committed, and never for an end that is stored. It has
 * ten seconds: meanwhile no end of this process is written.
 */
export type OnEnd = (ends: readonly EndedChange[], tx: PgClient) => Promise<void>;

/** An end, with the change that it is of. */
export type EndWithChange = EndRow & { readonly change: StoredChange };

// All ends of this process wait while rows of the service are written.
const longestMs = 10_000;
// A statement that waits for a lock fails before that: then the others are written without it.
const longestStatementMs = 9000;

/**
 * How long it takes at most to write ends with rows, unless a connection hangs: all together, then one
 * by one for as long, then the last of these.
 */
export const endWithRowsMs = 3 * longestMs + 5000;

const moreAtOnce = 10;

// Whoever falls silent between the two statements would keep the dispatch lock.
const silentMs = 2000;

/** The service has not written its rows in time. */
class TooLateError extends Error {
  override readonly name = 'TooLateError';
}

/** Rolls the transaction back: these are not ends of claims that are held. */
class NotHeldError extends Error {
  readonly answer: EndedRow;
  constructor(answer: EndedRow) {
    super('Some of these claims are not held any more.');
    this.answer = answer;
  }
}

/**
 * Writes ends down together with rows of the service. The service's rows come first: whatever they wait
 * for, nobody waits for them under the dispatch lock. Ends whose rows can't be written are `busy`: they
 * are tried again, and their tickets wait.
 */
export function createEndWithRows({
  database,
  schema,
  call,
  onEnd,
  onError,
}: {
  readonly database: Pick<Database, 'transaction'>;
  readonly schema: string;
  readonly call: Call;
  readonly onEnd: OnEnd;
  readonly onError: (error: unknown) => void;
}): (ends: readonly EndWithChange[]) => Promise<EndedRow> {
  // How many are written together: fewer where their rows take long, or none would ever be.
  let atOnce = Infinity;
  // Those that were too late go behind the others.
  let late: ReadonlySet<string> = new Set();

  async function write(ends: readonly EndWithChange[]): Promise<EndedRow> {
    return database.transaction(async (tx: Queryable) => {
      const rows: EndedChange[] = ends.map(({ id, change, kind, reason, state }) => {
        return { id, change, kind: kind as EndedChange['kind'], reason, state };
      });
      // Those of the role may be shorter.
      await tx.executeSql(
        `select set_config('statement_timeout', '${longestStatementMs}', true),
          set_config('idle_in_transaction_session_timeout', '${longestMs + silentMs}', true)`,
      );
      const failed = await writeRows(rows, tx);
      await tx
        .executeSql(`set local idle_in_transaction_session_timeout = ${silentMs}`)
        .catch((error: unknown) => {
          // After one of its statements has failed, the transaction takes no other.
          throw failed ?? error;
        });
      const answer = await callOn(tx, schema)<EndedRow>('end_claims', withoutChanges(ends));
      if (answer.written?.length !== ends.length) throw new NotHeldError(answer);
      atOnce += moreAtOnce;
      return answer;
    });
  }

  /** Gives the error of a statement that failed, where `onEnd` has kept it to itself. */
  async function writeRows(rows: readonly EndedChange[], tx: Queryable): Promise<unknown> {
    let isOver = false;
    let failed: unknown;
    // Afterwards the connection is somebody else's.
    const own: PgClient = {
      query: async (text, values) => {
        if (isOver) throw new TooLateError('onEnd has ended, and so has its transaction.');
        try {
          return await tx.executeSql(text, values);
        } catch (error) {
          failed ??= error;
          throw error;
        }
      },
    };
    try {
      await waitAtMost(longestMs, onEnd(rows, own), () => {
        const what = `onEnd took longer than ${longestMs / 1000} s, for ${rows.length} changes`;
        throw new TooLateError(`${what}. It is called again, with fewer where that is possible.`);
      });
      return failed;
    } finally {
      isOver = true;
    }
  }

  /** Writes as many of them together as can be. */
  async function writeAll(ends: readonly EndWithChange[]): Promise<EndedRow[]> {
    if (ends.length === 0) return [];
    try {
      return [await write(ends)];
    } catch (error) {
      if (error instanceof NotHeldError) {
        const { stands, busy, written = [] } = error.answer;
        const before = stands.filter((id) => !written.includes(id));
        const rest = ends.filter(({ id }) => written.includes(id));
        return [{ stands: before, busy }, ...(await writeAll(rest))];
      }
      if (error instanceof TooLateError) {
        const busy = ends.map(({ id }) => id);
        atOnce = Math.max(1, Math.floor(ends.length / 2));
        late = new Set(busy);
        onError(error);
        return [{ stands: [], busy }];
      }
      const [only, ...others] = ends;
      if (only !== undefined && others.length === 0) {
        onError(error);
        return [{ stands: [], busy: [only.id] }];
      }
      // One of them can't be written, and must not hold up the others.
      const alone: EndedRow[] = [];
      const until = performance.now() + longestMs;
      for (const end of ends) {
        // The next call goes on.
        const isLate = performance.now() > until;
        alone.push(...(isLate ? [{ stands: [], busy: [end.id] }] : await writeAll([end])));
      }
      return alone;
    }
  }

  return async (ends) => {
    // Those that ended before, or are not held, are found without your rows and without a lock.
    const held = await call<readonly string[]>('held', withoutChanges(ends));
    const open = ends
      .filter(({ id }) => held.includes(id))
      .toSorted((one, other) => Number(late.has(one.id)) - Number(late.has(other.id)));
    const over = ends.filter(({ id }) => !held.includes(id));
    const later = open.slice(atOnce);
    const answers = await writeAll(open.slice(0, atOnce));
    answers.push({ stands: [], busy: later.map(({ id }) => id) });
    if (over.length > 0) answers.push(await call('end_claims', withoutChanges(over)));
    return {
      stands: answers.flatMap(({ stands }) => stands),
      busy: answers.flatMap(({ busy }) => busy),
      turned: answers.flatMap(({ turned = [] }) => turned),
    };
  };
}

const withoutChanges = (ends: readonly EndWithChange[]) => ({
  ends: ends.map((end) => ({ ...end, change: undefined })),
  releases: [],
});
