import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ticketStatuses } from '../../src/index.ts';
import {
  conditionsOf,
  guardNames,
  holds,
  type Flags,
  type Guard,
} from '../support/random-guard.ts';
import { build, recipe, type Made, type Recipe, type Way } from '../support/random-machine.ts';

// Whether two lifecycles behave alike is found out by trying all that their guards can answer.

const everyAnswer: Flags[] = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => ({
  g0: (bits & 1) !== 0,
  g1: (bits & 2) !== 0,
  g2: (bits & 4) !== 0,
}));

/** What a lifecycle does: statuses, edges, and where each event leads for every answer. */
function behaviourOf({ states, statuses, drawn }: Made): unknown {
  const pairs = new Set(drawn.map(({ from, event }) => `${from} ${event}`));
  const cells = [...pairs].sort().map((pair) => {
    const ways = drawn.filter(({ from, event }) => `${from} ${event}` === pair);
    const outcomes = everyAnswer.map(
      (flags) =>
        ways.find(({ guard }) => conditionsOf(guard).every((part) => holds(part, flags)))?.to,
    );
    return [pair, [...new Set(ways.map(({ to }) => to))].sort(), outcomes];
  });
  return [states, statuses, cells];
}

/** Changes one event's ways in one state. */
const changeWays =
  (state: number, change: (ways: readonly Way[], size: number) => readonly Way[]) =>
  (its: Recipe): Recipe => {
    const size = its.statuses.length;
    const row = state % size;
    const table = its.table.map(([a, b, c], index) =>
      index === row ? ([change(a, size), b, c] as const) : ([a, b, c] as const),
    );
    return { ...its, table };
  };

const changeGuards = (state: number, change: (guard: Guard) => Guard) =>
  changeWays(state, (ways) =>
    ways.map((way) => (way.guard === undefined ? way : { ...way, guard: change(way.guard) })),
  );

const reversed = (guard: Guard): Guard =>
  'parts' in guard ? { ...guard, parts: guard.parts.toReversed().map(reversed) } : guard;
const twiceDenied = (part: Guard): Guard => ({ kind: 'not', part: { kind: 'not', part } });
const denied = (part: Guard): Guard => ({ kind: 'not', part });
const renamed = (guard: Guard): Guard =>
  guard.kind === 'name'
    ? { kind: 'name', name: guardNames[(guardNames.indexOf(guard.name) + 1) % 3] ?? 'g0' }
    : guard.kind === 'not'
      ? { kind: 'not', part: renamed(guard.part) }
      : { ...guard, parts: guard.parts.map(renamed) };

// Some of these never change what a lifecycle does, some always do, most only now and then.
type Change = readonly [name: string, change: (its: Recipe) => Recipe];
const changes = fc.nat({ max: 4 }).chain((state) =>
  fc.constantFrom<Change[]>(
    ['nothing', (its) => its],
    ['other flags', (its) => ({ ...its, flags: { g0: true, g1: true, g2: true } })],
    ['parts reversed', changeGuards(state, reversed)],
    ['denied twice', changeGuards(state, twiceDenied)],
    ['denied', changeGuards(state, denied)],
    ['renamed', changeGuards(state, renamed)],
    ['ways reversed', changeWays(state, (ways) => ways.toReversed())],
    ['a way less', changeWays(state, (ways) => ways.slice(1))],
    [
      'other targets',
      changeWays(state, (ways, size) =>
        ways.map((way) => ({ ...way, target: (way.target + 1) % size })),
      ),
    ],
    [
      'another status',
      (its) => ({
        ...its,
        statuses: its.statuses.map((status, index) =>
          index === state ? (ticketStatuses[index % 4] ?? status) : status,
        ),
      }),
    ],
    ['nothing forbidden', (its) => ({ ...its, forbids: its.forbids.map(() => false) })],
  ),
);

test('two lifecycles have one fingerprint exactly when they do the same', () => {
  const seen = { same: 0, other: 0 };
  fc.assert(
    fc.property(recipe, changes, (its, [, change]) => {
      const one = build(its);
      const two = build(change(its));
      const isSame = JSON.stringify(behaviourOf(one)) === JSON.stringify(behaviourOf(two));
      seen[isSame ? 'same' : 'other'] += 1;
      expect(one.lifecycle.fingerprint === two.lifecycle.fingerprint).toBe(isSame);
    }),
    { numRuns: 1000 },
  );
  // Neither answer would mean anything if the other never came up.
  expect(Math.min(seen.same, seen.other)).toBeGreaterThan(100);
});
