import { describe, expect, test } from 'vitest';
import { and, or } from 'xstate';
import * as z from 'zod';
import {
  compareLifecycles,
  defineLifecycle,
  defineMigration,
  type ComparableLifecycle,
  type CompareOptions,
  type LifecycleOptions,
} from '../../src/index.ts';

const guards = {
  isLead: ({ context }: { context: { lead?: boolean } }) => context.lead === true,
  atLeast: () => true,
};

/** A desk of which a test changes one thing. */
function deskWith(
  change: {
    readonly initial?: string;
    readonly meta?: object;
    readonly open?: object;
    readonly waiting?: object;
    readonly on?: object;
    readonly more?: object;
    readonly options?: LifecycleOptions;
  } = {},
): ComparableLifecycle {
  const config = {
    initial: change.initial ?? 'open',
    ...(change.meta && { meta: change.meta }),
    states: {
      open: {
        on: {
          START: 'in-progress',
          CLOSE: { target: 'closed', guard: 'isLead' },
          ...change.on,
        },
        ...change.open,
      },
      'in-progress': { on: { WAIT: 'waiting', CLOSE: 'closed' } },
      waiting: {
        meta: { status: 'in-progress' },
        on: { ANSWER: 'in-progress' },
        ...change.waiting,
      },
      closed: { on: { REOPEN: 'open' } },
      ...change.more,
    },
  };
  return defineLifecycle(config, { guards, ...change.options } as never);
}

const desk = deskWith();
const changesTo = (after: ComparableLifecycle) => compareLifecycles(desk, after).changes;
const edge = (from: string, event: string, to: string) =>
  expect.objectContaining({ from, event, to });

test('a definition that was only written again changes nothing', () => {
  expect(compareLifecycles(desk, deskWith())).toEqual({
    isSame: true,
    changes: [],
    histories: [],
    waiting: [],
    missingEntries: [],
  });
});

describe('a change of behaviour is listed', () => {
  const behaviour = 'behaviour';
  test.each<[title: string, after: ComparableLifecycle, changes: unknown[]]>([
    [
      'a state and its edges are gained',
      deskWith({
        on: { REVIEW: 'review' },
        more: { review: { meta: { status: 'resolved' }, on: { CLOSE: 'closed' } } },
      }),
      [
        { kind: 'state-gained', effect: behaviour, state: 'review' },
        {
          kind: 'default-state',
          effect: behaviour,
          status: 'resolved',
          before: undefined,
          after: 'review',
        },
        { kind: 'edge-gained', effect: behaviour, edge: edge('open', 'REVIEW', 'review') },
        { kind: 'edge-gained', effect: behaviour, edge: edge('review', 'CLOSE', 'closed') },
      ],
    ],
    [
      'an edge leads elsewhere',
      deskWith({ on: { START: 'waiting' } }),
      [
        { kind: 'edge-lost', effect: behaviour, edge: edge('open', 'START', 'in-progress') },
        { kind: 'edge-gained', effect: behaviour, edge: edge('open', 'START', 'waiting') },
      ],
    ],
    [
      'a guard is dropped',
      deskWith({ on: { CLOSE: 'closed' } }),
      [
        {
          kind: 'guards',
          effect: behaviour,
          before: expect.objectContaining({
            guards: [expect.objectContaining({ name: 'isLead' })],
          }),
          after: expect.objectContaining({ guards: [] }),
        },
      ],
    ],
    [
      'another state is the first',
      deskWith({ initial: 'in-progress' }),
      [{ kind: 'initial', effect: behaviour, before: 'open', after: 'in-progress' }],
    ],
    [
      'a state has another status',
      deskWith({ waiting: { meta: { status: 'open' } } }),
      [
        {
          kind: 'status',
          effect: behaviour,
          state: 'waiting',
          before: 'in-progress',
          after: 'open',
        },
      ],
    ],
    [
      'a status means another state',
      deskWith({ waiting: { meta: { status: 'in-progress', default: true } } }),
      [
        {
          kind: 'default-state',
          effect: behaviour,
          status: 'in-progress',
          before: 'in-progress',
          after: 'waiting',
        },
      ],
    ],
    [
      'a deadline is new',
      deskWith({
        waiting: {
          meta: { status: 'in-progress', due: { after: 'P7D', event: 'ANSWER' } },
        },
      }),
      [{ kind: 'deadlines', effect: behaviour, state: 'waiting' }],
    ],
    [
      'an event has to carry something',
      deskWith({ options: { payloads: { CLOSE: z.object({ reason: z.string() }) } } }),
      [{ kind: 'payload-gained', effect: behaviour, event: 'CLOSE' }],
    ],
  ])('%s', (_, after, changes) => {
    const compared = compareLifecycles(desk, after);
    expect(compared.changes).toEqual(changes);
    expect(compared.isSame).toBe(false);
  });

  test('what is gained one way is lost the other way', () => {
    const review = { meta: { status: 'resolved' }, on: { CLOSE: 'closed' } };
    const payloads = { CLOSE: z.object({ reason: z.string() }) };
    const more = deskWith({ more: { review }, on: { REVIEW: 'review' }, options: { payloads } });
    expect(compareLifecycles(more, desk).changes).toEqual([
      { kind: 'state-lost', effect: 'behaviour', state: 'review' },
      {
        kind: 'default-state',
        effect: 'behaviour',
        status: 'resolved',
        before: 'review',
        after: undefined,
      },
      { kind: 'edge-lost', effect: 'behaviour', edge: edge('open', 'REVIEW', 'review') },
      { kind: 'edge-lost', effect: 'behaviour', edge: edge('review', 'CLOSE', 'closed') },
      { kind: 'payload-lost', effect: 'behaviour', event: 'CLOSE' },
    ]);
  });

  test('what only the fingerprint tells, as one of another version may', () => {
    const other = { ...deskWith(), fingerprint: 'another' };
    const compared = compareLifecycles(desk, other);
    expect(compared.changes).toEqual([{ kind: 'fingerprint', effect: 'behaviour' }]);
    const labelled = { ...deskWith({ open: { description: 'New.' } }), fingerprint: 'another' };
    expect(compareLifecycles(desk, labelled).changes).toEqual([
      { kind: 'state-label', effect: 'label', state: 'open' },
      { kind: 'fingerprint', effect: 'behaviour' },
    ]);
    expect(compared.isSame).toBe(false);
  });

  test('guards with other params are others, whatever they look like', () => {
    const withParams = (params: unknown) =>
      deskWith({ on: { CLOSE: { target: 'closed', guard: { type: 'atLeast', params } } } });
    const kindsFor = (a: unknown, b: unknown) =>
      compareLifecycles(withParams(a), withParams(b)).changes.map(
        ({ kind, effect }) => `${kind} ${effect}`,
      );
    expect(kindsFor({ n: 1 }, { n: 1 })).toEqual([]);
    expect(kindsFor(/a/, /a/)).toEqual([]);
    for (const [a, b] of [
      [/a/, /b/],
      [0, -0],
      [1, '1'],
      [new Set([1]), new Set([2])],
      [() => 1, () => 2],
      [{ n: Number.NaN }, { n: null }],
    ]) {
      expect(kindsFor(a, b)).toEqual(['guards behaviour']);
    }
  });

  test('the order in which guarded edges are tried', () => {
    const ways = [
      { target: 'closed', guard: 'isLead' },
      { target: 'waiting', guard: 'atLeast' },
    ];
    const [first, second] = [ways, ways.toReversed()].map((CLOSE) => deskWith({ on: { CLOSE } }));
    if (first === undefined || second === undefined) throw new Error('There are two.');
    expect(compareLifecycles(first, second).changes).toEqual([
      { kind: 'order', effect: 'behaviour', state: 'open', event: 'CLOSE' },
    ]);
  });
});

describe('what people read, and what clocks count, is no behaviour', () => {
  test.each<[title: string, after: ComparableLifecycle, change: object]>([
    [
      'a description',
      deskWith({ open: { description: 'New.' } }),
      { kind: 'state-label', effect: 'label', state: 'open' },
    ],
    [
      'a guard’s message',
      deskWith({ options: { guardMessages: { isLead: 'Only a lead closes.' } } }),
      { kind: 'edge-label', effect: 'label' },
    ],
    [
      'the meta of a transition',
      deskWith({ on: { START: { target: 'in-progress', meta: { icon: 'play' } } } }),
      { kind: 'edge-label', effect: 'label' },
    ],
  ])('%s', (_, after, change) => {
    const compared = compareLifecycles(desk, after);
    expect(compared.isSame).toBe(true);
    expect(compared.changes).toEqual([expect.objectContaining(change)]);
    expect(compared.missingEntries).toEqual([]);
  });

  test('the order of edges that lead to the same state', () => {
    const ways = [
      { target: 'closed', guard: 'isLead' },
      { target: 'closed', guard: 'atLeast' },
    ];
    const [first, second] = [ways, ways.toReversed()].map((CLOSE) => deskWith({ on: { CLOSE } }));
    if (first === undefined || second === undefined) throw new Error('There are two.');
    const compared = compareLifecycles(first, second);
    expect(compared.isSame).toBe(true);
    expect(compared.changes).toEqual([
      { kind: 'order', effect: 'label', state: 'open', event: 'CLOSE' },
    ]);
  });

  test('the order of guards that must all hold changes nothing', () => {
    const both = (...names: string[]) =>
      deskWith({
        on: { CLOSE: { target: 'closed', guard: 'both' } },
        options: { guards: { ...guards, both: and(names) }, guardMessages: { isLead: 'No.' } },
      });
    expect(compareLifecycles(both('isLead', 'atLeast'), both('atLeast', 'isLead')).changes).toEqual(
      [],
    );
  });

  test('guards that ask the same by another name, as far as they can be compared', () => {
    const limit = () => new WeakMap();
    const asking = (name: string, params: unknown, ...others: string[]) =>
      deskWith({
        on: {
          CLOSE: [
            { target: 'closed', guard: 'all' },
            { target: 'closed', guard: { type: 'atLeast', params } },
            ...others,
          ],
        },
        options: {
          guards: {
            ...guards,
            [name]: or(['isLead', 'atLeast']),
            all: and([name, { type: 'atLeast', params }]),
          },
        },
      });
    const effectsOf = (before: ComparableLifecycle, after: ComparableLifecycle) => {
      const { isSame, changes } = compareLifecycles(before, after);
      expect(isSame).toBe(!changes.some(({ effect }) => effect === 'behaviour'));
      return changes.map(({ kind, effect }) => `${kind} ${effect}`);
    };
    expect(effectsOf(asking('either', 1), asking('any', 1))).toEqual(['guards label']);
    // Two instances are never known to be equal.
    expect(effectsOf(asking('either', limit()), asking('any', limit()))).toEqual([
      'guards behaviour',
      'guards behaviour',
    ]);
    // Here no answer decides anything: CLOSE leads to closed whatever the guards say.
    const [one, other] = [asking('any', limit(), 'closed'), asking('any', 1, 'closed')];
    expect(one.fingerprint).toBe(other.fingerprint);
    expect(effectsOf(one, other)).toEqual(['guards label', 'guards label']);
  });

  test('clocks', () => {
    const meta = { sla: { clocks: { it: { target: 'PT1H' } } } };
    const after = deskWith({ meta, open: { meta: { sla: { it: 'run' } } } });
    expect(changesTo(after)).toEqual([
      { kind: 'clocks', effect: 'clock', state: 'open' },
      { kind: 'sla', effect: 'clock' },
    ]);
  });
});

describe('a history', () => {
  const noWait = deskWith({
    more: { 'in-progress': { on: { CLOSE: 'closed' } } },
    on: { HOLD: 'waiting' },
  });
  const strict = defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { START: 'in-progress' } },
      'in-progress': { on: { CLOSE: 'closed' } },
      closed: { type: 'final' },
    },
  });

  test('that is blocked now is named, with each place', () => {
    const histories = [
      ['open', 'in-progress', 'closed'],
      ['open', 'closed', 'open'],
      ['open', 'in-progress', 'closed', 'open', 'in-progress'],
    ];
    expect(compareLifecycles(desk, strict, { histories, complete: true }).histories).toEqual([
      {
        history: 1,
        blocked: [
          { index: 1, from: 'open', to: 'closed', kind: 'skipped', wasBlocked: false },
          { index: 2, from: 'closed', to: 'open', kind: 'jump', wasBlocked: false },
        ],
      },
      {
        history: 2,
        blocked: [{ index: 3, from: 'closed', to: 'open', kind: 'jump', wasBlocked: false }],
      },
    ]);
  });

  test('of a poller may leave out what lies between', () => {
    const histories = [['open', 'closed']];
    expect(compareLifecycles(desk, strict, { histories }).histories).toEqual([]);
  });

  test('that was blocked before is not news, and neither is what nobody can see', () => {
    const histories = [
      ['open', 'resolved'],
      ['open', 'in-progress', 'in-progress'],
    ];
    expect(compareLifecycles(desk, noWait, { histories, complete: true }).histories).toEqual([]);
  });

  test('with a status that no state has any more is blocked there', () => {
    const before = deskWith({
      on: { SOLVE: 'solved' },
      more: { solved: { meta: { status: 'resolved' }, on: { CLOSE: 'closed' } } },
    });
    const histories = [['open', 'resolved', 'lost']];
    expect(compareLifecycles(before, desk, { histories }).histories).toMatchObject([
      {
        history: 0,
        blocked: [
          { index: 1, to: 'resolved', kind: 'jump', wasBlocked: false },
          { index: 2, to: 'lost', kind: 'unknown-status', wasBlocked: true },
        ],
      },
    ]);
  });

  test('that names states is judged by them, also where the status stays', () => {
    const histories = [
      ['open', 'in-progress', 'waiting', 'in-progress', 'closed'],
      ['open', 'in-progress', 'closed'],
    ];
    expect(compareLifecycles(desk, noWait, { histories, complete: true }).histories).toEqual([
      {
        history: 0,
        blocked: [
          { index: 2, from: 'in-progress', to: 'waiting', kind: 'skipped', wasBlocked: false },
        ],
      },
    ]);
    // One that has no such state still sees the status.
    expect(compareLifecycles(strict, desk, { histories, complete: true }).histories).toEqual([]);
    expect(compareLifecycles(desk, strict, { histories, complete: true }).histories).toEqual([]);
  });

  test('without a row is not blocked', () => {
    const after = deskWith({ initial: 'in-progress' });
    const asked = { histories: [[]], complete: true };
    expect(compareLifecycles(desk, after, asked).histories).toEqual([]);
  });

  test('that begins where no ticket begins any more is blocked at its start', () => {
    const after = deskWith({ initial: 'in-progress' });
    const histories = [['open', 'in-progress']];
    expect(compareLifecycles(desk, after, { histories, complete: true }).histories).toEqual([
      {
        history: 0,
        blocked: [expect.objectContaining({ index: 0, kind: 'start', wasBlocked: false })],
      },
    ]);
  });
});

describe('a waiting change', () => {
  const after = deskWith({
    on: { START: 'waiting' },
    more: {
      'in-progress': { on: { WAIT: 'waiting', CLOSE: { target: 'closed', guard: 'isLead' } } },
    },
  });
  const lostIn = (waiting: CompareOptions['waiting'], states: Record<string, string> = {}) =>
    compareLifecycles(desk, after, { waiting, states }).waiting;

  test('that nothing stands in the way of is not named', () => {
    expect(lostIn([{ from: 'in-progress', event: 'WAIT' }, { event: 'REOPEN' }])).toEqual([]);
  });

  test('of an event, a state or a transition that is gone would die', () => {
    const less = defineLifecycle({
      initial: 'open',
      states: {
        open: { on: { START: 'in-progress' } },
        'in-progress': { on: { CLOSE: 'closed' } },
        closed: { type: 'final' },
      },
    });
    const waiting = [
      { from: 'closed', event: 'REOPEN' },
      { from: 'waiting', event: 'ANSWER' },
      { from: 'open', event: { type: 'CLOSE' } },
      { event: 'WAIT' },
      { from: 'closed', event: 'START' },
    ];
    const lost = compareLifecycles(desk, less, { waiting }).waiting;
    expect(
      lost.map((one) => [
        one.change,
        one.kind === 'blocked' && one.blockers.map(({ code }) => code).join(),
        one.kind === 'blocked' && one.wasBlocked,
      ]),
    ).toEqual([
      [0, 'unknown-event', false],
      [1, 'unknown-state,unknown-event', false],
      [2, 'no-such-transition', false],
      [3, 'unknown-event', false],
      [4, 'no-such-transition', true],
    ]);
  });

  test('is asked for its guards where its context is known, and only there', () => {
    const waiting = { from: 'in-progress', event: 'CLOSE' };
    expect(lostIn([waiting])).toEqual([]);
    expect(lostIn([{ ...waiting, context: { lead: true } }])).toEqual([]);
    expect(lostIn([{ ...waiting, context: { lead: false } }])).toMatchObject([
      { change: 0, kind: 'blocked', blockers: [{ code: 'guard' }], wasBlocked: false },
    ]);
  });

  test('that leads to another state now is named', () => {
    for (const event of ['START', { type: 'START' }]) {
      expect(lostIn([{ from: 'open', event }])).toEqual([
        { change: 0, kind: 'elsewhere', before: 'in-progress', after: 'waiting' },
      ]);
    }
    // What the migration says is the same.
    expect(lostIn([{ from: 'open', event: 'START' }], { 'in-progress': 'waiting' })).toEqual([]);
  });

  test('without a state is lost only where no state lets it through', () => {
    // START is possible in open alone, and CLOSE in two states, in one of them behind a guard.
    const waiting = [{ event: { type: 'START' } }, { event: 'CLOSE', context: { lead: false } }];
    expect(compareLifecycles(desk, desk, { waiting }).waiting).toEqual([]);
    expect(lostIn([{ event: 'CLOSE', context: { lead: false } }])).toMatchObject([
      { kind: 'blocked', blockers: [{ code: 'guard' }], wasBlocked: false },
    ]);
    expect(lostIn([{ event: { type: 'CLOSE' }, context: { lead: false } }])).toHaveLength(1);
  });

  test('without a state tells what stands in its way where it is possible at all', () => {
    const ANSWER = { target: 'in-progress', guard: 'isLead' };
    const guarded = deskWith({ waiting: { meta: { status: 'in-progress' }, on: { ANSWER } } });
    for (const event of ['ANSWER', { type: 'ANSWER' }]) {
      const waiting = [{ event, context: { lead: false } }];
      expect(compareLifecycles(desk, guarded, { waiting }).waiting).toMatchObject([
        { kind: 'blocked', blockers: [{ code: 'guard' }], wasBlocked: false },
      ]);
    }
  });

  test('whose guard throws without a context is not judged, and with one the throw is told', () => {
    const throwing = deskWith({
      on: { START: { target: 'in-progress', guard: 'isOwn' } },
      options: {
        guards: {
          ...guards,
          isOwn: ({ context }: never) => (context as { a: { b: boolean } }).a.b,
        },
      },
    });
    const compare = (context?: unknown) =>
      compareLifecycles(desk, throwing, { waiting: [{ from: 'open', event: 'START', context }] });
    expect(compare().waiting).toEqual([]);
    expect(() => compare({})).toThrow('The guard "isOwn" threw');
  });

  test('of several ways is followed only where its context is known', () => {
    const ways = [{ target: 'waiting', guard: 'isLead' }, { target: 'in-progress' }];
    const several = deskWith({ on: { START: ways } });
    const lost = (context?: unknown) =>
      compareLifecycles(desk, several, { waiting: [{ from: 'open', event: 'START', context }] })
        .waiting;
    expect(lost()).toEqual([]);
    expect(lost({ lead: false })).toEqual([]);
    expect(lost({ lead: true })).toEqual([
      { change: 0, kind: 'elsewhere', before: 'in-progress', after: 'waiting' },
    ]);
    // Of a guard that holds without a context nobody knows whether it does with one.
    const open = deskWith({
      on: { START: [{ target: 'waiting', guard: 'atLeast' }, { target: 'in-progress' }] },
    });
    const waiting = [{ from: 'open', event: 'START' }];
    expect(compareLifecycles(desk, open, { waiting }).waiting).toEqual([]);
  });

  test('goes from where the migration puts its ticket', () => {
    expect(lostIn([{ from: 'waiting', event: 'WAIT' }])).toHaveLength(1);
    expect(lostIn([{ from: 'waiting', event: 'WAIT' }], { waiting: 'in-progress' })).toEqual([]);
  });
});

describe('a migration', () => {
  const renamed = defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { START: 'in-progress' } },
      'in-progress': { on: { WAIT: 'held', CLOSE: 'closed' } },
      held: { meta: { status: 'in-progress' }, on: { ANSWER: 'in-progress' } },
      closed: { on: { REOPEN: 'open' } },
    },
  });

  test('lacks an entry for each old state, with a candidate where one is left', () => {
    expect(compareLifecycles(desk, renamed).missingEntries).toEqual([
      { state: 'open', candidate: 'open' },
      { state: 'in-progress', candidate: 'in-progress' },
      { state: 'waiting', candidate: undefined },
      { state: 'closed', candidate: 'closed' },
    ]);
    const states = { open: 'open', 'in-progress': 'in-progress', waiting: 'heldd' };
    expect(compareLifecycles(desk, renamed, { states }).missingEntries).toEqual([
      { state: 'waiting', candidate: undefined },
      { state: 'closed', candidate: 'closed' },
    ]);
  });

  test('has no candidate for a state that stands for another status now', () => {
    const moved = deskWith({ waiting: { meta: { status: 'open' } } });
    expect(compareLifecycles(desk, moved).missingEntries).toContainEqual({
      state: 'waiting',
      candidate: undefined,
    });
  });

  test('that lacks none is one that defineMigration takes', () => {
    const { missingEntries } = compareLifecycles(desk, renamed);
    const states = Object.fromEntries(
      missingEntries.map(({ state, candidate }) => [state, candidate ?? 'held']),
    );
    expect(compareLifecycles(desk, renamed, { states }).missingEntries).toEqual([]);
    expect(() => defineMigration({ from: desk, to: renamed, states })).not.toThrow();
  });
});

test.each<[title: string, compare: () => unknown, message: string]>([
  [
    'no lifecycle',
    () => compareLifecycles(desk, {} as never),
    'compareLifecycles: after: Expected a lifecycle of defineLifecycle, received an object.',
  ],
  [
    'an unknown option',
    () => compareLifecycles(desk, desk, { history: [] } as never),
    'compareLifecycles: there is no option "history". Expected one of histories, complete, waiting, states.',
  ],
  [
    'no options but null',
    () => compareLifecycles(desk, desk, null as never),
    'compareLifecycles, options: Expected an object, received null.',
  ],
  [
    'no options but a list',
    () => compareLifecycles(desk, desk, [] as never),
    'compareLifecycles, options: Expected an object, received an array.',
  ],
  [
    'a text for yes or no',
    () => compareLifecycles(desk, desk, { complete: 'no' } as never),
    'compareLifecycles, complete: Expected a boolean, received "no".',
  ],
  [
    'states that are a list',
    () => compareLifecycles(desk, desk, { states: ['open'] } as never),
    'compareLifecycles, states: Expected an object, received an array.',
  ],
  [
    'a text',
    () => compareLifecycles(desk, desk, { histories: 'open' }),
    'compareLifecycles: histories: Expected a list, received "open".',
  ],
  [
    'a history that is a text',
    () => compareLifecycles(desk, desk, { histories: ['open', 'closed'] }),
    'compareLifecycles: histories[0]: Expected a list, received "open".',
  ],
  [
    'a history that is none',
    () => compareLifecycles(desk, desk, { histories: [[], 5 as never] }),
    'compareLifecycles: histories[1]: Expected a list, received 5.',
  ],
  [
    'a list that is null',
    () => compareLifecycles(desk, desk, { waiting: null as never }),
    'compareLifecycles: waiting: Expected a list, received null.',
  ],
  [
    'an event without a name',
    () => compareLifecycles(desk, desk, { waiting: [{ event: { type: 5 } } as never] }),
    'compareLifecycles: waiting[0]: Expected { event }, with the name of an event or an event, received an object.',
  ],
  [
    'a waiting change without an event',
    () => compareLifecycles(desk, desk, { waiting: [{ from: 'open' } as never] }),
    'compareLifecycles: waiting[0]: Expected { event }, with the name of an event or an event, received an object.',
  ],
])('%s is refused', (_, compare, message) => {
  expect(compare).toThrow(new TypeError(message));
});
