import * as fc from 'fast-check';
import { createActor, type Actor, type AnyStateMachine } from 'xstate';
import {
  defineLifecycle,
  ticketStatuses,
  type Lifecycle,
  type TicketStatus,
} from '../../src/index.ts';
import { machineOf } from './machine-of.ts';
import { anyGuard, canWin, guardNames, toXState, type Flags, type Guard } from './random-guard.ts';

export const eventNames = ['NEXT', 'A', 'B', 'C'];

const guards = Object.fromEntries(
  guardNames.map((name) => [name, ({ context }: { context: Flags }) => context[name]]),
);

/** One way of an event, as it was drawn. */
export interface Way {
  readonly target: number;
  readonly guard?: Guard | undefined;
}

/** What one event does in one state: guarded ways, then perhaps one without a guard. */
const someWays = (size: number) => {
  const target = fc.nat({ max: size - 1 });
  return fc
    .tuple(
      fc.array(fc.record({ target, guard: anyGuard }), { maxLength: 2 }),
      fc.option(fc.record({ target }), { nil: undefined }),
    )
    .map(([guarded, open]) => withoutShadowed(open === undefined ? guarded : [...guarded, open]));
};

// A way that can never win is a fault of the definition, of which other tests speak.
const withoutShadowed = (ways: readonly Way[]): readonly Way[] =>
  ways.filter(({ guard }, index) =>
    canWin(
      guard,
      ways.slice(0, index).map((first) => first.guard),
    ),
  );

/** A way from one state to another, as it was drawn. */
export interface Drawn {
  readonly from: string;
  readonly event: string;
  readonly to: string;
  readonly guard: Guard | undefined;
}

/** A machine, its lifecycle, and what is known of it without asking either. */
export interface Made {
  readonly machine: AnyStateMachine;
  readonly lifecycle: Lifecycle;
  readonly flags: Flags;
  readonly states: readonly string[];
  readonly statuses: readonly TicketStatus[];
  /** Edges by definition, guards not asked. */
  readonly drawn: readonly Drawn[];
}

/** Random flat machines that are sound, with random guards over a random context. */
export const recipe: fc.Arbitrary<Recipe> = fc.integer({ min: 2, max: 5 }).chain((size) =>
  fc.record({
    statuses: fc.array(fc.constantFrom(...ticketStatuses), { minLength: size, maxLength: size }),
    table: fc.array(fc.tuple(someWays(size), someWays(size), someWays(size)), {
      minLength: size,
      maxLength: size,
    }),
    forbids: fc.array(fc.boolean(), { minLength: size, maxLength: size }),
    shared: someWays(size),
    flags: fc.record({ g0: fc.boolean(), g1: fc.boolean(), g2: fc.boolean() }),
  }),
);

export interface Recipe {
  readonly statuses: readonly TicketStatus[];
  readonly table: readonly (readonly [a: readonly Way[], b: readonly Way[], c: readonly Way[]])[];
  /** Whether a state that has no C of its own forbids that of the whole machine. */
  readonly forbids: readonly boolean[];
  readonly shared: readonly Way[];
  readonly flags: Flags;
}

/** Makes the machine of a recipe, and its lifecycle. */
export function build({ statuses, table: rows, forbids, shared, flags }: Recipe): Made {
  // A change to a recipe may have made a way that can never win.
  const table = rows.map((row) => row.map((ways) => withoutShadowed(ways)));
  const size = statuses.length;
  const states = statuses.map((_, index) => `s${index}`);
  const drawn: Drawn[] = [];
  const configs = table.map(([a = [], b = [], c = []], index) => {
    // A ring keeps every state reachable and leaves none without a way out.
    const next: Way[] = [{ target: (index + 1) % size }];
    const forbidsShared = c.length === 0 && forbids[index] === true;
    const own = { NEXT: next, A: a, B: b, C: c };
    const all = { ...own, C: forbidsShared ? [] : withoutShadowed([...c, ...shared]) };
    for (const [event, ways] of Object.entries(all)) {
      for (const { target, guard } of ways) {
        drawn.push({ from: `s${index}`, event, to: `s${target}`, guard });
      }
    }
    const on = Object.fromEntries(
      Object.entries(own)
        .filter(([, ways]) => ways.length > 0)
        .map(([event, ways]) => [event, ways.map((way) => configOf(way, ''))]),
    );
    const status = statuses[index];
    return [`s${index}`, { meta: { status }, on: forbidsShared ? { ...on, C: {} } : on }] as const;
  });
  const machine = machineOf(
    {
      context: flags,
      initial: 's0',
      on: shared.length === 0 ? {} : { C: shared.map((way) => configOf(way, '.')) },
      states: Object.fromEntries(configs),
    },
    guards,
  );
  return { machine, lifecycle: defineLifecycle(machine), flags, states, statuses, drawn };
}

const configOf = ({ target, guard }: Way, prefix: string): object => ({
  target: `${prefix}s${target}`,
  ...(guard === undefined ? {} : { guard: toXState(guard) }),
});

/** Random machines, made. */
export const made: fc.Arbitrary<Made> = recipe.map(build);

/** A live actor of the machine, standing in a state. */
export const actorAt = ({ machine, flags }: Made, state: string): Actor<AnyStateMachine> =>
  createActor(machine, {
    snapshot: machine.resolveState({ value: state, context: flags }),
    input: undefined,
  }).start();
