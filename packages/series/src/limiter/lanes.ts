import type { Lease } from './lease.ts';

/** 0 is the highest priority. */
export type Rank = 0 | 1 | 2;

/**
 * A request that waits for a slot. There may be a million of them, so it is one small object: the
 * lists that it is in run through its own fields, and one function resolves its promise.
 */
export class Waiter {
  readonly resolve: (lease: Lease | Promise<never>) => void;
  readonly rank: Rank;
  readonly askedAt: number;
  /** When it has waited long enough. */
  readonly expiresAt: number | undefined;
  readonly signal: AbortSignal | undefined;
  lane: Lane | undefined = undefined;
  isWaiting = false;
  /** Its neighbours in the lane. */
  before: Waiter | undefined = undefined;
  after: Waiter | undefined = undefined;
  /** Its neighbours under the same signal. */
  earlier: Waiter | undefined = undefined;
  later: Waiter | undefined = undefined;

  constructor(
    resolve: (lease: Lease | Promise<never>) => void,
    rank: Rank,
    askedAt: number,
    expiresAt: number | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.resolve = resolve;
    this.rank = rank;
    this.askedAt = askedAt;
    this.expiresAt = expiresAt;
    this.signal = signal;
  }
}

/** The requests of one ticket that wait, in order. */
class Lane {
  readonly name: string;
  head: Waiter | undefined = undefined;
  tail: Waiter | undefined = undefined;
  /** A request of this lane is under way. */
  isBusy = false;
  /** The rank under which it waits for a turn. */
  queuedAs: Rank | undefined = undefined;
  /** Its neighbours in the queue of that rank. */
  before: Lane | undefined = undefined;
  after: Lane | undefined = undefined;
  /** How many of its requests have each of the higher ranks. */
  #highest = 0;
  #middle = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** That of its most urgent request: order within the lane is strict, so it lifts all before it. */
  get rank(): Rank {
    if (this.#highest > 0) return 0;
    return this.#middle > 0 ? 1 : 2;
  }

  add(entry: Waiter, first: boolean): void {
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

  remove(entry: Waiter): void {
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

/** The lanes of one rank, in the order of their turns. */
class LaneQueue {
  head: Lane | undefined = undefined;
  #tail: Lane | undefined = undefined;
  /** Turns in a row that went to other ranks while a lane waited here. */
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

// A lower rank gets every ninth turn at least, so that no request waits for ever.
const mostPassedOver = 8;

// Idle lanes are dropped together, once there are many and nearly all are idle: deleting them one
// by one took a tenth of the limiter's time.
const fewIdle = 64;
const idleShare = 7 / 8;

/** The lanes of one key: strict order within a lane, turns between the lanes of a rank. */
export function createLanes() {
  let lanes = new Map<string, Lane>();
  let idle = 0;
  // Lanes with a request that waits and none under way, by rank.
  const queues = [new LaneQueue(), new LaneQueue(), new LaneQueue()] as const;
  let waiting = 0;
  let queued = 0;

  /** Moves a lane to the queue where it belongs now. */
  function place(lane: Lane): void {
    const wanted = lane.head === undefined || lane.isBusy ? undefined : lane.rank;
    if (lane.queuedAs !== wanted) {
      if (lane.queuedAs !== undefined) {
        queues[lane.queuedAs].leave(lane);
        queued -= 1;
      }
      if (wanted !== undefined) {
        queues[wanted].join(lane);
        queued += 1;
      }
      lane.queuedAs = wanted;
    }
    if (!isInUse(lane)) noteIdle();
  }

  /** Notes that a lane has become idle. */
  function noteIdle(): void {
    idle += 1;
    if (idle < fewIdle || idle < lanes.size * idleShare) return;
    const all = lanes;
    lanes = new Map();
    idle = 0;
    for (const lane of all.values()) if (isInUse(lane)) lanes.set(lane.name, lane);
  }

  function nextQueue(): LaneQueue | undefined {
    let chosen: LaneQueue | undefined;
    for (const queue of queues) {
      if (queue.head === undefined) queue.passedOver = 0;
      else if (chosen === undefined || queue.passedOver >= mostPassedOver) chosen = queue;
    }
    return chosen;
  }

  return {
    get waiting() {
      return waiting;
    },
    /** Lanes with a request that waits or is under way. */
    get count() {
      return lanes.size - idle;
    },
    join(name: string, entry: Waiter, first: boolean) {
      let lane = lanes.get(name);
      if (lane === undefined) {
        lane = new Lane(name);
        lanes.set(name, lane);
      } else if (!isInUse(lane)) idle -= 1;
      lane.add(entry, first);
      waiting += 1;
      place(lane);
    },
    leave(entry: Waiter) {
      const { lane } = entry;
      if (lane === undefined || !entry.isWaiting) return;
      lane.remove(entry);
      waiting -= 1;
      place(lane);
    },
    /** How many entries `next` would return, one after the other. */
    get ready() {
      return queued;
    },
    /** Takes the entry whose turn it is; its lane is busy until the entry is done. */
    next(): Waiter | undefined {
      const queue = nextQueue();
      const lane = queue?.head;
      const entry = lane?.head;
      if (queue === undefined || lane === undefined || entry === undefined) return undefined;
      for (const other of queues) if (other.head !== undefined) other.passedOver += 1;
      queue.passedOver = 0;
      lane.remove(entry);
      waiting -= 1;
      lane.isBusy = true;
      place(lane);
      return entry;
    },
    done({ lane }: Waiter) {
      if (lane === undefined) return;
      lane.isBusy = false;
      place(lane);
    },
    // All waiters. Each has to leave before the next is asked for.
    *everyone() {
      for (const lane of lanes.values()) while (lane.head !== undefined) yield lane.head;
    },
  };
}

const isInUse = (lane: Lane): boolean => lane.head !== undefined || lane.isBusy;
