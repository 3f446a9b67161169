import type { CompiledMachine, Edge } from '../definition/compile.ts';
import type { PayloadSchema, PayloadSchemas } from '../definition/payloads.ts';
import type { AllowedTransition } from './verdict.ts';

/** The transitions of one event out of one state. */
export interface Cell {
  readonly event: string;
  readonly transitions: readonly { readonly edge: Edge; readonly verdict: AllowedTransition }[];
  readonly schema: PayloadSchema | undefined;
  /** The whole answer, where there is nothing to ask. */
  readonly certain: AllowedTransition | undefined;
}

/** The cells of each state, by the names of their events. */
export type Table = ReadonlyMap<string, ReadonlyMap<string, Cell>>;

/** Lays out what each event does in each state. */
export function layOut({ edges, statuses }: CompiledMachine, payloads: PayloadSchemas): Table {
  return new Map(
    [...edges].map(([state, out]) => {
      const row = new Map<string, Cell>();
      for (const edge of out) {
        const { event, from, to } = edge;
        const status = statuses.get(to);
        if (status === undefined) continue;
        const verdict: AllowedTransition = Object.freeze({
          allowed: true,
          from,
          to,
          event,
          status,
          changesStatus: status !== statuses.get(from),
        });
        const schema = payloads[event];
        const transitions = [...(row.get(event)?.transitions ?? []), { edge, verdict }];
        const asksNothing =
          transitions.length === 1 && edge.conditions.length === 0 && schema === undefined;
        row.set(event, { event, transitions, schema, certain: asksNothing ? verdict : undefined });
      }
      return [state, row] as const;
    }),
  );
}
