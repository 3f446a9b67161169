import type { LeaseAnswer } from './lease.ts';

/** The slots of a budget: each carries one request at a time, and cools down after its answer. */
export interface Slots {
  /** Requests that are under way. */
  readonly inUse: number;
  /** Slots that may not be used again yet. */
  coolingDown(now: number): number;
  /** The moment from which a slot may be free, or `undefined` while all are in use. */
  freeAt(now: number): number | undefined;
  take(): void;
  /** It may cool down for `lessMs` less where its requests surely are so long on the way. */
  giveBack(now: number, cooldown: Cooldown, lessMs?: number): void;
  /** Makes it so many. Slots that are in use or cool down go first when they are free. */
  resize(count: number): void;
}

/** How long a slot cools down: not at all, after an answer, or after a silence. */
export type Cooldown = 'none' | 'answered' | 'silent';

/** A second of the server. */
export const windowMs = 1000;
/** Two clocks never agree to the last fraction of a millisecond. */
export const guardMs = 2;

/** A window from the last moment at which the server can have counted the request. */
export const cooldowns: Readonly<Record<Cooldown, number>> = {
  none: 0,
  answered: windowMs + guardMs,
  // It may still be under way, so it gets a second window to arrive in.
  silent: 2 * windowMs + guardMs,
};

export function cooldownAfter({ kind }: LeaseAnswer): Cooldown {
  if (kind === 'not-sent') return 'none';
  return kind === 'silent' ? 'silent' : 'answered';
}

/** Milliseconds from the end of a request until its slot may be used again. */
export const cooldownMs = (answer: LeaseAnswer): number =>
  cooldowns[cooldownAfter(answer)] - (pathMsOf(answer) ?? 0);

// No path is longer than this in both directions together.
const longestPathMs = windowMs / 2;

/** How long the request and its answer were surely on the way, as its sender measured it. */
export function pathMsOf(answer: LeaseAnswer): number | undefined {
  if (answer.kind !== 'answered' && answer.kind !== 'limited') return undefined;
  const { pathMs } = answer;
  if (pathMs === undefined) return undefined;
  return pathMs > 0 ? Math.min(pathMs, longestPathMs) : 0;
}

/** Makes `count` slots, all free. */
export function createSlots(count: number): Slots {
  let size = count;
  let free = count;
  // Slots that are still in use or cool down, and have to go.
  let surplus = 0;
  let inUse = 0;
  // Two queues, each in order of time by itself, so that no slot ever has to be sorted in.
  const answered = createMoments();
  const silent = createMoments();

  function soonest(): Moments {
    return (answered.first() ?? Infinity) <= (silent.first() ?? Infinity) ? answered : silent;
  }

  function add(): void {
    if (surplus > 0) surplus -= 1;
    else free += 1;
  }

  function collect(now: number): void {
    for (let next = soonest(); (next.first() ?? Infinity) <= now; next = soonest()) {
      next.shift();
      add();
    }
  }

  return {
    get inUse() {
      return inUse;
    },
    coolingDown(now) {
      collect(now);
      return answered.size + silent.size;
    },
    freeAt(now) {
      if (surplus > 0) collect(now);
      return free > 0 ? -Infinity : soonest().first();
    },
    take() {
      if (free > 0) free -= 1;
      else soonest().shift();
      inUse += 1;
    },
    giveBack(now, cooldown, lessMs = 0) {
      inUse -= 1;
      if (cooldown === 'none') add();
      else (cooldown === 'answered' ? answered : silent).push(now + cooldowns[cooldown] - lessMs);
    },
    resize(wanted) {
      const more = wanted - size - surplus + free;
      size = wanted;
      free = Math.max(0, more);
      surplus = Math.max(0, -more);
    },
  };
}

type Moments = ReturnType<typeof createMoments>;

/** Moments in rising order, first in, first out. */
function createMoments() {
  let moments: number[] = [];
  let start = 0;
  return {
    get size() {
      return moments.length - start;
    },
    first: (): number | undefined => moments[start],
    push(at: number) {
      moments.push(Math.max(at, moments.at(-1) ?? at));
    },
    shift() {
      start += 1;
      // Array.shift would move all the others each time.
      if (start * 2 < moments.length) return;
      moments = moments.slice(start);
      start = 0;
    },
  };
}
