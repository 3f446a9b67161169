import type { CompiledMachine, Edge, Meta } from './compile.ts';
import type { Leaf } from './guard-leaf.ts';
import type { KeyOf } from './guards.ts';
import { createIdentifier } from './guard-params.ts';
import type { PayloadSchemas } from './payloads.ts';
import type { TicketStatus } from '../ticket-status.ts';

/**
 * A hash of what a lifecycle does: states, edges, guards, projection, deadlines, and which events
 * have a payload schema. Labels, clocks and the order of definition do not count, so a stored
 * fingerprint changes only with behaviour.
 *
 * An edge counts even if its guards never allow it, because a replay asks no guard. What a schema or a
 * guard's code says can't be seen, and does not count. The same goes for params that are computed or
 * hold what no text gives back: whether two guards of one event are asked with the same is all that
 * counts of them.
 */
export function fingerprintOf(
  { initial, statuses, edges, metas }: CompiledMachine,
  payloads: PayloadSchemas,
  stateFor: (status: TicketStatus) => string | undefined,
): string {
  const rows = [...edges].map(([state, out]) => {
    const status = statuses.get(state);
    const isDefault = status !== undefined && stateFor(status) === state;
    const events = [...new Set(out.map(({ event }) => event))].map(
      (event) => [event, behaviourOf(out.filter((edge) => edge.event === event))] as const,
    );
    return [state, status, isDefault, dueIn(metas.get(state)), events.sort(byName)] as const;
  });
  return fnv1a64(JSON.stringify([initial, rows.sort(byName), eventsWithSchema(payloads)]));
}

const identify = createIdentifier();

/** The deadlines of a state's `meta`, in an order of their own: equal ones are due alike. */
export const dueIn = (meta: Meta | undefined): readonly string[] =>
  [meta?.['due'] ?? []].flat().map(deadlineKey).sort();

const deadlineKey = (due: unknown): string => {
  const { event, after } = Object(due) as Meta;
  return identify([event, after]);
};

/** The events that have a payload schema. */
export const eventsWithSchema = (payloads: PayloadSchemas): readonly string[] =>
  Object.keys(payloads).sort();

const byName = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]) =>
  a < b ? -1 : 1;

// 2 to this power rows are laid out for an event; what asks more guards is compared as written.
const mostGuards = 10;

/** An edge as far as it decides where an event leads. */
type Guarded = Pick<Edge, 'to' | 'conditions'>;

/**
 * Where the edges of one event lead, for every answer that their guards can give: `or(a, b)` is
 * the same as `or(b, a)`, and two edges that exclude each other may change places.
 *
 * @param keyOf - names a guard; by default for these edges alone, so that no name depends on what
 *   else is defined before them
 */
export function behaviourOf(edges: readonly Guarded[], keyOf: KeyOf = createKeys()): unknown {
  const targets = [...new Set(edges.map(({ to }) => to))].sort();
  const keys = edges.flatMap(({ conditions }) =>
    conditions.flatMap(({ leaves }) => leaves.map(keyOf)),
  );
  const guards = [...new Set(keys)].sort();
  if (guards.length > mostGuards) {
    const asked = edges.map(({ to, conditions }) => [
      to,
      conditions.map(({ keyBy }) => keyBy(keyOf)).sort(),
    ]);
    return [asked, guards];
  }
  const outcomes = Array.from({ length: 2 ** guards.length }, (_, row) =>
    outcomeOf(edges, (leaf) => ((row >> guards.indexOf(keyOf(leaf))) & 1) === 1),
  );
  const [asked, answers] = withoutIdle(guards, outcomes);
  return [targets, asked, answers];
}

function createKeys(): KeyOf {
  const identifyHere = createIdentifier();
  const keys = new Map<Leaf, string>();
  return (leaf) => {
    const { type, params } = leaf.asked;
    const key = keys.get(leaf) ?? identifyHere([type, params]);
    keys.set(leaf, key);
    return key;
  };
}

/** The target when the guards answer so, or null when none is open. */
function outcomeOf(edges: readonly Guarded[], answer: (leaf: Leaf) => boolean): string | null {
  const open = edges.find(({ conditions }) => conditions.every(({ test }) => test(answer)));
  return open?.to ?? null;
}

/** Drops each guard whose answer changes nothing, such as that in `or(a, not(a))`. */
function withoutIdle(
  guards: readonly string[],
  outcomes: readonly (string | null)[],
): [readonly string[], readonly (string | null)[]] {
  for (const index of guards.keys()) {
    const bit = 1 << index;
    if (outcomes.every((outcome, row) => outcome === outcomes[row ^ bit])) {
      const others = guards.filter((_, other) => other !== index);
      return withoutIdle(
        others,
        outcomes.filter((_, row) => (row & bit) === 0),
      );
    }
  }
  return [guards, outcomes];
}

/** FNV-1a, 64 bits, in hex: stable in every runtime and free of imports. Not for secrets. */
export function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    for (const byte of [unit & 0xff, unit >> 8]) {
      hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    }
  }
  return hash.toString(16).padStart(16, '0');
}
