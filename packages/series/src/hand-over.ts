import { setTimeLimit } from '@ticket-lifecycle/internal/wait-at-most';
import { pause, type Clock } from './clock.ts';

/** Hands items over to a function of the user's, one after another. */
export interface HandOver<Item> {
  readonly add: (item: Item) => void;
  /** Resolves when all items are taken, or the time is up. What is left or comes then is dropped. */
  readonly drain: (forMs: number) => Promise<void>;
  /** Drops what is not taken yet, and leaves no timer. */
  readonly stop: () => void;
}

interface HandOverContext<Item> {
  readonly take: (item: Item) => unknown;
  readonly clock: Clock;
  /** Called for each failure, and once for an item that gets no answer. */
  readonly onFailed: (error: unknown, item: Item) => void;
  /** Called for each item that will not be handed over, or not be tried again. */
  readonly onDropped: (item: Item, why: DropReason) => void;
}

/** Why an item was dropped: too many waited already, or handing over has ended. */
export type DropReason = 'full' | 'closed';

// A sink that is down for an hour must not take the process with it.
const mostWaiting = 10_000;
const patienceMs = 10_000;

const firstPauseMs = 100;
const longestPauseMs = 10_000;
const longestPauseAtEndMs = 1000;

/**
 * Hands items over in their order, each until it is taken: one for which `take` throws or rejects is
 * handed over again, after growing pauses. Who adds an item does not wait. So many may wait; what comes
 * then is dropped, and `onDropped` is told, so that those that wait stay complete and in order.
 */
export function createHandOver<Item>({
  take,
  clock,
  onFailed,
  onDropped,
}: HandOverContext<Item>): HandOver<Item> {
  const waiting: { readonly item: Item }[] = [];
  const stopped = new AbortController();
  // What takes the items may be back while the last pause still lasts.
  const draining = new AbortController();
  let running: Promise<void> | undefined;

  return {
    add(item) {
      if (stopped.signal.aborted) return onDropped(item, 'closed');
      if (waiting.length >= mostWaiting) return onDropped(item, 'full');
      waiting.push({ item });
      running ??= handOver().finally(() => {
        running = undefined;
      });
    },
    async drain(forMs) {
      const late = Promise.withResolvers<void>();
      draining.abort();
      const cancel = setTimeLimit(clock, late.resolve, forMs);
      await Promise.race([running, late.promise]);
      cancel();
      // One that is being handed over may still be taken.
      for (const { item } of drop()) onDropped(item, 'closed');
    },
    stop: () => void drop(),
  };

  function drop() {
    draining.abort();
    stopped.abort();
    return waiting.splice(0);
  }

  async function handOver(): Promise<void> {
    // Not in the caller's own call: a slow function must not hold it up.
    await Promise.resolve();
    let pauseMs = firstPauseMs;
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      const { item } = first;
      const late = () => onFailed(new Error(`No answer within ${patienceMs} ms.`), item);
      const cancel = setTimeLimit(clock, late, patienceMs);
      stopped.signal.addEventListener('abort', cancel, { once: true });
      try {
        await take(item);
        // What was dropped meanwhile is not there any more.
        if (waiting[0] === first) waiting.shift();
        pauseMs = firstPauseMs;
      } catch (error) {
        cancel();
        onFailed(error, item);
        const isLast = draining.signal.aborted;
        const mostMs = isLast ? longestPauseAtEndMs : longestPauseMs;
        await pause(clock, Math.min(pauseMs, mostMs), isLast ? stopped.signal : draining.signal);
        pauseMs = Math.min(pauseMs * 2, mostMs);
      } finally {
        cancel();
        stopped.signal.removeEventListener('abort', cancel);
      }
    }
  }
}
