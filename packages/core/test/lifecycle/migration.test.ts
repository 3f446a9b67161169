import { beforeEach, describe, expect, test } from 'vitest';
import {
  defineLifecycle,
  defineMigration,
  LifecycleDefinitionError,
  ticketLifecycle,
  type Migration,
} from '../../src/index.ts';

const before = defineLifecycle({
  initial: 'new',
  states: {
    new: { meta: { status: 'open' }, on: { TAKE: 'doing' } },
    doing: { meta: { status: 'in-progress' }, on: { FINISH: 'done' } },
    done: { meta: { status: 'closed' }, type: 'final' },
  },
});
const states = { new: 'open', doing: 'in-progress', done: 'closed' };

/** What is wrong with a migration, as a program without types would define it. */
function faultsOf(options: object): readonly object[] {
  try {
    defineMigration(options as Parameters<typeof defineMigration>[0]);
    return [];
  } catch (error) {
    if (LifecycleDefinitionError.is(error)) return error.faults;
    throw error;
  }
}

describe('a stored state', () => {
  let migration: Migration;
  // Made anew for each test, so that a test also judges how it is made.
  beforeEach(() => {
    migration = defineMigration({ from: before, to: ticketLifecycle, states });
  });

  test('becomes the new one that its migration names, under the new fingerprint', () => {
    expect(migration.migrate({ state: 'doing', fingerprint: before.fingerprint })).toEqual({
      kind: 'migrated',
      state: 'in-progress',
      fingerprint: ticketLifecycle.fingerprint,
      status: 'in-progress',
    });
    expect(migration).toMatchObject({
      from: before.fingerprint,
      to: ticketLifecycle.fingerprint,
    });
  });

  test('that is new already stays as it is', () => {
    const stored = { state: 'closed', fingerprint: ticketLifecycle.fingerprint };
    expect(migration.migrate(stored)).toEqual({ kind: 'current', ...stored });
  });

  test('of another definition is refused, however familiar its name', () => {
    expect(migration.migrate({ state: 'doing', fingerprint: 'f00' })).toEqual({
      kind: 'refused',
      blockers: [
        {
          code: 'other-definition',
          message: `This was stored under "f00", and the migration is from "${before.fingerprint}".`,
          parameters: { fingerprint: 'f00', from: before.fingerprint },
        },
      ],
    });
  });

  test.each(['gone', '__proto__', 'toString', ''])('called %j was never one', (state) => {
    expect(migration.migrate({ state, fingerprint: before.fingerprint })).toMatchObject({
      kind: 'refused',
      blockers: [{ code: 'unknown-state', parameters: { states: ['new', 'doing', 'done'] } }],
    });
  });

  test.each([null, undefined, 'new', 5, [], {}])('that is %j was never one', (stored) => {
    const answer = migration.migrate(stored as never);
    expect(answer.kind === 'refused' ? answer.blockers.map(({ code }) => code) : []).toEqual([
      'other-definition',
      'unknown-state',
    ]);
  });

  test('that is wrong in both ways hears both reasons', () => {
    const answer = migration.migrate({ state: 'gone', fingerprint: 'f00' });
    expect(answer.kind === 'refused' ? answer.blockers.map(({ code }) => code) : []).toEqual([
      'other-definition',
      'unknown-state',
    ]);
  });
});

test('a stored fingerprint will do, and leads to the default lifecycle', () => {
  const migration = defineMigration({ from: before.fingerprint, states });
  expect(migration.to).toBe(ticketLifecycle.fingerprint);
  expect(migration.migrate({ state: 'new', fingerprint: before.fingerprint })).toMatchObject({
    kind: 'migrated',
    state: 'open',
  });
});

test('a migration cannot be changed by who uses it', () => {
  const mapping = { ...states };
  const migration = defineMigration({ from: before, states: mapping });
  mapping.new = 'gone';
  expect(Object.isFrozen(migration)).toBe(true);
  expect(migration.migrate({ state: 'new', fingerprint: before.fingerprint })).toMatchObject({
    state: 'open',
  });
});

describe('a migration is refused when it is defined', () => {
  test.each<[title: string, options: object, faults: object[]]>([
    [
      'while an old state is not mapped',
      { from: before, states: { new: 'open', done: 'closed' } },
      [{ code: 'unmapped-state', path: 'states.doing', message: 'Say what "doing" is now.' }],
    ],
    [
      'when a state is mapped to one that does not exist',
      { from: before, states: { ...states, done: 'archived' } },
      [
        {
          code: 'unknown-state',
          path: 'states.done',
          message:
            'Now: There is no state "archived". The states are open, in-progress, resolved, closed.',
        },
      ],
    ],
    [
      'also from a fingerprint alone',
      { from: before.fingerprint, states: { ...states, done: 'archived' } },
      [
        {
          code: 'unknown-state',
          path: 'states.done',
          message:
            'Now: There is no state "archived". The states are open, in-progress, resolved, closed.',
        },
      ],
    ],
    [
      'when a state is mapped that never was one',
      { from: before, states: { ...states, wiating: 'open' } },
      [
        {
          code: 'unknown-state',
          path: 'states.wiating',
          message: 'Before: There is no state "wiating". The states are new, doing, done.',
        },
      ],
    ],
    [
      'without states',
      { from: before.fingerprint },
      [
        {
          code: 'wrong-type',
          path: 'states',
          message: 'Expected an object, received nothing.',
        },
      ],
    ],
    [
      'without where it comes from',
      { states },
      [
        {
          code: 'wrong-type',
          path: 'from',
          message: 'Expected a fingerprint, received nothing.',
        },
      ],
    ],
    [
      'from an empty fingerprint',
      { from: '', states },
      [{ code: 'wrong-type', path: 'from', message: 'Expected a fingerprint, received "".' }],
    ],
  ])('%s', (_, options, faults) => {
    expect(faultsOf(options)).toEqual(faults);
  });

  test('with all faults at once, in words that speak of a migration', () => {
    const define = () => defineMigration({ from: before, states: { new: 'a', done: 'b' } });
    expect(define).toThrow(LifecycleDefinitionError);
    expect(define).toThrow(
      /^This is not a migration:\n {2}states\.doing: .*\n {2}states\.new: .*\n {2}states\.done: /,
    );
  });
});

test('a stored state that its own lifecycle does not know is refused, under either fingerprint', () => {
  const from = { fingerprint: '2f9b1c04d7a65e38', states: ['new'] };
  const migration = defineMigration({ from, states: { new: 'open' } });
  for (const fingerprint of [from.fingerprint, ticketLifecycle.fingerprint]) {
    for (const state of ['nonsense', '', 'constructor', undefined as unknown as string]) {
      const migrated = migration.migrate({ state, fingerprint });
      expect(migrated).toMatchObject({ kind: 'refused', blockers: [{ code: 'unknown-state' }] });
    }
  }
  const { fingerprint } = ticketLifecycle;
  expect(migration.migrate({ state: 'open', fingerprint }).kind).toBe('current');
});
