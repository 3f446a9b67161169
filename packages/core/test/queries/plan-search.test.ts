import { assign } from 'xstate';
import { describe, expect, test } from 'vitest';
import { defineLifecycle, type PlanOptions, type PlanResult } from '../../src/index.ts';
import { machineOf } from '../support/machine-of.ts';

// How a plan searches: which guards it asks, what it goes round, and where it stops.

const eventsOf = (steps: readonly { readonly event: string }[]) =>
  steps.map(({ event }) => event).join(' ');
const pathOf = (result: PlanResult) =>
  result.kind === 'plan' ? eventsOf(result.steps) : result.kind;

type On = Readonly<Record<string, unknown>>;

/** A desk of these ways. Every state but the last is in progress, and every guard is listed. */
function deskOf(ways: Readonly<Record<string, On>>, answers: Readonly<Record<string, boolean>>) {
  const asked: string[] = [];
  const guards = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      () => {
        asked.push(name);
        return answer;
      },
    ]),
  );
  const states = Object.fromEntries(
    Object.entries(ways).map(([state, on]) => [state, { meta: { status: 'in-progress' }, on }]),
  );
  const [initial] = Object.keys(ways);
  const lifecycle = defineLifecycle(
    machineOf({ initial, states: { ...states, closed: { type: 'final' } } }, guards),
  );
  const plan = (options?: PlanOptions) => {
    asked.length = 0;
    return lifecycle.plan(lifecycle.initial, 'closed', options);
  };
  return { asked, plan };
}

describe('a guard is asked only where its answer can matter', () => {
  test('not on a way that is too long by then', () => {
    const { asked, plan } = deskOf(
      {
        a: { GO: 'b' },
        b: { GO: 'c' },
        c: { CLOSE: 'closed', DETOUR: { target: 'd', guard: 'detour' } },
        d: { CLOSE: 'closed' },
      },
      { detour: true },
    );
    expect(pathOf(plan())).toBe('GO GO CLOSE');
    expect(asked).toEqual([]);
  });

  test('once, however long the ways become that are tried', () => {
    const { asked, plan } = deskOf(
      {
        a: { CLOSE: { target: 'closed', guard: 'shut' }, GO: { target: 'b', guard: 'open' } },
        b: { CLOSE: { target: 'closed', guard: 'shut2' }, GO: 'c' },
        c: { GO: 'd' },
        d: { CLOSE: 'closed' },
      },
      { shut: false, shut2: false, open: true },
    );
    expect(pathOf(plan())).toBe('GO GO GO CLOSE');
    expect(asked).toEqual(['shut', 'open', 'shut2']);
  });

  test.each([{}, { LOSE: 0.1 }])(
    'not where no way leads on to the goal, even if all others are blocked (weights: %o)',
    (weights) => {
      const { asked, plan } = deskOf(
        {
          a: {
            LOSE: { target: 'lost', guard: 'lose' },
            CLOSE: { target: 'closed', guard: 'shut' },
            GO: 'b',
          },
          b: { CLOSE: { target: 'closed', guard: 'shut2' } },
          lost: { TURN: 'round' },
          round: { TURN: 'lost' },
        },
        { lose: true, shut: false, shut2: false },
      );
      expect(plan({ weights }).kind).toBe('blocked');
      // Then the blocked events are explained, with all that is open beside them.
      expect(asked.slice(0, 3)).toEqual(['shut', 'shut2', 'shut']);
    },
  );
});

describe('a state to avoid is avoided', () => {
  test.each([undefined, {}])(
    'also where an event that can lead to the goal leads there now (weights: %o)',
    (weights) => {
      const { plan } = deskOf(
        {
          a: { GO: [{ target: 'b', guard: 'first' }, { target: 'closed' }] },
          b: { CLOSE: 'closed' },
        },
        { first: true },
      );
      expect(pathOf(plan({ weights }))).toBe('GO CLOSE');
      expect(plan({ weights, avoid: ['b'] })).toMatchObject({
        kind: 'blocked',
        blockers: [{ code: 'no-such-transition', parameters: { now: 'b', to: 'closed' } }],
      });
    },
  );
});

test('a way back to where the ticket is leads no further, however cheap it is', () => {
  const { plan } = deskOf({ a: { GO: 'b', FAR: 'closed' }, b: { BACK: 'a', FAR: 'closed' } }, {});
  expect(pathOf(plan({ weights: { FAR: 10, GO: 0.1, BACK: 0.1 } }))).toBe('FAR');
  const shut = { target: 'closed', guard: 'shut' };
  const forced = deskOf(
    { a: { GO: 'b' }, b: { BACK: 'a', CLOSE: shut, FAR: 'closed' } },
    { shut: false },
  );
  expect(pathOf(forced.plan({ weights: { FAR: 10 } }))).toBe('GO FAR');
});

test('a dear way to a state is none of the cheapest, where what follows is dearer than it could be', () => {
  const { plan } = deskOf(
    {
      a: { CHEAP: 'b', DEAR: 'b' },
      b: { SHORT: { target: 'closed', guard: 'shut' }, LONG: 'closed' },
    },
    { shut: false },
  );
  expect(pathOf(plan({ weights: { DEAR: 2, LONG: 5 } }))).toBe('CHEAP LONG');
});

test('a guard of another event does not make a plan doubtful', () => {
  const planWith = (other: object) =>
    defineLifecycle(
      machineOf(
        {
          context: { isReady: true },
          initial: 'open',
          states: {
            open: { on: { START: { target: 'in-progress', actions: assign({ isReady: false }) } } },
            'in-progress': { on: { CLOSE: 'closed', ...other } },
            closed: { type: 'final' },
          },
        },
        { isReady: () => true },
      ),
    ).plan('open', 'closed');
  expect(planWith({})).not.toHaveProperty('ignoresActions');
  expect(planWith({ NOTE: { target: 'in-progress', guard: 'isReady' } })).not.toHaveProperty(
    'ignoresActions',
  );
});

describe('a preference or a weight', () => {
  const { plan } = deskOf({ a: { CLOSE: 'closed', GO: 'b' }, b: { CLOSE: 'closed' } }, {});

  test('that is undefined is none', () => {
    expect(pathOf(plan({ weights: { CLOSE: undefined }, prefer: undefined }))).toBe('CLOSE');
  });

  test('for an event that does not exist is refused with those that do', () => {
    expect(() => plan({ weights: { CLSOE: 1 } })).toThrow(
      'plan: weights.CLSOE: There is no event "CLSOE". Expected one of CLOSE, GO.',
    );
  });
});

describe('a plan stays quick', () => {
  test('where millions of paths cost the same: twenty are named', () => {
    const states = Array.from({ length: 60 }, (_, index) => `s${index}`);
    const ways = Object.fromEntries(
      states.map((state, index) => [
        state,
        { LEFT: states[index + 1] ?? 'closed', RIGHT: states[index + 1] ?? 'closed' },
      ]),
    );
    const result = deskOf(ways, {}).plan({ weights: { LEFT: 2, RIGHT: 2 } });
    if (result.kind !== 'ambiguous') throw new Error(result.kind);
    expect(new Set(result.candidates.map(eventsOf)).size).toBe(20);
    expect(result.candidates).toHaveLength(20);
  });

  test('where short and long paths cost the same: twenty are named in all', () => {
    const doors = Array.from({ length: 15 }, (_, index) => index);
    const result = deskOf(
      {
        a: {
          ...Object.fromEntries(doors.map((door) => [`JUMP_${door}`, 'closed'])),
          GO: 'b',
        },
        b: Object.fromEntries(doors.map((door) => [`STEP_${door}`, 'closed'])),
      },
      {},
    ).plan({ weights: Object.fromEntries(doors.map((door) => [`JUMP_${door}`, 2])) });
    if (result.kind !== 'ambiguous') throw new Error(result.kind);
    expect(result.candidates.map(({ length }) => length).filter((one) => one === 1)).toHaveLength(
      15,
    );
    expect(result.candidates).toHaveLength(20);
  });

  test('where it is blocked, and very many ways lead only back to where they came from', () => {
    const crowd = Array.from({ length: 12 }, (_, index) => `c${index}`);
    const { plan } = deskOf(
      {
        a: {
          ...Object.fromEntries(crowd.map((state) => [`TO_${state}`, state])),
          CLOSE: { target: 'closed', guard: 'shut' },
        },
        ...Object.fromEntries(
          crowd.map((state) => [
            state,
            {
              ...Object.fromEntries(
                crowd.filter((other) => other !== state).map((other) => [`TO_${other}`, other]),
              ),
              BACK: 'a',
            },
          ]),
        ),
      },
      { shut: false },
    );
    expect(plan()).toEqual({
      kind: 'blocked',
      from: 'a',
      to: 'closed',
      blockers: [expect.objectContaining({ code: 'guard' })],
    });
  });
});

describe('the other paths of a blocked plan', () => {
  test('are at most four, and go round in no circle', () => {
    const shut = { target: 'closed', guard: 'shut' };
    const { plan } = deskOf(
      {
        a: { GO: 'b', OVER: 'c' },
        b: { BACK: 'a', OVER: 'c', CLOSE: shut },
        c: { BACK: 'b', CLOSE: shut },
      },
      { shut: false },
    );
    const alternativesOf = (result: PlanResult) =>
      result.kind === 'blocked' ? result.alternatives?.map(({ steps }) => eventsOf(steps)) : [];
    const [next, ...longer] = alternativesOf(plan()) ?? [];
    expect(next).toBe('OVER CLOSE');
    expect(longer.toSorted()).toEqual(['GO OVER CLOSE', 'OVER BACK CLOSE']);

    const doors = Array.from({ length: 9 }, (_, index) => [`CLOSE_${index}`, shut]);
    const many = deskOf({ a: Object.fromEntries(doors) as On }, { shut: false }).plan();
    expect(alternativesOf(many)).toEqual(['CLOSE_1', 'CLOSE_2', 'CLOSE_3', 'CLOSE_4']);
  });

  test('are named without those whose guard throws', () => {
    const lifecycle = defineLifecycle(
      machineOf(
        {
          initial: 'open',
          states: {
            open: {
              on: {
                CLOSE: { target: 'closed', guard: 'shut' },
                START: { target: 'in-progress', guard: 'shut' },
                SOLVE: { target: 'resolved', guard: 'shut' },
              },
            },
            'in-progress': { on: { CLOSE: { target: 'closed', guard: 'throws' } } },
            resolved: { on: { CLOSE: { target: 'closed', guard: 'shut' } } },
            closed: { type: 'final' },
          },
        },
        {
          shut: () => false,
          throws: () => {
            throw new Error('no answer');
          },
        },
      ),
    );
    expect(lifecycle.plan('open', 'closed')).toMatchObject({
      kind: 'blocked',
      alternatives: [{ steps: [{ event: 'SOLVE' }, { event: 'CLOSE' }] }],
    });
  });
});
