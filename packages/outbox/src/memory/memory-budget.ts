import { cooldownMs, pauseMs } from '@ticket-lifecycle/series/limiter';
import type { KeyBudget } from '../model/outbox.ts';
import { moment } from '../model/moment.ts';
import { holdMarginMs, keptMs, type Pace, paceOf, usableMs } from '../model/slot-timing.ts';
import type { Release, Slot } from '../model/claim.ts';

export interface MemoryBudgetOptions {
  readonly requestsPerSecond: number;
  readonly pace: Pace;
  readonly timeoutMs: number;
}

/** The slots of one key, in memory. */
export function createMemoryBudget(
  key: string,
  { requestsPerSecond, pace, timeoutMs }: MemoryBudgetOptions,
) {
  const { gapMs, horizonMs } = paceOf(requestsPerSecond, pace);
  const slots = Array.from({ length: requestsPerSecond }, () => ({
    freeAt: 0,
    token: 0,
    isTaken: false,
  }));
  let nextAt = 0;
  let pausedUntil = 0;
  let sent = 0;
  let limited = 0;
  let kept = { count: 0, until: 0 };
  const now = () => performance.now();

  function takeOf(most: number): Slot[] {
    const taken: Slot[] = [];
    const since = moment();
    const at = since.ticks;
    const soonest = [...slots.entries()].sort(([, one], [, other]) => one.freeAt - other.freeAt);
    for (const [slot, place] of soonest) {
      const sendAt = Math.max(nextAt, at, place.freeAt);
      if (taken.length >= most || pausedUntil > at || sendAt > at + horizonMs) break;
      // Until its release, or as long as its request can take where none comes.
      place.freeAt = sendAt + timeoutMs + holdMarginMs;
      place.isTaken = true;
      place.token += 1;
      nextAt = sendAt + gapMs;
      sent += 1;
      const sendBy = { since, ms: sendAt - at + usableMs };
      taken.push({ key, slot, token: place.token, sendAt, sendBy });
    }
    return taken;
  }

  return {
    take(most: number): Slot[] {
      const horizon = now() + horizonMs;
      const free = slots.filter(({ freeAt }) => freeAt <= horizon).length;
      return takeOf(Math.min(most, free - (kept.until > now() ? kept.count : 0)));
    },
    /**
     * The same for requests that wait already. What those of changes under way don't get is kept from
     * new changes.
     */
    takeWaiting(count: number, ofChanges: number): Slot[] {
      const taken = takeOf(count);
      kept = {
        count: Math.max(0, Math.min(ofChanges, count) - taken.length),
        until: now() + keptMs,
      };
      return taken;
    },
    release({ slot, token, answer, at }: Release): void {
      const place = slots[slot];
      if (place?.token !== token || !place.isTaken) return;
      place.isTaken = false;
      place.freeAt = at + cooldownMs(answer);
      pausedUntil = Math.max(pausedUntil, at + pauseMs(answer));
      if (answer.kind === 'not-sent') sent -= 1;
      if (answer.kind === 'limited') limited += 1;
    },
    /** Milliseconds until there may be a slot, unless an answer frees one earlier. */
    nextInMs(): number {
      const freeAt = Math.min(...slots.map((place) => place.freeAt));
      const at = Math.max(freeAt - horizonMs, nextAt - horizonMs, pausedUntil);
      return Math.max(0, at - now());
    },
    describe(): KeyBudget {
      const at = now();
      const inUse = slots.filter(({ freeAt }) => freeAt > at).length;
      const pausedMs = Math.ceil(Math.max(0, pausedUntil - at));
      return { key, requestsPerSecond, inUse, sent, limited, pausedMs };
    },
  };
}
