import { statedFrom, type Change, type StoredChange } from './change.ts';

/** A change that is still to be sent, as `compareLifecycles` of core takes it. */
export interface WaitingChange extends Pick<Change, 'ticketId' | 'event' | 'whileIn' | 'context'> {
  readonly id: string;
  readonly key: string;
  /** The state from which it goes, where the change says one: its `whileIn`, or else its `from`. */
  readonly from?: string | undefined;
  /** When its time comes, where it has not. */
  readonly notBefore?: Date | undefined;
}

/** A change that has not ended, as a store has it. */
export interface WaitingRecord {
  readonly id: string;
  readonly change: StoredChange;
  readonly notBefore?: Date | undefined;
}

/** Which of the changes, in the order of their ids. */
export interface WaitingPage {
  /** Those behind this id. */
  readonly after?: string | undefined;
  readonly most: number;
}

// An event may carry some kilobytes, so a page stays below a few megabytes.
const pageSize = 200;

/**
 * Reads page after page, so that neither side holds all of them or a lock.
 *
 * @yields each change that is still to be sent
 */
export async function* waitingChanges(
  read: (page: WaitingPage) => Promise<readonly WaitingRecord[]>,
  most = Infinity,
): AsyncGenerator<WaitingChange, void, undefined> {
  let after: string | undefined;
  for (let left = most; left > 0; left -= pageSize) {
    const wanted = Math.min(left, pageSize);
    const found = await read({ after, most: wanted });
    yield* found.map(shown);
    if (found.length < wanted) return;
    after = found.at(-1)?.id;
  }
}

function shown({ id, change, notBefore }: WaitingRecord): WaitingChange {
  const { key, ticketId, event, whileIn, context } = change;
  const more = Object.entries({ from: statedFrom(change), whileIn, notBefore, context });
  const known = more.filter(([, value]) => value !== undefined);
  return { id, key, ticketId, event, ...Object.fromEntries(known) };
}
