import { describe, expect, test } from 'vitest';
import {
  createReplayLog,
  createReplayStepper,
  defineMigration,
  LifecycleDefinitionError,
  ticketLifecycle,
} from '../src/index.ts';
import { measureSla } from '../src/sla/measure-sla.ts';
import { edgeWalks } from '../src/testing/index.ts';

type Ask = (options: never) => unknown;
const at = '2026-03-02T09:00:00Z';

// Every function with options, and one of its options with a value of another type.
const functions: readonly (readonly [name: string, ask: Ask, option: string, wrong: unknown])[] = [
  ['enabled', (its) => ticketLifecycle.enabled('open', {}, its), 'includeBlocked', 'yes'],
  ['plan', (its) => ticketLifecycle.plan('open', 'closed', its), 'prefer', 'START'],
  ['plan', (its) => ticketLifecycle.plan('open', 'closed', its), 'avoid', 'resolved'],
  ['plan', (its) => ticketLifecycle.plan('open', 'closed', its), 'weights', [1]],
  ['plan', (its) => ticketLifecycle.plan('open', 'closed', its), 'payloads', 'none'],
  ['replay', (its) => ticketLifecycle.replay(['open'], its), 'complete', 'yes'],
  ['replaySteps', (its) => ticketLifecycle.replaySteps(['open'], its), 'complete', 1],
  ['deadlines', (its) => ticketLifecycle.deadlines('open', at, its), 'calendar', 'Europe/Berlin'],
  ['deadlines', (its) => ticketLifecycle.due('open', at, at, its), 'calendar', {}],
  ['createReplayStepper', (its) => createReplayStepper(ticketLifecycle, its), 'complete', 'no'],
  ['createReplayLog', (its) => createReplayLog(ticketLifecycle, its), 'states', 'open'],
  ['createReplayLog', (its) => createReplayLog(ticketLifecycle, its), 'periodOf', 'month'],
  ['measureSla', (its) => measureSla(ticketLifecycle, [], 0, its), 'calendars', 'Europe/Berlin'],
];

describe.each(functions)('%s refuses', (name, ask, option, wrong) => {
  test.each<[what: string, options: unknown]>([
    ['an option that it does not have', { [`${option}s`]: true }],
    ['null', null],
    ['a text', 'yes'],
    ['a list', []],
    [`${option} of another type`, { [option]: wrong }],
  ])('%s, by its own name', (_, options) => {
    expect(() => ask(options as never)).toThrow(TypeError);
    expect(() => ask(options as never)).toThrow(new RegExp(`^${name}[:,] .*[Ee]xpected `));
  });

  test(`no ${option} that is undefined`, () => {
    expect(() => ask({ [option]: undefined } as never)).not.toThrow();
  });
});

test.each<[options: unknown, message: string]>([
  [null, 'plan, options: Expected an object, received null.'],
  [
    { prefre: [] },
    'plan: there is no option "prefre". Expected one of context, prefer, avoid, weights, payloads. Did you mean prefer?',
  ],
  [
    { unlike: [] },
    'plan: there is no option "unlike". Expected one of context, prefer, avoid, weights, payloads.',
  ],
  [{ avoid: 'open' }, 'plan, avoid: Expected an array, received "open".'],
])('what is wrong with %o is said in one sentence', (options, message) => {
  expect(() => ticketLifecycle.plan('open', 'closed', options as never)).toThrow(
    new TypeError(message),
  );
});

test('options that are undefined are none', () => {
  expect(ticketLifecycle.plan('open', 'closed', undefined).kind).toBe('plan');
  expect(ticketLifecycle.replay(['open'], undefined).fitness).toBe(1);
});

const fingerprint = '2f9b1c04d7a65e38';
test.each<
  [what: string, options: unknown, ...faults: [code: string, path: string, message: string][]]
>([
  [
    'null',
    null,
    ['wrong-type', 'options', 'Expected an object, received null.'],
    ['wrong-type', 'states', 'Expected an object, received nothing.'],
    ['wrong-type', 'from', 'Expected a fingerprint, received nothing.'],
  ],
  [
    'no lifecycle to migrate to',
    { from: fingerprint, to: null, states: {} },
    ['wrong-type', 'to', 'Expected a lifecycle, received null.'],
  ],
  [
    'a text to migrate to',
    { from: fingerprint, to: 'b', states: { a: 'open' } },
    ['wrong-type', 'to', 'Expected a lifecycle, received "b".'],
  ],
  [
    'a lifecycle without a fingerprint to migrate to',
    { from: fingerprint, to: { ...ticketLifecycle, fingerprint: 5 }, states: {} },
    ['wrong-type', 'to', 'Expected a lifecycle, received an object.'],
  ],
  [
    'a lifecycle without statuses to migrate to',
    { from: fingerprint, to: { ...ticketLifecycle, statusOf: 'open' }, states: {} },
    ['wrong-type', 'to', 'Expected a lifecycle, received an object.'],
  ],
  [
    'a lifecycle without states to migrate to',
    { from: fingerprint, to: { ...ticketLifecycle, states: 'open' }, states: {} },
    ['wrong-type', 'to', 'Expected a lifecycle, received an object.'],
  ],
  [
    'an unknown option',
    { from: fingerprint, states: {}, form: 'a' },
    [
      'unknown-option',
      'form',
      'There is no such option. The options are from, to, states. Did you mean from?',
    ],
  ],
  [
    'states that are no list',
    { from: { fingerprint, states: 'ab' }, states: {} },
    ['wrong-type', 'from.states', 'Expected a list of states, received "ab".'],
  ],
])('a migration of %s is refused at its place', (_, options, ...expected) => {
  const faults = (() => {
    try {
      defineMigration(options as never);
    } catch (error) {
      if (LifecycleDefinitionError.is(error)) return error.faults;
      throw error;
    }
    return [];
  })();
  expect(faults.map(({ code, path, message }) => [code, path, message])).toEqual(expected);
});

test.each([undefined, null, 'open', 7, {}, ticketLifecycle.machine])(
  'edgeWalks refuses what is no lifecycle: case %#',
  (value) => {
    expect(() => edgeWalks(value as never)).toThrow(
      /^edgeWalks: Expected a lifecycle, as defineLifecycle makes it, received /,
    );
  },
);
