import { assign } from 'xstate';
import { beforeEach, describe, expect, test } from 'vitest';
import { setup } from 'xstate';
import {
  defineLifecycle,
  ticketLifecycle,
  ticketStatuses,
  type PlanResult,
} from '../../src/index.ts';
import { blockersOf, parameterOf } from '../support/blockers-of.ts';
import { machineOf } from '../support/machine-of.ts';

/** The events of a plan, or its kind where it is none. */
const eventsOf = (result: PlanResult) =>
  result.kind === 'plan' ? result.steps.map(({ event }) => event).join(' ') : result.kind;

// Row: from; column: to.
const table = {
  open: ['already-there', 'START', 'START RESOLVE', 'START RESOLVE CLOSE'],
  'in-progress': ['RESOLVE REOPEN', 'already-there', 'RESOLVE', 'RESOLVE CLOSE'],
  resolved: ['REOPEN', 'REOPEN START', 'already-there', 'CLOSE'],
  closed: ['REOPEN', 'REOPEN START', 'REOPEN START RESOLVE', 'already-there'],
};
const pairs = ticketStatuses.flatMap((from) =>
  ticketStatuses.map((to, column) => ({ from, to, expected: table[from][column] })),
);

describe('in the default lifecycle there is one shortest way', () => {
  test.each(pairs)('from $from to $to: $expected', ({ from, to, expected }) => {
    expect(eventsOf(ticketLifecycle.plan(from, to))).toBe(expected);
    expect(eventsOf(ticketLifecycle.plan(from, { status: to }))).toBe(expected);
  });

  test.each(pairs)('whose steps from $from to $to join up', ({ from, to }) => {
    const result = ticketLifecycle.plan(from, to);
    let at: string = from;
    for (const step of result.kind === 'plan' ? result.steps : []) {
      expect(step.from).toBe(at);
      expect(ticketLifecycle.next(step.from, step.event)).toBe(step.to);
      at = step.to;
    }
    expect(at).toBe(to);
    expect(result).toMatchObject({ from, to });
  });
});

test('a plan says where it leads, what it costs and who made it', () => {
  expect(ticketLifecycle.plan('in-progress', 'open')).toEqual({
    kind: 'plan',
    from: 'in-progress',
    to: 'open',
    steps: [
      ticketLifecycle.explain('in-progress', 'RESOLVE'),
      ticketLifecycle.explain('resolved', 'REOPEN'),
    ],
    statusChanges: 2,
    requests: 2,
    seconds: 0.08,
    fingerprint: ticketLifecycle.fingerprint,
  });
});

test('a ticket that is there already needs no step', () => {
  expect(ticketLifecycle.plan('closed', 'closed')).toEqual({
    kind: 'already-there',
    from: 'closed',
    to: 'closed',
  });
});

describe('names that are not ours block a plan', () => {
  const plan = (from: unknown, to: unknown) =>
    ticketLifecycle.plan(from as 'open', to as 'open') as Extract<PlanResult, { kind: 'blocked' }>;
  const explain = (from: unknown) => ticketLifecycle.explain(from as 'open', 'START');

  test.each([
    'opne',
    '',
    '__proto__',
    'constructor',
    'x'.repeat(10_240),
    null,
    undefined,
    5,
    Symbol('open'),
  ])('%o', (name) => {
    expect(plan(name, 'closed')).toMatchObject({ kind: 'blocked', from: name, to: 'closed' });
    expect(plan('open', name)).toMatchObject({ kind: 'blocked', from: 'open', to: name });
    expect(plan('open', name).blockers).toEqual(blockersOf(explain(name)));
  });

  test('both at once', () => {
    expect(plan('opne', 'colsed').blockers.map((one) => parameterOf(one, 'state'))).toEqual([
      'opne',
      'colsed',
    ]);
  });

  test('the start also when the target is a status', () => {
    expect(plan('opne', { status: 'closed' }).blockers).toHaveLength(1);
  });
});

describe('guards', () => {
  const agent = { role: 'agent', paid: false };
  const make = () =>
    defineLifecycle(
      setup({
        types: { context: {} as { role: string; paid: boolean } },
        guards: {
          isLead: ({ context }) => context.role === 'lead',
          isPaid: ({ context }) => context.paid,
        },
      }).createMachine({
        context: { role: 'agent', paid: false },
        initial: 'open',
        states: {
          open: { on: { START: 'in-progress', SKIP: { target: 'resolved', guard: 'isLead' } } },
          'in-progress': { on: { RESOLVE: 'resolved' } },
          resolved: { on: { CLOSE: { target: 'closed', guard: 'isPaid' } } },
          closed: { type: 'final' },
        },
      }),
      { guardMessages: { isPaid: 'The invoice is open.' } },
    );
  let lifecycle: ReturnType<typeof make>;
  // Made anew for each test, so that a test also judges how it is made.
  beforeEach(() => {
    lifecycle = make();
  });

  test('close a short way, and the plan goes round', () => {
    expect(eventsOf(lifecycle.plan('open', 'resolved', { context: agent }))).toBe('START RESOLVE');
    expect(
      eventsOf(lifecycle.plan('open', 'resolved', { context: { role: 'lead', paid: false } })),
    ).toBe('SKIP');
  });

  test('close every way, and the plan is blocked with all reasons of the shortest', () => {
    expect(lifecycle.plan('open', 'closed', { context: agent })).toEqual({
      kind: 'blocked',
      from: 'open',
      to: 'closed',
      blockers: [
        {
          code: 'guard',
          message: 'The guard "isLead" does not hold.',
          parameters: { guard: 'isLead', to: 'resolved' },
        },
        {
          code: 'guard',
          message: 'The invoice is open.',
          parameters: { guard: 'isPaid', to: 'closed' },
        },
      ],
      alternatives: [
        {
          steps: [
            { from: 'open', event: 'START', to: 'in-progress' },
            { from: 'in-progress', event: 'RESOLVE', to: 'resolved' },
            { from: 'resolved', event: 'CLOSE', to: 'closed' },
          ],
          blockers: [expect.objectContaining({ message: 'The invoice is open.' })],
        },
      ],
    });
  });

  test('that hold on a closed way are no reasons', () => {
    const result = lifecycle.plan('in-progress', 'closed', { context: agent });
    expect(result.kind === 'blocked' ? result.blockers.map(({ message }) => message) : []).toEqual([
      'The invoice is open.',
    ]);
  });

  test('are asked once a plan, however many ways lead past them', () => {
    let asked = 0;
    const isPaid = () => {
      asked += 1;
      return true;
    };
    const desk = machineOf(
      {
        initial: 'open',
        states: {
          open: { on: { START: 'in-progress', SKIP: 'resolved' } },
          'in-progress': { on: { CHECK: 'checked' } },
          resolved: { on: { CHECK: 'checked' } },
          checked: {
            meta: { status: 'resolved' },
            on: { CLOSE: { target: 'closed', guard: 'isPaid' } },
          },
          closed: { type: 'final' },
        },
      },
      { isPaid },
    );
    expect(defineLifecycle(desk).plan('open', 'closed').kind).toBe('ambiguous');
    expect(asked).toBe(1);
  });

  test('do not block what no way leads to: that is unreachable', () => {
    expect(lifecycle.plan('closed', 'open', { context: agent })).toEqual({
      kind: 'unreachable',
      from: 'closed',
      to: 'open',
    });
  });
});

test('an event that leads elsewhere now is a reason, so that no plan is blocked without one', () => {
  const lifecycle = defineLifecycle(
    setup({ guards: { always: () => true } }).createMachine({
      initial: 'open',
      states: {
        open: { on: { GO: [{ target: 'closed', guard: 'always' }, { target: 'resolved' }] } },
        resolved: { type: 'final' },
        closed: { type: 'final' },
      },
    }),
  );
  expect(lifecycle.plan('open', 'resolved')).toEqual({
    kind: 'blocked',
    from: 'open',
    to: 'resolved',
    blockers: [
      {
        code: 'no-such-transition',
        message: 'GO leads from open to closed now, not to resolved.',
        parameters: { state: 'open', event: 'GO', to: 'resolved', now: 'closed' },
      },
    ],
  });
});

describe('a target by its status', () => {
  const make = () =>
    defineLifecycle(
      setup({}).createMachine({
        initial: 'triage',
        states: {
          triage: { meta: { status: 'open' }, on: { ASSIGN: 'queue' } },
          queue: { meta: { status: 'open' }, on: { START: 'working' } },
          working: { meta: { status: 'in-progress' }, on: { WAIT: 'waiting' } },
          waiting: { meta: { status: 'in-progress' }, on: { GIVE_UP: 'closed' } },
          closed: { type: 'final' },
        },
      }),
    );
  let lifecycle: ReturnType<typeof make>;
  // Made anew for each test, so that a test also judges how it is made.
  beforeEach(() => {
    lifecycle = make();
  });

  test('is reached at the nearest of its states', () => {
    expect(lifecycle.plan('triage', { status: 'in-progress' })).toMatchObject({
      kind: 'plan',
      to: 'working',
    });
  });

  test('counts only the steps that the API has to be told', () => {
    expect(lifecycle.plan('triage', 'closed')).toMatchObject({ statusChanges: 2 });
    expect(eventsOf(lifecycle.plan('triage', 'closed'))).toBe('ASSIGN START WAIT GIVE_UP');
  });

  test('is reached already in any of its states', () => {
    expect(lifecycle.plan('waiting', { status: 'in-progress' })).toEqual({
      kind: 'already-there',
      from: 'waiting',
      to: 'waiting',
    });
    expect(lifecycle.plan('queue', 'triage')).toMatchObject({ kind: 'unreachable' });
  });

  test('is unreachable when no state stands for it', () => {
    expect(lifecycle.plan('triage', { status: 'resolved' })).toEqual({
      kind: 'unreachable',
      from: 'triage',
      to: 'resolved',
    });
  });
});

describe('equally short ways', () => {
  const make = () =>
    defineLifecycle(
      setup({}).createMachine({
        initial: 'open',
        states: {
          open: {
            on: { START: 'in-progress', ANSWER: 'resolved', REJECT: 'closed', SPAM: 'closed' },
          },
          'in-progress': { on: { CLOSE: 'closed', ARCHIVE: 'archived' } },
          resolved: { on: { ARCHIVE: 'archived' } },
          closed: { on: { ARCHIVE: 'archived' } },
          archived: { meta: { status: 'closed' }, type: 'final' },
        },
      }),
    );
  let lifecycle: ReturnType<typeof make>;
  // Made anew for each test, so that a test also judges how it is made.
  beforeEach(() => {
    lifecycle = make();
  });

  test('are an answer, never a guess', () => {
    const result = lifecycle.plan('open', 'closed');
    expect(result).toMatchObject({ kind: 'ambiguous', from: 'open', to: 'closed' });
    expect(result.kind === 'ambiguous' ? result.candidates : []).toEqual([
      [lifecycle.explain('open', 'REJECT')],
      [lifecycle.explain('open', 'SPAM')],
    ]);
  });

  test('are decided by a preference', () => {
    expect(eventsOf(lifecycle.plan('open', 'closed', { prefer: ['SPAM'] }))).toBe('SPAM');
    expect(eventsOf(lifecycle.plan('open', 'closed', { prefer: ['SPAM', 'REJECT'] }))).toBe('SPAM');
    expect(eventsOf(lifecycle.plan('open', 'closed', { prefer: ['REJECT', 'SPAM'] }))).toBe(
      'REJECT',
    );
  });

  test('stay a question when the preference is for something else', () => {
    expect(eventsOf(lifecycle.plan('open', 'closed', { prefer: ['CLOSE'] }))).toBe('ambiguous');
  });

  test('a preference never makes a way longer', () => {
    expect(eventsOf(lifecycle.plan('open', 'closed', { prefer: ['START', 'SPAM'] }))).toBe('SPAM');
  });

  test('a preference is honoured at each step', () => {
    expect(eventsOf(lifecycle.plan('open', 'archived'))).toBe('ambiguous');
    expect(eventsOf(lifecycle.plan('open', 'archived', { prefer: ['ANSWER'] }))).toBe(
      'ANSWER ARCHIVE',
    );
  });
});

describe('a plan asks only the guards that can change the answer', () => {
  const desk = (asked: string[]) => {
    const guard = (name: string) => () => {
      asked.push(name);
      return name !== 'shut';
    };
    return defineLifecycle(
      {
        initial: 'open',
        states: {
          open: {
            on: {
              START: { target: 'in-progress', guard: 'start' },
              NOTE: { target: 'open', guard: 'throws' },
              SKIP: { target: 'closed', guard: 'shut' },
            },
          },
          'in-progress': {
            on: {
              CLOSE: { target: 'closed', guard: 'throws' },
              DONE: { target: 'resolved', guard: 'done' },
            },
          },
          resolved: { on: { CLOSE: { target: 'closed', guard: 'close' } } },
          closed: { on: { REOPEN: { target: 'open', guard: 'throws' } } },
        },
      },
      {
        guards: {
          ...Object.fromEntries(
            ['start', 'shut', 'done', 'close'].map((name) => [name, guard(name)]),
          ),
          throws: () => {
            throw new Error('asked for nothing');
          },
        },
      },
    );
  };

  test('none behind the goal, and none that leads away from it', () => {
    const asked: string[] = [];
    expect(desk(asked).plan('open', 'in-progress')).toMatchObject({
      kind: 'plan',
      steps: [{ event: 'START' }],
    });
    expect(asked).toEqual(['start']);
  });

  test('each of them once, also where the shortest path is blocked', () => {
    const asked: string[] = [];
    expect(desk(asked).plan('open', 'resolved')).toMatchObject({ kind: 'plan' });
    expect(asked).toEqual(['start', 'done']);
  });

  test('and none behind a step that is blocked breaks the answer', () => {
    const lifecycle = defineLifecycle(
      {
        initial: 'open',
        states: {
          open: { on: { START: { target: 'in-progress', guard: 'shut' } } },
          'in-progress': { on: { CLOSE: { target: 'closed', guard: 'throws' } } },
          closed: { on: { REOPEN: 'open' } },
        },
      },
      {
        guards: {
          shut: () => false,
          throws: ({ event }) => (event as unknown as { reason: string }).reason.length > 3,
        },
      },
    );
    expect(lifecycle.plan('open', 'closed')).toMatchObject({
      kind: 'blocked',
      blockers: [{ code: 'guard', parameters: { guard: 'shut' } }],
    });
  });

  test('and a guard that decides and throws still breaks it', () => {
    expect(() => desk([]).plan('closed', 'open')).toThrow('The guard "throws" threw');
  });
});

describe('a plan names what it cannot take', () => {
  const codes = (to: unknown, options: object = {}) => {
    const result = ticketLifecycle.plan('open', to as 'open', options);
    return result.kind === 'blocked'
      ? result.blockers.map(({ code, message }) => [code, message.slice(0, 30)])
      : result.kind;
  };

  test('an unknown target of either form, and an unknown state to avoid', () => {
    expect(codes('colsed')).toEqual([['unknown-state', 'There is no state "colsed". Th']]);
    expect(codes({ status: 'colsed' })).toEqual([
      ['unknown-state', 'There is no status "colsed". T'],
    ]);
    expect(codes({})).toEqual([['unknown-state', 'There is no status "undefined"']]);
    expect(codes('closed', { avoid: ['opne'] })).toEqual([
      ['unknown-state', 'There is no state "opne". The '],
    ]);
  });

  test('an unknown option', () => {
    expect(() => codes('closed', { prefre: [] })).toThrow(
      new TypeError(
        'plan: there is no option "prefre". Expected one of context, prefer, avoid, weights, payloads. Did you mean prefer?',
      ),
    );
  });
});

test('a plan goes round the states that it has to avoid', () => {
  const lifecycle = defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { A: 'in-progress', B: 'resolved' } },
      'in-progress': { on: { CLOSE: 'closed' } },
      resolved: { on: { CLOSE: 'closed' } },
      closed: { type: 'final' },
    },
  });
  const stepsAround = (...avoid: ('in-progress' | 'resolved' | 'closed')[]) => {
    const plan = lifecycle.plan('open', 'closed', { avoid });
    return plan.kind === 'plan' ? plan.steps.map(({ to }) => to) : plan.kind;
  };
  expect(stepsAround()).toBe('ambiguous');
  expect(stepsAround('in-progress')).toEqual(['resolved', 'closed']);
  expect(stepsAround('resolved', 'closed')).toEqual(['in-progress', 'closed']);
  expect(stepsAround('in-progress', 'resolved')).toBe('unreachable');
});

test('a blocked plan says that it ran no actions, where they change the context', () => {
  const desk = (actions: unknown) =>
    defineLifecycle(
      machineOf(
        {
          context: { isReady: false },
          initial: 'open',
          states: {
            open: { on: { START: { target: 'in-progress', actions } } },
            'in-progress': { on: { CLOSE: { target: 'closed', guard: 'isReady' } } },
            closed: { type: 'final' },
          },
        },
        { isReady: ({ context }: { context: { isReady: boolean } }) => context.isReady },
      ),
    ).plan('open', 'closed');
  expect(desk(assign({ isReady: true }))).toMatchObject({ kind: 'blocked', ignoresActions: true });
  expect(desk(() => {})).not.toHaveProperty('ignoresActions');
});

test('a plan says so too, where a guard is asked after a step that changes the context', () => {
  const planWith = (first: object, second: object) =>
    defineLifecycle(
      machineOf(
        {
          context: { isReady: true },
          initial: 'open',
          states: {
            open: { on: { START: { target: 'in-progress', ...first } } },
            'in-progress': { on: { CLOSE: { target: 'closed', ...second } } },
            closed: { type: 'final' },
          },
        },
        { isReady: ({ context }: { context: { isReady: boolean } }) => context.isReady },
      ),
    ).plan('open', 'closed');
  const [changing, guarded] = [{ actions: assign({ isReady: false }) }, { guard: 'isReady' }];
  expect(planWith(changing, guarded)).toMatchObject({ kind: 'plan', ignoresActions: true });
  expect(planWith(changing, {})).not.toHaveProperty('ignoresActions');
  expect(planWith(guarded, changing)).not.toHaveProperty('ignoresActions');
  expect(planWith({ ...changing, ...guarded }, {})).not.toHaveProperty('ignoresActions');
});

test('only a step that is taken changes the context, by the way in or the way out as well', () => {
  const change = assign({ isReady: false });
  const says = (start: unknown, close: unknown, open: object = {}, working: object = {}) => {
    const plan = defineLifecycle(
      machineOf(
        {
          context: { isReady: true },
          initial: 'open',
          states: {
            open: { on: { START: start, NOTE: { target: 'open', actions: change } }, ...open },
            'in-progress': { on: { CLOSE: close, STOP: 'open' }, ...working },
            resolved: { on: { REOPEN: 'open' } },
            closed: { on: { REOPEN: 'open', SOLVE: 'resolved' } },
          },
        },
        {
          isReady: ({ context }: { context: { isReady: boolean } }) => context.isReady,
          never: () => false,
        },
      ),
    ).plan('open', 'closed');
    expect(plan).toMatchObject({ kind: 'plan', steps: [{ event: 'START' }, { event: 'CLOSE' }] });
    return (plan as { ignoresActions?: true }).ignoresActions === true;
  };
  const guarded = { target: 'closed', guard: 'isReady' };
  const toWork = { target: 'in-progress' };
  expect(says(toWork, guarded)).toBe(false);
  expect(says(toWork, guarded, { exit: change })).toBe(true);
  expect(says(toWork, guarded, { entry: change })).toBe(false);
  expect(says(toWork, guarded, {}, { entry: change })).toBe(true);
  expect(says(toWork, guarded, {}, { exit: change })).toBe(false);
  const other = { target: 'resolved', guard: 'never', actions: change };
  expect(says([other, toWork], guarded)).toBe(false);
  const changing = { ...toWork, guard: 'isReady', actions: change };
  expect(says([changing, 'resolved'], guarded)).toBe(true);
  expect(says({ ...toWork, actions: change }, [guarded, 'open'])).toBe(true);
});

test('a status that the API does not have is named, with those that it has', () => {
  for (const status of ['colsed', undefined, 5]) {
    const plan = ticketLifecycle.plan('open', { status } as never);
    expect(plan).toMatchObject({ kind: 'blocked' });
    const states = ['open', 'in-progress', 'resolved', 'closed'];
    expect((plan as unknown as { blockers: object[] }).blockers[0]).toMatchObject({
      code: 'unknown-state',
      message: expect.stringContaining(
        `There is no status "${status}". The statuses are ${states.join(', ')}.`,
      ),
      parameters: { state: status, states },
    });
  }
});

test('a transition without a target enters nothing, where other states change the context', () => {
  const change = assign({ isReady: false });
  const lifecycle = defineLifecycle(
    machineOf({
      context: { isReady: true },
      initial: 'open',
      states: {
        open: { on: { NOTE: { actions: () => {} }, START: 'in-progress' } },
        'in-progress': { entry: change, on: { STOP: 'open' } },
      },
    }),
  );
  const targets = lifecycle.edges.map(({ event, to }) => `${event} ${to}`);
  expect(targets).toEqual(['NOTE open', 'START in-progress', 'STOP open']);
});

test('a transition that leads nowhere passes no entry, and is an edge to its own state', () => {
  const desk = defineLifecycle(
    machineOf({
      context: { notes: 0 },
      initial: 'open',
      states: {
        open: { on: { NOTE: { actions: () => {} }, CLOSE: 'closed' } },
        closed: { entry: assign({ notes: 1 }), on: { REOPEN: 'open' } },
      },
    }),
  );
  expect(desk.edges.map(({ event, from, to }) => [event, from, to])).toEqual([
    ['NOTE', 'open', 'open'],
    ['CLOSE', 'open', 'closed'],
    ['REOPEN', 'closed', 'open'],
  ]);
});
