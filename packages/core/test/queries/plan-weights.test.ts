import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defineLifecycle, type Lifecycle, type PlanResult } from '../../src/index.ts';
import { eventNames, made } from '../support/random-machine.ts';

const eventsOf = (result: PlanResult) =>
  result.kind === 'plan' ? result.steps.map(({ event }) => event).join(' ') : result.kind;

/** From open to closed in one step, in two or in three. */
const desk = (guard?: string) =>
  defineLifecycle(
    {
      initial: 'open',
      states: {
        open: { on: { START: 'in-progress', REJECT: 'resolved', CLOSE: 'closed' } },
        'in-progress': {
          on: { RESOLVE: guard === undefined ? 'resolved' : { target: 'resolved', guard } },
        },
        resolved: { on: { CONFIRM: { target: 'closed', guard: 'never' }, FILE: 'closed' } },
        closed: { type: 'final' },
      },
    },
    {
      guards: {
        never: () => false,
        ...(guard !== undefined && { [guard]: () => false }),
      },
    },
  );

describe('a plan takes the cheapest path', () => {
  test.each<[weights: Record<string, number>, events: string]>([
    [{}, 'CLOSE'],
    [{ CLOSE: 5 }, 'REJECT FILE'],
    [{ CLOSE: 5, REJECT: 5 }, 'START RESOLVE FILE'],
    [{ CLOSE: 2 }, 'ambiguous'],
    [{ CLOSE: 0.3, REJECT: 0.1, FILE: 0.2 }, 'ambiguous'],
    [{ CLOSE: 30000000.3, REJECT: 10000000.1, FILE: 20000000.2, START: 5e7 }, 'ambiguous'],
    [{ CLOSE: 9e-10, REJECT: 1e-10, FILE: 1e-10 }, 'REJECT FILE'],
    [{ CLOSE: 9, REJECT: 9, RESOLVE: 9 }, 'CLOSE'],
  ])('%o: %s', (weights, events) => {
    expect(eventsOf(desk().plan('open', 'closed', { weights }))).toBe(events);
  });

  test('of those that cost the same the one that is preferred', () => {
    const plan = (prefer: ('CLOSE' | 'REJECT')[]) =>
      eventsOf(desk().plan('open', 'closed', { weights: { CLOSE: 2 }, prefer }));
    expect(plan(['CLOSE'])).toBe('CLOSE');
    expect(plan(['REJECT'])).toBe('REJECT FILE');
  });

  test.each([
    [{ START: 1e-12, BACK: 1e-12 }, 'START RESOLVE'],
    [{ START: 1e-12, RESOLVE: 2e-12, SKIP: 4e-12 }, 'START RESOLVE'],
    [{ START: 1e-12, RESOLVE: 3e-12, SKIP: 4e-12 }, 'ambiguous'],
  ])('however little an event costs: %o', (weights, events) => {
    const lifecycle = defineLifecycle({
      initial: 'open',
      states: {
        open: { on: { START: 'in-progress', SKIP: 'resolved' } },
        'in-progress': { on: { BACK: 'open', RESOLVE: 'resolved' } },
        resolved: { type: 'final' },
      },
    });
    const costs = { SKIP: 9, ...weights };
    expect(eventsOf(lifecycle.plan('open', 'resolved', { weights: costs }))).toBe(events);
  });

  test('that avoids what it has to avoid', () => {
    const weights = { CLOSE: 9 };
    const avoiding = (avoid: ('in-progress' | 'resolved')[]) =>
      eventsOf(desk().plan('open', 'closed', { weights, avoid }));
    expect(avoiding(['in-progress'])).toBe('REJECT FILE');
    expect(avoiding(['resolved'])).toBe('CLOSE');
  });

  test('that is open, and is blocked where none is', () => {
    const plan = desk('ready').plan('in-progress', 'closed', { weights: { FILE: 3 } });
    expect(plan).toMatchObject({
      kind: 'blocked',
      blockers: [{ parameters: { guard: 'ready' } }, { parameters: { guard: 'never' } }],
      alternatives: [{ blockers: [{ parameters: { guard: 'ready' } }] }],
    });
  });

  test('and asks no guard of a path that costs more', () => {
    const asked: string[] = [];
    const guard = (name: string) => () => {
      asked.push(name);
      return true;
    };
    const lifecycle = defineLifecycle(
      {
        initial: 'open',
        states: {
          open: {
            on: {
              START: { target: 'in-progress', guard: 'start' },
              CLOSE: { target: 'closed', guard: 'close' },
            },
          },
          'in-progress': { on: { FINISH: { target: 'closed', guard: 'finish' } } },
          closed: { type: 'final' },
        },
      },
      { guards: { start: guard('start'), close: guard('close'), finish: guard('finish') } },
    );
    lifecycle.plan('open', 'closed', { weights: { CLOSE: 1.5 } });
    expect(asked).toEqual(['close']);
    asked.length = 0;
    lifecycle.plan('open', 'closed', { weights: { CLOSE: 3 } });
    expect(asked).toEqual(['start', 'finish']);
  });
});

test.each<[title: string, weights: unknown, message: string]>([
  ['0', { CLOSE: 0 }, 'plan: weights.CLOSE: Expected a number above 0'],
  ['less', { CLOSE: -1 }, 'plan: weights.CLOSE: Expected a number above 0'],
  ['no number', { CLOSE: Number.NaN }, 'plan: weights.CLOSE: Expected a number above 0'],
  ['no end', { CLOSE: Infinity }, 'plan: weights.CLOSE: Expected a number above 0'],
  ['too much to add up', { CLOSE: 1e308 }, 'plan: weights.CLOSE: Expected a number above 0 that'],
  ['a text', { CLOSE: '5' }, 'plan: weights.CLOSE: Expected a number above 0'],
  ['a misspelt event', { CLSOE: 5 }, 'plan: weights.CLSOE: There is no event "CLSOE".'],
  ['a name of every object', { toString: 5 }, 'plan: weights.toString: There is no event'],
])('a weight is refused that is %s', (_, weights, message) => {
  const plan = () => desk().plan('open', 'closed', { weights: weights as never });
  expect(plan).toThrow(RangeError);
  expect(plan).toThrow(message);
});

test.each<[title: string, options: object, message: string]>([
  [
    'an event to prefer',
    { prefer: ['CLOSE', 'CLSOE'] },
    'plan: prefer[1]: There is no event "CLSOE".',
  ],
  ['what is no name', { prefer: [undefined] }, 'plan: prefer[0]: There is no event "undefined".'],
  [
    'the event of a payload',
    { payloads: { CLSOE: {} } },
    'plan: payloads.CLSOE: There is no event',
  ],
])('a misspelt event is refused: %s', (_, options, message) => {
  const plan = () => desk().plan('open', 'closed', options);
  expect(plan).toThrow(RangeError);
  expect(plan).toThrow(message);
});

/** What the cheapest open path costs, by trying all that pass no state twice. */
function cheapest(
  lifecycle: Lifecycle,
  to: string,
  context: unknown,
  costOf: (event: string) => number,
): { cost: number; ways: number } {
  let best = { cost: Infinity, ways: 0 };
  goOn(lifecycle.initial, new Set([lifecycle.initial]), 0);
  return best;

  function goOn(state: string, passed: ReadonlySet<string>, cost: number): void {
    if (state === to) {
      if (Math.abs(cost - best.cost) < 1e-9) best.ways += 1;
      else if (cost < best.cost) best = { cost, ways: 1 };
      return;
    }
    for (const step of lifecycle.enabled(state, context)) {
      if (passed.has(step.to)) continue;
      goOn(step.to, new Set([...passed, step.to]), cost + costOf(step.event));
    }
  }
}

test('no open path costs less than a plan, and equal ones are all named', () => {
  const seen = { plan: 0, ambiguous: 0 };
  const weight = fc.constantFrom(0.1, 0.2, 1, 2, 3, 10);
  fc.assert(
    fc.property(
      made,
      // Without weights each event costs 1.
      fc.option(fc.tuple(weight, weight, weight, weight), { nil: undefined }),
      ({ lifecycle, flags, states }, drawn) => {
        const weights: Record<string, number> | undefined =
          drawn &&
          Object.fromEntries(
            eventNames.flatMap((event, index) =>
              lifecycle.events.includes(event) ? [[event, drawn[index] ?? 1]] : [],
            ),
          );
        const costOf = (event: string) => weights?.[event] ?? 1;
        for (const to of states) {
          if (to === lifecycle.initial) continue;
          const result = lifecycle.plan(lifecycle.initial, to, { context: flags, weights });
          const { cost, ways } = cheapest(lifecycle, to, flags, costOf);
          const paths =
            result.kind === 'plan'
              ? [result.steps]
              : result.kind === 'ambiguous'
                ? result.candidates
                : [];
          expect(paths.length).toBe(Math.min(ways, 20));
          for (const path of paths) {
            const sum = path.reduce((total, { event }) => total + costOf(event), 0);
            expect(sum).toBeCloseTo(cost, 9);
          }
          if (result.kind === 'plan' || result.kind === 'ambiguous') seen[result.kind] += 1;
        }
      },
    ),
    { numRuns: 500 },
  );
  expect(Math.min(seen.plan, seen.ambiguous)).toBeGreaterThan(20);
});

test('a blocked plan names other paths, at most 4, the shortest first', () => {
  const states = ['a', 'b', 'c', 'd', 'e', 'f'];
  const lifecycle = defineLifecycle(
    {
      initial: 'open',
      states: {
        open: { on: Object.fromEntries(states.map((state) => [`TO_${state}`, state])) },
        ...Object.fromEntries(
          states.map((state, index) => [
            state,
            {
              meta: { status: 'in-progress' },
              on: {
                ...(index > 0 && { BACK: 'open' }),
                CLOSE: { target: 'closed', guard: `may_${state}` },
              },
            },
          ]),
        ),
        closed: { type: 'final' },
      },
    },
    {
      guards: Object.fromEntries(
        states.map((state) => [
          `may_${state}`,
          () => {
            if (state === 'c') throw new Error('no context');
            return false;
          },
        ]),
      ),
    },
  );
  // One that throws is left out, and breaks nothing.
  const avoid = ['c'] as never[];
  const result = lifecycle.plan('open', 'closed', { avoid });
  if (result.kind !== 'blocked') throw new Error(result.kind);
  expect(result.blockers).toMatchObject([{ parameters: { guard: 'may_a' } }]);
  expect(
    result.alternatives?.map(({ steps }) => steps.map(({ event }) => event).join(' ')),
  ).toEqual(['TO_b CLOSE', 'TO_d CLOSE', 'TO_e CLOSE', 'TO_f CLOSE']);
  expect(result.alternatives?.map(({ blockers }) => blockers.length)).toEqual([1, 1, 1, 1]);
});

test('a state to avoid is on no alternative, and where it is on all, the goal is unreachable', () => {
  const lifecycle = desk('ready');
  expect(lifecycle.plan('in-progress', 'closed', { avoid: ['resolved'] }).kind).toBe('unreachable');
});
