import { describe, expect, test } from 'vitest';
import {
  createReplayLog,
  createReplayStepper,
  defineMigration,
  LifecycleDefinitionError,
  ticketLifecycle,
} from '../src/index.ts';
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

test.each<[what: string, options: unknown, place: string]>([
  ['null', null, 'options'],
  ['nothing', undefined, 'options'],
  ['no lifecycle to migrate to', { from: 'a', to: null, states: {} }, 'to'],
  ['a text to migrate to', { from: 'a', to: 'b', states: {} }, 'to'],
  ['an unknown option', { from: 'a', states: {}, form: 'a' }, 'form'],
  [
    'states that are no list',
    { from: { fingerprint: 'a', states: 'ab' }, states: {} },
    'from.states',
  ],
])('a migration of %s is refused at its place', (_, options, place) => {
  const faults = (() => {
    try {
      defineMigration(options as never);
    } catch (error) {
      if (LifecycleDefinitionError.is(error)) return error.faults;
      throw error;
    }
    return [];
  })();
  expect(faults.map(({ path }) => path)).toContain(place);
});

test.each([undefined, null, 'open', 7, {}, ticketLifecycle.machine])(
  'edgeWalks refuses what is no lifecycle: case %#',
  (value) => {
    expect(() => edgeWalks(value as never)).toThrow(
      /^edgeWalks: Expected a lifecycle, as defineLifecycle makes it, received /,
    );
  },
);
