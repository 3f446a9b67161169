import { describe, expect, test } from 'vitest';
import { createActor, or, raise, setup } from 'xstate';
import {
  defineLifecycle,
  LifecycleDefinitionError,
  ticketMachine,
  type DefinitionFault,
} from '../../src/index.ts';
import { defineLeanLifecycle } from '../../src/lifecycle/lean.ts';
import { machineOf } from '../support/machine-of.ts';

const closed = { on: { REOPEN: 'open' } };
/** A desk of two states, of which a test changes something. */
const desk = (open: object, more: object = {}, states: object = {}) => ({
  initial: 'open',
  states: { open: { on: { CLOSE: 'closed' }, ...open }, closed, ...states },
  ...more,
});

type Fault = [code: string, path: string, message: string];

function faultsIn(ask: () => unknown): Fault[] {
  try {
    ask();
    return [];
  } catch (error) {
    if (!LifecycleDefinitionError.is(error)) throw error;
    return error.faults.map(({ code, path, message }: DefinitionFault) => [code, path, message]);
  }
}
const faultsOf = (definition: unknown, options?: object) =>
  faultsIn(() => defineLifecycle(definition as never, options as never));
const leanFaultsOf = (definition: unknown) =>
  faultsIn(() => defineLeanLifecycle(definition as never));

const noState = (name: string) => `There is no state "${name}". The states are open, closed.`;
const unreachable = (from: string) =>
  `No path leads here from "${from}". Add one, or drop the state.`;

describe('a fault is named with its code, its place and a sentence', () => {
  test.each<[title: string, definition: unknown, ...faults: Fault[]]>([
    [
      'an actor',
      createActor(ticketMachine),
      [
        'wrong-type',
        '(machine)',
        'Expected an XState machine or its config, received an actor. Pass actor.logic.',
      ],
    ],
    [
      'a machine of XState 4',
      // What tells it from a config, and the inner fields that must not be blamed.
      { ...desk({}), config: desk({}), options: {}, __xstatenode: true, withConfig: () => {} },
      [
        'wrong-type',
        '(machine)',
        'Expected an XState machine or its config, received a machine of XState 4. Make it with xstate 5, where "cond" is "guard".',
      ],
    ],
    [
      'a transition that is null, in a list',
      desk({ on: { CLOSE: 'closed', X: [null] } }),
      [
        'wrong-type',
        'states.open.on.X',
        'Expected a state, a transition or a list of them, received null.',
      ],
    ],
    [
      'an action that is a number',
      desk({ entry: 5 }),
      ['wrong-type', 'states.open.entry', 'Expected an action or a list of them, received 5.'],
    ],
    [
      'an action of XState that we do not know',
      machineOf(desk({ entry: Object.assign(() => {}, { type: 'xstate.future' }) })),
      ['hidden-event', 'states.open.entry', "A lifecycle can't take future() as an action."],
    ],
    [
      'a meta that is a function',
      desk({ meta: () => {} }),
      ['wrong-type', 'states.open.meta', 'Expected an object, received a function.'],
    ],
    [
      'a context that is a number',
      desk({}, { context: 5 }),
      ['wrong-type', 'context', 'Expected an object, received 5.'],
    ],
    [
      'onDone',
      desk({ onDone: 'closed' }),
      ['on-done', 'states.open', 'Nothing inside a flat state can be done. Use an event.'],
    ],
    [
      'a status that ends in a number',
      desk({ on: { CLOSE: 'closed', B: 'x' } }, {}, { x: { meta: { status: 'a1' }, ...closed } }),
      [
        'unknown-status',
        'states.x.meta.status',
        'Expected one of open, in-progress, resolved, closed, received "a1".',
      ],
    ],
    [
      'a misspelt target of the machine',
      desk({}, { on: { ANY: 'colsed' } }),
      ['unknown-target', 'on.ANY', `${noState('colsed')} Did you mean closed?`],
    ],
    [
      'a target with a letter where others have a dot',
      desk({ on: { CLOSE: 'closed', X: 'xclosed' } }),
      ['unknown-target', 'states.open.on.X', `${noState('xclosed')} Did you mean closed?`],
    ],
    [
      'a target with a dot, misspelt',
      desk({ on: { CLOSE: 'closed', X: '.colsed' } }),
      ['unknown-target', 'states.open.on.X', `${noState('.colsed')} Did you mean closed?`],
    ],
    [
      'what throws when it is read',
      new Proxy(
        {},
        {
          get() {
            throw new Error('boom');
          },
        },
      ),
      ['unreadable', '(machine)', "It can't be read: Error: boom."],
    ],
    [
      'a guard that is a list',
      desk({ on: { CLOSE: { target: 'closed', guard: ['a'] } } }),
      [
        'wrong-type',
        'states.open.on.CLOSE.guard',
        'Expected the name of a guard, or { type, params }, received an array. Combine guards in the option guards, by and([…]).',
      ],
    ],
    [
      'a guard of a machine that is a number',
      machineOf(desk({ on: { CLOSE: { target: 'closed', guard: 5 } } })),
      [
        'wrong-type',
        'states.open.on.CLOSE',
        'Expected the name of a guard, or { type, params }, received 5.',
      ],
    ],
    [
      'a guard that combines others in a way that nobody knows',
      machineOf(
        desk({
          on: {
            CLOSE: {
              target: 'closed',
              guard: Object.assign(() => true, {
                check() {
                  throw new Error('no');
                },
              }),
            },
          },
        }),
      ),
      [
        'unsupported-guard',
        'states.open.on.CLOSE',
        'This guard is not combined by and(), or() or not() of xstate. If it is, it comes from a copy that is not supported: see `npm ls xstate`.',
      ],
    ],
    [
      'a guard that combines nothing',
      machineOf(
        desk({
          on: {
            CLOSE: {
              target: 'closed',
              guard: Object.assign(() => true, {
                check: (_: object, __: object, { guards }: { guards: (() => boolean)[] }) =>
                  guards.every((one) => one()),
              }),
            },
          },
        }),
      ),
      ['unreadable', '(machine)', expect.stringMatching(/^It can't be read: TypeError: /)],
    ],
    [
      'an empty list',
      desk({ on: { CLOSE: [] } }),
      ['no-target', 'states.open.on.CLOSE', 'The list is empty. Give it a target.'],
    ],
    [
      'an empty list of the machine',
      desk({}, { on: { X: [] } }),
      ['no-target', 'on.X', 'The list is empty. Give it a target.'],
    ],
    [
      'an empty list in a machine',
      machineOf(desk({}, { on: { X: [] } })),
      ['no-target', 'on.X', 'The list is empty. Give it a target.'],
    ],
  ])('%s', (_, definition, ...faults) => {
    expect(faultsOf(definition)).toEqual(faults);
  });

  test('an action is found behind the names of others, however they refer to each other', () => {
    const withActions = (actions: object, entry: unknown) =>
      setup({ actions }).createMachine(desk({ entry }) as never);
    const close = raise({ type: 'CLOSE' });
    expect(faultsOf(withActions({ both: ['log', 'one'], one: close }, 'both'))).toEqual([
      ['hidden-event', 'states.open.entry', expect.stringMatching(/^raise\(\) makes a transition/)],
    ]);
    expect(faultsOf(withActions({ a: 5 }, 'a'))).toEqual([
      ['wrong-type', 'states.open.entry', 'Expected an action or a list of them, received 5.'],
    ]);
    // What is defined by itself does nothing, and neither does a name that JavaScript knows.
    expect(faultsOf(withActions({ a: ['b'], b: 'a' }, 'a'))).toEqual([]);
    expect(faultsOf(withActions({}, ['toString', { type: 'constructor' }]))).toEqual([]);
    const named = Object.assign(() => {}, { type: 'my.xstate.raise' });
    expect(faultsOf(machineOf(desk({ entry: named })))).toEqual([]);
  });

  test('of options', () => {
    const no = { payloads: undefined, guards: undefined, guardMessages: undefined };
    expect(faultsOf(desk({}), no)).toEqual([]);
    expect(faultsOf(desk({}), { payloads: 5 })).toEqual([
      ['wrong-type', 'options.payloads', 'Expected an object, received 5.'],
    ]);
    expect(faultsOf(desk({}), { payloads: { CLOSE: 'x' } })).toEqual([
      [
        'wrong-type',
        'options.payloads.CLOSE',
        'Expected a Standard Schema (zod 3.24 or later, valibot, arktype), received "x".',
      ],
    ]);
    expect(faultsOf(desk({}), { guardMessages: { x: 'No.' } })).toEqual([
      ['unknown-guard', 'options.guardMessages.x', 'There is no such guard. There are none.'],
    ]);
  });

  test('the config of a machine in code may make its context from input', () => {
    const config = desk({}, { context: () => ({}) });
    expect([faultsOf(config), leanFaultsOf(config)]).toEqual([[], []]);
  });
});

describe('a lean lifecycle names a fault with its code, its place and its facts', () => {
  test.each<[title: string, definition: unknown, ...faults: Fault[]]>([
    [
      'states that are none',
      { initial: 'open', states: 5 },
      ['wrong-type', 'states', 'wrong-type {"expected":"states","received":"5"}'],
      ['no-initial', 'initial', 'no-initial {"received":"\\"open\\"","states":[]}'],
    ],
    [
      'a state that is none',
      desk({}, {}, { odd: 5 }),
      ['wrong-type', 'states.odd', 'wrong-type {"expected":"an object","received":"5"}'],
      ['no-status', 'states.odd', expect.stringMatching(/^no-status \{"state":"odd",/)],
    ],
    [
      'events that are none',
      desk({ on: 5 }),
      ['wrong-type', 'states.open.on', 'wrong-type {"expected":"events","received":"5"}'],
    ],
    [
      'a transition of the machine that is none',
      desk({}, { on: { X: 5 } }),
      ['wrong-type', 'on.X', 'wrong-type {"expected":"transition","received":"5"}'],
    ],
    [
      'a thing that looks like a machine, and is none',
      { root: {}, config: {}, ...desk({}) },
      ['unknown-key', 'root', expect.stringMatching(/^unknown-key /)],
      ['unknown-key', 'config', expect.stringMatching(/^unknown-key /)],
    ],
    [
      'a transition that is none',
      desk({ on: { CLOSE: 'closed', X: 5 } }),
      ['wrong-type', 'states.open.on.X', 'wrong-type {"expected":"transition","received":"5"}'],
    ],
    [
      'an event without a name',
      desk({ on: { CLOSE: 'closed', '': 'closed' } }),
      ['bad-name', 'states.open.on.', 'bad-name {"name":"","kind":"event"}'],
      ['refused-by-xstate', '(machine)', expect.stringMatching(/^refused-by-xstate /)],
    ],
    ['a timer', desk({ after: { 5: 'closed' } }), ['after', 'states.open', 'after']],
    [
      'what XState refuses',
      desk({ on: { CLOSE: 'nowhere' } }),
      [
        'refused-by-xstate',
        '(machine)',
        expect.stringMatching(/^refused-by-xstate \{"reason":"Error: .*'nowhere' does not exist/),
      ],
    ],
  ])('%s', (_, definition, ...faults) => {
    expect(leanFaultsOf(definition)).toEqual(faults);
  });
});

describe('a transition that can not be read whole causes no second fault', () => {
  const target = (path: string, name: string): Fault => ['unknown-target', path, noState(name)];

  test('of the machine: it may be the way out of each state, and into each', () => {
    const config = { initial: 'open', on: { ANY: '.nowhere' }, states: { open: {}, closed } };
    expect(faultsOf(config)).toEqual([target('on.ANY', '.nowhere')]);
  });

  test('but out of a final state the machine leads nowhere', () => {
    const config = {
      initial: 'closed',
      on: { ANY: '.nowhere' },
      states: { open: { on: { CLOSE: 'closed' } }, closed: { type: 'final' } },
    };
    expect(faultsOf(config)).toEqual([
      target('on.ANY', '.nowhere'),
      ['unreachable-state', 'states.open', unreachable('closed')],
    ]);
  });

  test('and a final state that has one of its own is left', () => {
    const final = { type: 'final', on: { X: 'nowhere' } };
    expect(faultsOf(desk({}, {}, { closed: final }))).toEqual([
      target('states.closed.on.X', 'nowhere'),
      [
        'final-with-exit',
        'states.closed',
        'XState never leaves a final state. Drop type: "final" or the transition.',
      ],
    ]);
  });

  test('not even one that comes back to it', () => {
    const final = { type: 'final', on: { X: { target: 'closed', cond: 'x' } } };
    expect(faultsOf(desk({}, {}, { closed: final })).map(([code]) => code)).toEqual([
      'unknown-key',
      'final-with-exit',
    ]);
  });

  test('that stays in its state is no way out', () => {
    expect(faultsOf(desk({ on: { CLOSE: { cond: 'x' } } })).map(([code]) => code)).toEqual([
      'unknown-key',
      'dead-end',
      'unreachable-state',
    ]);
  });

  test('is the one that a deadline means, if it leaves the same state', () => {
    const meta = { due: { after: 'P1D', event: 'START' } };
    const own = desk({ meta, on: { START: 'nowhere', CLOSE: 'closed' } });
    expect(faultsOf(own)).toEqual([target('states.open.on.START', 'nowhere')]);
    const shared = desk({ meta }, { on: { START: '.nowhere' } });
    expect(faultsOf(shared)).toEqual([target('on.START', '.nowhere')]);
    const others = desk({ meta }, {}, { closed: { on: { START: 'nowhere', REOPEN: 'open' } } });
    expect(faultsOf(others)).toEqual([
      target('states.closed.on.START', 'nowhere'),
      [
        'due-without-event',
        'states.open.meta.due',
        '"START" is not possible in state "open". Expected one of CLOSE.',
      ],
    ]);
  });

  test('is any that a deadline means, where nothing of it can be read', () => {
    const due = (event: unknown) =>
      faultsOf(desk({ meta: { due: { after: 'P1D', event } }, on: 5 })).map(([code]) => code);
    expect(due('START')).toEqual(['wrong-type']);
    expect(due(5)).toEqual(['wrong-type', 'due-without-event']);
  });

  test.each(['isLead', { type: 'isLead' }])(
    'has the guard of which a message speaks: %o',
    (guard) => {
      const config = desk({ on: { CLOSE: { target: 'nowhere', guard } } });
      const texts = { isLead: 'Only a lead.', undefined: 'No.' };
      expect(faultsOf(config, { guardMessages: texts })).toEqual([
        target('states.open.on.CLOSE', 'nowhere'),
        [
          'unknown-guard',
          'options.guardMessages.undefined',
          'There is no such guard. The guards are isLead.',
        ],
      ]);
    },
  );

  test('and without a guard none of which a message could speak', () => {
    const texts = { undefined: 'No.' };
    expect(faultsOf(desk({ on: { CLOSE: 'nowhere' } }), { guardMessages: texts })).toEqual([
      target('states.open.on.CLOSE', 'nowhere'),
      [
        'unknown-guard',
        'options.guardMessages.undefined',
        'There is no such guard. There are none.',
      ],
    ]);
  });

  test('nor does one whose guard has the key of XState 4', () => {
    const config = desk({ on: { CLOSE: { target: 'closed', cond: 'isLead' } } });
    expect(faultsOf(config, { guardMessages: { isLead: 'Only a lead.' } })).toEqual([
      ['unknown-key', 'states.open.on.CLOSE.cond', 'XState 5 calls it "guard".'],
    ]);
  });
});

describe('a guard that can not answer', () => {
  const faultOf = (guard: () => unknown) => {
    const config = desk({ on: { CLOSE: { target: 'closed', guard: 'g' } } });
    const lifecycle = defineLifecycle(config as never, { guards: { g: guard } } as never);
    return faultsIn(() => lifecycle.can('open' as never, 'CLOSE' as never, {} as never));
  };
  test.each<[thrown: unknown, said: string]>([
    [new Error('Not v1.2.'), 'Not v1.2'],
    [undefined, 'undefined'],
    [null, 'null'],
    ['no', 'no'],
    [{ message: 7 }, '7'],
  ])('says what it threw: %o', (thrown, said) => {
    const fault = `The guard "g" threw when CLOSE was asked in open: ${said}.`;
    const thrower = () => {
      throw thrown;
    };
    expect(faultOf(thrower)).toEqual([['broken-guard', 'guards.g', fault]]);
  });

  test('for it gives a Promise, is told so, and its rejection ends nothing', () => {
    expect(faultOf(() => Promise.reject(new Error('late')))).toEqual([
      [
        'broken-guard',
        'guards.g',
        'The guard "g" returned a Promise, which XState takes for true.',
      ],
    ]);
  });
});

describe('what is wrong already is no reason for a second fault', () => {
  test('a parallel machine is not asked for ways out', () => {
    const states = { open: {}, closed: {} };
    expect(faultsOf({ type: 'parallel', states }).map(([code]) => code)).not.toContain('dead-end');
  });

  test('states whose status is unknown are no two defaults of it', () => {
    const odd = { meta: { status: 'odd', default: true }, on: { CLOSE: 'closed' } };
    const config = desk({ on: { CLOSE: 'closed', A: 'a', B: 'b' } }, {}, { a: odd, b: odd });
    expect(faultsOf(config).map(([, path]) => path)).toEqual([
      'states.a.meta.status',
      'states.b.meta.status',
    ]);
  });
});

test('a target that is a number is none, even if a state has that for its id', () => {
  const config = desk({ on: { CLOSE: 'closed', GO: '#5' } }, {}, { closed: { ...closed, id: 5 } });
  expect(faultsOf(config).map(([code]) => code)).toEqual(['unknown-target', 'wrong-type']);
});

test('an id that is a symbol is one fault, for XState would crash on it', () => {
  expect(faultsOf(desk({}, { id: Symbol('desk') })).map(([code]) => code)).toEqual(['wrong-type']);
});

test('what setup() adds to a machine may be in a config', () => {
  expect(faultsOf(desk({}, { types: {}, schemas: { events: {} }, version: '2' }))).toEqual([]);
});

test('a message may be for guards that are combined in place', () => {
  const isLead = () => true;
  const machine = machineOf(
    desk({ on: { CLOSE: { target: 'closed', guard: or(['isLead', 'isPaid']) } } }),
    { isLead, isPaid: isLead },
  );
  expect(faultsOf(machine, { guardMessages: { 'or(isLead, isPaid)': 'No.' } })).toEqual([]);
  expect(faultsOf(machine, { guardMessages: { 'or(isPaid, isLead)': 'No.' } })).toHaveLength(1);
});
