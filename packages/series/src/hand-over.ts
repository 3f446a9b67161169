import { pause, setTimer, type Clock } from './clock.ts';

/** Hands items over to a function of the user's, one after another. */
export interface HandOver<Item> {
  readonly add: (item: Item) => void;
  /** Resolves when all items are taken, or the time is up. */
  readonly drain: (forMs: number) => Promise<void>;
  /** Drops what is not taken yet, and leaves no timer. */
  readonly stop: () => void;
}

interface HandOverContext<Item> {
  readonly take: (item: Item) => unknown;
  readonly clock: Clock;
  readonly onFailed: (error: unknown, item: Item) => void;
}

const firstPauseMs = 100;
const longestPauseMs = 10_000;

/**
 * Hands items over in their order, each until it is taken: one for which `take` throws or rejects is
 * handed over again, after growing pauses. Who adds an item does not wait.
 */
export function createHandOver<Item>({
  take,
  clock,
  onFailed,
}: HandOverContext<Item>): HandOver<Item> {
  const waiting: { readonly item: Item }[] = [];
  const stopped = new AbortController();
  let running: Promise<void> | undefined;

  return {
    add(item) {
      if (stopped.signal.aborted) return;
      waiting.push({ item });
      running ??= handOver().finally(() => {
        running = undefined;
      });
    },
    async drain(forMs) {
      if (running === undefined) return;
      const late = Promise.withResolvers<void>();
      const cancel = setTimer(clock, late.resolve, forMs);
      await Promise.race([running, late.promise]);
      cancel();
    },
    stop() {
      waiting.length = 0;
      stopped.abort();
    },
  };

  async function handOver(): Promise<void> {
    // Not in the caller's own call: a slow function must not hold it up.
    await Promise.resolve();
    let pauseMs = firstPauseMs;
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      try {
        await take(first.item);
        // What was dropped meanwhile is not there any more.
        if (waiting[0] === first) waiting.shift();
        pauseMs = firstPauseMs;
      } catch (error) {
        onFailed(error, first.item);
        await pause(clock, pauseMs, stopped.signal);
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      }
    }
  }
}
