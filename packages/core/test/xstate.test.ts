import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyMachineSnapshot } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { ticketStatuses } from '../src/index.ts';
import { conditionsOf, holds, keyOf, nameOf } from './support/random-guard.ts';
import { actorAt, eventNames, made, type Made } from './support/random-machine.ts';
import { parameterOf } from './support/blockers-of.ts';

// Random machines, each asked the same questions as a live XState actor of it, along a
// walk of a hundred events. What differs is gathered: an assertion for each answer would take
// longer than all the answers.
const lifecycles = { numRuns: Number(process.env['LIFECYCLE_FUZZ_RUNS'] ?? 400) };
const walks = fc.array(fc.constantFrom(...eventNames), { minLength: 100, maxLength: 100 });

type Answer = string | number | boolean | undefined;
type Differ = (what: string, ours: Answer, theirs: Answer) => void;

/** Gathers what differs, as text. */
function differences(compare: (differ: Differ) => void): string[] {
  const found: string[] = [];
  compare((what, ours, theirs) => {
    if (ours !== theirs) found.push(`${what}: ours ${ours}, theirs ${theirs}`);
  });
  return found;
}

describe('a lifecycle and a live XState actor of the same machine agree', () => {
  test('along a walk, however one asks, and on every reason why not', () => {
    fc.assert(
      fc.property(made, walks, (its, walk) => {
        const { lifecycle, flags } = its;
        const found = differences((differ) => {
          const actor = actorAt(its, lifecycle.initial);
          const history = [String(lifecycle.statusOf(lifecycle.initial))];
          let state = lifecycle.initial;
          for (const event of walk) {
            const before = actor.getSnapshot();
            const can = before.can({ type: event });
            actor.send({ type: event });
            const at = String(actor.getSnapshot().value);
            const verdict = lifecycle.explain(state, event, flags);
            const asked = `${event} in ${state}`;
            differ(`can ${asked}`, lifecycle.can(state, event, flags), can);
            differ(`allowed ${asked}`, verdict.allowed, can);
            if (verdict.allowed) {
              differ(`to ${asked}`, verdict.to, at);
              differ(`next ${asked}`, lifecycle.next(state, event, flags), at);
            } else {
              differ(`stays ${asked}`, state, at);
              const blockers = verdict.blockers.map((one) => parameterOf(one, 'guard')).join();
              differ(`blockers ${asked}`, blockers, blockersOf(its, state, event).join());
              differ(`else ${asked}`, names(verdict.enabled), open(before));
            }
            differ(`enabled ${asked}`, names(lifecycle.enabled(state, flags)), open(before));
            state = at;
            history.push(String(lifecycle.statusOf(state)));
          }
          const { counts } = lifecycle.replay(history, { complete: true });
          const wrong = counts.jump + counts['unknown-status'] + counts.path + counts.skipped;
          differ('replay', wrong, 0);
          differ('replayed', counts.edge + counts.unchanged, walk.length);
        });
        expect(found).toEqual([]);
      }),
      lifecycles,
    );
  });

  test('in every state, the blocked ones included, and without a context on the machine’s own', () => {
    fc.assert(
      fc.property(made, (its) => {
        const { lifecycle, flags, states } = its;
        for (const state of states) {
          const verdicts = lifecycle.enabled(state, flags, { includeBlocked: true });
          expect(verdicts.map(({ event }) => event)).toEqual(lifecycle.events);
          expect(verdicts).toEqual(
            lifecycle.events.map((event) => lifecycle.explain(state, event, flags)),
          );
          expect(verdicts.filter(({ allowed }) => allowed)).toEqual(
            verdicts.flatMap((one) => (lifecycle.can(state, one.event) ? [one] : [])),
          );
          expect(lifecycle.enabled(state)).toEqual(lifecycle.enabled(state, flags));
        }
      }),
    );
  });

  test('on what can ever become allowed from a state', () => {
    fc.assert(
      fc.property(made, (its) => {
        const { lifecycle, flags, states, drawn } = its;
        for (const state of states) {
          const reached = stepsFrom(state, (at) =>
            drawn.filter(({ from }) => from === at).map(({ to }) => to),
          );
          for (const event of lifecycle.events) {
            const verdict = lifecycle.explain(state, event, flags);
            if (verdict.allowed) continue;
            const sources = drawn.filter((edge) => edge.event === event).map(({ from }) => from);
            const later = sources.some((from) => reached.has(from)) ? 'later' : 'never';
            expect(verdict.ever).toBe(sources.includes(state) ? 'here' : later);
          }
        }
      }),
    );
  });
});

describe('a plan', () => {
  test('is as long as the shortest path of xstate/graph, from every state to every other', () => {
    fc.assert(
      fc.property(made, (its) => {
        const found = differences((differ) => {
          for (const from of its.states) comparePlans(its, from, differ);
        });
        expect(found).toEqual([]);
      }),
      lifecycles,
    );
  });

  test('leads a live actor to its target, step by step, and costs what its steps cost', () => {
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
        if (result.kind === 'plan') {
          const changes = result.steps.filter(
            ({ from, to }) => lifecycle.statusOf(from) !== lifecycle.statusOf(to),
          ).length;
          expect(result).toMatchObject({
            statusChanges: changes,
            requests: changes,
            seconds: changes / 25,
          });
        }
      }),
      lifecycles,
    );
  });

  test('is decided by naming a preference among all events', () => {
    fc.assert(
      fc.property(made, fc.shuffledSubarray(eventNames, { minLength: 4 }), (its, prefer) => {
        const { lifecycle, flags, states } = its;
        // The events of a small machine are few; a name that it has not is refused.
        const known = prefer.filter((event) => lifecycle.events.includes(event));
        for (const to of states) {
          const result = lifecycle.plan(lifecycle.initial, to, { context: flags, prefer: known });
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

test('a history of which some entries were missed holds no jump', () => {
  fc.assert(
    fc.property(made, walks, fc.infiniteStream(fc.boolean()), (its, walk, seen) => {
      const { lifecycle, flags } = its;
      let state = lifecycle.initial;
      const history = walk.map((event) => {
        const verdict = lifecycle.explain(state, event, flags);
        if (verdict.allowed) state = verdict.to;
        return { state, status: String(lifecycle.statusOf(state)) };
      });
      const polled = history.filter(() => seen.next().value);
      const { counts, steps } = lifecycle.replay(polled.map(({ status }) => status));
      expect(counts).toMatchObject({ jump: 0, 'unknown-status': 0 });
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(steps.length);
      // And where the ticket really stands is always among the states that a step names.
      for (const { states, index } of steps) {
        if (states !== undefined) expect(states).toContain(polled[index]?.state);
      }
    }),
  );
});

const names = (open: readonly { readonly event: string }[]) =>
  open
    .map(({ event }) => event)
    .sort()
    .join();

const open = (snapshot: AnyMachineSnapshot) =>
  eventNames
    .filter((type) => snapshot.can({ type }))
    .sort()
    .join();

/** The guards that stand in an event's way, by what was drawn. */
function blockersOf({ drawn, flags }: Made, state: string, event: string): (string | undefined)[] {
  const ways = drawn.filter((way) => way.from === state && way.event === event);
  // An event that has no way there is blocked without a guard.
  if (ways.length === 0) return [undefined];
  // Each reason once, though two ways to one state may ask for the same.
  const reasons = new Map<string, string>();
  for (const { guard, to } of ways) {
    for (const condition of conditionsOf(guard)) {
      const key = `${keyOf(condition)} ${to}`;
      if (!holds(condition, flags) && !reasons.has(key)) reasons.set(key, nameOf(condition));
    }
  }
  return [...reasons.values()];
}

/** Compares the plans from a state to every state with the paths of xstate/graph. */
function comparePlans(
  { lifecycle, flags, states, machine, drawn }: Made,
  from: string,
  differ: Differ,
): void {
  const paths = getShortestPaths(machine, {
    events: lifecycle.events.map((type) => ({ type })),
    fromState: machine.resolveState({ value: from, context: flags }),
  });
  const shortest = new Map(
    paths.map((path) => [String((path.state as AnyMachineSnapshot).value), stepsOf(path)]),
  );
  const defined = stepsFrom(from, (at) =>
    drawn.filter((way) => way.from === at).map(({ to }) => to),
  );
  for (const to of states) {
    const result = lifecycle.plan(from, to, { context: flags });
    const asked = `${from} to ${to}`;
    const theirs = shortest.get(to);
    if (result.kind === 'already-there') differ(`already there, ${asked}`, to, from);
    else if (result.kind === 'plan') differ(asked, result.steps.length, theirs);
    else if (result.kind === 'ambiguous') {
      differ(`ways from ${asked}`, result.candidates.length > 1, true);
      for (const way of result.candidates) differ(`a way from ${asked}`, way.length, theirs);
    } else {
      differ(`no way from ${asked}`, undefined, theirs);
      differ(`why none from ${asked}`, result.kind, defined.has(to) ? 'blocked' : 'unreachable');
      if (result.kind === 'blocked') differ('reasons', result.blockers.length > 0, true);
    }
  }
}

/** The events of a path of xstate/graph, which counts the start as a step. */
const stepsOf = ({ steps }: { readonly steps: readonly { readonly event: { type: string } }[] }) =>
  steps.filter(({ event }) => event.type !== 'xstate.init').length;

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
