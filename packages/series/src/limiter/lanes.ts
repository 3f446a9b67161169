import { Lane } from './lane.ts';
import { Line } from './line.ts';
import type { Waiting } from './waiting.ts';

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
