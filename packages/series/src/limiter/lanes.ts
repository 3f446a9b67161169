import type { Lease } from './lease.ts';

/** 0 is the highest priority. */
export type Rank = 0 | 1 | 2;

/**
 * A request that waits for a slot. There may be a million of them, so it is one small object: the
 * lists that it stands in run through its own fields, and its promise is settled by one function.
 */
export class Waiting {
  readonly settle: (lease: Lease | Promise<never>) => void;
  readonly rank: Rank;
  readonly askedAt: number;
  /** When it has waited long enough. */
  readonly expiresAt: number | undefined;
  readonly signal: AbortSignal | undefined;
  lane: Lane | undefined = undefined;
  isWaiting = false;
  /** Its neighbours in the lane. */
  before: Waiting | undefined = undefined;
  after: Waiting | undefined = undefined;
  /** Its neighbours under the same signal. */
  earlier: Waiting | undefined = undefined;
  later: Waiting | undefined = undefined;

  constructor(
    settle: (lease: Lease | Promise<never>) => void,
    rank: Rank,
    askedAt: number,
    expiresAt: number | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.settle = settle;
    this.rank = rank;
    this.askedAt = askedAt;
    this.expiresAt = expiresAt;
    this.signal = signal;
  }
}

/** The requests of one ticket that wait, in order. */
export class Lane {
  readonly name: string;
  head: Waiting | undefined = undefined;
  tail: Waiting | undefined = undefined;
  /** A request of this lane is under way. */
  isBusy = false;
  /** The rank under which it stands in line for a turn. */
  standsAt: Rank | undefined = undefined;
  /** Its neighbours in that line. */
  before: Lane | undefined = undefined;
  after: Lane | undefined = undefined;
  /** How many of its requests have each of the higher ranks. */
  #highest = 0;
  #middle = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Order within the lane is strict, so its turn comes as soon as its most urgent request asks. */
  get rank(): Rank {
    if (this.#highest > 0) return 0;
    return this.#middle > 0 ? 1 : 2;
  }

  add(entry: Waiting, first: boolean): void {
    if (this.head === undefined || this.tail === undefined) {
      this.head = entry;
      this.tail = entry;
    } else if (first) {
      entry.after = this.head;
      this.head.before = entry;
      this.head = entry;
    } else {
      entry.before = this.tail;
      this.tail.after = entry;
      this.tail = entry;
    }
    entry.lane = this;
    entry.isWaiting = true;
    this.#count(entry.rank, 1);
  }

  remove(entry: Waiting): void {
    const { before, after } = entry;
    if (before === undefined) this.head = after;
    else before.after = after;
    if (after === undefined) this.tail = before;
    else after.before = before;
    entry.isWaiting = false;
    entry.before = undefined;
    entry.after = undefined;
    this.#count(entry.rank, -1);
  }

  #count(rank: Rank, change: 1 | -1): void {
    if (rank === 0) this.#highest += change;
    else if (rank === 1) this.#middle += change;
  }
}

/** Lanes of one rank in the order of their turns. */
export class Line {
  head: Lane | undefined = undefined;
  #tail: Lane | undefined = undefined;
  /** Turns that went to higher ranks in a row, while somebody stood here. */
  passedOver = 0;

  join(lane: Lane): void {
    lane.before = this.#tail;
    if (this.#tail === undefined) this.head = lane;
    else this.#tail.after = lane;
    this.#tail = lane;
  }

  leave(lane: Lane): void {
    const { before, after } = lane;
    if (before === undefined) this.head = after;
    else before.after = after;
    if (after === undefined) this.#tail = before;
    else after.before = before;
    lane.before = undefined;
    lane.after = undefined;
  }
}

/** Queues, one for each lane: strict order within a lane, in turns between lanes of a rank. */
export interface Lanes {
  readonly waiting: number;
  /** Lanes that somebody waits in or is under way in. */
  readonly count: number;
  join(name: string, entry: Waiting, first: boolean): void;
  leave(entry: Waiting): void;
  /** Whether `next` would give something. */
  hasNext(): boolean;
  /** Takes the entry whose turn it is; its lane is busy until the entry is done. */
  next(): Waiting | undefined;
  done(entry: Waiting): void;
  /** All who wait; each has to leave before the next is asked for. */
  everyone(): Iterable<Waiting>;
}

// A lower rank has every ninth turn at least, so that nobody waits for ever.
const mostPassedOver = 8;

// Idle lanes are dropped together, once there are so many and nearly all are: to delete each from
// the map by itself took a tenth of the limiter's time.
const fewIdle = 64;
const idleShare = 7 / 8;

export function createLanes(): Lanes {
  let lanes = new Map<string, Lane>();
  let idle = 0;
  // Lanes with somebody waiting and nobody under way, by rank.
  const lines = [new Line(), new Line(), new Line()] as const;
  let waiting = 0;
  let standing = 0;

  /** Puts a lane where it belongs after something has changed. */
  function place(lane: Lane): void {
    const wanted = lane.head === undefined || lane.isBusy ? undefined : lane.rank;
    if (lane.standsAt !== wanted) {
      if (lane.standsAt !== undefined) {
        lines[lane.standsAt].leave(lane);
        standing -= 1;
      }
      if (wanted !== undefined) {
        lines[wanted].join(lane);
        standing += 1;
      }
      lane.standsAt = wanted;
    }
    if (!isInUse(lane)) rest();
  }

  /** Notes that a lane has become idle. */
  function rest(): void {
    idle += 1;
    if (idle < fewIdle || idle < lanes.size * idleShare) return;
    const all = lanes;
    lanes = new Map();
    idle = 0;
    for (const lane of all.values()) if (isInUse(lane)) lanes.set(lane.name, lane);
  }

  function lineWhoseTurnItIs(): Line | undefined {
    let chosen: Line | undefined;
    for (const line of lines) {
      if (line.head === undefined) line.passedOver = 0;
      else if (chosen === undefined || line.passedOver >= mostPassedOver) chosen = line;
    }
    return chosen;
  }

  return {
    get waiting() {
      return waiting;
    },
    get count() {
      return lanes.size - idle;
    },
    join(name, entry, first) {
      let lane = lanes.get(name);
      if (lane === undefined) {
        lane = new Lane(name);
        lanes.set(name, lane);
      } else if (!isInUse(lane)) idle -= 1;
      lane.add(entry, first);
      waiting += 1;
      place(lane);
    },
    leave(entry) {
      const { lane } = entry;
      if (lane === undefined || !entry.isWaiting) return;
      lane.remove(entry);
      waiting -= 1;
      place(lane);
    },
    hasNext: () => standing > 0,
    next() {
      const line = lineWhoseTurnItIs();
      const lane = line?.head;
      const entry = lane?.head;
      if (line === undefined || lane === undefined || entry === undefined) return undefined;
      for (const other of lines) if (other.head !== undefined) other.passedOver += 1;
      line.passedOver = 0;
      lane.remove(entry);
      waiting -= 1;
      lane.isBusy = true;
      place(lane);
      return entry;
    },
    done({ lane }) {
      if (lane === undefined) return;
      lane.isBusy = false;
      place(lane);
    },
    *everyone() {
      for (const lane of lanes.values()) while (lane.head !== undefined) yield lane.head;
    },
  };
}

const isInUse = (lane: Lane): boolean => lane.head !== undefined || lane.isBusy;
