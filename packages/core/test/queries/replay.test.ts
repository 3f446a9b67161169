import { describe, expect, test } from 'vitest';
import { ticketLifecycle } from '../../src/index.ts';

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
  expect(ticketLifecycle.replay(history)).toEqual({ steps: [], counts: noneCounted });
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
