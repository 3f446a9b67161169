import { describe, expect, test } from 'vitest';
import { defineLifecycle, ticketLifecycle } from '../../src/index.ts';

const noneCounted = {
  unchanged: 0,
  edge: 0,
  path: 0,
  jump: 0,
  'unknown-status': 0,
  skipped: 0,
};

test('an ordinary life is a row of edges', () => {
  const { steps, counts } = ticketLifecycle.replay(['open', 'in-progress', 'resolved', 'closed']);
  expect(steps).toEqual([
    { index: 1, from: 'open', to: 'in-progress', kind: 'edge', events: ['START'] },
    { index: 2, from: 'in-progress', to: 'resolved', kind: 'edge', events: ['RESOLVE'] },
    { index: 3, from: 'resolved', to: 'closed', kind: 'edge', events: ['CLOSE'] },
  ]);
  expect(counts).toEqual({ ...noneCounted, edge: 3 });
});

test('a history that was polled may have missed steps', () => {
  const { steps, counts } = ticketLifecycle.replay(['open', 'resolved', 'resolved', 'open']);
  expect(steps.map(({ kind }) => kind)).toEqual(['path', 'unchanged', 'edge']);
  expect(counts).toEqual({ ...noneCounted, path: 1, unchanged: 1, edge: 1 });
});

describe('in a log that is complete', () => {
  test('a longer way was skipped, and the events left out are named', () => {
    const { steps, counts } = ticketLifecycle.replay(['open', 'closed'], { complete: true });
    expect(steps).toEqual([
      {
        index: 1,
        from: 'open',
        to: 'closed',
        kind: 'skipped',
        events: ['START', 'RESOLVE', 'CLOSE'],
        skipped: ['START', 'RESOLVE'],
      },
    ]);
    expect(counts).toEqual({ ...noneCounted, skipped: 1 });
  });

  test('a single step is an edge as ever', () => {
    const { steps } = ticketLifecycle.replay(['closed', 'open', 'open'], { complete: true });
    expect(steps.map(({ kind }) => kind)).toEqual(['edge', 'unchanged']);
  });
});

test.each([
  ['an empty history', []],
  ['a single entry', ['open']],
  ['a single entry that is no status', ['deleted']],
])('%s has no steps', (_, history) => {
  expect(ticketLifecycle.replay(history)).toMatchObject({ steps: [], counts: noneCounted });
});

test('a status that is not the API’s taints the step to it and the step from it', () => {
  const { steps, counts } = ticketLifecycle.replay(['open', 'deleted', 'open', 'in-progress']);
  expect(steps.map(({ kind, index }) => `${index} ${kind}`)).toEqual([
    '1 unknown-status',
    '2 unknown-status',
    '3 edge',
  ]);
  expect(counts).toEqual({ ...noneCounted, 'unknown-status': 2, edge: 1 });
});

test.each([null, undefined, ''])('an entry that is %o is judged like any other', (hole) => {
  const history = [hole, 'open', hole, 'closed'] as string[];
  expect(ticketLifecycle.replay(history).counts).toEqual({ ...noneCounted, 'unknown-status': 3 });
});

test('a history may come from anything that can be walked once', () => {
  function* lines() {
    yield 'open';
    yield 'in-progress';
  }
  expect(ticketLifecycle.replay(lines()).counts.edge).toBe(1);
  expect(ticketLifecycle.replay(new Set(['resolved', 'closed'])).counts.edge).toBe(1);
});

test('a history too long to keep is judged step by step, as far as it is walked', () => {
  function* endless() {
    for (;;) yield* ['open', 'in-progress', 'resolved'];
  }
  const walk = ticketLifecycle.replaySteps(endless());
  const seen: string[] = [];
  for (const { kind, index } of walk) {
    seen.push(kind);
    if (index === 4) break;
  }
  expect(seen).toEqual(['edge', 'edge', 'edge', 'edge']);
  expect(walk.counts).toEqual({ ...noneCounted, edge: 4 });
});

test('judged step by step or at once, a history gets the same verdicts', () => {
  const history = ['open', 'closed', 'closed', 'gone', 'open'];
  for (const complete of [false, true]) {
    const walk = ticketLifecycle.replaySteps(history, { complete });
    expect([...walk]).toEqual(ticketLifecycle.replay(history, { complete }).steps);
    expect(walk.counts).toEqual(ticketLifecycle.replay(history, { complete }).counts);
  }
});

describe('a history is a run, not a row of pairs', () => {
  const lifecycle = defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { START: 'in-progress' } },
      'in-progress': { on: { RESOLVE: 'resolved', APPROVE: 'closed' } },
      resolved: { on: { DISPUTE: 'disputed' } },
      disputed: { meta: { status: 'in-progress' }, on: { UPHOLD: 'resolved' } },
      closed: { type: 'final' },
    },
  });
  const history = ['open', 'in-progress', 'resolved', 'in-progress', 'closed'];

  test.each([true, false])(
    'what earlier rows rule out explains nothing (complete: %s)',
    (complete) => {
      const { steps, counts, fitness, cost } = lifecycle.replay(history, { complete });
      expect(steps.map(({ kind }) => kind)).toEqual(['edge', 'edge', 'edge', 'jump']);
      expect(counts).toEqual({ ...noneCounted, edge: 3, jump: 1 });
      expect([fitness, cost]).toEqual([4 / 5, 1_000_000]);
    },
  );

  test('in a complete log an edge leads to its own target only', () => {
    const { steps, states } = lifecycle.replay(history.slice(0, 4), { complete: true });
    expect(steps[0]?.states).toEqual(['in-progress']);
    expect(steps[2]?.states).toEqual(['disputed']);
    expect(states).toEqual(['disputed']);
  });

  test('a poller may have missed more', () => {
    const { steps } = lifecycle.replay(history.slice(0, 4));
    expect(steps[0]?.states).toEqual(['in-progress', 'disputed']);
    expect(steps[2]?.states).toEqual(['disputed']);
  });

  test('after a jump the ticket may be in any state of its status', () => {
    const { steps } = lifecycle.replay(['closed', 'in-progress', 'resolved'], { complete: true });
    expect(steps.map(({ kind, states }) => [kind, states])).toEqual([
      ['jump', ['in-progress', 'disputed']],
      ['edge', undefined],
    ]);
  });

  test('a later row tells which state was meant, in hindsight only', () => {
    const seen = ['in-progress', 'closed', 'in-progress', 'resolved', 'in-progress'];
    const { explanation } = lifecycle.replay(seen);
    expect(explanation).toEqual([
      { index: 0, state: 'in-progress', events: ['START'] },
      { index: 1, state: 'closed', events: ['APPROVE'] },
      { index: 2, state: 'in-progress' },
      { index: 3, state: 'resolved', events: ['RESOLVE'] },
      { index: 4, state: 'disputed', events: ['DISPUTE'] },
    ]);
  });
});

describe('moves within a status', () => {
  const lifecycle = defineLifecycle({
    initial: 'triage',
    states: {
      triage: { meta: { status: 'open' }, on: { ASSIGN: 'open' } },
      open: { on: { START: 'in-progress' } },
      'in-progress': { on: { WAIT: 'waiting' } },
      waiting: { meta: { status: 'in-progress' }, on: { FINISH: 'closed' } },
      closed: { type: 'final' },
    },
  });

  test('cost nothing and are no steps, and the explanation has them', () => {
    const found = lifecycle.replay(['open', 'in-progress', 'closed'], { complete: true });
    expect(found).toMatchObject({ fitness: 1, cost: 0, missed: 0, states: ['closed'] });
    expect(found.steps.map((step) => 'events' in step && step.events)).toEqual([
      ['START'],
      ['FINISH'],
    ]);
    expect(found.explanation).toEqual([
      { index: 0, state: 'open', events: ['ASSIGN'] },
      { index: 1, state: 'waiting', events: ['START', 'WAIT'] },
      { index: 2, state: 'closed', events: ['FINISH'] },
    ]);
  });
});

describe('the explanation of a row that repeats', () => {
  const lifecycle = defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { START: 'work' } },
      work: { meta: { status: 'in-progress' }, on: { WAIT: 'wait', RESOLVE: 'resolved' } },
      wait: { meta: { status: 'in-progress' }, on: { CLOSE: 'closed' } },
      resolved: { type: 'final' },
      closed: { type: 'final' },
    },
  });

  test('is the state of the row before, also where only a later row tells which it was', () => {
    const found = lifecycle.replay(['open', 'in-progress', 'in-progress', 'closed']);
    expect(found.explanation).toEqual([
      { index: 0, state: 'open', events: [] },
      { index: 1, state: 'wait', events: ['START', 'WAIT'] },
      { index: 2, state: 'wait', events: [] },
      { index: 3, state: 'closed', events: ['CLOSE'] },
    ]);
  });
});

test('of states that are equally likely at the end, the one is taken whose edge comes first', () => {
  const to = (first: string, second: string) =>
    defineLifecycle({
      initial: 'open',
      states: {
        open: { on: { ONE: first, TWO: second } },
        a: { meta: { status: 'in-progress' }, on: { CLOSE: 'closed' } },
        b: { meta: { status: 'in-progress' }, on: { CLOSE: 'closed' } },
        closed: { type: 'final' },
      },
    }).replay(['open', 'in-progress']).explanation[1]?.state;
  expect([to('a', 'b'), to('b', 'a')]).toEqual(['a', 'b']);
});

test('of runs that are equally likely, the one is taken whose states or edges come first', () => {
  const endOf = (open: object, work: object, wait: object, history: string[], hold?: object) =>
    defineLifecycle({
      initial: 'open',
      states: {
        open: { on: open },
        work: { meta: { status: 'in-progress' }, on: work },
        wait: { meta: { status: 'in-progress' }, on: wait },
        ...(hold && { hold: { meta: { status: 'in-progress' }, on: hold } }),
        a: { meta: { status: 'resolved' }, on: { REOPEN: 'open' } },
        b: { meta: { status: 'resolved' }, on: { REOPEN: 'open' } },
      },
    })
      .replay(history)
      .explanation.map(({ state }) => state)
      .at(-1);
  const long = ['open', 'in-progress', 'resolved'];
  const fork = { ONE: 'work', TWO: 'wait' };
  expect(endOf(fork, { GO: 'a' }, { GO: 'b' }, long)).toBe('a');
  expect(endOf(fork, { GO: 'b' }, { GO: 'a' }, long)).toBe('b');
  const short = ['open', 'resolved'];
  expect(endOf(fork, { ONE: 'a', TWO: 'b' }, { GO: 'open' }, short)).toBe('a');
  expect(endOf(fork, { ONE: 'b', TWO: 'a' }, { GO: 'open' }, short)).toBe('b');
  const three = { ...fork, THREE: 'hold' };
  const back = { STOP: 'open' };
  expect(endOf(three, back, { GO: 'a' }, long, { GO: 'b' })).toBe('a');
  expect(endOf(three, back, { GO: 'b' }, long, { GO: 'a' })).toBe('b');
});

test('the run that misses the fewest statuses is taken, wherever its states are defined', () => {
  const { counts, missed, explanation } = defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { SOLVE: 'resolved', START: 'direct' } },
      roundabout: { meta: { status: 'in-progress' }, on: { CLOSE: 'closed' } },
      direct: { meta: { status: 'in-progress' }, on: { CLOSE: 'closed' } },
      resolved: { on: { REOPEN: 'roundabout' } },
      closed: { type: 'final' },
    },
  }).replay(['open', 'in-progress', 'closed']);
  expect([counts.edge, counts.path, missed]).toEqual([2, 0, 0]);
  expect(explanation.map(({ state }) => state)).toEqual(['open', 'direct', 'closed']);
});

test('behind a jump, of the states of a status the one is taken that is defined first', () => {
  const { explanation, counts } = defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { ONE: 'a', TWO: 'b', CLOSE: 'closed' } },
      a: { meta: { status: 'in-progress' }, on: { CLOSE: 'closed' } },
      b: { meta: { status: 'in-progress' }, on: { CLOSE: 'closed' } },
      closed: { type: 'final' },
    },
  }).replay(['open', 'closed', 'in-progress']);
  expect(counts.jump).toBe(1);
  expect(explanation.map(({ state }) => state)).toEqual(['open', 'closed', 'a']);
});

describe('how well a history fits', () => {
  test('is 1 for a run of the machine, also where rows repeat', () => {
    const run = ['open', 'open', 'in-progress', 'resolved', 'resolved', 'open'];
    expect(ticketLifecycle.replay(run)).toMatchObject({ fitness: 1, cost: 0 });
  });

  test('counts what was missed, in the middle and before the first row', () => {
    const found = ticketLifecycle.replay(['in-progress', 'closed']);
    expect(found).toMatchObject({ missed: 2, cost: 2, fitness: 2 / 4 });
    expect(found.start).toEqual({ status: 'in-progress', isInitial: false });
    expect(ticketLifecycle.replay(['open']).start).toEqual({ status: 'open', isInitial: true });
  });

  test('counts a row that is no status, repeated ones once', () => {
    const found = ticketLifecycle.replay(['open', 'gone', 'gone', 'in-progress']);
    expect(found).toMatchObject({ fitness: 2 / 3, cost: 1_000_000 });
    expect(found.counts['unknown-status']).toBe(3);
  });

  test('is 1 for no history at all, and 0 where nothing fits', () => {
    const none = { fitness: 1, cost: 0, missed: 0, states: [], explanation: [] };
    expect(ticketLifecycle.replay([])).toMatchObject(none);
    expect(ticketLifecycle.replay([]).start).toBeUndefined();
    expect(ticketLifecycle.replay(['gone'])).toMatchObject({ fitness: 0, states: [] });
  });

  test('is known at any time of a walk', () => {
    const walk = ticketLifecycle.replaySteps(['open', 'closed', 'gone']);
    const seen = [];
    expect(walk).toMatchObject({ fitness: 1, cost: 0, missed: 0, states: [], start: undefined });
    for (const { kind } of walk) seen.push([kind, walk.fitness, walk.missed, walk.states]);
    expect(seen).toEqual([
      ['path', 2 / 4, 2, ['closed']],
      ['unknown-status', 2 / 5, 2, []],
    ]);
    expect([walk.cost, walk.start]).toEqual([1_000_002, { status: 'open', isInitial: true }]);
  });
});

test('statuses missed before the first row count like others, in a complete log and in another', () => {
  // From a to closed one status is missed. From b none is, but three lie before b.
  const lifecycle = defineLifecycle({
    initial: 'a',
    states: {
      a: { meta: { status: 'in-progress' }, on: { RESOLVE: 'resolved' } },
      resolved: { on: { CLOSE: 'closed', REOPEN: 'open' } },
      open: { on: { START: 'b' } },
      b: { meta: { status: 'in-progress' }, on: { CLOSE: 'closed' } },
      closed: { type: 'final' },
    },
  });
  const history = ['in-progress', 'closed'];
  const polled = lifecycle.replay(history);
  const logged = lifecycle.replay(history, { complete: true });
  expect([polled.steps[0]?.kind, logged.steps[0]?.kind]).toEqual(['path', 'skipped']);
  for (const { cost, explanation } of [polled, logged]) {
    expect([cost, explanation.map(({ state }) => state)]).toEqual([1, ['a', 'closed']]);
  }
});

test('before the first row as few statuses were missed as can have been, by however many events', () => {
  const lifecycle = defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { START: 'in-progress', SORT: 'sorted' } },
      sorted: { meta: { status: 'open' }, on: { READ: 'read' } },
      read: { meta: { status: 'open' }, on: { REJECT: 'resolved' } },
      'in-progress': { on: { RESOLVE: 'resolved' } },
      resolved: { on: { REOPEN: 'open' } },
    },
  });
  const { missed, explanation } = lifecycle.replay(['resolved']);
  expect([missed, explanation[0]?.events]).toEqual([1, ['SORT', 'READ', 'REJECT']]);
});

test('a walk is walked once', () => {
  const walk = ticketLifecycle.replaySteps(['open', 'in-progress', 'closed']);
  expect([...walk]).toHaveLength(2);
  expect([...walk]).toEqual([]);
  expect(walk.counts).toEqual({ ...noneCounted, edge: 1, path: 1 });
});

test.each([
  ['open', 'a string'],
  [undefined, 'undefined'],
  [null, 'null'],
  [7, 'a number'],
  [{ open: true }, 'an object'],
])('%o is no history', (history, what) => {
  for (const method of ['replay', 'replaySteps'] as const) {
    const expected = `${method}: expected a ticket's statuses, such as an array of them, received ${what}.`;
    expect(() => ticketLifecycle[method](history as never)).toThrow(new TypeError(expected));
  }
});

test('an async iterable is sent to where it can be read', () => {
  async function* rows() {
    yield 'open';
  }
  expect(() => ticketLifecycle.replay(rows() as never)).toThrow(
    "replay: an async iterable can't be walked here. Give its rows to createReplayStepper as they come.",
  );
});

test('a history with more different columns than are kept is judged all the same', () => {
  // In a and c every round misses a status. In b and d none would, but only a jump leads there, so
  // the longer the history, the more would be won by an early jump.
  const lifecycle = defineLifecycle({
    initial: 'new',
    states: {
      new: { meta: { status: 'closed' }, on: { ONE: 'resolved', OTHER: 'b' } },
      resolved: { on: { BEGIN: 'a' } },
      a: { meta: { status: 'open' }, on: { FAR: 'x' } },
      x: { meta: { status: 'closed' }, on: { NEAR: 'c' } },
      c: { meta: { status: 'in-progress' }, on: { BACK: 'a' } },
      b: { meta: { status: 'open' }, on: { GO: 'd' } },
      d: { meta: { status: 'in-progress' }, on: { BACK: 'b' } },
    },
  });
  const rounds = 25_000;
  const rows = [
    'resolved',
    ...Array.from({ length: rounds }, () => ['open', 'in-progress']).flat(),
  ];
  const { counts, missed, explanation } = lifecycle.replay(rows);
  // The first row misses the status that a ticket is created in.
  expect([counts.jump, counts.path, counts.edge, missed]).toEqual([0, rounds, rounds, rounds + 1]);
  expect(explanation.at(-1)).toEqual({ index: 50_000, state: 'c', events: ['FAR', 'NEAR'] });
});
