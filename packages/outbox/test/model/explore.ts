import { UnsafeError, type Model, type State } from './protocol-model.ts';

/** What visiting all states of a model has shown. */
export interface Exploration {
  readonly states: number;
  /** Why it is not safe, with the shortest way there. */
  readonly unsafe: readonly string[] | undefined;
  /** The shortest way to a state from which not all can be delivered any more, without a fault. */
  readonly stuck: readonly string[] | undefined;
}

/** Visits all states, breadth first, and then asks of each whether the end can be reached from it. */
export function explore(model: Model, mostStates = 5_000_000): Exploration {
  const keyOf = (state: State) => {
    let least = state;
    for (const mirror of model.mirrors(state)) {
      if (Buffer.compare(mirror, least) < 0) least = mirror;
    }
    return Buffer.from(least.buffer, least.byteOffset, least.length).toString('latin1');
  };
  const ids = new Map<string, number>([[keyOf(model.initial), 0]]);
  const states: State[] = [model.initial];
  const parents: number[] = [-1];
  // The steps without a fault, as pairs.
  const from: number[] = [];
  const to: number[] = [];
  const done: number[] = [];
  for (let id = 0; id < states.length; id += 1) {
    const state = states[id] as State;
    if (model.isDone(state)) done.push(id);
    try {
      model.next(state, (next, _, isFault) => {
        const key = keyOf(next);
        let nextId = ids.get(key);
        if (nextId === undefined) {
          nextId = states.length;
          if (nextId >= mostStates) throw new Error(`There are more than ${mostStates} states.`);
          ids.set(key, nextId);
          states.push(next);
          parents.push(id);
        }
        if (isFault) return;
        from.push(id);
        to.push(nextId);
      });
    } catch (error) {
      if (!(error instanceof UnsafeError)) throw error;
      return { states: states.length, unsafe: [...wayTo(id), error.message], stuck: undefined };
    }
  }
  const stuck = firstStuck();
  return {
    states: states.length,
    unsafe: undefined,
    stuck: stuck === undefined ? undefined : wayTo(stuck),
  };

  function firstStuck(): number | undefined {
    const starts = new Int32Array(states.length + 1);
    for (const id of to) starts[id + 1] = (starts[id + 1] ?? 0) + 1;
    for (let id = 0; id < states.length; id += 1) {
      starts[id + 1] = (starts[id + 1] ?? 0) + (starts[id] ?? 0);
    }
    const places = starts.slice();
    const before = new Int32Array(to.length);
    to.forEach((id, at) => {
      const place = places[id] ?? 0;
      before[place] = from[at] ?? 0;
      places[id] = place + 1;
    });
    const canEnd = new Uint8Array(states.length);
    const open = [...done];
    for (const id of open) canEnd[id] = 1;
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      for (let at = starts[id] ?? 0; at < (starts[id + 1] ?? 0); at += 1) {
        const earlier = before[at] ?? 0;
        if (canEnd[earlier] === 1) continue;
        canEnd[earlier] = 1;
        open.push(earlier);
      }
    }
    const first = canEnd.indexOf(0);
    return first === -1 ? undefined : first;
  }

  /** The steps from the beginning to a state. */
  function wayTo(id: number): string[] {
    const way: string[] = [];
    for (let at = id; at > 0; at = parents[at] as number) {
      const key = keyOf(states[at] as State);
      model.next(states[parents[at] as number] as State, (next, step) => {
        if (keyOf(next) === key && way.at(-1) !== step) way.push(step);
      });
    }
    return way.toReversed();
  }
}
