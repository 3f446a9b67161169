import { describe, expect, test } from 'vitest';
import {
  and,
  assign,
  cancel,
  createActor,
  createMachine,
  emit,
  enqueueActions,
  forwardTo,
  log,
  not,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate';
import { defineLifecycle, LifecycleDefinitionError, type Lifecycle } from '../../src/index.ts';
import { defineLeanLifecycle } from '../../src/lifecycle/lean.ts';
import { machineOf } from '../support/machine-of.ts';

// Whatever makes a transition besides `on` is refused by name. What is ignored makes the lifecycle
// and the actor of its machine disagree.

const two = (open: object = {}, closed: object = {}, root: object = {}) => ({
  initial: 'open',
  states: {
    open: { on: { CLOSE: 'closed' }, ...open },
    closed: { on: { REOPEN: 'open' }, ...closed },
  },
  ...root,
});
const faultsIn = (definition: unknown) => {
  try {
    defineLifecycle(definition as never);
    return [];
  } catch (error) {
    if (LifecycleDefinitionError.is(error))
      return error.faults.map(({ code, path }) => `${code} ${path}`);
    throw error;
  }
};

const hidden: [title: string, action: unknown][] = [
  ['raise', raise({ type: 'CLOSE' })],
  ['sendTo itself', sendTo(({ self }) => self, { type: 'CLOSE' })],
  ['sendTo by a name', sendTo('other', { type: 'CLOSE' })],
  ['sendParent', sendParent({ type: 'CLOSE' })],
  ['forwardTo', forwardTo('other')],
  ['enqueueActions', enqueueActions(({ enqueue }) => enqueue.raise({ type: 'CLOSE' }))],
  ['spawnChild', spawnChild('other')],
  ['an action of a later XState', Object.assign(() => {}, { type: 'xstate.teleport' })],
];

describe.each(hidden)('%s is refused, as a machine and as a config', (_, action) => {
  test.each<[place: string, config: object, path: string]>([
    ['on entry', two({}, { entry: action }), 'states.closed.entry'],
    ['on exit', two({ exit: [action] }), 'states.open.exit'],
    ['on entry of the machine', two({}, {}, { entry: [action] }), 'entry'],
    ['on exit of the machine', two({}, {}, { exit: action }), 'exit'],
    [
      'at the start',
      two({}, {}, { initial: { target: 'open', actions: action } }),
      'initial.actions',
    ],
    [
      'on a transition',
      two({ on: { CLOSE: { target: 'closed', actions: [action] } } }),
      'states.open.on.CLOSE.actions',
    ],
    [
      'on a transition of the machine',
      two({}, {}, { on: { DROP: { target: '.closed', actions: action } } }),
      'on.DROP.actions',
    ],
  ])('%s', (_place, config, path) => {
    expect(faultsIn(machineOf(config))).toEqual([`hidden-event ${path}`]);
    expect(faultsIn(config)).toEqual([`hidden-event ${path}`]);
  });

  test('behind a name, and behind the name of a name', () => {
    const machine = createMachine(two({}, { entry: 'first' }) as never).provide({
      actions: { first: 'second', second: action } as never,
    });
    expect(faultsIn(machine)).toEqual(['hidden-event states.closed.entry']);
  });

  test('behind a name that the actions inherit', () => {
    const actions = Object.create({ first: 'second', second: action }) as object;
    const machine = setup({ actions }).createMachine(two({}, { entry: 'first' }) as never);
    expect(faultsIn(machine)).toEqual(['hidden-event states.closed.entry']);
  });
});

test('actions at the start that move nothing are kept, in a machine as in a config', () => {
  const initial = { target: 'open', actions: assign({ n: 1 }) };
  const config = two({}, {}, { context: { n: 0 }, initial });
  for (const definition of [config, machineOf(config)]) {
    const { machine } = defineLifecycle(definition as never) as Lifecycle;
    expect(createActor(machine).getSnapshot().context).toEqual({ n: 1 });
  }
});

describe('a machine that is no compound one never stands in its states', () => {
  test.each(['final', 'atomic', 'history'])('%s is refused', (type) => {
    const fault = 'Expected nothing, received';
    for (const definition of [two({}, {}, { type }), machineOf(two({}, {}, { type }))]) {
      expect(faultsIn(definition)).toEqual(['wrong-type type']);
      expect(() => defineLifecycle(definition as never)).toThrow(`${fault} "${type}".`);
    }
  });

  test('compound is taken', () => {
    expect(faultsIn(two({}, {}, { type: 'compound' }))).toEqual([]);
    expect(faultsIn(machineOf(two({}, {}, { type: 'compound' })))).toEqual([]);
  });
});

describe('what a config inherits counts, as it does for XState', () => {
  test.each<[field: string, value: unknown, code: string]>([
    ['after', { 10: '.closed' }, 'after'],
    ['always', { target: '.closed' }, 'always'],
    ['invoke', { src: 'load' }, 'invoke'],
    ['onDone', '.closed', 'on-done'],
    ['entry', raise({ type: 'CLOSE' }), 'hidden-event'],
  ])('%s', (field, value, code) => {
    const inherit = (own: object) =>
      Object.assign(Object.create({ [field]: value }) as object, own);
    const path = code === 'hidden-event' ? 'entry' : '(machine)';
    expect(faultsIn(createMachine(inherit(two()) as never))).toEqual([`${code} ${path}`]);
  });
});

test.each<[title: string, action: unknown]>([
  ['assign', assign({ n: 1 })],
  ['log', log('closed')],
  ['emit', emit({ type: 'closed' })],
  ['cancel', cancel('timer')],
  ['stopChild', stopChild('child')],
  ['a function', () => {}],
  ['a function that is called like one of XState’s', Object.assign(() => {}, { type: 'raise' })],
  ['a name without an implementation', 'notify'],
  ['a name with params', { type: 'notify', params: { to: 'lead' } }],
])('%s is no hidden transition', (_, action) => {
  expect(faultsIn(machineOf(two({ exit: action }, { entry: [action] })))).toEqual([]);
  expect(faultsIn(two({ exit: action }, { entry: [action] }))).toEqual([]);
});

test.each([5, null, {}, [[]]])('an action that is none is a fault: %j', (action) => {
  expect(faultsIn(two({ entry: [action] }))).toEqual(['wrong-type states.open.entry']);
});

describe('everything else that makes transitions is refused, as a machine and as a config', () => {
  const load = { src: 'load' };
  test.each<[title: string, config: object, fault: string]>([
    ['after', two({ after: { 10: 'closed' } }), 'after states.open'],
    ['always', two({ always: { target: 'closed', guard: 'g' } }), 'always states.open'],
    ['invoke', two({ invoke: load }), 'invoke states.open'],
    ['after of the machine', two({}, {}, { after: { 10: '.closed' } }), 'after (machine)'],
    ['always of the machine', two({}, {}, { always: { guard: 'g' } }), 'always (machine)'],
    ['invoke of the machine', two({}, {}, { invoke: load }), 'invoke (machine)'],
    ['onDone of a state', two({ onDone: 'closed' }), 'on-done states.open'],
    ['onDone of the machine', two({}, {}, { onDone: '.closed' }), 'on-done (machine)'],
    ['a route', two({ id: 'here', route: {} }), 'route states.open'],
    [
      'in of XState 4',
      two({ on: { CLOSE: { target: 'closed', in: '#open' } } }),
      'unknown-key states.open.on.CLOSE.in',
    ],
    [
      'a guard at the start',
      two({}, {}, { initial: { target: 'open', guard: 'g' } }),
      'unknown-key initial.guard',
    ],
    [
      'activities of XState 4',
      two({ activities: ['blink'] }),
      'unknown-key states.open.activities',
    ],
    ['what a later XState may bring', two({}, {}, { transitions: [] }), 'unknown-key transitions'],
    [
      'an event of XState itself',
      two({ on: { CLOSE: 'closed', 'xstate.init': 'closed' } }),
      'bad-name states.open.on.xstate.init',
    ],
  ])('%s', (_, config, fault) => {
    expect(faultsIn(config)).toEqual([fault]);
    expect(faultsIn(machineOf(config, { g: () => true }))).toEqual([fault]);
  });
});

test('cond of XState 4 is refused, which only XState’s development build does', () => {
  const close = { target: 'closed' };
  const config = two({ on: { CLOSE: close } });
  const machine = machineOf(config);
  Object.assign(close, { cond: 'isLead' });
  expect(faultsIn(config)).toEqual(['unknown-key states.open.on.CLOSE.cond']);
  expect(faultsIn(machine)).toEqual(['unknown-key states.open.on.CLOSE.cond']);
});

test('an actor of a refused machine shows why: it goes on by itself', () => {
  const actor = createActor(createMachine(two({}, { entry: raise({ type: 'REOPEN' }) }) as never), {
    input: undefined,
  } as never).start();
  actor.send({ type: 'CLOSE' });
  expect((actor.getSnapshot() as unknown as { value: string }).value).toBe('open');
});

describe('the config of a machine is accepted, and gives the same lifecycle', () => {
  const guards = {
    isLead: ({ context }: { context: { role: string } }) => context.role === 'lead',
  };
  const machines: [title: string, machine: { readonly config: object }][] = [
    ['of setup()', setup({}).createMachine(two() as never)],
    [
      'of setup() with types, guards and actions',
      setup({
        types: { context: {} as { role: string }, events: {} as { type: 'CLOSE' | 'REOPEN' } },
        guards,
        actions: { notify: () => {} },
      }).createMachine({
        id: 'desk',
        context: () => ({ role: 'agent' }),
        version: '1',
        entry: 'notify',
        initial: 'open',
        states: {
          open: { on: { CLOSE: { target: 'closed', guard: and(['isLead', not(not('isLead'))]) } } },
          closed: { on: { REOPEN: { target: '#desk.open', actions: assign({ role: 'agent' }) } } },
        },
      }),
    ],
    ['of createMachine()', createMachine({ types: {}, ...two() } as never)],
    [
      'that forbids',
      createMachine(
        two({ on: { CLOSE: 'closed', PING: undefined } }, {}, { on: { PING: '.closed' } }),
      ),
    ],
  ];

  test.each(machines)('%s', (_, machine) => {
    const ours = defineLifecycle(machine as never, { guards } as never) as unknown as {
      fingerprint: string;
    };
    const again = defineLifecycle(machine.config as never, { guards } as never) as unknown as {
      fingerprint: string;
    };
    expect(again.fingerprint).toBe(ours.fingerprint);
  });
});

describe('any name of a state is taken, or refused with its place', () => {
  test.each([
    'constructor',
    'toString',
    'hasOwnProperty',
    'valueOf',
    '1',
    '-1',
    'a b',
    'ü',
    '*',
    '☎',
    'xstate',
    ':',
  ])('%j is taken', (name) => {
    const machine = machineOf({
      initial: 'open',
      states: {
        open: { on: { GO: name } },
        [name]: { meta: { status: 'closed' }, on: { BACK: 'open' } },
      },
    });
    const actor = createActor(machine).start();
    actor.send({ type: 'GO' });
    for (const lifecycle of [defineLifecycle(machine), defineLifecycle(machine.config as never)]) {
      expect(
        (lifecycle as unknown as { next: (...names: string[]) => string }).next('open', 'GO'),
      ).toBe(actor.getSnapshot().value);
    }
  });

  test.each(['a.b', 'a\\\\b', '#a', '', '__proto__'])('%j is refused', (name) => {
    const text = `{ "initial": "open", "states": { "open": { "on": { "GO": ${JSON.stringify(name)} } },
      ${JSON.stringify(name)}: { "meta": { "status": "closed" }, "on": { "BACK": "open" } } } }`;
    expect(faultsIn(JSON.parse(text))).toEqual([`bad-name states.${name}`]);
  });

  test('one that XState would lose is refused in a machine and in a lean lifecycle too', () => {
    const text = `{ "initial": "open", "states": { "open": { "on": { "GO": "__proto__", "CLOSE": "closed" } },
      "__proto__": { "meta": { "status": "resolved" }, "on": { "BACK": "open" } }, "closed": { "type": "final" } } }`;
    const config: unknown = JSON.parse(text);
    const machine = createMachine(config as never);
    expect(faultsIn(machine)).toEqual(['bad-name states.__proto__']);
    for (const definition of [machine, config]) {
      expect(() => defineLeanLifecycle(definition as never)).toThrow('bad-name');
    }
  });
});
