import { describe, expect, test } from 'vitest';
import { and, createActor, createMachine } from 'xstate';
import { defineLifecycle, ticketLifecycle, type LifecycleOptions } from '../../src/index.ts';
import { guardsOf } from '../support/blockers-of.ts';
import { faultsOf } from '../support/machine-of.ts';

const sound = {
  initial: 'open',
  states: { open: { on: { CLOSE: 'closed' } }, closed: { type: 'final' } },
};

/** What is wrong with a definition as a program without types would give it. */
const faultsIn = (definition: unknown, options?: LifecycleOptions) =>
  faultsOf(definition as never, options);

const withOpen = (open: unknown) => ({ ...sound, states: { ...sound.states, open } });

describe('a definition in a file', () => {
  test('gives the same lifecycle as the machine in code', () => {
    const text = JSON.stringify(ticketLifecycle.machine.config);
    const lifecycle = defineLifecycle(JSON.parse(text));
    expect(lifecycle.fingerprint).toBe(ticketLifecycle.fingerprint);
    expect(lifecycle.states).toEqual(ticketLifecycle.states);
    expect(lifecycle.events).toEqual(ticketLifecycle.events);
    expect(lifecycle.plan('open', 'closed')).toEqual(ticketLifecycle.plan('open', 'closed'));
  });

  test('has its guards beside it, combined ones too', () => {
    const lifecycle = defineLifecycle(
      {
        context: { role: 'agent', answered: false },
        initial: 'open',
        states: {
          open: { on: { CLOSE: { target: 'closed', guard: 'mayClose' } } },
          closed: { type: 'final' },
        },
      },
      {
        guards: {
          isLead: ({ context }) => context.role === 'lead',
          hasAnswer: ({ context }) => context.answered,
          mayClose: and(['isLead', 'hasAnswer']),
        },
      },
    );
    expect(guardsOf(lifecycle.explain('open', 'CLOSE'))).toEqual(['isLead', 'hasAnswer']);
    expect(lifecycle.can('open', 'CLOSE', { role: 'lead', answered: true })).toBe(true);
  });

  test('can ask a guard with parameters', () => {
    const lifecycle = defineLifecycle(
      {
        initial: 'open',
        states: {
          open: {
            on: { CLOSE: { target: 'closed', guard: { type: 'isAtLeast', params: { score: 5 } } } },
          },
          closed: { type: 'final' },
        },
      },
      {
        guards: {
          isAtLeast: ({ context }, { score }: { score: number }) =>
            Number(context['score']) >= score,
        },
      },
    );
    expect([4, 5].map((score) => lifecycle.can('open', 'CLOSE', { score }))).toEqual([false, true]);
  });

  test('makes a machine that runs in an actor', () => {
    const { machine } = defineLifecycle(sound);
    const actor = createActor(machine).start();
    actor.send({ type: 'CLOSE' });
    expect(actor.getSnapshot().value).toBe('closed');
  });

  test('may hold what XState knows and a lifecycle has no use for', () => {
    const definition = {
      $schema: 'https://example.org/schema.json',
      id: 'support',
      version: '1',
      description: 'Ours.',
      context: {},
      tags: ['a'],
      meta: { owner: 'desk' },
      entry: [{ type: 'log' }],
      on: { DROP: '.closed', LOSE: { target: '#support.closed', reenter: true } },
      ...sound,
      states: {
        open: {
          ...sound.states.open,
          id: 'fresh',
          type: 'atomic',
          description: 'New.',
          tags: 'todo',
          exit: 'log',
        },
        closed: { type: 'final', output: { done: true } },
        resolved: {
          on: { REOPEN: '#fresh', CLOSE: [{ target: ['closed'], description: 'End.' }] },
        },
      },
    };
    expect(faultsIn(definition)).toEqual([
      {
        code: 'unreachable-state',
        path: 'states.resolved',
        message: 'No path leads here from "open". Add one, or drop the state.',
      },
    ]);
  });

  test('starts where it says, whichever state it lists first', () => {
    const { open, closed } = sound.states;
    const lifecycle = defineLifecycle({ initial: 'open', states: { closed, open } });
    expect(lifecycle.initial).toBe('open');
    expect(createActor(lifecycle.machine).getSnapshot().value).toBe('open');
  });

  test('may name an event that moves nothing, and forbid one that the machine allows', () => {
    const lifecycle = defineLifecycle({
      // As none, for XState.
      id: '',
      initial: 'open',
      on: { DROP: '.closed' },
      states: {
        open: { on: { NOTE: { actions: 'note' }, DROP: {}, CLOSE: '#(machine).closed' } },
        closed: { type: 'final' },
      },
    });
    expect(lifecycle.next('open', 'NOTE')).toBe('open');
    expect(lifecycle.next('open', 'CLOSE')).toBe('closed');
    expect(lifecycle.can('open', 'DROP')).toBe(false);
  });

  test('is not changed by being read', () => {
    const definition = structuredClone(sound);
    defineLifecycle(definition);
    expect(definition).toEqual(sound);
  });
});

test('the guards of a machine may be given beside it too', () => {
  const machine = createMachine({
    initial: 'open',
    states: {
      open: { on: { CLOSE: { target: 'closed', guard: 'isLead' } } },
      closed: { type: 'final' },
    },
  });
  expect(faultsIn(machine).map(({ code }) => code)).toEqual(['missing-guard']);
  const lifecycle = defineLifecycle(machine, { guards: { isLead: () => true } });
  expect(lifecycle.can('open', 'CLOSE')).toBe(true);
});

describe('what is no definition at all is a fault, not a crash', () => {
  test.each<[title: string, definition: unknown, seen: string]>([
    ['null', null, 'null'],
    ['nothing', undefined, 'nothing'],
    ['a text', 'open', '"open"'],
    ['a number', 5, '5'],
    ['a list', [sound], 'an array'],
    ['a function', () => sound, 'a function'],
  ])('%s', (_, definition, seen) => {
    expect(faultsIn(definition)).toEqual([
      {
        code: 'wrong-type',
        path: '(machine)',
        message: `Expected an XState machine or its config, received ${seen}.`,
      },
    ]);
  });
});

describe('a malformed definition is refused, with the place and the cure, for', () => {
  const known =
    'on, type, states, initial, history, after, always, invoke, onDone, route, id, description, meta, tags, entry, exit, output';
  const faulty: [
    title: string,
    definition: unknown,
    code: string,
    path: string,
    message: string,
  ][] = [
    [
      'a misspelt key',
      { ...sound, inital: 'open' },
      'unknown-key',
      'inital',
      `"inital" is not supported here. Expected one of ${known}, context, version, $schema, types, schemas. Did you mean initial?`,
    ],
    [
      'a misspelt key of a state',
      withOpen({ ...sound.states.open, mata: {} }),
      'unknown-key',
      'states.open.mata',
      `"mata" is not supported here. Expected one of ${known}. Did you mean meta?`,
    ],
    [
      'a misspelt key of a transition',
      withOpen({ on: { CLOSE: 'closed', DROP: { target: 'closed', cond: 'isLead' } } }),
      'unknown-key',
      'states.open.on.DROP.cond',
      'XState 5 calls it "guard".',
    ],
    [
      'a type that does not exist',
      { ...sound, states: { ...sound.states, closed: { type: 'finale' } } },
      'wrong-type',
      'states.closed.type',
      'Expected "final" or nothing, received "finale".',
    ],
    [
      'a meta that is none',
      withOpen({ ...sound.states.open, meta: 'open' }),
      'wrong-type',
      'states.open.meta',
      'Expected an object, received "open".',
    ],
    [
      'an id that is none',
      { ...sound, id: 5 },
      'wrong-type',
      'id',
      'Expected a string, received 5.',
    ],
    [
      'a description that is none',
      withOpen({ ...sound.states.open, description: ['New.'] }),
      'wrong-type',
      'states.open.description',
      'Expected a string, received an array.',
    ],
    [
      'a key that a machine has, and its definition has not',
      { ...sound, root: { id: 'support' } },
      'unknown-key',
      'root',
      `"root" is not supported here. Expected one of ${known}, context, version, $schema, types, schemas.`,
    ],
    [
      'a context that is none',
      { ...sound, context: [] },
      'wrong-type',
      'context',
      'Expected an object, received an array.',
    ],
    [
      'states that are a list',
      { initial: 'open', states: ['open'] },
      'wrong-type',
      'states',
      'Expected an object of states, received an array.',
    ],
    [
      'a state that is a text',
      { ...sound, states: { ...sound.states, resolved: 'closed' } },
      'wrong-type',
      'states.resolved',
      'Expected an object, received "closed".',
    ],
    [
      'a state whose name XState would take for a way',
      { ...sound, states: { ...sound.states, 'in.progress': { on: { CLOSE: 'closed' } } } },
      'bad-name',
      'states.in.progress',
      `"in.progress" can't name a state. Choose a name without these characters: . # \\`,
    ],
    [
      'a state whose name is that of every object’s prototype',
      JSON.parse('{"initial":"open","states":{"open":{"on":{"GO":"__proto__"}},"__proto__":{}}}'),
      'bad-name',
      'states.__proto__',
      `"__proto__" can't name a state. Choose a name without these characters: . # \\`,
    ],
    [
      'events that are a list',
      withOpen({ on: ['CLOSE'] }),
      'wrong-type',
      'states.open.on',
      'Expected an object of events, received an array.',
    ],
    [
      'an event without a name',
      withOpen({ on: { CLOSE: 'closed', '': 'closed' } }),
      'bad-name',
      'states.open.on.',
      `"" can't name an event. Use a word.`,
    ],
    [
      'an event of XState’s own',
      withOpen({ on: { CLOSE: 'closed', 'xstate.done': 'closed' } }),
      'bad-name',
      'states.open.on.xstate.done',
      `"xstate.done" can't name an event. Use a word.`,
    ],
    [
      'an event whose name is that of every object’s prototype',
      withOpen({ on: JSON.parse('{"CLOSE":"closed","__proto__":"closed"}') }),
      'bad-name',
      'states.open.on.__proto__',
      `"__proto__" can't name an event. Use a word.`,
    ],
    [
      'a way to two states, of which one does not exist',
      withOpen({ on: { CLOSE: 'closed', DROP: { target: ['closed', 'gone'] } } }),
      'unknown-target',
      'states.open.on.DROP',
      'There is no state "gone". The states are open, closed.',
    ],
    [
      'a guard without a name, which only code can hold',
      withOpen({ on: { CLOSE: { target: 'closed', guard: () => true } } }),
      'unnamed-guard',
      'states.open.on.CLOSE',
      'An inline guard has no name to explain it by. Give it one in setup({ guards }).',
    ],
    [
      'a way that is a number',
      withOpen({ on: { CLOSE: 5 } }),
      'wrong-type',
      'states.open.on.CLOSE',
      'Expected a state, a transition or a list of them, received 5.',
    ],
    [
      'a target that does not exist',
      withOpen({ on: { CLOSE: 'colsed' } }),
      'unknown-target',
      'states.open.on.CLOSE',
      'There is no state "colsed". The states are open, closed. Did you mean closed?',
    ],
    [
      'one of several ways to what does not exist',
      withOpen({ on: { CLOSE: ['closed', { target: ['gone'] }] } }),
      'unknown-target',
      'states.open.on.CLOSE',
      'There is no state "gone". The states are open, closed.',
    ],
    [
      'a target that is a list of a number',
      withOpen({ on: { CLOSE: { target: [7] } } }),
      'unknown-target',
      'states.open.on.CLOSE',
      'There is no state "7". The states are open, closed.',
    ],
    [
      'a target of the whole machine without its dot',
      { ...sound, on: { DROP: 'closed' } },
      'unknown-target',
      'on.DROP',
      'There is no state "closed". A transition of the whole machine says ".closed".',
    ],
    [
      'a guard that is a number',
      withOpen({ on: { CLOSE: { target: 'closed', guard: 1 } } }),
      'wrong-type',
      'states.open.on.CLOSE.guard',
      'Expected the name of a guard, or { type, params }, received 1. Combine guards in the option guards, by and([…]).',
    ],
    [
      'a guard that has no name',
      withOpen({ on: { CLOSE: { target: 'closed', guard: { and: ['a', 'b'] } } } }),
      'wrong-type',
      'states.open.on.CLOSE.guard',
      'Expected the name of a guard, or { type, params }, received an object. Combine guards in the option guards, by and([…]).',
    ],
    [
      'a state for a new ticket that does not exist',
      { ...sound, initial: 'fresh' },
      'no-initial',
      'initial',
      'There is no state "fresh". The states are open, closed.',
    ],
    [
      'a timer',
      withOpen({ ...sound.states.open, after: { 1000: 'closed' } }),
      'after',
      'states.open',
      'Timers do not survive storing a ticket. Let the caller own the clock and send an event.',
    ],
    [
      'states inside a state',
      withOpen({ ...sound.states.open, initial: 'a', states: { a: null } }),
      'nested-state',
      'states.open',
      'A lifecycle is flat. Lift the inner states up, each with a meta.status.',
    ],
    [
      'a history state',
      withOpen({ ...sound.states.open, history: 'deep' }),
      'history-state',
      'states.open',
      'A history state needs nesting, and a lifecycle is flat.',
    ],
    [
      'being in two states at a time',
      { ...sound, type: 'parallel' },
      'parallel',
      '(machine)',
      'A ticket is in one state at a time. Drop type: "parallel".',
    ],
  ];

  test.each(faulty)('%s', (_, definition, code, path, message) => {
    expect(faultsIn(definition)).toEqual([{ code, path, message }]);
  });

  test.each(['parallel', 'compound'])('a state that says it is %s and holds none', (type) => {
    expect(faultsIn(withOpen({ ...sound.states.open, type }))).toEqual([
      {
        code: 'nested-state',
        path: 'states.open',
        message: 'A lifecycle is flat. Lift the inner states up, each with a meta.status.',
      },
    ]);
  });

  test('a state that says it is a history', () => {
    expect(faultsIn(withOpen({ ...sound.states.open, type: 'history' }))).toEqual([
      {
        code: 'history-state',
        path: 'states.open',
        message: 'A history state needs nesting, and a lifecycle is flat.',
      },
    ]);
  });

  test('but not for an empty list of inner states, which says nothing', () => {
    expect(faultsIn(withOpen({ ...sound.states.open, states: {} }))).toEqual([]);
  });

  test('a deadline without an event, even where the events can’t be known', () => {
    const open = { meta: { due: { after: 'P1D' } }, on: { CLOSE: 'colsed' } };
    expect(faultsIn(withOpen(open)).map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'unknown-target: There is no state "colsed". The states are open, closed. Did you mean closed?',
      'due-without-event: No event is named. Expected one of CLOSE.',
    ]);
  });

  test('all of it at once, but not for what is only missing because it can’t be read', () => {
    const definition = {
      initial: 'open',
      states: {
        open: { on: { CLOSE: 'colsed', WAIT: { target: 'waiting', guard: 'isLead' } } },
        waiting: { after: { 10: 'open' } },
        closed: { meta: { due: { after: 'P1D', event: 'REOPEN' } } },
      },
    };
    expect(faultsIn(definition).map(({ code, path }) => `${code} ${path}`)).toEqual([
      'unknown-target states.open.on.CLOSE',
      'after states.waiting',
      'missing-guard states.open.on.WAIT',
      'no-status states.waiting',
      'due-without-event states.closed.meta.due',
      'dead-end states.waiting',
      'dead-end states.closed',
    ]);
  });
});

test('options and guards that do not exist are faults, beside those of the definition', () => {
  const options = { payload: {}, guards: { isLead: () => true }, guardMessages: { isLaed: 'No.' } };
  const definition = { initial: 'open', states: { open: {}, closed: { type: 'final' } } };
  expect(faultsIn(definition, options)).toEqual([
    {
      code: 'unknown-option',
      path: 'options.payload',
      message:
        'There is no such option. The options are guards, guardMessages, payloads. Did you mean payloads?',
    },
    {
      code: 'dead-end',
      path: 'states.open',
      message: 'Nothing leads out. Add a transition, or say type: "final" if that is meant.',
    },
    {
      code: 'unreachable-state',
      path: 'states.closed',
      message: 'No path leads here from "open". Add one, or drop the state.',
    },
    {
      code: 'unknown-guard',
      path: 'options.guardMessages.isLaed',
      message: 'There is no such guard. The guards are isLead. Did you mean isLead?',
    },
  ]);
});

describe('an option that is not what it should be is a fault too', () => {
  test.each<[title: string, options: object, path: string, message: string]>([
    [
      'guards that are a list',
      { guards: [() => true] },
      'options.guards',
      'Expected an object, received an array.',
    ],
    [
      'a guard that is none',
      { guards: { isLead: true } },
      'options.guards.isLead',
      'Expected a guard, received true.',
    ],
    [
      'a message that is none',
      { guards: { isLead: () => true }, guardMessages: { isLead: 5 } },
      'options.guardMessages.isLead',
      'Expected a text or a function, received 5.',
    ],
    [
      'a schema that is none',
      { payloads: { CLOSE: { reason: 'string' } } },
      'options.payloads.CLOSE',
      'Expected a Standard Schema (zod 3.24 or later, valibot, arktype), received an object. Wrap a plain object of fields in z.object().',
    ],
    [
      'schemas that are none',
      { payloads: 'CLOSE' },
      'options.payloads',
      'Expected an object, received "CLOSE".',
    ],
  ])('%s', (_, options, path, message) => {
    expect(faultsIn(sound, options)).toEqual([{ code: 'wrong-type', path, message }]);
  });

  test('but nothing is not given', () => {
    const none = { CLOSE: undefined };
    const options = { guards: { isLead: undefined }, guardMessages: none, payloads: none };
    const lifecycle = defineLifecycle(sound as never, options as never);
    expect(lifecycle.payloads).toEqual({});
    expect(lifecycle.fingerprint).toBe(defineLifecycle(sound as never).fingerprint);
  });
});
