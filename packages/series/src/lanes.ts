/** What waits in a lane. */
export interface Waiting {
  readonly lane: string;
  readonly start: () => void;
}

interface Lane {
  /** A Set keeps the order and lets anybody leave at no cost. */
  readonly waiting: Set<Waiting>;
  /** Goes before all others: a request that comes back after a 429. */
  first: Waiting | undefined;
  /** A request of this lane is under way. */
  busy: boolean;
}

/** Queues, one for each lane: strict order within a lane, in turns between lanes. */
export interface Lanes {
  readonly waiting: number;
  join(entry: Waiting, first: boolean): void;
  leave(entry: Waiting): void;
  /** Whether `next` would give something. */
  hasNext(): boolean;
  /** Takes the entry whose turn it is; its lane is busy until `done`. */
  next(): Waiting | undefined;
  done(lane: string): void;
}

export function createLanes(): Lanes {
  const lanes = new Map<string, Lane>();
  // Lanes with somebody waiting and nobody under way, in the order of their turns.
  const ready = new Set<string>();
  let waiting = 0;

  function settle(name: string, lane: Lane): void {
    const isEmpty = lane.first === undefined && lane.waiting.size === 0;
    if (isEmpty || lane.busy) ready.delete(name);
    else ready.add(name);
    if (isEmpty && !lane.busy) lanes.delete(name);
  }

  return {
    get waiting() {
      return waiting;
    },
    join(entry, first) {
      const lane = lanes.get(entry.lane) ?? { waiting: new Set(), first: undefined, busy: false };
      lanes.set(entry.lane, lane);
      if (first && lane.first === undefined) lane.first = entry;
      else lane.waiting.add(entry);
      waiting += 1;
      settle(entry.lane, lane);
    },
    leave(entry) {
      const lane = lanes.get(entry.lane);
      if (lane === undefined) return;
      if (lane.first === entry) lane.first = undefined;
      else if (!lane.waiting.delete(entry)) return;
      waiting -= 1;
      settle(entry.lane, lane);
    },
    hasNext: () => ready.size > 0,
    next() {
      const [name] = ready;
      const lane = name === undefined ? undefined : lanes.get(name);
      if (name === undefined || lane === undefined) return undefined;
      const entry = lane.first ?? lane.waiting.values().next().value;
      if (entry === undefined) return undefined;
      if (lane.first === entry) lane.first = undefined;
      else lane.waiting.delete(entry);
      waiting -= 1;
      lane.busy = true;
      settle(name, lane);
      return entry;
    },
    done(name) {
      const lane = lanes.get(name);
      if (lane === undefined) return;
      lane.busy = false;
      settle(name, lane);
    },
  };
}
