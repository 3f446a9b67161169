import { setTimeout as sleep } from 'node:timers/promises';
import type { Item, Producer } from './engine.ts';

/** Puts changes into an engine at a rate of its own, whatever comes out of it. */
export interface Load {
  /** So many a second from now on; 0 is none. */
  rate(perSecond: number): void;
  /** So many at once. */
  burst(count: number): void;
  /** How many have come so far. */
  offered(): number;
  /** How many of them the engine has taken. */
  accepted(): number;
  stop(): void;
  /** Resolves when all that was offered is accepted, or the load has been stopped. */
  settled(): Promise<void>;
}

const tickMs = 25;
const mostInOneCall = 250;
const retryMs = 100;
const mostCalls = 4;

export function startLoad(producer: Pick<Producer, 'accept'>): Load {
  let next: Item = 0;
  let accepted = 0;
  let perSecond = 0;
  let owed = 0;
  let at = performance.now();
  const queue: Item[] = [];
  const calls = new Set<Promise<void>>();
  const stopping = new AbortController();
  const timer = setInterval(tick, tickMs);

  function tick(): void {
    const now = performance.now();
    owed += (perSecond * (now - at)) / 1000;
    at = now;
    const whole = Math.floor(owed);
    owed -= whole;
    offer(whole);
  }

  function offer(count: number): void {
    for (let offered = 0; offered < count; offered += 1) queue.push(next++);
    while (queue.length > 0 && calls.size < mostCalls) {
      const call = accept(queue.splice(0, mostInOneCall)).finally(() => {
        calls.delete(call);
        if (!stopping.signal.aborted) offer(0);
      });
      calls.add(call);
    }
  }

  /** Tries until the engine has taken them: each has an id, so none is stored twice. */
  async function accept(items: readonly Item[]): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await producer.accept(items);
        accepted += items.length;
        return;
      } catch {
        await sleep(retryMs);
      }
    }
  }

  return {
    rate(wanted) {
      tick();
      perSecond = wanted;
    },
    burst: offer,
    offered: () => next,
    accepted: () => accepted,
    stop() {
      clearInterval(timer);
      stopping.abort();
    },
    async settled() {
      while (calls.size > 0) await Promise.all(calls);
    },
  };
}
