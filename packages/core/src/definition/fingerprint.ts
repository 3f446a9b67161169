import type { CompiledMachine, Meta } from './compile.ts';
import { createIdentifier } from './guard-params.ts';
import type { PayloadSchemas } from './payloads.ts';
import type { TicketStatus } from '../ticket-status.ts';
import { behaviourOf } from './truth-table.ts';

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
