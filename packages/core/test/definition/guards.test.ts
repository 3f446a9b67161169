import { describe, expect, test } from 'vitest';
import { and, createActor, not, or, stateIn } from 'xstate';
import { defineLifecycle, LifecycleDefinitionError } from '../../src/index.ts';
import { guardsOf } from '../support/blockers-of.ts';
import { faultsOf, machineOf } from '../support/machine-of.ts';

/** One way out of `open`, under a guard. */
const machineWith = (guard: unknown, guards: object = {}) =>
  machineOf(
    {
      initial: 'open',
      states: { open: { on: { CLOSE: { target: 'closed', guard } } }, closed: { type: 'final' } },
    },
    guards,
  );

const yes = () => true;
const no = () => false;

/** The guards that stand in the way, none when it is open; a live actor must agree. */
function standing(guard: unknown, guards: object = {}): unknown[] {
  const machine = machineWith(guard, guards);
  const verdict = defineLifecycle(machine).explain('open', 'CLOSE');
  const actor = createActor(machine).start();
  expect(verdict.allowed).toBe(actor.getSnapshot().can({ type: 'CLOSE' }));
  return guardsOf(verdict);
}

describe('a guard is taken apart', () => {
  test.each<[title: string, guard: unknown, names: string[]]>([
    ['a name', 'no', ['no']],
    ['a name that holds', 'yes', []],
    ['`and`', and(['no', 'yes', 'no2']), ['no', 'no2']],
    ['an `and` of nothing, which holds', and([]), []],
    ['`and` in `and`', and(['no', and(['no2', 'yes'])]), ['no', 'no2']],
    ['`or`, as one', or(['no', 'no2']), ['or(no, no2)']],
    ['an `or` that holds', or(['no', 'yes']), []],
    ['an `or` of nothing, which never holds', or(['no', or([])] as never), ['or(no, or())']],
    ['`not`, as one', not('yes'), ['not(yes)']],
    ['a `not` that holds', not('no'), []],
    ['`and` in `or`', or([and(['yes', 'no']), 'no2']), ['or(and(yes, no), no2)']],
    ['`and` in `not`', not(and(['yes', 'yes2'])), ['not(and(yes, yes2))']],
    ['a `not` of an `and` that fails in part', not(and(['yes', 'no'])), []],
    ['`not` in `not`', not(not('no')), ['not(not(no))']],
    [
      '`or` in `and`',
      and(['no', or(['no', 'no2']), not('yes')]),
      ['no', 'or(no, no2)', 'not(yes)'],
    ],
  ])('%s', (_, guard, names) => {
    expect(standing(guard, { yes, yes2: yes, no, no2: no })).toEqual(names);
  });
});

test('guards that are inherited count, what every object inherits does not', () => {
  class Guards {
    no = (): boolean => false;
  }
  Object.assign(Guards.prototype, { yes });
  expect(standing(and(['no', 'yes']), new Guards())).toEqual(['no']);
  expect(standing('yes', new Guards())).toEqual([]);
  for (const name of ['constructor', 'toString', '__proto__']) {
    expect(faultsOf(machineWith(name, new Guards())).map(({ code }) => code)).toEqual([
      'missing-guard',
    ]);
    const own = Object.defineProperty({}, name, { value: no, enumerable: true });
    expect(standing(name, own)).toEqual([name]);
  }
});

describe('a named guard that is made of others', () => {
  test('shows the parts of an `and`', () => {
    expect(standing('both', { no, no2: no, both: and(['no', 'no2'] as never) })).toEqual([
      'no',
      'no2',
    ]);
  });

  test('shows an `or` by its own name', () => {
    expect(standing('either', { no, no2: no, either: or(['no', 'no2'] as never) })).toEqual([
      'either',
    ]);
  });

  test('shows a `not` by its own name', () => {
    expect(standing('isOpen', { yes, isOpen: not('yes' as never) })).toEqual(['isOpen']);
  });

  test('shows what it is another name for', () => {
    expect(standing('mayClose', { no, mayClose: 'no' })).toEqual(['no']);
    expect(standing('mayClose', { yes, mayClose: { type: 'yes' } })).toEqual([]);
  });

  test('holds when its parts do', () => {
    expect(standing('both', { yes, both: and(['yes', 'yes'] as never) })).toEqual([]);
    expect(standing('either', { no, yes, either: or(['no', 'yes'] as never) })).toEqual([]);
  });
});

describe('a guard’s parameters', () => {
  const isAtLeast = ({ context }: { context: { score: number } }, { score }: { score: number }) =>
    context.score >= score;

  test('may be fixed', () => {
    const machine = machineWith({ type: 'isAtLeast', params: { score: 5 } }, { isAtLeast });
    const lifecycle = defineLifecycle(machine);
    const can = (score: number) => lifecycle.can('open', 'CLOSE', { score });
    expect([can(4), can(5)]).toEqual([false, true]);
  });

  test('may be made from context and event', () => {
    const guard = {
      type: 'isAtLeast',
      params: ({ context, event }: { context: { base: number }; event: { more: number } }) => ({
        score: context.base + event.more,
      }),
    };
    const lifecycle = defineLifecycle(machineWith(guard, { isAtLeast }));
    const can = (more: number) =>
      lifecycle.can('open', { type: 'CLOSE', more }, { score: 5, base: 3 });
    expect([can(2), can(3)]).toEqual([true, false]);
  });

  test('do not change its name', () => {
    expect(standing({ type: 'isAtLeast', params: { score: 5 } }, { isAtLeast })).toEqual([
      'isAtLeast',
    ]);
  });
});

describe('where the caller gives no context', () => {
  const hasName = ({ context }: { context: { name?: string } }) => context.name !== undefined;
  const desk = {
    initial: 'open',
    states: {
      open: { on: { CLOSE: { target: 'closed', guard: 'hasName' } } },
      closed: { type: 'final' },
    },
  };

  test('and the machine has none, guards see an empty one', () => {
    const lifecycle = defineLifecycle(machineOf(desk, { hasName }));
    expect(guardsOf(lifecycle.explain('open', 'CLOSE'))).toEqual(['hasName']);
    expect(lifecycle.can('open', 'CLOSE', { name: 'Ada' })).toBe(true);
  });

  test('guards see the one that a new ticket has', () => {
    const lifecycle = defineLifecycle(
      machineOf({ ...desk, context: { name: 'Ada' } }, { hasName }),
    );
    expect(lifecycle.can('open', 'CLOSE')).toBe(true);
  });
});

test.each<[answer: unknown, holds: boolean]>([
  [1, true],
  ['yes', true],
  [{}, true],
  [0, false],
  ['', false],
  [null, false],
  [undefined, false],
])('a guard that answers %o counts as XState counts it', (answer, holds) => {
  expect(standing('odd', { odd: () => answer })).toEqual(holds ? [] : ['odd']);
});

describe('a guard that is broken never passes', () => {
  const failure = new Error('no database');
  const broken: [title: string, guard: () => unknown, message: string][] = [
    [
      'one that throws',
      () => {
        throw failure;
      },
      'The guard "broken" threw when CLOSE was asked in open: no database. No context was given.',
    ],
    [
      'one that returns a Promise',
      () => Promise.resolve(false),
      'The guard "broken" returned a Promise, which XState takes for true.',
    ],
    [
      'one whose Promise is refused',
      () => Promise.reject(failure),
      'The guard "broken" returned a Promise, which XState takes for true.',
    ],
    [
      'one that returns what can be awaited',
      // oxlint-disable-next-line unicorn/no-thenable -- that is the case under test
      () => ({ then: () => {} }),
      'The guard "broken" returned a Promise, which XState takes for true.',
    ],
  ];

  test.each(broken)('%s', (_, guard, message) => {
    for (const use of ['broken', not('broken'), or(['broken', 'yes']), and(['yes', 'broken'])]) {
      const lifecycle = defineLifecycle(machineWith(use, { broken: guard, yes, no }));
      const faults = [{ code: 'broken-guard', path: 'guards.broken', message }];
      for (const ask of [
        () => lifecycle.can('open', 'CLOSE'),
        () => lifecycle.explain('open', 'CLOSE'),
        () => lifecycle.next('open', 'CLOSE'),
        () => lifecycle.enabled('open'),
        () => lifecycle.plan('open', 'closed'),
      ]) {
        expect(ask).toThrow(LifecycleDefinitionError);
        expect(ask).toThrow(expect.objectContaining({ faults }));
      }
    }
  });

  test.each(broken)(
    '%s, behind one that fails, is not asked for the verdict, as in XState',
    (_, guard) => {
      const machine = machineWith(and(['no', 'broken', 'no2']), { broken: guard, no, no2: no });
      expect(createActor(machine).start().getSnapshot().can({ type: 'CLOSE' })).toBe(false);
      const lifecycle = defineLifecycle(machine);
      expect(lifecycle.can('open', 'CLOSE')).toBe(false);
      expect(lifecycle.enabled('open')).toEqual([]);
      expect(guardsOf(lifecycle.explain('open', 'CLOSE'))).toEqual(['no', 'no2']);
      expect(lifecycle.plan('open', 'closed').kind).toBe('blocked');
    },
  );

  test('and `can` asks no guard behind the first that fails', () => {
    let asked = 0;
    const counted = () => {
      asked += 1;
      return true;
    };
    const lifecycle = defineLifecycle(machineWith(and(['no', 'counted']), { no, counted }));
    lifecycle.can('open', 'CLOSE');
    lifecycle.enabled('open');
    expect(asked).toBe(0);
  });

  test('and what it threw is kept as the cause', () => {
    const lifecycle = defineLifecycle(machineWith('broken', { broken: broken[0]?.[1] }));
    expect(() => lifecycle.can('open', 'CLOSE')).toThrow(
      expect.objectContaining({ cause: failure }),
    );
  });

  test('and parameters that cannot be made break it too', () => {
    const params = () => {
      throw failure;
    };
    const lifecycle = defineLifecycle(machineWith({ type: 'yes', params }, { yes }));
    expect(() => lifecycle.can('open', 'CLOSE')).toThrow(LifecycleDefinitionError);
  });
});

describe('a guard that cannot be used is a fault of the definition', () => {
  const path = 'states.open.on.CLOSE';
  const missing = (name: string) => ({
    code: 'missing-guard',
    path,
    message: `The guard "${name}" has no implementation. Add it to setup({ guards }), or to the option guards. A JSON file can't hold guards: use a .ts definition.`,
  });
  const unnamed = {
    code: 'unnamed-guard',
    path,
    message: 'An inline guard has no name to explain it by. Give it one in setup({ guards }).',
  };

  test.each<[title: string, guard: unknown, guards: object, faults: object[]]>([
    ['one without implementation', 'isLead', {}, [missing('isLead')]],
    ['one named like what every object has', 'constructor', {}, [missing('constructor')]],
    ['an inline function', () => true, {}, [unnamed]],
    ['an inline function inside `and`', and([() => true, 'yes'] as never), { yes }, [unnamed]],
    ['an inline function inside `or`', or([() => true] as never), {}, [unnamed]],
    ['an inline function inside `not`', not(() => true), {}, [unnamed]],
    [
      'stateIn',
      stateIn('open'),
      {},
      [
        {
          code: 'unsupported-guard',
          path,
          message:
            'stateIn() asks for the state, and a lifecycle decides that by place. Put the transition under each state in which it is possible.',
        },
      ],
    ],
    [
      'an async function',
      'isPaid',
      { isPaid: async () => true },
      [
        {
          code: 'async-guard',
          path,
          message:
            'The guard "isPaid" is async, and a Promise counts as true. Fetch what it needs first and pass it as context.',
        },
      ],
    ],
    [
      'one that is defined by itself',
      'odd',
      { odd: not('odd' as never) },
      [
        {
          code: 'circular-guard',
          path,
          message: 'The guard "odd" is defined by itself.',
        },
      ],
    ],
    [
      'one that is defined by itself through another',
      'odd',
      { odd: and(['even'] as never), even: or(['odd'] as never) },
      [
        {
          code: 'circular-guard',
          path,
          message: 'The guard "odd" is defined by itself.',
        },
      ],
    ],
    ['several at once', and(['a', 'b'] as never), {}, [missing('a'), missing('b')]],
  ])('%s', (_, guard, guards, faults) => {
    expect(faultsOf(machineWith(guard, guards))).toEqual(faults);
  });
});
