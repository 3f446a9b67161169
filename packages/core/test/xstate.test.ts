import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ticketStatuses } from '../src/index.ts';
import { actorAt, eventNames, made, type Made } from './random-machine.ts';

// Random flat machines, each asked the same questions as a live XState actor of it.

describe('a lifecycle and a live XState actor of the same machine agree', () => {
  test('on every event in every state, however one asks', () => {
    fc.assert(
      fc.property(made, (its) => {
        const { lifecycle, flags } = its;
        for (const state of its.states) {
          const enabled = new Map(lifecycle.enabled(state, flags).map((one) => [one.event, one]));
          const asked = lifecycle.enabled(state, flags, { includeBlocked: true });
          expect(asked.map(({ event }) => event)).toEqual(lifecycle.events);
          for (const verdict of asked) {
            const { event } = verdict;
            const actor = actorAt(its, state);
            const can = actor.getSnapshot().can({ type: event });
            actor.send({ type: event });
            expect(lifecycle.can(state, event, flags)).toBe(can);
            expect(verdict).toEqual(lifecycle.explain(state, event, flags));
            expect(verdict.allowed).toBe(can);
            expect(enabled.get(event)).toEqual(can ? verdict : undefined);
            if (verdict.allowed) {
              expect(actor.getSnapshot().value).toBe(verdict.to);
              expect(lifecycle.next(state, event, flags)).toBe(verdict.to);
            } else {
              expect(actor.getSnapshot().value).toBe(state);
              expect(verdict.blockers.length).toBeGreaterThan(0);
              expect(() => lifecycle.next(state, event, flags)).toThrow();
              expect(verdict.enabled).toEqual([...enabled.values()]);
            }
          }
        }
      }),
    );
  });

  test('after any walk', () => {
    const walks = fc.array(fc.constantFrom(...eventNames), { maxLength: 20 });
    fc.assert(
      fc.property(made, walks, (its, walk) => {
        const { lifecycle, flags } = its;
        const actor = actorAt(its, lifecycle.initial);
        let state = lifecycle.initial;
        for (const event of walk) {
          actor.send({ type: event });
          const verdict = lifecycle.explain(state, event, flags);
          if (verdict.allowed) state = verdict.to;
          expect(actor.getSnapshot().value).toBe(state);
        }
      }),
    );
  });

  test('without a context on what the machine starts with', () => {
    fc.assert(
      fc.property(made, ({ lifecycle, states, flags }) => {
        for (const state of states) {
          expect(lifecycle.enabled(state)).toEqual(lifecycle.enabled(state, flags));
        }
      }),
    );
  });
});

describe('a plan', () => {
  test('is as short as a search through live snapshots finds', () => {
    fc.assert(
      fc.property(made, (its) => {
        const { lifecycle, flags, states } = its;
        for (const from of states) {
          const live = stepsFrom(from, (state) => successorsOf(its, state));
          const defined = stepsFrom(from, (state) =>
            its.drawn.filter((edge) => edge.from === state).map(({ to }) => to),
          );
          for (const to of states) {
            const result = lifecycle.plan(from, to, { context: flags });
            if (result.kind === 'already-there') expect(from).toBe(to);
            else if (result.kind === 'plan') expect(result.steps).toHaveLength(live.get(to) ?? -1);
            else if (result.kind === 'ambiguous') {
              expect(result.candidates.length).toBeGreaterThan(1);
              for (const way of result.candidates) expect(way).toHaveLength(live.get(to) ?? -1);
            } else {
              expect(live.has(to)).toBe(false);
              expect(result.kind).toBe(defined.has(to) ? 'blocked' : 'unreachable');
              if (result.kind === 'blocked') expect(result.blockers).not.toEqual([]);
            }
          }
        }
      }),
    );
  });

  test('leads a live actor to its target, step by step', () => {
    fc.assert(
      fc.property(made, fc.constantFrom(...ticketStatuses), (its, status) => {
        const { lifecycle, flags } = its;
        const result = lifecycle.plan(lifecycle.initial, { status }, { context: flags });
        const ways =
          result.kind === 'plan'
            ? [result.steps]
            : result.kind === 'ambiguous'
              ? result.candidates
              : [];
        for (const way of ways) {
          const actor = actorAt(its, lifecycle.initial);
          for (const { event } of way) actor.send({ type: event });
          expect(lifecycle.statusOf(String(actor.getSnapshot().value))).toBe(status);
        }
      }),
    );
  });

  test('is decided by naming a preference among all events', () => {
    fc.assert(
      fc.property(made, fc.shuffledSubarray(eventNames, { minLength: 4 }), (its, prefer) => {
        const { lifecycle, flags, states } = its;
        for (const to of states) {
          const result = lifecycle.plan(lifecycle.initial, to, { context: flags, prefer });
          // One event of one state leads to one place, so an order of all events leaves no tie
          // but between ways that fork into states where the same event leads on.
          if (result.kind === 'ambiguous') {
            const [first = []] = result.candidates;
            for (const way of result.candidates) {
              expect(way.map(({ event }) => event)).toEqual(first.map(({ event }) => event));
            }
          }
        }
      }),
    );
  });
});

describe('a history', () => {
  const walkOf = ({ drawn, lifecycle }: Made, choices: readonly number[]) => {
    let state = lifecycle.initial;
    const statuses = [String(lifecycle.statusOf(state))];
    for (const choice of choices) {
      const edges = drawn.filter((edge) => edge.from === state);
      state = edges[choice % edges.length]?.to ?? state;
      statuses.push(String(lifecycle.statusOf(state)));
    }
    return statuses;
  };
  const choices = fc.array(fc.nat(), { maxLength: 20 });

  test('that the lifecycle wrote holds no jump and skips nothing', () => {
    fc.assert(
      fc.property(made, choices, (its, walk) => {
        const history = walkOf(its, walk);
        const { steps, counts } = its.lifecycle.replay(history, { complete: true });
        expect(counts).toMatchObject({ jump: 0, 'unknown-status': 0, skipped: 0, path: 0 });
        expect(steps).toHaveLength(history.length - 1);
      }),
    );
  });

  test('of which some entries were missed holds no jump either', () => {
    fc.assert(
      fc.property(made, choices, fc.infiniteStream(fc.boolean()), (its, walk, seen) => {
        const polled = walkOf(its, walk).filter(() => seen.next().value);
        const { counts, steps } = its.lifecycle.replay(polled);
        expect(counts).toMatchObject({ jump: 0, 'unknown-status': 0 });
        expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(steps.length);
      }),
    );
  });
});

/** Where the events lead from a state, as live snapshots say. */
function successorsOf(its: Made, state: string): string[] {
  return eventNames.flatMap((event) => {
    const actor = actorAt(its, state);
    if (!actor.getSnapshot().can({ type: event })) return [];
    actor.send({ type: event });
    return String(actor.getSnapshot().value);
  });
}

/** The least number of steps to each state, by breadth-first search. */
function stepsFrom(
  start: string,
  successors: (state: string) => readonly string[],
): ReadonlyMap<string, number> {
  const steps = new Map([[start, 0]]);
  for (const [state, count] of steps) {
    for (const next of successors(state)) if (!steps.has(next)) steps.set(next, count + 1);
  }
  return steps;
}
