import { describe, expect, test } from 'vitest';
import { and, not, or } from 'xstate';
import { defineLifecycle } from '../../src/index.ts';
import { faultsOf, machineOf } from '../support/machine-of.ts';

// Of the ways of one event the first one open wins. One that no answers of the guards leave open
// and first never comes to its turn: that is a mistake.

const yes = () => true;
const guards = { a: yes, b: yes, c: yes, either: or(['a', 'b'] as never) };
const machineWith = (first: unknown, later: unknown, more: object = {}) =>
  machineOf(
    {
      initial: 'open',
      states: {
        open: {
          on: {
            GO: [
              { target: 'resolved', guard: first },
              { target: 'closed', guard: later },
            ],
          },
        },
        resolved: { type: 'final' },
        closed: { type: 'final' },
      },
    },
    { ...guards, ...more },
  );
const codesOf = (first: unknown, later: unknown, more: object = {}) =>
  faultsOf(machineWith(first, later, more)).map(({ code }) => code);

// What shadows leaves its target out of reach as well.
const shadowed = ['shadowed-transition', 'unreachable-state'];
const same = { type: 'scored', params: { least: 5, most: 7 } };
const compute = () => ({ least: 5 });
const scored = { scored: yes };

test('a way that asks for one of others is not shadowed by one that asks for one of yet others', () => {
  expect(codesOf(or(['a', 'b']), or(['b', 'c']))).toEqual([]);
  expect(codesOf(not(and(['a', 'b'])), not(and(['b', 'c'])))).toEqual([]);
});

describe('a later way is shadowed', () => {
  test.each<[title: string, first: unknown, later: unknown]>([
    ['by the same guard', 'a', 'a'],
    ['by one of its guards', 'a', and(['b', 'a'])],
    ['by the same guards in another order', and(['a', 'b']), and(['b', 'a'])],
    ['by the same `or` in another order', or(['a', 'b']), or(['b', 'a'])],
    ['by the same `not` in another order', not(and(['a', 'b'])), not(and(['b', 'a']))],
    ['by the same under another name', 'either', or(['b', 'a'])],
    ['by an `or` that it is a part of', or(['a', 'b']), 'a'],
    ['by an `or` under a name that it is a part of', 'either', and(['b', 'c'])],
    ['by its double `not`', not(not('a')), 'a'],
    ['by a double `not` of it', 'a', not(not('a'))],
    ['by the same, written otherwise', not(and(['a', 'b'])), or([not('a'), not('b')])],
    ['by one of two that exclude each other', or(['a', not('a')]), 'b'],
    ['by nothing but itself', 'b', and(['a', not('a')])],
    ['by an `or` of nothing', 'b', or([])],
    ['by a guard that always holds', and([]), 'a'],
    ['by the same parameters', same, same],
    [
      'by the same parameters in another order',
      same,
      { type: 'scored', params: { most: 7, least: 5 } },
    ],
    [
      'by the same computed parameters',
      { type: 'scored', params: compute },
      { type: 'scored', params: compute },
    ],
  ])('%s', (_, first, later) => {
    expect(codesOf(first, later, scored)).toEqual(shadowed);
  });

  test('and the message says what to do', () => {
    expect(faultsOf(machineWith('a', 'a'))[0]).toEqual({
      code: 'shadowed-transition',
      path: 'states.open.on.GO',
      message:
        'A list is tried in turn. The transition to "resolved" is open whenever the one to "closed" is, and wins. Put it last, or drop one.',
    });
  });

  test('by another of the whole machine, at its place', () => {
    const machine = machineOf({
      initial: 'open',
      on: { GO: ['.resolved', '.closed'] },
      states: { open: {}, resolved: { type: 'final' }, closed: { type: 'final' } },
    });
    expect(faultsOf(machine).map(({ code, path }) => `${code} ${path}`)).toEqual([
      'shadowed-transition on.GO',
      'unreachable-state states.closed',
    ]);
  });
});

describe('a later way is sound', () => {
  test.each<[title: string, first: unknown, later: unknown]>([
    ['after another guard', 'a', 'b'],
    ['after one that asks for more', and(['a', 'b']), 'a'],
    ['after a part of its `or`', 'a', or(['a', 'b'])],
    ['after an `or` that it shares a part with', or(['a', 'b']), 'c'],
    ['after the opposite', not('a'), 'a'],
    ['after one whose `and` in `or` differs', or([and(['a', 'b']), 'c']), or(['a', 'b', 'c'])],
    ['after other parameters', same, { type: 'scored', params: { least: 6, most: 7 } }],
    ['after none', { type: 'scored' }, { type: 'scored', params: { least: 6 } }],
    [
      'after parameters that are computed otherwise',
      { type: 'scored', params: compute },
      { type: 'scored', params: () => ({ least: 6 }) },
    ],
    [
      'after parameters that are no JSON',
      { type: 'scored', params: { least: 5n } },
      { type: 'scored', params: { least: 6n } },
    ],
  ])('%s', (_, first, later) => {
    expect(codesOf(first, later, scored)).toEqual([]);
  });
});

describe('of more than two ways', () => {
  const ways = (...guardsOfWays: unknown[]) =>
    machineOf(
      {
        initial: 'open',
        states: {
          open: {
            on: {
              GO: guardsOfWays.map((guard, index) => ({ target: `s${index}`, guard })),
              CLOSE: guardsOfWays.map((_, index) => ({ target: `s${index}`, guard: `g${index}` })),
            },
          },
          ...Object.fromEntries(
            guardsOfWays.map((_, index) => [
              `s${index}`,
              { meta: { status: 'closed' }, type: 'final' },
            ]),
          ),
        },
      },
      { ...guards, ...Object.fromEntries(guardsOfWays.map((_, index) => [`g${index}`, yes])) },
    );
  const messagesOf = (...guardsOfWays: unknown[]) =>
    faultsOf(ways(...guardsOfWays)).map(({ message }) => message);

  test('some leave the last no chance together', () => {
    expect(messagesOf('a', not('a'), undefined)).toEqual([
      'A list is tried in turn. Whenever the transition to "s2" is open, one before it is open as well. Change a guard, or drop it.',
    ]);
    expect(messagesOf(and(['a', 'b']), and(['a', not('b')]), 'a')).toHaveLength(1);
    expect(messagesOf('a', 'b', or(['a', 'b', 'c']))).toEqual([]);
  });

  test('one can be in the way of itself', () => {
    expect(messagesOf(or([]), 'a')).toEqual([
      'The guards of the transition to "s0" can\'t all hold, so it is never taken. Change one, or drop the transition.',
    ]);
  });

  test('those that ask more guards than can be tried out are compared as written', () => {
    const many = Array.from({ length: 11 }, (_, index) => `g${index}`);
    expect(messagesOf(...many)).toEqual([]);
    expect(messagesOf(...many.slice(0, 10), undefined, not(not('g10')))).toHaveLength(1);
    expect(messagesOf(...many, and(['c', 'g10']))).toHaveLength(1);
    expect(messagesOf(...many, not(not('g10')))).toEqual([]);
  });
});

test('of the ways of the whole machine, a state drops those that its own leave no chance', () => {
  const machine = machineOf(
    {
      initial: 'open',
      on: { GO: [{ target: '.closed', guard: 'b' }, { target: '.open' }] },
      states: {
        open: {
          on: {
            GO: [
              { target: 'resolved', guard: 'a' },
              { target: 'closed', guard: not('a') },
            ],
          },
        },
        resolved: {},
        closed: {},
      },
    },
    guards,
  );
  const edges = defineLifecycle(machine).edges.map(({ from, to }) => `${from} ${to}`);
  expect(edges).toEqual([
    'open resolved',
    'open closed',
    'resolved closed',
    'resolved open',
    'closed closed',
    'closed open',
  ]);
});

test('a guard that cannot be read shadows nothing, whatever it would have said', () => {
  expect(codesOf('gone', undefined)).toEqual(['missing-guard']);
  expect(codesOf('gone', 'lost')).toEqual(['missing-guard', 'missing-guard']);
  expect(codesOf('gone', and(['gone', 'a']))).toEqual(['missing-guard']);
});

describe('parameters count as behaviour', () => {
  const fingerprintOf = (params: unknown) =>
    defineLifecycle(machineWith({ type: 'scored', params }, 'a', scored)).fingerprint;

  test('other ones make another fingerprint', () => {
    const all = [undefined, { least: 5 }, { least: 6 }, { least: '5' }, [5], 5].map(fingerprintOf);
    expect(new Set(all).size).toBe(all.length);
  });

  test('their order does not', () => {
    expect(fingerprintOf({ least: 5, most: { a: 1, b: 2 } })).toBe(
      fingerprintOf({ most: { b: 2, a: 1 }, least: 5 }),
    );
  });

  test('computed ones are the same from one program to the next', () => {
    expect(fingerprintOf(() => 5)).toBe(fingerprintOf(() => 6));
  });
});
