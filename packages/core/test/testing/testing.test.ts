import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { and } from 'xstate';
import {
  defineLifecycle,
  ticketLifecycle,
  ticketStatuses,
  type Lifecycle,
} from '../../src/index.ts';
import { defineLeanLifecycle } from '../../src/lifecycle/lean.ts';
import { edgeWalks, lifecycleMatchers } from '../../src/testing/index.ts';
import { machineOf } from '../support/machine-of.ts';
import { made } from '../support/random-machine.ts';

expect.extend(lifecycleMatchers);

const makeGuarded = () =>
  defineLifecycle(
    {
      context: { role: 'agent' },
      initial: 'open',
      states: {
        open: { on: { CLOSE: { target: 'closed', guard: 'isLead' } } },
        closed: { type: 'final' },
      },
    },
    { guards: { isLead: ({ context }) => context.role === 'lead' } },
  );
let guarded: ReturnType<typeof makeGuarded>;
// As a program without types would use it.
const strict: Lifecycle = defineLifecycle(
  machineOf(
    {
      initial: 'open',
      states: {
        open: { on: { CLOSE: { target: 'closed', guard: and(['isLead', 'isPaid']) } } },
        closed: { type: 'final' },
      },
    },
    { isLead: () => false, isPaid: () => false },
  ),
);
// Made anew for each test, so that a test also judges how it is made.
beforeEach(() => {
  guarded = makeGuarded();
});

describe('a test may say of a lifecycle', () => {
  test('that it allows an event, and where it leads', () => {
    expect(ticketLifecycle).toAllow('START', { from: 'open' });
    expect(ticketLifecycle).toAllow({ type: 'START' }, { from: 'open', to: 'in-progress' });
    expect(guarded).toAllow('CLOSE', { from: 'open', context: { role: 'lead' } });
    expect(ticketLifecycle).not.toAllow('START', { from: 'open', to: 'closed' });
    expect(ticketLifecycle).not.toAllow('CLOSE', { from: 'open' });
  });

  test('that it blocks an event, and why', () => {
    expect(guarded).toBlock('CLOSE', { from: 'open' });
    expect(guarded).toBlock('CLOSE', { from: 'open', because: 'guard' });
    expect(guarded).toBlock('CLOSE', { from: 'open', because: 'guard', guard: 'isLead' });
    expect(() => expect(guarded).not.toBlock('CLOSE', { from: 'open', guard: 'isPaid' })).toThrow(
      'isPaid',
    );
    expect(guarded).not.toBlock('CLOSE', { from: 'open', because: 'unknown-event' });
    expect(guarded).not.toBlock('CLOSE', { from: 'open', context: { role: 'lead' } });
  });

  test('and of several reasons it need name only one', () => {
    expect(strict).toBlock('CLOSE', { from: 'open', guard: 'isLead' });
    expect(strict).toBlock('CLOSE', { from: 'open', guard: 'isPaid' });
    expect(strict).toBlock('COLSE', { from: 'opne', because: 'unknown-event' });
    expect(strict).toBlock('COLSE', { from: 'opne', because: 'unknown-state' });
  });
});

test('a guard that holds is no reason, whatever else blocks the event', () => {
  const half: Lifecycle = defineLifecycle(
    machineOf(
      {
        initial: 'open',
        states: {
          open: { on: { CLOSE: { target: 'closed', guard: and(['isLead', 'isPaid']) } } },
          closed: { type: 'final' },
        },
      },
      { isLead: () => false, isPaid: () => true },
    ),
  );
  expect(half).toBlock('CLOSE', { from: 'open', guard: 'isLead' });
  expect(half).not.toBlock('CLOSE', { from: 'open', guard: 'isPaid' });
});

test('of a lean lifecycle, which does not list its edges, a guard is judged as well', () => {
  const lean = defineLeanLifecycle(
    {
      initial: 'open',
      states: {
        open: { on: { CLOSE: { target: 'closed', guard: 'isLead' } } },
        closed: { type: 'final' },
      },
    },
    { guards: { isLead: () => false } },
  );
  const blocks = (guard: string) =>
    lifecycleMatchers.toBlock(lean, 'CLOSE', { from: 'open', guard }).pass;
  expect([blocks('isLead'), blocks('isPaid')]).toEqual([true, false]);
});

describe('a test that fails says what is so instead', () => {
  const failing: [title: string, assert: () => void, message: string][] = [
    [
      'blocked, not allowed',
      () => expect(guarded).toAllow('CLOSE', { from: 'open' }),
      'expected CLOSE from open to be allowed, and it is blocked:\n  guard: The guard "isLead" does not hold.',
    ],
    [
      'blocked for several reasons',
      () => expect(strict).toAllow('CLOSE', { from: 'open' }),
      'expected CLOSE from open to be allowed, and it is blocked:\n  guard: The guard "isLead" does not hold.\n  guard: The guard "isPaid" does not hold.',
    ],
    [
      'another target',
      () => expect(ticketLifecycle).toAllow('START', { from: 'open', to: 'closed' }),
      'expected START from open to lead to closed, and it leads to in-progress',
    ],
    [
      'allowed after all',
      () => expect(ticketLifecycle).not.toAllow({ type: 'START' }, { from: 'open' }),
      'expected START from open not to be allowed, and it leads to in-progress',
    ],
    [
      'the target after all',
      () => expect(ticketLifecycle).not.toAllow('START', { from: 'open', to: 'in-progress' }),
      'expected START from open not to lead to in-progress, and it leads to in-progress',
    ],
    [
      'allowed, not blocked',
      () => expect(ticketLifecycle).toBlock('START', { from: 'open' }),
      'expected START from open to be blocked, and it leads to in-progress',
    ],
    [
      'another reason',
      () => expect(guarded).toBlock('CLOSE', { from: 'open', because: 'payload', guard: 'isLead' }),
      'expected CLOSE from open to be blocked by payload and guard isLead, and it is blocked:\n  guard: The guard "isLead" does not hold.',
    ],
    [
      'blocked after all',
      () => expect(guarded).not.toBlock('CLOSE', { from: 'open' }),
      'expected CLOSE from open not to be blocked, and it is blocked:\n  guard: The guard "isLead" does not hold.',
    ],
    [
      'for that reason after all',
      () => expect(guarded).not.toBlock('CLOSE', { from: 'open', guard: 'isLead' }),
      'expected CLOSE from open not to be blocked by guard isLead, and it is blocked:\n  guard: The guard "isLead" does not hold.',
    ],
    [
      'no lifecycle at all',
      () => expect({}).toAllow('START', { from: 'open' }),
      'expect: expected a lifecycle, as defineLifecycle makes it',
    ],
    [
      'nothing at all',
      () => expect(null).toBlock('START', { from: 'open' }),
      'expect: expected a lifecycle, as defineLifecycle makes it',
    ],
  ];

  test.each(failing)('%s', (_, assert, message) => {
    expect(assert).toThrow(message);
  });
});

describe('the walker', () => {
  test('covers the default lifecycle in one walk', () => {
    expect(edgeWalks(ticketLifecycle)).toEqual([
      [
        { from: 'open', event: 'START', to: 'in-progress' },
        { from: 'in-progress', event: 'RESOLVE', to: 'resolved' },
        { from: 'resolved', event: 'REOPEN', to: 'open' },
        { from: 'open', event: 'START', to: 'in-progress' },
        { from: 'in-progress', event: 'RESOLVE', to: 'resolved' },
        { from: 'resolved', event: 'CLOSE', to: 'closed' },
        { from: 'closed', event: 'REOPEN', to: 'open' },
      ],
    ]);
  });

  test('starts anew where nothing leads back', () => {
    expect(edgeWalks(guarded)).toHaveLength(1);
    const ends = defineLifecycle({
      initial: 'open',
      states: {
        open: { on: { SOLVE: 'resolved', REJECT: 'closed' } },
        resolved: { type: 'final' },
        closed: { type: 'final' },
      },
    });
    expect(edgeWalks(ends).map((walk) => walk.map(({ event }) => event))).toEqual([
      ['SOLVE'],
      ['REJECT'],
    ]);
  });

  test('covers every edge of any lifecycle, in walks that join up from the start', () => {
    fc.assert(
      fc.property(made, ({ lifecycle, drawn }) => {
        const walks = edgeWalks(lifecycle);
        const covered = new Set<string>();
        for (const walk of walks) {
          let at = lifecycle.initial;
          for (const { from, event, to } of walk) {
            expect(from).toBe(at);
            covered.add(`${from} ${event} ${to}`);
            at = to;
          }
        }
        const edges = drawn.map(({ from, event, to }) => `${from} ${event} ${to}`);
        expect([...covered].sort()).toEqual([...new Set(edges)].sort());
      }),
    );
  });

  test('knows the statuses that it has been through', () => {
    const seen = edgeWalks(ticketLifecycle)[0]?.map(({ to }) => to);
    expect(new Set(seen)).toEqual(new Set(ticketStatuses));
  });
});

describe('a question about what does not exist fails, whether it is negated or not', () => {
  const states = 'The states are open, in-progress, resolved, closed.';
  const events = 'The events are START, RESOLVE, CLOSE, REOPEN.';
  const codes = 'The codes are unknown-state, unknown-event, no-such-transition, payload, guard.';
  const typos: readonly {
    readonly title: string;
    readonly matcher: 'toAllow' | 'toBlock';
    readonly event: string;
    readonly options: object;
    readonly message: string;
  }[] = [
    {
      title: 'a state',
      matcher: 'toBlock',
      event: 'CLOSE',
      options: { from: 'opne' },
      message: `There is no state "opne". ${states} Did you mean open?`,
    },
    {
      title: 'an event',
      matcher: 'toBlock',
      event: 'CLSOE',
      options: { from: 'open' },
      message: `There is no event "CLSOE". ${events} Did you mean CLOSE?`,
    },
    {
      title: 'both',
      matcher: 'toBlock',
      event: 'CLSOE',
      options: { from: 'opne' },
      message: `There is no state "opne". ${states} Did you mean open?\nThere is no event "CLSOE". ${events} Did you mean CLOSE?`,
    },
    {
      title: 'a guard of a lifecycle without any',
      matcher: 'toBlock',
      event: 'CLOSE',
      options: { from: 'open', guard: 'isLaed' },
      message: 'There is no guard "isLaed". The lifecycle has none.',
    },
    {
      title: 'a code',
      matcher: 'toBlock',
      event: 'CLOSE',
      options: { from: 'open', because: 'gaurd' },
      message: `There is no blocker code "gaurd". ${codes} Did you mean guard?`,
    },
    {
      title: 'a state that may allow it',
      matcher: 'toAllow',
      event: 'START',
      options: { from: 'opne' },
      message: `There is no state "opne". ${states} Did you mean open?`,
    },
    {
      title: 'an event that may be allowed',
      matcher: 'toAllow',
      event: 'STRAT',
      options: { from: 'open' },
      message: `There is no event "STRAT". ${events} Did you mean START?`,
    },
    {
      title: 'a target',
      matcher: 'toAllow',
      event: 'START',
      options: { from: 'open', to: 'in-porgress' },
      message: `There is no state "in-porgress". ${states} Did you mean in-progress?`,
    },
  ];
  test.each(typos)('$title', ({ matcher, event, options, message }) => {
    const judge = lifecycleMatchers[matcher] as (
      this: unknown,
      ...args: unknown[]
    ) => { pass: boolean; message: () => string };
    expect(judge.call(undefined, ticketLifecycle, event, options).pass).toBe(false);
    for (const isNot of [false, true]) {
      const result = judge.call({ isNot }, ticketLifecycle, event, options);
      expect({ ...result, message: result.message() }).toEqual({ pass: isNot, message });
    }
  });

  test('a guard, where the lifecycle has some', () => {
    const asked = { from: 'open', guard: 'isPiad' };
    expect(lifecycleMatchers.toBlock(strict, 'CLOSE', asked).message()).toBe(
      'There is no guard "isPiad". The guards are isLead, isPaid. Did you mean isPaid?',
    );
  });

  test('unless that is what is asked', () => {
    for (const because of ['unknown-state', 'unknown-event'] as const) {
      expect(
        lifecycleMatchers.toBlock(ticketLifecycle, 'CLSOE', { from: 'opne', because }).pass,
      ).toBe(true);
    }
  });

  test('an option that does not exist throws', () => {
    const options = { from: 'open', becuase: 'guard' };
    expect(() => lifecycleMatchers.toBlock(ticketLifecycle, 'CLOSE', options)).toThrow(
      new TypeError(
        'toBlock: there is no option "becuase". Expected one of from, context, because, guard. Did you mean because?',
      ),
    );
    expect(() =>
      lifecycleMatchers.toAllow(ticketLifecycle, 'START', { from: 'open', guard: 'x' } as never),
    ).toThrow(TypeError);
    expect(() => lifecycleMatchers.toAllow(ticketLifecycle, 'START', {} as never)).toThrow(
      new TypeError('toAllow needs { from }: the state before the event'),
    );
    expect(() => lifecycleMatchers.toAllow(ticketLifecycle, 'START', undefined as never)).toThrow(
      TypeError,
    );
  });
});
