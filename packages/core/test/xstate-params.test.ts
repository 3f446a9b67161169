import { expect, test } from 'vitest';
import { and, assign, createActor, not, or, type AnyStateMachine } from 'xstate';
import {
  defineLifecycle,
  LifecycleDefinitionError,
  ticketStatuses,
  type Lifecycle,
} from '../src/index.ts';
import { machineOf } from './support/machine-of.ts';

// Random machines whose guards differ in their params, with odd names, actions that change the
// context, forbidden events and final states, each compared with a live actor of it along a walk.
// LIFECYCLE_FUZZ_RUNS=20000 makes the run longer.
const machines = Number(process.env['LIFECYCLE_FUZZ_RUNS'] ?? 1000);
/** mulberry32: the same machines in each run. */
function randomFrom(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const pick = <Value>(values: readonly Value[]): Value => values[below(values.length)] as Value;
  return { below, pick, chance: (share: number) => next() < share };
}
type Random = ReturnType<typeof randomFrom>;

class Level {
  readonly n: number;
  constructor(n: number) {
    this.n = n;
  }
}
const shared = { f: (n: number) => n > 2 };
const stateNames = ['open', 'constructor', 'toString', '1', '0', 'a b', 'ü', '*', 'valueOf', ':'];
const eventNames = ['GO', 'constructor', 'a.b', '1', 'ü', 'toString', 'a,b'];

/** Params of every kind. What they say is worked out by the guard below, from the value itself. */
const drawParams = ({ pick, below }: Random): unknown =>
  pick<() => unknown>([
    () => pick([/1/, /2/, /[0-3]/, /1/i, /1/g, /2/y]),
    () => new Set([below(4), below(4)]),
    () => new Map([[below(4), below(2)]]),
    () => pick([shared.f, (n: number) => n < 2, (n: number) => n === 3]),
    () => new Level(below(4)),
    () => pick([Number.NaN, -0, 0, Infinity, 1n, 2n]),
    () => ({ nested: { list: [below(3), { deep: pick([-0, 0, Number.NaN]) }] } }),
    () => ({ nested: { list: [below(3), new Set([below(3)])] } }),
    () => [below(3), undefined, [pick(['1', 1])]],
    () => new Date(below(4)),
    () => pick<unknown>([undefined, null, '1', 1, true, 'true']),
    () =>
      ({ context }: { context: { n: number } }) =>
        context.n % 3,
  ])();

/** An answer that depends on all of a value, and on nothing but the value and `n`. */
function says(params: unknown, n: number): boolean {
  if (params instanceof RegExp)
    return new RegExp(params.source, params.flags.replace(/[gy]/, '')).test(String(n));
  if (params instanceof Set) return [...params].some((one) => says(one, n));
  if (params instanceof Map)
    return [...params].some(([key, value]) => says(key, n) !== says(value, n));
  if (params instanceof Level) return params.n >= n;
  if (params instanceof Date) return params.getTime() === n;
  if (typeof params === 'function') return Boolean((params as (n: number) => unknown)(n));
  if (typeof params === 'bigint') return Number(params) > n;
  if (typeof params === 'number') return Object.is(params, -0) ? n > 1 : !(params > n);
  if (typeof params === 'string') return params.includes(String(n));
  if (Array.isArray(params)) return params.filter((one) => says(one, n)).length % 2 === 1;
  if (typeof params === 'object' && params !== null)
    return Object.values(params).every((one) => says(one, n));
  return params === null ? n === 2 : n % 2 === 0;
}

const guards = {
  says: ({ context }: { context: { n: number } }, params: unknown) => says(params, context.n),
  // Throws unless a guard before it has looked: the usual idiom.
  isOwned: ({ context }: { context: { owner: object | null } }) => context.owner !== null,
  ownerIsLead: ({ context }: { context: { owner: { lead: boolean } } }) => context.owner.lead,
  'or(says)': ({ context }: { context: { n: number } }) => context.n > 2,
};

function drawGuard(random: Random, depth = 0): unknown {
  const { pick, below } = random;
  const parts = () => Array.from({ length: below(3) }, () => drawGuard(random, depth + 1));
  const simple = [
    () => ({ type: 'says', params: drawParams(random) }),
    () => ({ type: 'says', params: drawParams(random) }),
    () => and(['isOwned', 'ownerIsLead'] as never),
    () => 'or(says)',
  ];
  const combined = [
    () => and(parts() as never),
    () => or(parts() as never),
    () => not(drawGuard(random, depth + 1) as never),
  ];
  return pick<() => unknown>(depth < 2 ? [...simple, ...combined] : simple)();
}

interface Owned {
  readonly n: number;
  readonly owner: { readonly lead: boolean } | null;
}
const actions = [
  assign(({ context }: { context: Owned }) => ({ n: (context.n + 1) % 4 })),
  assign(({ context }: { context: Owned }) => ({ owner: { lead: context.n > 1 } })),
  assign(() => ({ owner: null })),
  () => {},
];

function drawMachine(random: Random): AnyStateMachine {
  const { pick, below, chance } = random;
  const names = stateNames.slice(below(3)).slice(0, 2 + below(5));
  const drawActions = () => (chance(0.4) ? { actions: [pick(actions)] } : {});
  const drawTransition = (prefix: string) => ({
    ...(chance(0.9) ? { target: `${prefix}${pick(names)}` } : { actions: [pick(actions)] }),
    ...(chance(0.75) ? { guard: drawGuard(random) } : {}),
    ...drawActions(),
  });
  const drawOn = (prefix: string) =>
    Object.fromEntries(
      Array.from({ length: 1 + below(3) }, () => [
        pick(eventNames),
        chance(0.1) ? {} : Array.from({ length: 1 + below(2) }, () => drawTransition(prefix)),
      ]),
    );
  const states = names.map((name, index) => {
    const isFinal = index > 1 && index === names.length - 1 && chance(0.4);
    // A ring keeps every state reachable.
    const ring = { [`NEXT`]: names[(index + 1) % names.length] };
    return [
      name,
      {
        meta: { status: pick(ticketStatuses) },
        ...(isFinal ? { type: 'final' } : { on: { ...drawOn(''), ...ring } }),
        ...(chance(0.3) ? { entry: pick(actions) } : {}),
        ...(chance(0.3) ? { exit: pick(actions) } : {}),
      },
    ] as const;
  });
  return machineOf(
    {
      context: { n: below(4), owner: pick([null, { lead: true }, { lead: false }]) },
      initial: names[0],
      on: chance(0.6) ? drawOn('.') : {},
      states: Object.fromEntries(states),
    },
    guards,
  );
}

/** What a question gives, or that it throws. */
function answerOf(ask: () => unknown): string {
  try {
    return String(ask());
  } catch {
    return 'throws';
  }
}

function compare(machine: AnyStateMachine, lifecycle: Lifecycle, { pick }: Random): string[] {
  const found: string[] = [];
  const actor = createActor(machine, { input: undefined } as never).start();
  const differ = (what: string, ours: string, theirs: string) => {
    if (ours !== theirs) found.push(`${what}: ours ${ours}, theirs ${theirs}`);
  };
  for (let step = 0; step < 12; step += 1) {
    const snapshot = actor.getSnapshot();
    const state = String(snapshot.value);
    const answers = lifecycle.events.map((type) => {
      const theirs = answerOf(() => snapshot.status === 'active' && snapshot.can({ type }));
      differ(
        `can ${type} in ${state}`,
        answerOf(() => lifecycle.can(state, type, snapshot.context)),
        theirs,
      );
      differ(
        `explain ${type} in ${state}`,
        answerOf(() => lifecycle.explain(state, type, snapshot.context).allowed),
        theirs,
      );
      return [type, theirs] as const;
    });
    if (answers.every(([, answer]) => answer !== 'throws')) {
      const open = answers.flatMap(([type, answer]) => (answer === 'true' ? [type] : []));
      const enabled = lifecycle.enabled(state, snapshot.context).map(({ event }) => event);
      differ(`enabled in ${state}`, enabled.toSorted().join(' | '), open.toSorted().join(' | '));
    }
    const usable = answers.filter(([, answer]) => answer !== 'throws');
    if (usable.length === 0) break;
    const [type, answer] = pick(usable);
    const next = answerOf(() => lifecycle.next(state, type, snapshot.context));
    if (snapshot.status === 'active') actor.send({ type });
    differ(
      `next ${type} in ${state}`,
      next,
      answer === 'true' ? String(actor.getSnapshot().value) : 'throws',
    );
  }
  actor.stop();
  return found;
}

test(`${machines} random machines with params of every kind: no answer differs from a live actor’s`, () => {
  const found: string[] = [];
  let compared = 0;
  for (let seed = 1; compared < machines; seed += 1) {
    const random = randomFrom(seed);
    const machine = drawMachine(random);
    let lifecycle: Lifecycle;
    try {
      lifecycle = defineLifecycle(machine);
    } catch (error) {
      if (!LifecycleDefinitionError.is(error)) throw error;
      // A way that never wins, a dead end: what is refused is compared by nobody.
      continue;
    }
    compared += 1;
    found.push(...compare(machine, lifecycle, random).map((text) => `seed ${seed}: ${text}`));
  }
  expect(found.slice(0, 20)).toEqual([]);
});
