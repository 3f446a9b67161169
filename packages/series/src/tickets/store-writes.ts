import { isThenable, waitAtMost } from '@ticket-lifecycle/internal/wait-at-most';
import { pause, type Clock } from '../clock.ts';
import type { KnownState, StatusStore } from './status-store.ts';

/** What a store is to keep of a ticket. */
export interface StoreWrite {
  /** `undefined` where it has to forget. */
  readonly known: KnownState | undefined;
  readonly notedAt: number;
}

/** The writes of one store. */
export interface OpenWrites {
  /** What a store has not taken, or not yet: the one that waits for the longest time comes first. */
  readonly unstored: Map<string, StoreWrite>;
  /** The write of a ticket that a store is busy with, until it has ended in whatever way. */
  readonly writing: Map<string, Promise<void>>;
}

/**
 * The writes of a store that may fail or hang.
 *
 * Of one ticket the store is asked for one write at a time: of two, the older one could end last. What
 * it has not taken stays in `unstored`, and counts here. It is written again when a write of another
 * ticket succeeds, which shows that the database is back, and at the end, by `flush`. Else a clean
 * end would leave the older entry behind, and the next process would believe it.
 */
export interface StoreWrites {
  /** Ends when the store has taken it, or something newer of the ticket. Throws or rejects where it fails. */
  write(ticketId: string, known: KnownState | undefined): Promise<void> | void;
  /** Writes all that the store has not taken, as far as it takes it within the time. */
  flush(withinMs: number, onFailed: (ticketId: string, error: unknown) => void): Promise<void>;
}

interface StoreWritesContext {
  readonly clock: Clock;
  readonly open: OpenWrites;
  /** How long the store may take to write something again. */
  readonly timeoutMs: number;
}

const mostUnstored = 10_000;

export function createStoreWrites(
  store: StatusStore,
  { clock, open: { unstored, writing }, timeoutMs }: StoreWritesContext,
): StoreWrites {
  let isWritingAgain = false;
  return {
    write(ticketId, known) {
      keepLatest(unstored, ticketId, { known, notedAt: clock.now() });
      return writeLatest(ticketId);
    },
    async flush(withinMs, onFailed) {
      const until = clock.now() + withinMs;
      const isBusy = ([ticketId]: readonly [string, StoreWrite]) => Number(writing.has(ticketId));
      // One that hangs must not take the time of the others.
      for (const [ticketId] of [...unstored].toSorted((a, b) => isBusy(a) - isBusy(b))) {
        const leftMs = until - clock.now();
        if (leftMs <= 0) return;
        try {
          await again(ticketId, leftMs);
        } catch (error) {
          onFailed(ticketId, error);
        }
      }
    },
  };

  function writeLatest(ticketId: string): Promise<void> | void {
    const earlier = writing.get(ticketId);
    if (earlier !== undefined) return earlier.then(() => writeLatest(ticketId));
    const write = unstored.get(ticketId);
    if (write === undefined) return;
    const { known } = write;
    const stored = known === undefined ? store.delete(ticketId) : store.set(ticketId, known);
    if (!isThenable(stored)) return taken(ticketId, write);
    const ended = stored.then(() => taken(ticketId, write));
    const over = ended.catch(() => {}).then(() => void writing.delete(ticketId));
    writing.set(ticketId, over);
    return ended;
  }

  function taken(ticketId: string, write: StoreWrite): void {
    if (unstored.get(ticketId) === write) unstored.delete(ticketId);
    if (unstored.size > 0) void writeAgain();
  }

  /** Writes what waits, one after another, until the store fails again. */
  async function writeAgain(): Promise<void> {
    if (isWritingAgain) return;
    isWritingAgain = true;
    for (const [ticketId, write] of unstored) {
      if (writing.has(ticketId)) continue;
      try {
        await again(ticketId, timeoutMs);
      } catch {
        // It was told when it was noted. Of several, the next time another one comes first.
        if (unstored.get(ticketId) === write) keepLatest(unstored, ticketId, write);
        break;
      }
      // A store that need not be waited for would keep the event loop busy.
      await pause(clock, 0);
    }
    isWritingAgain = false;
  }

  function again(ticketId: string, withinMs: number): Promise<void> {
    const late = () => {
      throw new Error(`The store did not answer within ${Math.ceil(withinMs)} ms.`);
    };
    return waitAtMost(withinMs, writeIfNewest(ticketId), late, clock);
  }

  async function writeIfNewest(ticketId: string): Promise<void> {
    const write = unstored.get(ticketId);
    if (write === undefined) return;
    // Another process may have noted something newer meanwhile.
    const there = writing.has(ticketId) ? undefined : await store.get(ticketId);
    const { seenAt = -Infinity, enteredAt = -Infinity } = there ?? {};
    // A step inside one status is newer than when its ticket was seen.
    if (Math.max(seenAt, enteredAt) > write.notedAt) return taken(ticketId, write);
    await writeLatest(ticketId);
  }
}

/** Keeps what is newest of each ticket, and forgets the oldest of too many. */
export function keepLatest<Value>(
  values: Map<string, Value>,
  ticketId: string,
  value: Value,
): void {
  values.delete(ticketId);
  values.set(ticketId, value);
  const [oldest] = values.keys();
  if (values.size > mostUnstored && oldest !== undefined) values.delete(oldest);
}
