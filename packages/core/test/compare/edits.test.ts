import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  compareLifecycles,
  defineLifecycle,
  LifecycleDefinitionError,
  ticketStatuses,
  type Lifecycle,
} from '../../src/index.ts';

// Three desks, a log of each, and twenty edits of each definition. What the comparison predicts
// for a log is compared with a plain automaton, which knows the edges and nothing else, and with
// the replay of that log under the edited definition.

type Config = { initial: string; states: Record<string, State> };
type State = { meta?: { status: string }; on: Record<string, string> };

const desks: Config[] = [
  {
    initial: 'open',
    states: {
      open: { on: { START: 'in-progress', CLOSE: 'closed' } },
      'in-progress': { on: { RESOLVE: 'resolved', STOP: 'open' } },
      resolved: { on: { CLOSE: 'closed', REOPEN: 'open' } },
      closed: { on: { REOPEN: 'open' } },
    },
  },
  {
    initial: 'new',
    states: {
      new: { meta: { status: 'open' }, on: { TAKE: 'doing', SPAM: 'closed' } },
      doing: { meta: { status: 'in-progress' }, on: { WAIT: 'waiting', DONE: 'resolved' } },
      waiting: { meta: { status: 'in-progress' }, on: { ANSWER: 'doing', GIVE_UP: 'closed' } },
      resolved: { on: { CLOSE: 'closed', DISPUTE: 'doing' } },
      closed: { on: {} },
    },
  },
  {
    initial: 'open',
    states: {
      open: { on: { ASK: 'approval' } },
      approval: { meta: { status: 'open' }, on: { APPROVE: 'in-progress', REJECT: 'rejected' } },
      'in-progress': { on: { RESOLVE: 'resolved' } },
      rejected: { meta: { status: 'resolved' }, on: { CLOSE: 'closed' } },
      resolved: { on: { CLOSE: 'closed', REOPEN: 'in-progress' } },
      closed: { on: { REOPEN: 'open' } },
    },
  },
];

function lifecycleOf({ initial, states }: Config): Lifecycle | undefined {
  const written = Object.entries(states).map(([name, { meta, on }]) => [
    name,
    { ...(meta && { meta }), ...(Object.keys(on).length > 0 ? { on } : { type: 'final' }) },
  ]);
  try {
    return defineLifecycle({ initial, states: Object.fromEntries(written) as object });
  } catch (error) {
    if (LifecycleDefinitionError.is(error)) return undefined;
    throw error;
  }
}

/** Changes one thing, and often makes a definition that is none. */
function edit(config: Config, [what, ...at]: readonly [string, number, number, number]): Config {
  const names = Object.keys(config.states);
  const of = <Item>(list: readonly Item[], place: number) => list[place % Math.max(1, list.length)];
  const [name = '', to = ''] = [of(names, at[0]), of(names, at[1])];
  const state = config.states[name] ?? { on: {} };
  const event = of(Object.keys(state.on), at[2]) ?? 'EDIT';
  const { [event]: _, ...others } = state.on;
  const withState = (changed: State) => ({
    ...config,
    states: { ...config.states, [name]: changed },
  });
  switch (what) {
    case 'drop edge':
      return withState({ ...state, on: others });
    case 'move edge':
      return withState({ ...state, on: { ...state.on, [event]: to } });
    case 'add edge':
      return withState({ ...state, on: { ...state.on, EDIT: to } });
    case 'status':
      return withState({ ...state, meta: { status: of(ticketStatuses, at[1]) ?? 'open' } });
    case 'initial':
      return { ...config, initial: name };
    default: {
      const { [name]: _gone, ...left } = config.states;
      const kept = Object.entries(left).map(([key, { on, ...rest }]) => [
        key,
        { ...rest, on: Object.fromEntries(Object.entries(on).filter(([, end]) => end !== name)) },
      ]);
      return { ...config, states: Object.fromEntries(kept) as Config['states'] };
    }
  }
}

const edits = fc.tuple(
  fc.constantFrom('drop edge', 'move edge', 'add edge', 'status', 'initial', 'drop state'),
  fc.nat({ max: 20 }),
  fc.nat({ max: 20 }),
  fc.nat({ max: 20 }),
);

/** A log of whole runs of a lifecycle. */
function logOf(lifecycle: Lifecycle, choices: readonly (readonly number[])[]): string[][] {
  return choices.map((walk) => {
    let state = lifecycle.initial;
    const statuses = [String(lifecycle.statusOf(state))];
    for (const choice of walk) {
      const out = lifecycle.edges.filter(({ from }) => from === state);
      const edge = out[choice % Math.max(1, out.length)];
      if (edge === undefined) break;
      state = edge.to;
      statuses.push(String(lifecycle.statusOf(state)));
    }
    return statuses;
  });
}

/** The first row that no run shows any more, by keeping the set of states that a run can be in. */
function firstImpossibleRow(lifecycle: Lifecycle, history: readonly string[]): number | undefined {
  const within = (states: Iterable<string>) => {
    const all = new Set(states);
    for (const state of all) {
      for (const { from, to } of lifecycle.edges) {
        if (from === state && lifecycle.statusOf(to) === lifecycle.statusOf(from)) all.add(to);
      }
    }
    return [...all];
  };
  let at = within([lifecycle.initial]);
  for (const [index, status] of history.entries()) {
    const isRepeated = index === 0 || history[index - 1] === status;
    const next = isRepeated
      ? at
      : lifecycle.edges.filter(({ from }) => at.includes(from)).map(({ to }) => to);
    at = within(next.filter((state) => lifecycle.statusOf(state) === status));
    if (at.length === 0) return index;
  }
  return undefined;
}

const walks = fc.array(fc.array(fc.nat({ max: 11 }), { maxLength: 7 }), {
  minLength: 60,
  maxLength: 60,
});

test.each(desks.map((config, index) => ({ config, number: index + 1 })))(
  'desk $number: of 20 edits the histories that break are those that the new definition blocks',
  ({ config }) => {
    const before = lifecycleOf(config);
    if (before === undefined) throw new Error('The desk is sound.');
    const [walked = []] = fc.sample(walks, { numRuns: 1, seed: 16 });
    const histories = logOf(before, walked);
    const seen = { edits: 0, broken: 0, whole: 0 };
    for (const drawn of fc.sample(edits, { numRuns: 400, seed: 16 })) {
      const after = lifecycleOf(edit(config, drawn));
      if (after === undefined || after.fingerprint === before.fingerprint || seen.edits === 20) {
        continue;
      }
      seen.edits += 1;
      const compared = compareLifecycles(before, after, { histories, complete: true });
      const broken = new Map(compared.histories.map((one) => [one.history, one.blocked]));
      for (const [index, history] of histories.entries()) {
        const row = firstImpossibleRow(after, history);
        const blocked = broken.get(index);
        expect([drawn, history, blocked !== undefined]).toEqual([
          drawn,
          history,
          row !== undefined,
        ]);
        seen[row === undefined ? 'whole' : 'broken'] += 1;
        const { steps, start } = after.replay(history, { complete: true });
        const expected = steps
          .filter(({ kind }) => kind !== 'edge' && kind !== 'unchanged')
          .map((step) => step.index);
        if (start?.isInitial === false) expected.unshift(0);
        expect((blocked ?? []).map((step) => step.index)).toEqual(expected);
        if (row !== undefined) expect(expected[0]).toBeLessThanOrEqual(row);
      }
    }
    expect(seen.edits).toBe(20);
    expect(Math.min(seen.broken, seen.whole)).toBeGreaterThan(50);
  },
);

test('two definitions do the same exactly when no change of behaviour is listed', () => {
  const seen = { same: 0, other: 0 };
  fc.assert(
    fc.property(fc.constantFrom(...desks), edits, edits, (config, first, second) => {
      const [before, after] = [lifecycleOf(config), lifecycleOf(edit(edit(config, first), second))];
      if (before === undefined || after === undefined) return;
      const { isSame, changes } = compareLifecycles(before, after);
      const effects = changes.map(({ effect }) => effect);
      expect(effects.includes('behaviour')).toBe(!isSame);
      // And everything has a name: nothing is left for the fingerprint alone to show.
      expect(changes.map(({ kind }) => kind)).not.toContain('fingerprint');
      seen[isSame ? 'same' : 'other'] += 1;
    }),
    { numRuns: 2000, seed: 16 },
  );
  expect(Math.min(seen.same, seen.other)).toBeGreaterThan(20);
});

test('a waiting change would die exactly where the new definition blocks it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...desks), edits, (config, drawn) => {
      const [before, after] = [lifecycleOf(config), lifecycleOf(edit(config, drawn))];
      if (before === undefined || after === undefined) return;
      const waiting = before.edges.map(({ from, event }) => ({ from, event }));
      const lost = new Map(
        compareLifecycles(before, after, { waiting }).waiting.map((one) => [one.change, one]),
      );
      for (const [index, { from, event, to }] of before.edges.entries()) {
        const way = after.edges.find((edge) => edge.from === from && edge.event === event);
        const expected = way === undefined ? 'blocked' : way.to === to ? undefined : 'elsewhere';
        expect(lost.get(index)?.kind).toBe(expected);
      }
    }),
    { numRuns: 500, seed: 16 },
  );
});
