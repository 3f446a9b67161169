import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { defineLifecycle, ticketStatuses, type Lifecycle } from '../../src/index.ts';

// Random lifecycles with shared statuses, and random histories of them: what `replay` finds by
// dynamic programming is compared with a search that tries every run. The search knows nothing of
// columns, and it may also leave a status and come back between two rows that repeat.
// LIFECYCLE_FUZZ_RUNS=10000 makes the run longer.
const lifecycles = Number(process.env['LIFECYCLE_FUZZ_RUNS'] ?? 1000);
const random = seeded(20_260_301);
const below = (limit: number) => Math.floor(random() * limit);

test(`replay equals a search through all runs, on ${lifecycles} lifecycles`, () => {
  const differences: unknown[] = [];
  let fitting = 0;
  for (let number = 0; number < lifecycles && differences.length < 3; number += 1) {
    const lifecycle = randomLifecycle();
    const history = random() < 0.5 ? randomHistory() : sampleOfRun(lifecycle);
    const [asPolled, asLogged] = [false, true].map((complete) => {
      const { explanation, cost, missed, fitness } = lifecycle.replay(history, { complete });
      return { explanation, cost, missed, fitness };
    });
    if (!isDeepStrictEqual(asPolled, asLogged)) differences.push({ asPolled, asLogged });
    for (const complete of [false, true]) {
      const found = lifecycle.replay(history, { complete });
      const { fitness, cost, states } = found;
      const expected = searchAllRuns(lifecycle, history, complete);
      const isRun = isShownByRun(lifecycle, history);
      if (isRun) fitting += 1;
      const ours = { cost, states, isRun: fitness === 1, isFree: cost === 0, faults: [] };
      const faults = faultsOf(lifecycle, history, complete);
      const theirs = { ...expected, isRun, isFree: isRun, faults };
      if (JSON.stringify(ours) !== JSON.stringify({ ...ours, ...theirs })) {
        differences.push({ lifecycle: lifecycle.edges, history, complete, ours, theirs });
      }
      if (!(fitness >= 0 && fitness <= 1)) differences.push({ fitness });
    }
  }
  expect(differences).toEqual([]);
  // Neither always nor never: else the comparison would say little.
  expect(fitting).toBeGreaterThan(lifecycles / 10);
  expect(fitting).toBeLessThan(lifecycles * 1.5);
});

test('observe names the cheapest change between any states of two statuses, for all pairs', () => {
  const rows = [...ticketStatuses, 'deleted'];
  const differences: unknown[] = [];
  for (let number = 0; number < 500; number += 1) {
    const lifecycle = randomLifecycle();
    for (const from of rows) {
      for (const to of rows) {
        const found = lifecycle.observe(from, to);
        const ends = statesOf(lifecycle, to);
        const runs = statesOf(lifecycle, from).map((start) =>
          runOf(lifecycle, start, 'events' in found ? found.events : []),
        );
        const isRun = runs.some((run) => ends.includes(run.at(-1) ?? ''));
        const isRight =
          found.kind === kindOfPair(lifecycle, from, to) &&
          (!('events' in found) || isRun) &&
          isDeepStrictEqual(found.states, candidatesOfPair(lifecycle, from, to));
        if (!isRight) differences.push({ lifecycle: lifecycle.edges, from, to, found });
      }
    }
  }
  expect(differences).toEqual([]);
});

test('observe from a known state, and to one, names a run of the lifecycle, and the cheapest', () => {
  const differences: unknown[] = [];
  for (let number = 0; number < 300; number += 1) {
    const lifecycle = randomLifecycle();
    const visible = changesBetween(lifecycle);
    for (const previousState of lifecycle.states) {
      const previous = String(lifecycle.statusOf(previousState));
      for (const seen of ticketStatuses.filter((status) => status !== previous)) {
        for (const seenState of [undefined, ...statesOf(lifecycle, seen)]) {
          const ends = seenState === undefined ? statesOf(lifecycle, seen) : [seenState];
          const fewest = Math.min(...ends.map((end) => visible(previousState, end)));
          const found = lifecycle.observe(previous, seen, { previousState, seenState });
          const run = 'events' in found ? runOf(lifecycle, previousState, found.events) : undefined;
          const changes = run?.slice(1).filter((state, index) => {
            return lifecycle.statusOf(state) !== lifecycle.statusOf(run[index] ?? '');
          });
          const isRight =
            run === undefined
              ? found.kind === 'jump' && fewest === Infinity
              : changes?.length === fewest && ends.includes(run.at(-1) ?? '');
          if (!isRight) differences.push({ edges: lifecycle.edges, previousState, seen, found });
        }
      }
    }
  }
  expect(differences).toEqual([]);
});

/** The states that a row of events passes, as `explain` says; cut off where it forbids one. */
function runOf(lifecycle: Lifecycle, from: string, events: readonly string[]): string[] {
  const run = [from];
  for (const event of events) {
    const verdict = lifecycle.explain(run.at(-1) ?? '', event);
    run.push(verdict.allowed ? verdict.to : `${event} is forbidden`);
  }
  return run;
}

/** What one change is by itself, from any state of its status. */
function kindOfPair(lifecycle: Lifecycle, from: string, to: string): string {
  if (from === 'deleted' || to === 'deleted') return 'unknown-status';
  if (from === to) return 'unchanged';
  const visible = changesBetween(lifecycle);
  const ways = statesOf(lifecycle, from).flatMap((start) =>
    statesOf(lifecycle, to).map((end) => visible(start, end)),
  );
  const fewest = Math.min(...ways);
  if (fewest === Infinity) return 'jump';
  return fewest === 1 ? 'edge' : 'path';
}

/** The states in which a ticket can be after one change, where several share the status. */
function candidatesOfPair(lifecycle: Lifecycle, from: string, to: string) {
  const ends = statesOf(lifecycle, to);
  if (ends.length < 2) return undefined;
  const visible = changesBetween(lifecycle);
  const reached = ends.filter((end) =>
    statesOf(lifecycle, from).some((start) => visible(start, end) < Infinity),
  );
  return from === to || reached.length === 0 ? ends : reached;
}

/** Tries every state at every row, each reached by the run with the fewest changes, or by a jump. */
function searchAllRuns(lifecycle: Lifecycle, history: readonly string[], complete: boolean) {
  const visible = changesBetween(lifecycle);
  const ends: { state: string | undefined; jumps: number; missed: number }[] = [];
  const [first = '', ...rest] = history;
  const strays = new Set<number>();
  const starts = statesOf(lifecycle, first);
  if (starts.length === 0) strays.add(0);
  for (const state of starts.length === 0 ? [undefined] : starts) {
    const missed = state === undefined ? 0 : visible(lifecycle.initial, state);
    goOn(0, state, { jumps: 0, missed });
  }
  const compare = (a: (typeof ends)[number], b: (typeof ends)[number]) =>
    a.jumps - b.jumps || a.missed - b.missed;
  const best = ends.toSorted(compare)[0] ?? never();
  const possible = ends.filter((end) =>
    complete ? compare(end, best) === 0 : end.jumps === best.jumps,
  );
  const states = lifecycle.states.filter((state) => possible.some((end) => end.state === state));
  return { cost: 1e6 * (best.jumps + strays.size) + best.missed, states };

  function goOn(
    row: number,
    state: string | undefined,
    cost: { jumps: number; missed: number },
  ): void {
    if (row === rest.length) {
      ends.push({ state, ...cost });
      return;
    }
    const from = history[row] ?? '';
    const to = history[row + 1] ?? '';
    if (!isKnown(to)) {
      if (from !== to) strays.add(row + 1);
      return goOn(row + 1, undefined, cost);
    }
    const ends2 = statesOf(lifecycle, to);
    const isFree = !isKnown(from);
    if (ends2.length === 0) {
      const jumps = cost.jumps + (isFree || from === to ? 0 : 1);
      return goOn(row + 1, undefined, { ...cost, jumps });
    }
    for (const end of ends2) {
      if (isFree) goOn(row + 1, end, cost);
      else {
        goOn(row + 1, end, { ...cost, jumps: cost.jumps + 1 });
        const changes = state === undefined ? Infinity : visible(state, end);
        const missed = cost.missed + changes - (from === to ? 0 : 1);
        if (changes < Infinity) goOn(row + 1, end, { ...cost, missed });
      }
    }
  }
}

/** Whether a run from the initial state shows the history and nothing else: a plain automaton. */
function isShownByRun(lifecycle: Lifecycle, history: readonly string[]): boolean {
  let at = closed(new Set([lifecycle.initial]));
  at = keep(at, history[0] ?? '');
  for (const [row, status] of history.slice(1).entries()) {
    if (status === history[row]) continue;
    const onward = lifecycle.edges.filter(({ from }) => at.has(from)).map(({ to }) => to);
    at = closed(keep(new Set(onward), status));
  }
  return at.size > 0;

  function keep(states: ReadonlySet<string>, status: string) {
    return new Set([...states].filter((state) => lifecycle.statusOf(state) === status));
  }
  function closed(states: Set<string>) {
    for (const state of states) {
      for (const { from, to } of lifecycle.edges) {
        if (from === state && lifecycle.statusOf(to) === lifecycle.statusOf(from)) states.add(to);
      }
    }
    return states;
  }
}

/** Checks what a replay says of itself: its explanation is a run, costs that, and fits the steps. */
function faultsOf(lifecycle: Lifecycle, history: readonly string[], complete: boolean): string[] {
  const { explanation, steps, counts, cost, fitness, states, missed } = lifecycle.replay(history, {
    complete,
  });
  const faults: string[] = [];
  const check = (isRight: boolean, what: string) => isRight || faults.push(what);
  const at = new Map(explanation.map((row) => [row.index, row]));
  let paid = 0;
  for (const [index, status] of history.entries()) {
    const row = at.get(index);
    check((row === undefined) === (statesOf(lifecycle, status).length === 0), `row ${index}`);
    if (row === undefined) {
      const isRepeated = history[index - 1] === status;
      if (!isRepeated && (index === 0 || !isKnown(status))) paid += 1e6;
    } else check(lifecycle.statusOf(row.state) === status, `state ${row.state}`);
    const step = steps[index - 1];
    if (step !== undefined) {
      check(step.index === index && step.from === history[index - 1] && step.to === status, 'step');
      if (step.kind === 'jump') paid += 1e6;
      if (step.kind !== 'unchanged' && step.kind !== 'unknown-status') {
        check((step.kind === 'jump') === (row?.events === undefined), `jump ${index}`);
      }
    }
    if (row?.events === undefined) continue;
    // Follow the events from state to state.
    const start = index === 0 ? lifecycle.initial : at.get(index - 1)?.state;
    const run = follow(start ?? '', row.events, row.state);
    check(run !== undefined, `run to ${index}`);
    const changes = run?.changes ?? 0;
    paid += index === 0 || status === history[index - 1] ? changes : changes - 1;
    if (step === undefined) continue;
    const kinds =
      changes === 0 ? 'unchanged' : changes === 1 ? 'edge' : complete ? 'skipped' : 'path';
    check(step.kind === kinds, `kind ${index}`);
    if ('events' in step) {
      check(
        step.events.every((event, place) => event === row.events?.[place]),
        `events ${index}`,
      );
    }
  }
  check(paid === cost && missed === cost % 1e6, `paid ${paid} for ${cost}`);
  for (const kind of Object.keys(counts) as (keyof typeof counts)[]) {
    check(counts[kind] === steps.filter((step) => step.kind === kind).length, `count ${kind}`);
  }
  // Step by step, each step is the last of the replay up to there.
  const walk = lifecycle.replaySteps(history, { complete });
  const walked = [...walk];
  for (const [place, step] of walked.entries()) {
    const upToHere = lifecycle.replay(history.slice(0, place + 2), { complete }).steps.at(-1);
    check(isDeepStrictEqual(step, upToHere), `walked ${place}`);
  }
  const { fitness: fit, cost: costs, states: ends } = walk;
  check(fit === fitness && costs === cost && ends.join() === states.join(), 'walk');
  return faults;

  function follow(start: string, events: readonly string[], end: string) {
    let runs = [{ state: start, changes: 0 }];
    for (const event of events) {
      runs = runs.flatMap(({ state, changes }) =>
        lifecycle.edges
          .filter((edge) => edge.from === state && edge.event === event)
          .map(({ to }) => ({
            state: to,
            changes: changes + (lifecycle.statusOf(to) === lifecycle.statusOf(state) ? 0 : 1),
          })),
      );
    }
    return runs.toSorted((a, b) => a.changes - b.changes).find(({ state }) => state === end);
  }
}

/** The fewest changes of status from one state to another, by Floyd and Warshall. */
function changesBetween(lifecycle: Lifecycle): (from: string, to: string) => number {
  const { states, edges } = lifecycle;
  const fewest = new Map(states.map((state) => [`${state} ${state}`, 0]));
  const between = (from: string, to: string) => fewest.get(`${from} ${to}`) ?? Infinity;
  for (const { from, to } of edges) {
    const changes = lifecycle.statusOf(from) === lifecycle.statusOf(to) ? 0 : 1;
    fewest.set(`${from} ${to}`, Math.min(between(from, to), changes));
  }
  for (const middle of states) {
    for (const from of states) {
      for (const to of states) {
        const through = between(from, middle) + between(middle, to);
        fewest.set(`${from} ${to}`, Math.min(between(from, to), through));
      }
    }
  }
  return between;
}

const isKnown = (status: string) => (ticketStatuses as readonly string[]).includes(status);
const statesOf = (lifecycle: Lifecycle, status: string) =>
  lifecycle.states.filter((state) => lifecycle.statusOf(state) === status);

function randomLifecycle(): Lifecycle {
  const size = 2 + below(4);
  const kinds = 2 + below(3);
  const edges = Array.from({ length: size }, () => new Map<string, string>());
  // A tree, so that every state can be reached, and then more.
  for (let state = 1; state < size; state += 1) edges[below(state)]?.set(`E${state}`, `s${state}`);
  for (let more = below(size * 2); more > 0; more -= 1) {
    edges[below(size)]?.set(`E${below(size + 2)}`, `s${below(size)}`);
  }
  for (const [state, on] of edges.entries()) {
    // What was overwritten above may have cut a branch off the tree.
    if (state > 0) edges[below(state)]?.set(`T${state}`, `s${state}`);
    for (const [event, to] of on) if (to === `s${state}` && random() < 0.8) on.delete(event);
  }
  const states = edges.map((on, state) => {
    const meta = { status: oneOf(ticketStatuses.slice(0, kinds)) };
    const leads = [...on.values()].some((to) => to !== `s${state}`);
    return [`s${state}`, leads ? { meta, on: Object.fromEntries(on) } : { meta, type: 'final' }];
  });
  return defineLifecycle({ initial: 's0', states: Object.fromEntries(states) as never });
}

const oneOf = <Item>(items: readonly Item[]): Item => items[below(items.length)] ?? never();

function never(): never {
  throw new Error('there is always one');
}

function randomHistory(): string[] {
  return Array.from({ length: 1 + below(5) }, () =>
    oneOf<string>(random() < 0.03 ? ['deleted', 'gone'] : ticketStatuses),
  );
}

/** What a log shows of a run: at times all of it, at times not. */
function sampleOfRun(lifecycle: Lifecycle): string[] {
  let state = lifecycle.initial;
  const shown = [String(lifecycle.statusOf(state))];
  const share = oneOf([1, 1, 0.6]);
  for (let step = below(7); step > 0; step -= 1) {
    const out = lifecycle.edges.filter(({ from }) => from === state);
    state = out[below(out.length)]?.to ?? state;
    if (random() < share && shown.length < 5) shown.push(String(lifecycle.statusOf(state)));
  }
  return shown;
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
