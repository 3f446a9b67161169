import { AsyncLocalStorage } from 'node:async_hooks';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/*
 * Time that passes only when nothing else is left to do, and chance that a seed repeats, for code
 * that knows nothing of it. Clocks, timers and random numbers are replaced for what runs at a place
 * of the simulation (a process, the database, the API), and for nothing else: the place is what
 * `AsyncLocalStorage` says. PGlite reads its clock from `Date` too, so `clock_timestamp()` is virtual.
 *
 * Each simulation begins on a day of its own, at the same time of the day: code that stays loaded
 * never sees a clock go backwards. Moments are multiples of a part of a millisecond that a floating
 * point number has exactly, so that the day makes no difference.
 *
 * An event belongs to a place. A place that is dead gets none any more, and one that stands still
 * gets all that came meanwhile when it wakes. Events happen in the order of time; between two of them
 * everything that waits for no time is done.
 */

/** Where code runs: what happens to the place happens to all that runs there. */
export interface Place {
  readonly name: string;
  /** Its own random numbers. */
  readonly random: () => number;
  /**
   * A database: its clock has parts of a millisecond, and its timers count for nothing. Postgres sets
   * one for its statistics now and then, which depends on how long it has run.
   */
  readonly isDatabase?: boolean | undefined;
  isDead: boolean;
  /** It stands still until then. */
  asleepUntil: number;
  /** How far its wall clock is ahead. */
  aheadMs: number;
}

interface Event {
  at: number;
  readonly order: number;
  readonly place: Place;
  callback: (() => void) | undefined;
}

/**
 * When a simulation begins, for everyone in it. In the middle of a second: a ticket that was made at
 * a whole one looks like one of a server that tells no fractions.
 */
export const epochMs = 1_750_000_000_457;

// A module may read it as it loads, so that it is set before: this module is imported first.
Object.defineProperty(performance, 'timeOrigin', { value: epochMs, configurable: true });

const dayMs = 86_400_000;
let days = 0;
const partsOfMs = 1024;

const here = new AsyncLocalStorage<{ readonly time: VirtualTime; readonly place: Place }>();

/** The clock and the timers of one simulation. */
export class VirtualTime {
  /** Milliseconds since the simulation began. */
  now = 0;
  /** The same since the first one began. */
  readonly beganAtMs: number;
  /** How many events have happened. */
  happened = 0;
  readonly #queue: Event[] = [];
  readonly #random: () => number;
  #orders = 0;
  #held = 0;

  constructor(random: () => number) {
    this.#random = random;
    days += 1;
    this.beganAtMs = days * dayMs;
  }

  /** Calls back at a place after a while. Returns what cancels it. */
  later(place: Place, delayMs: number, callback: () => void): () => void {
    this.#orders += 1;
    const at = Math.round((this.now + delayMs) * partsOfMs) / partsOfMs;
    const event: Event = { at, order: this.#orders, place, callback };
    push(this.#queue, event);
    return () => {
      event.callback = undefined;
    };
  }

  /** A timer of Node.js: whole milliseconds, at least one, and a little late. */
  timer(delayMs: number, callback: () => void): () => void {
    const ms = Math.max(1, Math.trunc(delayMs || 0));
    return this.later(placeNow(), ms + this.#random() * 0.5, callback);
  }

  /** Does something that takes real time and no virtual time. */
  async hold<Result>(work: Promise<Result>): Promise<Result> {
    this.#held += 1;
    try {
      return await work;
    } finally {
      this.#held -= 1;
    }
  }

  /** Runs code at a place, now. */
  at<Result>(place: Place, work: () => Result): Result {
    return here.run({ time: this, place }, work);
  }

  /** Lets time pass until there is no reason to go on, and at most so long. */
  async run(isOver: () => boolean, mostMs: number): Promise<void> {
    await this.#quiet();
    while (!isOver()) {
      const event = pop(this.#queue);
      if (event === undefined || event.at > mostMs) return;
      const { place, callback } = event;
      if (callback === undefined || place.isDead) continue;
      if (place.asleepUntil > Math.max(event.at, this.now)) {
        // The same event: whoever can cancel it still can.
        event.at = place.asleepUntil;
        push(this.#queue, event);
        continue;
      }
      this.now = Math.max(this.now, event.at);
      this.happened += 1;
      this.at(place, callback);
      await this.#quiet();
    }
  }

  /** Forgets what was to happen. What still waits for it, such as a request of a dead process, waits for good. */
  end(): void {
    this.#queue.length = 0;
  }

  /** Resolves when all is done that waits for no time: bodies of answers take some turns. */
  async #quiet(): Promise<void> {
    for (let turn = 0; turn < 2 || this.#held > 0; turn += 1) {
      await new Promise<void>((resolve) => {
        real.setImmediate(resolve);
      });
      if (this.#held > 0) turn = 0;
    }
  }
}

/** The place whose code runs now. */
function placeNow(): Place {
  const found = here.getStore();
  if (found === undefined) throw new Error('This runs at no place of the simulation.');
  return found.place;
}

/** The simulation to which the running code belongs, if it belongs to one. */
const timeHere = () => here.getStore()?.time;

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  clearImmediate: globalThis.clearImmediate,
  now: performance.now.bind(performance),
  dateNow: Date.now,
  random: Math.random,
  randomUUID: crypto.randomUUID,
  randomBytes: crypto.randomBytes,
};

type Callback = (...args: unknown[]) => void;

/** What a virtual `setTimeout` gives: Node.js gives an object too. */
class Timer {
  cancel: () => void = () => {};
  ref = () => this;
  unref = () => this;
  hasRef = () => true;
  [Symbol.toPrimitive] = () => 0;
  [Symbol.dispose] = () => this.cancel();
}

function setOne(callback: Callback, delayMs: number, args: unknown[]): Timer {
  const timer = new Timer();
  if (placeNow().isDatabase === true) return timer;
  timer.cancel = timeHere()?.timer(delayMs, () => callback(...args)) ?? timer.cancel;
  return timer;
}

function setMany(callback: Callback, delayMs: number, args: unknown[]): Timer {
  const timer = new Timer();
  const again = () => {
    timer.cancel = timeHere()?.timer(delayMs, tick) ?? timer.cancel;
  };
  const tick = () => {
    again();
    callback(...args);
  };
  again();
  return timer;
}

function setNext(callback: Callback, args: unknown[]): Timer {
  const timer = new Timer();
  const next = () => callback(...args);
  timer.cancel = timeHere()?.later(placeNow(), 0, next) ?? timer.cancel;
  return timer;
}

/** Clears a timer of either kind, wherever it was set. */
const clear = (clearReal: (timer: never) => void) => (timer: unknown) => {
  if (timer instanceof Timer) timer.cancel();
  else clearReal(timer as never);
};

const wallTime = () => {
  const time = timeHere();
  if (time === undefined) return real.dateNow();
  const { isDatabase = false, aheadMs } = placeNow();
  const now = epochMs + time.beganAtMs + time.now + aheadMs;
  // In the middle of a microsecond, so that no conversion rounds it to another one.
  return isDatabase ? Math.floor(now * 1000) / 1000 + 0.0005 : Math.floor(now);
};

const randomBytes = (size: number) => {
  if (timeHere() === undefined) return real.randomBytes(size);
  const { random } = placeNow();
  return Buffer.from(Array.from({ length: size }, () => Math.floor(random() * 256)));
};

const randomUUID = (...args: Parameters<typeof real.randomUUID>) => {
  if (timeHere() === undefined) return real.randomUUID(...args);
  const hex = randomBytes(16).toString('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ];
  return [...parts, hex.slice(20)].join('-') as ReturnType<typeof real.randomUUID>;
};

const set =
  <Rest extends unknown[]>(
    setReal: (callback: Callback, ...rest: never[]) => unknown,
    setVirtual: (callback: Callback, ...rest: Rest) => Timer,
  ) =>
  (callback: Callback, ...rest: Rest) =>
    timeHere() === undefined
      ? setReal(callback, ...(rest as unknown[] as never[]))
      : setVirtual(callback, ...rest);

Object.assign(globalThis, {
  setTimeout: set(real.setTimeout, (callback, ms: number, ...args: unknown[]) =>
    setOne(callback, ms, args),
  ),
  setInterval: set(real.setInterval, (callback, ms: number, ...args: unknown[]) =>
    setMany(callback, ms, args),
  ),
  setImmediate: set(real.setImmediate, (callback, ...args: unknown[]) => setNext(callback, args)),
  clearTimeout: clear(real.clearTimeout),
  clearInterval: clear(real.clearInterval),
  clearImmediate: clear(real.clearImmediate),
  Date: new Proxy(Date, {
    construct: (target, args: [], made) =>
      Reflect.construct(target, args.length === 0 ? [wallTime()] : args, made) as Date,
  }),
});
Date.now = wallTime;
Math.random = () => (timeHere() === undefined ? real.random() : placeNow().random());
performance.now = () => {
  const time = timeHere();
  return time === undefined ? real.now() : time.beganAtMs + time.now;
};
globalThis.crypto.randomUUID = randomUUID;
Object.assign(crypto, { randomUUID, randomBytes });
syncBuiltinESMExports();

const isBefore = (one: Event, other: Event) =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

/** Adds to a heap. */
function push(heap: Event[], event: Event): void {
  let at = heap.length;
  heap.push(event);
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above] as Event;
    if (!isBefore(event, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = event;
}

/** Takes the first of a heap. */
function pop(heap: Event[]): Event | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
    if (left === undefined) break;
    const below = right !== undefined && isBefore(right, left) ? 2 * at + 2 : 2 * at + 1;
    const child = heap[below] as Event;
    if (!isBefore(child, last)) break;
    heap[at] = child;
    at = below;
  }
  heap[at] = last;
  return first;
}
