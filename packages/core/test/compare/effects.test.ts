import { describe, expect, test } from 'vitest';
import { and, not, or } from 'xstate';
import { compareLifecycles, defineLifecycle, type Lifecycle } from '../../src/index.ts';
import { machineOf } from '../support/machine-of.ts';

// Whether a difference is behaviour is a question about one event in one state. What else changes
// with the same definition does not answer it.

const guards = Object.fromEntries('abcdefghijkl'.split('').map((name) => [name, () => true]));
const lifecycleOf = (ways: unknown, more: object = {}, named: object = {}): Lifecycle =>
  defineLifecycle(
    machineOf(
      {
        initial: 'open',
        states: {
          open: { on: { GO: ways, START: 'in-progress' } },
          'in-progress': { on: { RESOLVE: 'resolved' } },
          resolved: { on: { CLOSE: 'closed' } },
          closed: { on: { REOPEN: 'open' } },
        },
        ...more,
      },
      { ...guards, ...named },
    ),
  );

const way = (guard: unknown, target = 'closed') => ({ target, guard });
const effectsOf = (before: Lifecycle, after: Lifecycle) =>
  compareLifecycles(before, after).changes.map(({ kind, effect }) => `${kind} ${effect}`);

const rewritten: readonly (readonly [string, unknown, unknown, string])[] = [
  ['or in another order', way(or(['a', 'b'])), way(or(['b', 'a'])), 'guards label'],
  ['a double not', way('a'), way(not(not('a'))), 'guards label'],
  ['a condition twice', way('a'), way(and(['a', 'a'])), 'guards label'],
  [
    'de Morgan',
    way(not(and(['a', 'b']))),
    way(or([not('a'), not(and(['b', 'b']))])),
    'guards label',
  ],
  [
    'ways that exclude each other',
    [way('a'), way(not('a'), 'resolved')],
    [way(not('a'), 'resolved'), way('a')],
    'order label',
  ],
];

const changed: readonly (readonly [string, object, string])[] = [
  ['nothing', {}, ''],
  ['the start', { initial: 'resolved' }, 'initial behaviour'],
  ['an event elsewhere', { on: { DROP: '.closed' } }, 'edge-gained behaviour'],
];

describe.each(rewritten)(
  '%s is written otherwise, and does the same',
  (_, before, after, label) => {
    test.each(changed)('also where %s changes besides', (__, more, other) => {
      const effects = effectsOf(lifecycleOf(before), lifecycleOf(after, more));
      expect([...new Set(effects)].sort()).toEqual([label, other].filter(Boolean).sort());
    });
  },
);

describe('a function in params is told apart wherever it stands', () => {
  type Check = (value: number) => boolean;
  const [first, second]: Check[] = [(value) => value > 1, (value) => value > 2];
  const passes = (check: unknown) => ({ type: 'passes', params: { check } });
  const places: readonly (readonly [string, (check: unknown) => Lifecycle])[] = [
    ['alone', (check) => lifecycleOf(way(passes(check)), {}, { passes: () => true })],
    ['in or', (check) => lifecycleOf(way(or(['a', passes(check)])), {}, { passes: () => true })],
    ['in not', (check) => lifecycleOf(way(not(passes(check))), {}, { passes: () => true })],
    [
      'in not of and',
      (check) => lifecycleOf(way(not(and(['a', passes(check)]))), {}, { passes: () => true }),
    ],
    [
      'in a named or',
      (check) =>
        lifecycleOf(
          way('either'),
          {},
          {
            passes: () => true,
            either: or(['a', passes(check)] as never),
          },
        ),
    ],
    [
      'among more guards than can be laid out',
      (check) =>
        lifecycleOf(way(or([...Object.keys(guards), passes(check)])), {}, { passes: () => true }),
    ],
    [
      'as what params are computed by',
      (check) =>
        lifecycleOf(
          way(or(['a', { type: 'passes', params: check } as never])),
          {},
          { passes: () => true },
        ),
    ],
  ];

  test.each(places)('%s', (_, make) => {
    expect(effectsOf(make(first), make(second))).toEqual(['guards behaviour']);
    expect(effectsOf(make(first), make(first))).toEqual([]);
  });

  test('and one that stays is the same, whatever is asked before it', () => {
    const make = (...more: unknown[]) =>
      lifecycleOf([...more, way(or(['a', passes(first)]), 'resolved')], {}, { passes: () => true });
    expect(effectsOf(make(), make(way(passes(second))))).toEqual(['edge-gained behaviour']);
  });

  test('two that change places', () => {
    const both = (one: unknown, other: unknown) =>
      lifecycleOf(
        [way(or(['a', passes(one)])), way(or(['a', passes(other)]), 'resolved')],
        {},
        { passes: () => true },
      );
    expect(effectsOf(both(first, second), both(second, first))).toEqual([
      'guards behaviour',
      'guards behaviour',
    ]);
  });
});

test('a named or that is made of other guards is a change of guards', () => {
  const make = (...parts: string[]) =>
    lifecycleOf(way('either'), {}, { either: or(parts as never) });
  expect(effectsOf(make('a', 'b'), make('a', 'c'))).toEqual(['guards behaviour']);
  expect(effectsOf(make('a', 'b'), make('b', 'a'))).toEqual([]);
});

test('of edges that were made elsewhere the fingerprint judges', () => {
  const [one, other] = [way(or(['a', 'b'])), way(or(['b', 'a']))].map((its) => {
    const lifecycle = lifecycleOf(its);
    return { ...lifecycle, edges: structuredClone(lifecycle.edges) };
  }) as [Lifecycle, Lifecycle];
  expect(effectsOf(one, other)).toEqual(['guards label']);
  expect(effectsOf(one, { ...other, fingerprint: 'other' })).toEqual(['guards behaviour']);
});
