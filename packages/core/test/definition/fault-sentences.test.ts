import { describe, expect, test } from 'vitest';
import { enqueueActions, not, raise, sendTo, setup, spawnChild, stateIn } from 'xstate';
import { defineLifecycle, ticketLifecycle } from '../../src/index.ts';
import { nearestName } from '../../src/nearest-name.ts';
import { faultsOf, machineOf } from '../support/machine-of.ts';

const closed = { on: { REOPEN: 'open' } };
const desk = (on: object, more: object = {}, states: object = {}) => ({
  initial: 'open',
  states: { open: { on }, closed, ...states },
  ...more,
});
const messages = (definition: unknown, options = {}) =>
  faultsOf(definition as never, options).map(({ message }) => message);

describe('a fault names the place, what was expected, what was received, and the cure', () => {
  test.each<[title: string, definition: unknown, message: string]>([
    [
      'a misspelt initial state',
      { ...desk({ CLOSE: 'closed' }), initial: 'opne' },
      'There is no state "opne". The states are open, closed. Did you mean open?',
    ],
    [
      'no initial state',
      { states: { open: { on: { CLOSE: 'closed' } }, closed } },
      'Name the state in which a new ticket starts.',
    ],
    [
      'a setup',
      setup({}),
      'Expected an XState machine or its config, received setup({ … }). Pass what its createMachine() returns.',
    ],
    [
      'a lifecycle',
      ticketLifecycle,
      'Expected an XState machine or its config, received a lifecycle. Pass lifecycle.machine.',
    ],
    [
      'a list of transitions',
      desk({ CLOSE: 'closed' }, { transitions: [] }),
      '"transitions" is not supported. Put each transition under states.NAME.on.',
    ],
    [
      'a guard without a name',
      machineOf(desk({ CLOSE: { target: 'closed', guard: {} } })),
      'Expected the name of a guard, or { type, params }, received an object.',
    ],
    [
      'a target with a dot',
      desk({ CLOSE: '.closed' }),
      'There is no state ".closed". Drop the dot: "closed".',
    ],
    [
      'a status that is a number',
      desk({ CLOSE: 'closed' }, {}, { open: { meta: { status: 2 }, on: { CLOSE: 'closed' } } }),
      'Expected one of open, in-progress, resolved, closed, received the number 2.',
    ],
    [
      'a duration that is a number',
      desk(
        { CLOSE: 'closed' },
        {},
        { open: { meta: { due: { after: 7, event: 'CLOSE' } }, on: { CLOSE: 'closed' } } },
      ),
      'Expected a duration such as "P7D", received 7.',
    ],
  ])('%s', (_, definition, message) => {
    expect(messages(definition)).toEqual([message]);
  });

  const open = (fields: object) => desk({}, {}, { open: { on: { CLOSE: 'closed' }, ...fields } });
  test.each<[word: string, definition: unknown, message: string]>([
    [
      'in',
      desk({ CLOSE: { target: 'closed', in: 'open' } }),
      'Put the transition under the state in which it is possible.',
    ],
    [
      'delay',
      desk({ CLOSE: { target: 'closed', delay: 5 } }),
      'Timers do not survive storing a ticket. Use meta.due.',
    ],
    [
      'edges',
      desk({ CLOSE: 'closed' }, { edges: [] }),
      '"edges" is not supported. Put each transition under states.NAME.on.',
    ],
    ['events', desk({ CLOSE: 'closed' }, { events: {} }), 'Put each event under states.NAME.on.'],
    [
      'guards',
      desk({ CLOSE: 'closed' }, { guards: {} }),
      'Use setup({ guards }), or the option guards.',
    ],
    ['final', open({ final: false }), 'Use type: "final".'],
    ['status', open({ status: 'open' }), 'Use meta: { status }.'],
    [
      'route',
      open({ route: {} }),
      'A route leads to a state from everywhere, and no one asks for its event. Use "on".',
    ],
    [
      'raise',
      open({ entry: raise({ type: 'CLOSE' }) }),
      'raise() makes a transition that nobody asked for. Send the event from the code that embeds the lifecycle.',
    ],
    [
      'sendTo',
      open({ entry: sendTo('it', { type: 'CLOSE' }) }),
      'sendTo() may send an event to the machine itself. Send the event from the code that embeds the lifecycle.',
    ],
    [
      'enqueueActions',
      open({ entry: enqueueActions(() => {}) }),
      'enqueueActions() may raise events. List the actions, and guard the transition.',
    ],
    [
      'spawnChild',
      open({ entry: spawnChild('it') }),
      'A lifecycle starts nothing. Spawn from the code that embeds it.',
    ],
  ])(
    '"%s", which is known elsewhere, is told what stands for it here',
    (_, definition, message) => {
      expect(messages(definition)).toEqual([message]);
    },
  );

  test('a name that no state can have is not among those to choose from', () => {
    expect(messages(desk({ CLOSE: 'closd', DROP: 'closed' }, {}, { 'a.b': {} }))).toEqual([
      '"a.b" can\'t name a state. Choose a name without these characters: . # \\',
      'There is no state "closd". The states are open, closed. Did you mean closed?',
    ]);
  });

  test('a guard that throws says when it was asked, and that there was no context', () => {
    const guards = {
      isLead: ({ context }: { context: { owner: { role: string } } }) =>
        context.owner.role === 'lead',
    };
    const lifecycle = defineLifecycle(
      desk({ CLOSE: { target: 'closed', guard: 'isLead' } }) as never,
      { guards } as never,
    );
    expect(() => lifecycle.can('open' as never, 'CLOSE' as never)).toThrow(
      `The lifecycle can't answer:
  guards.isLead: The guard "isLead" threw when CLOSE was asked in open: Cannot read properties of undefined (reading 'role'). No context was given.`,
    );
    expect(() => lifecycle.can('open' as never, 'CLOSE' as never, {} as never)).toThrow(
      /\(reading 'role'\)\.$/,
    );
  });
});

describe('what is refused is refused for a true reason', () => {
  test('stateIn asks what the place of a transition says already', () => {
    const guarded = { target: '.closed', guard: not(stateIn('closed')) };
    expect(messages(machineOf({ ...desk({ CLOSE: 'closed' }), on: { CANCEL: guarded } }))).toEqual([
      'stateIn() asks for the state, and a lifecycle decides that by place. Put the transition under each state in which it is possible.',
    ]);
  });

  test('a guard that combines others in a way of its own has to be a guard by a name', () => {
    const own = Object.assign(() => true, {
      check: () => {
        throw new Error('not ours');
      },
    });
    const [message, ...others] = messages(
      machineOf(desk({ CLOSE: { target: 'closed', guard: own } })),
    );
    expect(message).toMatch(
      /^This guard is not combined by and\(\), or\(\) or not\(\) of xstate\./,
    );
    expect(others).toEqual([]);
  });

  test.each(['CLOSE*', '*CLOSE', 'a*b', 'a.*.b', '**'])(
    '%s is an ordinary name for XState and for us',
    (event) => {
      const machine = machineOf(desk({ [event]: 'closed' }));
      expect(machine.resolveState({ value: 'open', context: {} }).can({ type: event })).toBe(true);
      expect(defineLifecycle(machine).can('open', event as never)).toBe(true);
      const other = event.replace('*', 'x');
      expect(machine.resolveState({ value: 'open', context: {} }).can({ type: other })).toBe(false);
      expect(defineLifecycle(machine).can('open', other as never)).toBe(false);
    },
  );

  test.each(['*', 'CLOSE.*', 'a.b.*'])('%s hides events, also where it forbids them', (event) => {
    for (const transition of ['closed', {}, undefined]) {
      const config = { ...desk({ CLOSE: 'closed', [event]: transition }), on: { PING: '.closed' } };
      for (const definition of [config, machineOf(config)]) {
        expect(messages(definition)).toEqual([
          'A wildcard hides which events are possible. Name each.',
        ]);
      }
    }
  });

  test.each([undefined, [undefined], {}, [{}], { meta: { why: 'closed' } }])(
    '%j forbids an event, in a config as in a machine',
    (forbidding) => {
      const config = { ...desk({ CLOSE: 'closed', PING: forbidding }), on: { PING: '.closed' } };
      for (const definition of [config, machineOf(config)]) {
        expect(defineLifecycle(definition as never).can('open' as never, 'PING' as never)).toBe(
          false,
        );
      }
    },
  );

  test.each([null, [null], ['closed', null]])('%j is no transition, as for XState', (value) => {
    const config = desk({ CLOSE: 'closed', PING: value });
    expect(() => machineOf(config)).toThrow(TypeError);
    expect(messages(config)).toEqual([
      'Expected a state, a transition or a list of them, received null.',
    ]);
  });

  test.each([{ actions: () => {} }, 'closed', { target: 'closed' }, 'open'])(
    'a final state keeps no transition, with or without a target',
    (transition) => {
      const states = { closed: { type: 'final', on: { NOTE: transition } } };
      const config = desk({ CLOSE: 'closed' }, {}, states);
      for (const definition of [config, machineOf(config)]) {
        expect(messages(definition)).toEqual([
          'XState never leaves a final state. Drop type: "final" or the transition.',
        ]);
      }
    },
  );
});

test('the nearest name is at most two letters off, and never one of another word', () => {
  const names = ['START', 'RESOLVE', 'CLOSE', 'REOPEN'];
  expect(nearestName('RESLOVE', names)).toBe('RESOLVE');
  expect(nearestName('colse', names)).toBe('CLOSE');
  expect(nearestName('CLOSES', names)).toBe('CLOSE');
  expect(nearestName('DROP', names)).toBeUndefined();
  expect(nearestName('', names)).toBeUndefined();
  expect(nearestName('x'.repeat(10_000), names)).toBeUndefined();
});
