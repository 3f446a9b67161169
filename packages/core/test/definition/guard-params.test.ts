import { describe, expect, test } from 'vitest';
import { and, createActor, or, setup, type AnyStateMachine } from 'xstate';
import { defineLifecycle, type LifecycleOptions } from '../../src/index.ts';
import { blockersOf } from '../support/blockers-of.ts';
import { faultsOf, machineOf } from '../support/machine-of.ts';

class Price {
  readonly amount: number;
  constructor(amount: number) {
    this.amount = amount;
  }
}
const own = { shared: { n: 1 } };
const twins = (make: () => unknown) => [make(), make()] as const;
const holds = () => true;

const machineWith = (first: unknown, later: unknown) =>
  machineOf(
    {
      initial: 'open',
      states: {
        open: {
          on: {
            GO: [
              { target: 'resolved', guard: { type: 'asks', params: first } },
              { target: 'closed', guard: { type: 'asks', params: later } },
            ],
          },
        },
        resolved: { type: 'final' },
        closed: { type: 'final' },
      },
    },
    { asks: holds },
  );
const isShadowed = (first: unknown, later: unknown) =>
  faultsOf(machineWith(first, later)).some(({ code }) => code === 'shadowed-transition');
const fingerprintOf = (params: unknown) =>
  defineLifecycle(
    machineOf(
      {
        initial: 'open',
        states: {
          open: { on: { GO: { target: 'closed', guard: { type: 'asks', params } } } },
          closed: { type: 'final' },
        },
      },
      { asks: holds },
    ),
  ).fingerprint;

const ring = (parts: { a: { b?: object } }, self: object) => {
  parts.a.b = self;
  return parts;
};
const [outer, inner] = [{ a: {} }, { a: {} }];
const rings = { outer: ring(outer, outer), inner: ring(inner, inner.a) };

// Each of these is another value than all the others.
const different: [title: string, value: unknown][] = [
  ['null', null],
  ['NaN', Number.NaN],
  ['zero', 0],
  ['minus zero', -0],
  ['infinity', Infinity],
  ['minus infinity', -Infinity],
  ['one', 1],
  ['a BigInt', 1n],
  ['a text of one', '1'],
  ['a text of a BigInt', '1n'],
  ['a text of null', 'null'],
  ['true', true],
  ['a text of true', 'true'],
  ['an empty list', []],
  ['a list of an empty list', [[]]],
  ['a list of pairs', [['a', 1]]],
  ['a list of undefined', [undefined]],
  ['a list of null', [null]],
  // oxlint-disable-next-line no-sparse-arrays -- that is the case under test
  ['a list with a hole', [,]],
  ['an empty object', {}],
  ['an object', { a: 1 }],
  ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
  ['another object without a prototype', Object.assign(Object.create(null), { a: 2 })],
  ['an object that holds itself', rings.outer],
  ['an object that holds one that holds itself', rings.inner],
  ['an object of undefined', { a: undefined }],
  ['an object of NaN', { a: Number.NaN }],
  ['an object of minus zero', { a: -0 }],
  ['an object of zero', { a: 0 }],
  ['an object with a symbol', { a: 1, [Symbol('b')]: 1 }],
  ['a name with a sign in it', { 'a":1,"b': 1 }],
  ['a RegExp', /a/],
  ['another RegExp', /b/],
  ['a RegExp with a flag', /a/i],
  ['a RegExp with another flag', /a/u],
  ['a Set', new Set([1])],
  ['another Set', new Set([2])],
  ['a Set in another order', new Set([1, 2])],
  ['a Set in its order', new Set([2, 1])],
  ['a Map', new Map([['a', 1]])],
  ['another Map', new Map([['a', 2]])],
  ['a Date', new Date(0)],
  ['another Date', new Date(1)],
  ['a RegExp inside', { re: [/a/] }],
  ['another RegExp inside', { re: [/b/] }],
  ['a Map inside a Set inside a list', [new Set([new Map([['a', -0]])])]],
  ['another Map inside a Set inside a list', [new Set([new Map([['a', 0]])])]],
];
// These have no text that gives them back.
const opaque: [title: string, make: () => unknown][] = [
  ['functions inside', () => ({ f: () => 1 })],
  ['instances of a class', () => new Price(1)],
  ['instances of a class inside', () => ({ price: [new Price(1)] })],
  ['symbols', () => Symbol('a')],
  [
    'objects with a getter',
    () => Object.defineProperty({}, 'a', { get: () => 1, enumerable: true }),
  ],
  ['objects with a hidden field', () => Object.defineProperty({}, 'a', { value: 1 })],
  ['RegExps that remember', () => /a/g],
  ['lists with a field', () => Object.assign([1], { more: 1 })],
  ['Sets with a field', () => Object.assign(new Set([1]), { more: 1 })],
  ['a RegExp with a field', () => Object.assign(/a/, { more: 1 })],
  ['objects with a field that has a symbol for a name', () => ({ [Symbol('a')]: 1 })],
  ['typed arrays', () => new Uint8Array(1)],
  ['URLs', () => new URL('https://a.example')],
];

describe('two guards with different params are two guards', () => {
  test('whatever the params are', () => {
    const same: string[] = [];
    for (const [a, first] of different) {
      for (const [b, later] of different) {
        if (isShadowed(first, later) !== (a === b)) same.push(`${a} and ${b}`);
      }
    }
    expect(same).toEqual([]);
  });

  test.each(opaque)('%s are told apart by identity', (_, make) => {
    const [one, other] = twins(make);
    expect(isShadowed(one, other)).toBe(false);
    expect(isShadowed(one, one)).toBe(true);
  });

  test('the same object twice is not the same as two equal ones', () => {
    expect(isShadowed([own.shared, own.shared], [own.shared, { n: 1 }])).toBe(false);
  });

  test('an object that holds itself is compared too', () => {
    const [a, b] = [{ n: 1 }, { n: 2 }].map((one) => Object.assign(one, { self: one }));
    expect(isShadowed(a, b)).toBe(false);
    expect(isShadowed(a, Object.assign({ n: 1 }, { self: undefined }))).toBe(false);
    expect(isShadowed(a, a)).toBe(true);
  });

  test('they have another fingerprint wherever a text can hold the params', () => {
    const readable = different.filter(([title]) => !/hole|symbol/.test(title));
    const all = readable.map(([, params]) => fingerprintOf(params));
    expect(new Set(all).size).toBe(all.length);
    expect(fingerprintOf(/a/g)).not.toBe(fingerprintOf(/b/g));
  });

  test('a guard’s name cannot pass for another guard', () => {
    const names = ['a,b', 'or(and(a),and(b))', '["asks",1]', 'a', 'b'];
    const guards = Object.fromEntries([...names, 'asks'].map((name) => [name, holds]));
    const withGuard = (guard: unknown) =>
      defineLifecycle(
        machineOf(
          {
            initial: 'open',
            states: {
              open: { on: { GO: { target: 'closed', guard } } },
              closed: { type: 'final' },
            },
          },
          guards,
        ),
      ).fingerprint;
    const all = [...names, or(['a', 'b']), and(['a', 'b']), { type: 'asks', params: 1 }].map(
      withGuard,
    );
    expect(new Set(all).size).toBe(all.length);
  });
});

test('the machine’s own transition stays where only its params differ', () => {
  const matches = ({ event }: { event: { text: string } }, { re }: { re: RegExp }) =>
    re.test(event.text);
  const by = (target: string, re: RegExp) => ({
    target,
    guard: { type: 'matches', params: { re } },
  });
  const machine = machineOf(
    {
      initial: 'open',
      on: { ROUTE: by('.closed', /spam/) },
      states: {
        open: { on: { ROUTE: by('closed', /billing/) } },
        closed: { on: { REOPEN: 'open' } },
      },
    },
    { matches },
  );
  const lifecycle = defineLifecycle(machine);
  for (const text of ['spam', 'billing', 'else']) {
    const event = { type: 'ROUTE', text };
    expect(lifecycle.can('open', event)).toBe(
      machine.resolveState({ value: 'open', context: {} }).can(event),
    );
  }
});

describe('a guard is its name and its params, wherever it is named', () => {
  const part = (field: string, n: number) => ({ type: 'atLeast', params: { field, n } }) as const;
  const fields: { [field: string]: number | undefined } = { replies: 0, hours: 0 };
  const machine = setup({
    types: { context: fields },
    guards: {
      atLeast: ({ context }, { field, n }: { field: string; n: number }) =>
        (context[field] ?? 0) >= n,
    },
  }).createMachine({
    context: fields,
    initial: 'open',
    states: {
      open: {
        on: {
          CLOSE: { target: 'closed', guard: and([part('replies', 1), part('hours', 8)]) },
          DROP: { target: 'closed', guard: or([part('replies', 2), part('hours', 9)]) },
          SKIP: {
            target: 'closed',
            guard: {
              type: 'atLeast',
              params: ({ context }) => ({ field: 'hours', n: (context['hours'] ?? 0) + 1 }),
            },
          },
        },
      },
      closed: { type: 'final' },
    },
  });
  const blockers = (event: 'CLOSE' | 'DROP' | 'SKIP', options?: LifecycleOptions) =>
    blockersOf(defineLifecycle(machine, options as object).explain('open', event));

  test('in the blocker and its message', () => {
    expect(blockers('CLOSE')).toEqual([
      {
        code: 'guard',
        message: 'The guard "atLeast" with field: "replies", n: 1 does not hold.',
        parameters: { guard: 'atLeast', params: { field: 'replies', n: 1 }, to: 'closed' },
      },
      {
        code: 'guard',
        message: 'The guard "atLeast" with field: "hours", n: 8 does not hold.',
        parameters: { guard: 'atLeast', params: { field: 'hours', n: 8 }, to: 'closed' },
      },
    ]);
  });

  test('inside `or` and `not`', () => {
    expect(blockers('DROP')[0]?.parameters).toEqual({
      guard: 'or(atLeast(field: "replies", n: 2), atLeast(field: "hours", n: 9))',
      to: 'closed',
    });
  });

  test('as they were computed', () => {
    expect(blockers('SKIP')[0]).toMatchObject({
      message: 'The guard "atLeast" with field: "hours", n: 1 does not hold.',
      parameters: { params: { field: 'hours', n: 1 } },
    });
  });

  test('in a message that a function makes of params, context and event', () => {
    const atLeast = (facts: {
      params: { field: string; n: number };
      context: object;
      event: { type: string };
    }) =>
      `${facts.event.type} needs ${facts.params.n} ${facts.params.field}: ${JSON.stringify(facts.context)}`;
    expect(blockers('CLOSE', { guardMessages: { atLeast } }).map(({ message }) => message)).toEqual(
      [
        'CLOSE needs 1 replies: {"replies":0,"hours":0}',
        'CLOSE needs 8 hours: {"replies":0,"hours":0}',
      ],
    );
  });

  test('and a message that cannot be made is replaced by the usual one', () => {
    const fails = () => {
      throw new Error('no text');
    };
    for (const atLeast of [fails, () => 5 as unknown as string]) {
      expect(blockers('CLOSE', { guardMessages: { atLeast } })[0]?.message).toBe(
        'The guard "atLeast" with field: "replies", n: 1 does not hold.',
      );
    }
  });

  test('on the edge', () => {
    expect(
      defineLifecycle(machine).edges.map(({ guards }) => guards.map(({ label }) => label)),
    ).toEqual([
      ['atLeast(field: "replies", n: 1)', 'atLeast(field: "hours", n: 8)'],
      ['or(atLeast(field: "replies", n: 2), atLeast(field: "hours", n: 9))'],
      ['atLeast(computed)'],
    ]);
    expect(defineLifecycle(machine).edges[0]?.guards[0]).toEqual({
      name: 'atLeast',
      label: 'atLeast(field: "replies", n: 1)',
      params: { field: 'replies', n: 1 },
      message: undefined,
    });
  });

  test.each<[label: string, params: unknown]>([
    ['asks(5)', 5],
    ['asks(-0)', -0],
    ['asks(null)', null],
    ['asks(5n)', 5n],
    ['asks({})', {}],
    ['asks([1, { a: "b" }])', [1, { a: 'b' }]],
    ['asks(at: 1970-01-01T00:00:00.000Z, re: /a/i)', { re: /a/i, at: new Date(0) }],
    ['asks(map: Map(["a", 1]), set: Set(1))', { set: new Set([1]), map: new Map([['a', 1]]) }],
    ['asks(f: a function, price: a Price)', { price: new Price(1), f: () => 1 }],
    ['asks(a: { b: { c: { d: { e: 1 } } } })', { a: { b: { c: { d: { e: 1 } } } } }],
    ['asks("no word": 1)', { 'no word': 1 }],
    [`asks("${'x'.repeat(79)}…)`, 'x'.repeat(100)],
    ['asks(a Date)', new Date(Number.NaN)],
  ])('as text: %s', (label, params) => {
    const [edge] = defineLifecycle(
      machineOf(
        {
          initial: 'open',
          states: {
            open: { on: { GO: { target: 'closed', guard: { type: 'asks', params } } } },
            closed: { type: 'final' },
          },
        },
        { asks: holds },
      ),
    ).edges;
    expect(edge?.guards[0]?.label).toBe(label);
  });
});

test.each<[params: unknown, said: string]>([
  [{ re: /x/g, list: [1] }, 'list: [1], re: /x/g'],
  [{ price: new Price(1), f() {}, 'a b': 'c' }, '"a b": "c", f: a function, price: a Price'],
  [Symbol('y'), 'a symbol'],
  [/x/, '/x/'],
  // As a module's namespace is.
  [Object.assign(Object.create(null), { [Symbol('tag')]: 1 }), 'an object'],
])('a message says %o in short', (params, said) => {
  const config = {
    initial: 'open',
    states: {
      open: { on: { CLOSE: { target: 'closed', guard: { type: 'asks', params } } } },
      closed: { type: 'final' },
    },
  };
  const asking = defineLifecycle(machineOf(config, { asks: () => false }));
  expect(blockersOf(asking.explain('open', 'CLOSE'))[0]?.message).toBe(
    `The guard "asks" with ${said} does not hold.`,
  );
});

describe('objects in a Set, and by which a Map is asked, are found by identity, as in XState', () => {
  const gold = { plan: 'paid' };
  const silver = { plan: 'free' };
  const guards = {
    isIn: ({ context }: { context: { plan: object } }, { plans }: { plans: Set<object> }) =>
      plans.has(context.plan),
    ranks: (
      { context }: { context: { plan: object } },
      { ranks }: { ranks: Map<object, number> },
    ) => ranks.get(context.plan) === 1,
    isOurs: ({ context }: { context: { ours?: Set<object> } }) => context.ours?.has(gold) === true,
  };
  const deskWith = (first: unknown, second: unknown, context: object = {}) =>
    machineOf(
      {
        context,
        initial: 'open',
        on: { CLOSE: { target: '.closed', guard: second } },
        states: {
          open: { on: { CLOSE: { target: 'resolved', guard: first } } },
          resolved: { on: { CLOSE: 'closed' } },
          closed: { on: { REOPEN: 'open' } },
        },
      },
      guards,
    );
  const isIn = (...plans: object[]) => ({ type: 'isIn', params: { plans: new Set(plans) } });
  const ranks = (plan: object) => ({ type: 'ranks', params: { ranks: new Map([[plan, 1]]) } });

  test.each<[title: string, machine: AnyStateMachine, plan: object, to: string]>([
    ['a Set', deskWith(isIn(gold), isIn(silver)), gold, 'resolved'],
    ['a Set of another', deskWith(isIn(gold), isIn(silver)), silver, 'closed'],
    ['a Map', deskWith(ranks(gold), ranks(silver)), gold, 'resolved'],
    ['a Map of another', deskWith(ranks(gold), ranks(silver)), silver, 'closed'],
  ])('%s', (_, machine, plan, to) => {
    const snapshot = machine.resolveState({ value: 'open', context: { plan } });
    const actor = createActor(machine, { snapshot, input: undefined }).start();
    actor.send({ type: 'CLOSE' });
    expect(actor.getSnapshot().value).toBe(to);
    expect(defineLifecycle(machine).next('open', 'CLOSE', { plan })).toBe(to);
  });

  test('a Set in the context of the machine', () => {
    const machine = deskWith('isOurs', isIn(silver), { ours: new Set([gold]) });
    expect(createActor(machine).start().getSnapshot().can({ type: 'CLOSE' })).toBe(true);
    expect(defineLifecycle(machine).can('open', 'CLOSE')).toBe(true);
  });

  test('and a value in a Map is still a copy', () => {
    const levels = new Map([[gold, { n: 1 }]]);
    const machine = machineOf(
      {
        initial: 'open',
        states: {
          open: { on: { CLOSE: { target: 'closed', guard: { type: 'isOne', params: levels } } } },
          closed: { on: { REOPEN: 'open' } },
        },
      },
      { isOne: (_: unknown, its: typeof levels) => its.get(gold)?.n === 1 },
    );
    const lifecycle = defineLifecycle(machine);
    Object.assign(levels.get(gold) ?? {}, { n: 2 });
    expect(lifecycle.can('open', 'CLOSE')).toBe(true);
  });
});

describe('an object that is frozen whole is found by identity, as in XState', () => {
  interface Asked {
    readonly context: { readonly plan: object };
  }
  const deepFrozen = () => {
    const plan = { plan: 'paid', rates: [{ from: 1 }], of: new Price(1), self: {} };
    plan.self = plan;
    for (const one of [plan.rates[0], plan.rates, plan]) Object.freeze(one);
    return plan;
  };
  const flat = Object.freeze({ plan: 'paid' });
  const whole = deepFrozen();
  const guards = {
    isOneOf: ({ context }: Asked, { plans }: { plans: readonly object[] }) =>
      plans.includes(context.plan),
    isIt: ({ context }: Asked, { plan }: { plan: object }) => context.plan === plan,
  };
  const deskOf = (type: keyof typeof guards, params: object, plan: object) =>
    machineOf(
      {
        context: { plan },
        initial: 'open',
        states: {
          open: { on: { CLOSE: { target: 'closed', guard: { type, params } } } },
          closed: { type: 'final' },
        },
      },
      guards,
    );

  test.each<[title: string, plan: object]>([
    ['flat', flat],
    ['with all that it holds', whole],
    ['a list', Object.freeze([flat])],
    ['without a prototype', Object.freeze(Object.assign(Object.create(null), { n: 1 }) as object)],
  ])('%s', (_, plan) => {
    for (const machine of [
      deskOf('isOneOf', { plans: [plan] }, plan),
      deskOf('isIt', { plan }, plan),
    ]) {
      const inXState = machine.resolveState({ value: 'open', context: { plan } });
      expect(inXState.can({ type: 'CLOSE' })).toBe(true);
      const lifecycle = defineLifecycle(machine);
      expect(lifecycle.can('open', 'CLOSE', { plan })).toBe(true);
      // The machine's own context holds it too.
      expect(lifecycle.can('open', 'CLOSE')).toBe(true);
    }
  });

  test.each<[title: string, plan: () => object, change: (plan: never) => void]>([
    [
      'frozen in part',
      () => Object.freeze({ deep: { n: 1 } }),
      (it: { deep: object }) => Object.assign(it.deep, { n: 2 }),
    ],
    [
      'with a Set',
      () => Object.freeze({ set: new Set([1]) }),
      (it: { set: Set<number> }) => it.set.add(2),
    ],
    [
      'with a Date',
      () => Object.freeze({ at: new Date(0) }),
      (it: { at: Date }) => it.at.setTime(1),
    ],
  ])('but one that can still change is a copy: %s', (_, make, change) => {
    const plan = make();
    const text = (it: object) =>
      JSON.stringify(Object.values(it).map((one) => (one instanceof Set ? [...one] : one)));
    const before = text(plan);
    const lifecycle = defineLifecycle(deskOf('isIt', { plan }, plan));
    change(plan as never);
    const params = lifecycle.edges[0]?.guards[0]?.params as { plan: object };
    expect(text(params.plan)).toBe(before);
  });
});
