import { describe, expect, test } from 'vitest';
import { and, not, or } from 'xstate';
import * as z from 'zod';
import { compareLifecycles, defineLifecycle, ticketLifecycle } from '../../src/index.ts';
import { defineLeanLifecycle } from '../../src/lifecycle/lean.ts';
import { fnv1a64 } from '../../src/definition/fingerprint.ts';
import { machineOf } from '../support/machine-of.ts';

const guards = { isLead: () => true, isPaid: () => true };

const fingerprintOf = (config: object) => defineLifecycle(machineOf(config, guards)).fingerprint;

const base = {
  initial: 'open',
  states: {
    open: { on: { START: 'working', CLOSE: { target: 'closed', guard: 'isLead' } } },
    working: { meta: { status: 'in-progress' }, on: { CLOSE: 'closed', BACK: 'open' } },
    closed: { on: { BACK: 'open' } },
  },
};
const { open, working, closed } = base.states;
const withOpen = (on: object) => ({ ...base, states: { ...base.states, open: { on } } });

test('it is sixteen hexadecimal digits, and stays the same from release to release', () => {
  expect(ticketLifecycle.fingerprint).toMatch(/^[0-9a-f]{16}$/);
  // Stored plans carry it: a change here makes every one of them stale.
  expect(ticketLifecycle.fingerprint).toBe('455c99d58209ebf7');
});

test('it stays the same where there are guards, combined and with parameters', () => {
  const isScored = { type: 'isScored', params: { most: 7, least: 5 } };
  const desk = machineOf(
    withOpen({
      CLOSE: [
        { target: 'closed', guard: and(['isLead', not('isPaid')]) },
        { target: 'working', guard: or(['isPaid', isScored] as never) },
      ],
    }),
    { ...guards, isScored: () => true },
  );
  expect(defineLifecycle(desk).fingerprint).toBe('cd85cd9c67228c32');
});

test('the same definition has the same fingerprint', () => {
  expect(fingerprintOf(structuredClone(base))).toBe(fingerprintOf(base));
});

describe('it changes with what the lifecycle does', () => {
  const changes: [what: string, config: object][] = [
    ['the initial state', { ...base, initial: 'working' }],
    [
      'one more state',
      {
        ...base,
        states: {
          ...base.states,
          closed: { on: { BACK: 'open', ARCHIVE: 'resolved' } },
          resolved: { type: 'final' },
        },
      },
    ],
    [
      'a state’s name',
      {
        initial: 'open',
        states: {
          open: { on: { START: 'busy', CLOSE: { target: 'closed', guard: 'isLead' } } },
          busy: working,
          closed,
        },
      },
    ],
    ['one more way', withOpen({ ...open.on, SKIP: 'closed' })],
    ['a way less', withOpen({ START: 'working' })],
    [
      'where a way leads',
      withOpen({ START: 'closed', CLOSE: { target: 'working', guard: 'isLead' } }),
    ],
    ['an event’s name', withOpen({ BEGIN: 'working', CLOSE: open.on.CLOSE })],
    ['a guard less', withOpen({ START: 'working', CLOSE: 'closed' })],
    ['another guard', withOpen({ START: 'working', CLOSE: { target: 'closed', guard: 'isPaid' } })],
    [
      'a second guard',
      withOpen({ START: 'working', CLOSE: { target: 'closed', guard: and(['isLead', 'isPaid']) } }),
    ],
    [
      'either of two guards',
      withOpen({ START: 'working', CLOSE: { target: 'closed', guard: or(['isLead', 'isPaid']) } }),
    ],
    [
      'the status that a state stands for',
      {
        ...base,
        states: { ...base.states, working: { ...working, meta: { status: 'resolved' } } },
      },
    ],
  ];

  test.each(changes)('%s', (_, config) => {
    expect(fingerprintOf(config)).not.toBe(fingerprintOf(base));
  });

  test('each change has a fingerprint of its own', () => {
    const all = [base, ...changes.map(([, config]) => config)].map(fingerprintOf);
    expect(new Set(all).size).toBe(all.length);
  });

  test('the order of two guarded ways of one event, for the first that holds wins', () => {
    const lead = { target: 'closed', guard: 'isLead' };
    const paid = { target: 'working', guard: 'isPaid' };
    expect(fingerprintOf(withOpen({ GO: [lead, paid] }))).not.toBe(
      fingerprintOf(withOpen({ GO: [paid, lead] })),
    );
  });
});

test('it tells whether two guards of one event are asked with the same function', () => {
  const [few, many] = [() => 5, () => 6];
  const atLeast = (target: string, params: unknown) => ({
    target,
    guard: { type: 'atLeast', params },
  });
  const both = (one: unknown, other: unknown) =>
    defineLifecycle(
      machineOf(
        withOpen({
          START: 'working',
          CLOSE: [
            {
              target: 'working',
              guard: and(['isLead', { type: 'atLeast', params: one }] as never),
            },
            atLeast('closed', other),
          ],
        }),
        { ...guards, atLeast: () => true },
      ),
    ).fingerprint;
  expect(both(few, few)).not.toBe(both(few, many));
  // What a text gives back is never taken for a number of something else.
  const texts = ['identity 0', 'identity 1'].map((text) => both(text, few));
  expect(new Set(texts).size).toBe(2);
});

describe('it stays when only words or order change', () => {
  const same: [what: string, config: object][] = [
    ['an id and a description of the machine', { ...base, id: 'support', description: 'Ours.' }],
    [
      'labels and descriptions of states',
      {
        ...base,
        states: {
          ...base.states,
          open: { ...open, description: 'New.', meta: { label: 'Neu' }, tags: ['todo'] },
        },
      },
    ],
    [
      'a description of a transition',
      withOpen({ ...open.on, START: { target: 'working', description: 'Somebody takes it.' } }),
    ],
    ['the order of states', { ...base, states: { closed, working, open } }],
    ['the order of events', withOpen({ CLOSE: open.on.CLOSE, START: 'working' })],
    [
      'a status that is said although it is the state’s own name',
      { ...base, states: { ...base.states, open: { ...open, meta: { status: 'open' } } } },
    ],
  ];

  test.each(same)('%s', (_, config) => {
    expect(fingerprintOf(config)).toBe(fingerprintOf(base));
  });

  test.each<[title: string, make: () => unknown]>([
    ['functions', () => () => 5],
    ['instances of classes', () => ({ team: new URL('https://a.example') })],
  ])('the order of states whose guards are asked with %s', (_, make) => {
    const [few, many] = [make(), make()];
    const atLeast = (params: unknown) => ({ type: 'atLeast', params });
    const letters = 'abcdefghijkl'.split('');
    const [own, shared, several] = [
      { on: { START: { target: 'working', guard: atLeast(few) }, CLOSE: 'closed' } },
      {
        ...working,
        on: {
          CLOSE: [
            { target: 'open', guard: atLeast(many) },
            { target: 'closed', guard: or([atLeast(few), atLeast(many)] as never) },
          ],
        },
      },
      // More than can be laid out.
      {
        on: {
          BACK: {
            target: 'open',
            guard: or([...letters, atLeast(many), atLeast(few)] as never),
          },
        },
      },
    ];
    const names = Object.fromEntries(letters.map((name) => [name, () => true]));
    const define = (states: object) =>
      defineLifecycle(machineOf({ ...base, states }, { ...names, atLeast: () => true }));
    const first = define({ open: own, working: shared, closed: several });
    const second = define({ closed: several, working: shared, open: own });
    expect(second.fingerprint).toBe(first.fingerprint);
    expect(compareLifecycles(first, second)).toMatchObject({ isSame: true, changes: [] });
  });

  test('the order of guards that must all hold', () => {
    const guarded = (names: ['isLead' | 'isPaid', 'isLead' | 'isPaid']) =>
      fingerprintOf(withOpen({ START: 'working', CLOSE: { target: 'closed', guard: and(names) } }));
    expect(guarded(['isLead', 'isPaid'])).toBe(guarded(['isPaid', 'isLead']));
  });

  test('what a guard answers, as long as it keeps its name', () => {
    const lenient = machineOf(base, { isLead: () => true });
    const strict = machineOf(base, { isLead: () => false });
    expect(defineLifecycle(lenient).fingerprint).toBe(defineLifecycle(strict).fingerprint);
  });
});

describe('guards count by what they let pass, not by how they are written', () => {
  const names = Array.from({ length: 11 }, (_, index) => `g${index}`);
  const many = Object.fromEntries(names.map((name) => [name, () => true]));
  const ways = (...list: [target: string, guard?: unknown][]) =>
    defineLifecycle(
      machineOf(
        {
          initial: 'open',
          states: {
            open: {
              on: { STAY: 'closed', GO: list.map(([target, guard]) => ({ target, guard })) },
            },
            closed: { on: { STAY: 'resolved' } },
            resolved: { on: { STAY: 'open' } },
          },
        },
        { ...guards, ...many },
      ),
    ).fingerprint;
  const under = (guard?: unknown) => ways(['closed', guard]);
  const all = (...parts: unknown[]) => and(parts as never);
  const any = (...parts: unknown[]) => or(parts as never);
  const none = (part: unknown) => not(part as never);

  test.each<[title: string, one: unknown, other: unknown]>([
    ['either way round', any('g0', 'g1'), any('g1', 'g0')],
    ['denied twice', 'g0', none(none('g0'))],
    ['by De Morgan', none(all('g0', 'g1')), any(none('g0'), none('g1'))],
    ['with one that says nothing', 'g0', any(all('g0', 'g1'), all('g0', none('g1')))],
    ['with two that say nothing', 'g1', all('g1', any('g0', none('g0')), any('g2', none('g2')))],
    ['always, as without a guard', any('g0', none('g0')), undefined],
    ['with one that never holds', any('g1', any()), any('g1', all('g0', none('g0')))],
    ['ten at once', all(...names.slice(0, 10)), all(none(none('g0')), ...names.slice(1, 10))],
    ['eleven at once, in any order', all(...names), all(...names.toReversed())],
  ])('%s', (_, one, other) => {
    expect(under(one)).toBe(under(other));
  });

  test.each<[title: string, one: unknown, other: unknown]>([
    ['each for itself', 'g0', 'g1'],
    ['and its opposite', 'g0', none('g0')],
    ['both, or either', all('g0', 'g1'), any('g0', 'g1')],
    ['one of two the other way', all('g0', none('g1')), all(none('g0'), 'g1')],
    ['only denied, and without a guard', none('g0'), undefined],
    ['eleven, and ten of them', all(...names), all(...names.slice(1))],
    ['eleven, and others', any(...names), all(...names)],
    ['eleven, and one of them denied', all(...names), all(none('g0'), ...names.slice(1))],
  ])('but not %s', (_, one, other) => {
    expect(under(one)).not.toBe(under(other));
  });

  test('ways that exclude each other may change places', () => {
    const shut = none('g0');
    expect(ways(['closed', 'g0'], ['resolved', shut])).toBe(
      ways(['resolved', shut], ['closed', 'g0']),
    );
    expect(ways(['closed', 'g0'], ['resolved', 'g1'])).not.toBe(
      ways(['resolved', 'g1'], ['closed', 'g0']),
    );
  });

  test('eleven guards count with where they lead, and in which order', () => {
    const [one, other] = [all(...names), all(none('g0'), ...names.slice(1))];
    expect(ways(['closed', one])).not.toBe(ways(['resolved', one]));
    expect(ways(['closed', one], ['resolved', other])).not.toBe(
      ways(['resolved', other], ['closed', one]),
    );
  });
});

test('a fingerprint that begins with a zero has sixteen digits as well', () => {
  const digits = Array.from({ length: 64 }, (_, index) => fnv1a64(`state ${index}`));
  expect(digits.some((one) => one.startsWith('0'))).toBe(true);
  for (const one of digits) expect(one).toMatch(/^[0-9a-f]{16}$/);
});

test('the hash is FNV-1a', () => {
  // Each unit of the text counts as two bytes, the lower first.
  expect(fnv1a64('')).toBe('cbf29ce484222325');
  expect(fnv1a64('a')).toBe('089be207b544f1e4');
});

describe('what a state does over time, and what an event has to carry, are behaviour', () => {
  const due = { after: 'P7D', event: 'CLOSE' };
  const withMeta = (meta: object) => ({
    ...base,
    states: { ...base.states, working: { ...working, meta: { ...working.meta, ...meta } } },
  });
  const of = (config: object, payloads = {}) => {
    const machine = machineOf(config, guards);
    return [defineLifecycle(machine, { payloads }), defineLeanLifecycle(machine, { payloads })].map(
      ({ fingerprint }) => fingerprint,
    );
  };
  const plain = of(base);
  const back = { after: 'P1D', event: 'BACK' };
  const reason = z.object({ reason: z.string() });

  test.each<[what: string, one: string[], other: string[]]>([
    ['a deadline', of(withMeta({ due })), plain],
    ['another duration', of(withMeta({ due })), of(withMeta({ due: { ...due, after: 'P14D' } }))],
    ['another event', of(withMeta({ due })), of(withMeta({ due: { ...due, event: 'BACK' } }))],
    ['one more deadline', of(withMeta({ due })), of(withMeta({ due: [due, back] }))],
    ['a payload schema', of(base, { CLOSE: reason }), plain],
    ['a schema of another event', of(base, { CLOSE: reason }), of(base, { START: reason })],
  ])('%s changes the fingerprint, in a lean lifecycle too', (_, one, other) => {
    expect(one[0]).not.toBe(other[0]);
    expect(one[1]).toBe(one[0]);
    expect(other[1]).toBe(other[0]);
  });

  test.each<[what: string, one: string[], other: string[]]>([
    ['a list of one deadline', of(withMeta({ due: [due] })), of(withMeta({ due }))],
    ['deadlines reversed', of(withMeta({ due: [due, back] })), of(withMeta({ due: [back, due] }))],
    ['an empty list of deadlines', of(withMeta({ due: [] })), plain],
    [
      'a note beside a deadline',
      of(withMeta({ due: { ...due, why: 'x' } })),
      of(withMeta({ due })),
    ],
    [
      'another schema',
      of(base, { CLOSE: reason }),
      of(base, { CLOSE: z.object({ note: z.string() }) }),
    ],
    [
      'the order of the schemas',
      of(base, { CLOSE: reason, START: reason }),
      of(base, { START: reason, CLOSE: reason }),
    ],
    ['a label', of(withMeta({ label: 'Busy' })), plain],
  ])('%s does not', (_, one, other) => {
    expect(one).toEqual(other);
  });
});

test('the state that stands for a status of several changes the fingerprint where it is another', () => {
  const of = (first: object, second: object) =>
    fingerprintOf({
      initial: 'open',
      states: {
        open: { on: { WORK: 'first', WAIT: 'second', CLOSE: 'closed' } },
        first: { meta: { status: 'in-progress', ...first }, on: { BACK: 'open' } },
        second: { meta: { status: 'in-progress', ...second }, on: { BACK: 'open' } },
        closed: { meta: { default: true }, type: 'final' },
      },
    });
  const marked = { default: true };
  const all = [of({}, {}), of(marked, {}), of({}, marked)];

  expect(new Set(all).size).toBe(3);
  expect(of({ default: false }, {})).toBe(all[0]);
  expect(fingerprintOf(withOpenMarked)).toBe(fingerprintOf(base));
});

// The only state of its status stands for it with and without a mark.
const withOpenMarked = {
  ...base,
  states: { ...base.states, open: { ...open, meta: { default: true } } },
};
