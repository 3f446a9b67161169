import * as fc from 'fast-check';
import { and, createActor, not, or, type Actor, type AnyStateMachine } from 'xstate';
import {
  defineLifecycle,
  ticketStatuses,
  type Lifecycle,
  type TicketStatus,
} from '../src/index.ts';
import { machineOf } from './machine-of.ts';

const guardNames = ['g0', 'g1', 'g2'] as const;
type GuardName = (typeof guardNames)[number];
type Flags = Record<GuardName, boolean>;
export const eventNames = ['NEXT', 'A', 'B', 'C'];

const guards = Object.fromEntries(
  guardNames.map((name) => [name, ({ context }: { context: Flags }) => context[name]]),
);

const { guard: anyGuard } = fc.letrec<{ guard: unknown }>((tie) => ({
  guard: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom(...guardNames),
    fc.array(tie('guard'), { minLength: 1, maxLength: 3 }).map((parts) => and(parts as never)),
    fc.array(tie('guard'), { maxLength: 3 }).map((parts) => or(parts as never)),
    tie('guard').map((part) => not(part as never)),
  ),
}));

interface Way {
  readonly target: number;
  readonly guard?: unknown;
}

/** What one event does in one state: guarded ways, then perhaps one without a guard. */
const someWays = (size: number) => {
  const target = fc.nat({ max: size - 1 });
  return fc
    .tuple(
      fc.array(fc.record({ target, guard: anyGuard }), { maxLength: 2 }),
      fc.option(fc.record({ target }), { nil: undefined }),
    )
    .map(([guarded, open]): Way[] => (open === undefined ? guarded : [...guarded, open]));
};

/** A machine, its lifecycle, and what is known of it without asking either. */
export interface Made {
  readonly machine: AnyStateMachine;
  readonly lifecycle: Lifecycle;
  readonly flags: Flags;
  readonly states: readonly string[];
  /** Edges by definition, guards not asked. */
  readonly drawn: readonly { readonly from: string; readonly event: string; readonly to: string }[];
}

/** Random flat machines that are sound, with random guards over a random context. */
export const made: fc.Arbitrary<Made> = fc.integer({ min: 2, max: 5 }).chain((size) =>
  fc
    .record({
      statuses: fc.array(fc.constantFrom(...ticketStatuses), { minLength: size, maxLength: size }),
      table: fc.array(fc.tuple(someWays(size), someWays(size), someWays(size)), {
        minLength: size,
        maxLength: size,
      }),
      forbids: fc.array(fc.boolean(), { minLength: size, maxLength: size }),
      shared: someWays(size),
      flags: fc.record({ g0: fc.boolean(), g1: fc.boolean(), g2: fc.boolean() }),
    })
    .map(build),
);

interface Recipe {
  readonly statuses: readonly TicketStatus[];
  readonly table: readonly (readonly [a: Way[], b: Way[], c: Way[]])[];
  /** Whether a state that has no C of its own forbids that of the whole machine. */
  readonly forbids: readonly boolean[];
  readonly shared: readonly Way[];
  readonly flags: Flags;
}

function build({ statuses, table, forbids, shared, flags }: Recipe): Made {
  const size = statuses.length;
  const states = statuses.map((_, index) => `s${index}`);
  const drawn: { from: string; event: string; to: string }[] = [];
  const configs = table.map(([a, b, c], index) => {
    // A ring keeps every state reachable and leaves none without a way out.
    const next: Way[] = [{ target: (index + 1) % size }];
    const on: Record<string, unknown> = {};
    const own: [event: string, ways: readonly Way[]][] = [
      ['NEXT', next],
      ['A', a],
      ['B', b],
      ['C', c],
    ];
    for (const [event, ways] of own) {
      if (ways.length > 0) on[event] = ways.map((way) => ({ ...way, target: `s${way.target}` }));
    }
    const forbidsShared = c.length === 0 && forbids[index] === true;
    if (forbidsShared) on['C'] = {};
    const ends = c.some((way) => way.guard === undefined) || forbidsShared;
    const all = [...own, ['C', ends ? [] : shared] as const];
    for (const [event, ways] of all) {
      for (const { target } of ways) drawn.push({ from: `s${index}`, event, to: `s${target}` });
    }
    return [`s${index}`, { meta: { status: statuses[index] }, on }] as const;
  });
  const machine = machineOf(
    {
      context: flags,
      initial: 's0',
      on: { C: shared.map((way) => ({ ...way, target: `.s${way.target}` })) },
      states: Object.fromEntries(configs),
    },
    guards,
  );
  return { machine, lifecycle: defineLifecycle(machine), flags, states, drawn };
}

/** A live actor of the machine, standing in a state. */
export const actorAt = ({ machine, flags }: Made, state: string): Actor<AnyStateMachine> =>
  createActor(machine, {
    snapshot: machine.resolveState({ value: state, context: flags }),
    input: undefined,
  }).start();
