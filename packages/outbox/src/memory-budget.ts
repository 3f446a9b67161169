import type { KeyBudget } from './outbox.ts';
import { paceOf, pauseMs, restMs } from './rest.ts';
import type { Release, Slot } from './store.ts';

/** The slots of one key, in memory. */
export interface MemoryBudget {
  take(most: number): Slot[];
  release(release: Release): void;
  /** Milliseconds until there may be a slot, or nothing while that depends on an answer. */
  nextInMs(): number | null;
  describe(): KeyBudget;
}

export function createMemoryBudget(
  key: string,
  requestsPerSecond: number,
  pace: 'even' | 'burst',
): MemoryBudget {
  const { gapMs, horizonMs } = paceOf(requestsPerSecond, pace);
  const slots = Array.from({ length: requestsPerSecond }, () => ({ freeAt: 0, token: 0 }));
  let nextAt = 0;
  let pausedUntil = 0;
  let sent = 0;
  let limited = 0;
  const now = () => performance.now();

  return {
    take(most) {
      const taken: Slot[] = [];
      const at = now();
      const soonest = [...slots.entries()].sort(([, one], [, other]) => one.freeAt - other.freeAt);
      for (const [slot, place] of soonest) {
        const sendAt = Math.max(nextAt, at, place.freeAt);
        if (taken.length >= most || pausedUntil > at || sendAt > at + horizonMs) break;
        place.freeAt = Infinity;
        place.token += 1;
        nextAt = sendAt + gapMs;
        sent += 1;
        taken.push({ key, slot, token: place.token, sendAt });
      }
      return taken;
    },
    release({ slot, token, answer, at }) {
      const place = slots[slot];
      if (place?.token !== token || place.freeAt !== Infinity) return;
      place.freeAt = at + restMs(answer);
      pausedUntil = Math.max(pausedUntil, at + pauseMs(answer));
      if (answer.kind === 'not-sent') sent -= 1;
      if (answer.kind === 'limited') limited += 1;
    },
    nextInMs() {
      const freeAt = Math.min(...slots.map((place) => place.freeAt));
      const at = Math.max(freeAt - horizonMs, nextAt - horizonMs, pausedUntil);
      return at === Infinity ? null : Math.max(0, at - now());
    },
    describe() {
      const at = now();
      const inUse = slots.filter(({ freeAt }) => freeAt > at).length;
      const pausedMs = Math.max(0, pausedUntil - at);
      return { key, requestsPerSecond, inUse, sent, limited, pausedMs };
    },
  };
}
