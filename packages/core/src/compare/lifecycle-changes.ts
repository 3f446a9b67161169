import { dueIn, eventsWithSchema } from '../definition/fingerprint.ts';
import { behaviourOf } from '../definition/truth-table.ts';
import type { Leaf } from '../definition/guard-leaf.ts';
import { createIdentifier } from '../definition/guard-params.ts';
import { conditionOf, type EdgeGuard, type LifecycleEdge } from '../queries/edges.ts';
import { ticketStatuses, type TicketStatus } from '../ticket-status.ts';
import type { Lifecycle } from '../lifecycle/define-lifecycle.ts';
import { countedBy, rolesIn } from './counted-time.ts';

/** What a comparison needs of a lifecycle. Every `Lifecycle` has it. */
export type ComparableLifecycle = Pick<
  Lifecycle,
  | 'edges'
  | 'events'
  | 'explain'
  | 'fingerprint'
  | 'initial'
  | 'metaOf'
  | 'payloads'
  | 'sla'
  | 'stateFor'
  | 'states'
  | 'statusOf'
>;

/** One difference between two lifecycles. */
export type LifecycleChange = {
  /**
   * `behaviour`: what is possible, or what it means, becomes different. `clock`: only what
   * `meta.sla` counts. `label`: only what people read, or how the same is written.
   */
  readonly effect: 'behaviour' | 'clock' | 'label';
} & (
  | { readonly kind: 'initial'; readonly before: string; readonly after: string }
  | { readonly kind: 'state-lost' | 'state-gained'; readonly state: string }
  /** A state stands for another status of the API. */
  | {
      readonly kind: 'status';
      readonly state: string;
      readonly before: TicketStatus | undefined;
      readonly after: TicketStatus | undefined;
    }
  /** A status of several states, when it is seen, is taken for another one. */
  | {
      readonly kind: 'default-state';
      readonly status: TicketStatus;
      readonly before: string | undefined;
      readonly after: string | undefined;
    }
  | { readonly kind: 'deadlines' | 'clocks' | 'state-label'; readonly state: string }
  | { readonly kind: 'edge-lost' | 'edge-gained'; readonly edge: LifecycleEdge }
  /** An edge asks other guards; it is written otherwise where the effect is `label`. */
  | {
      readonly kind: 'guards' | 'edge-label';
      readonly before: LifecycleEdge;
      readonly after: LifecycleEdge;
    }
  /** The edges of an event are tried in another order. */
  | { readonly kind: 'order'; readonly state: string; readonly event: string }
  /** Events of this name need to carry data now, or need to no more. */
  | { readonly kind: 'payload-gained' | 'payload-lost'; readonly event: string }
  /** The targets, the hours or the holidays of `meta.sla` are others. */
  | { readonly kind: 'sla' }
  /** The fingerprints differ by something that is not listed here. */
  | { readonly kind: 'fingerprint' }
);

/** Lists what two lifecycles have different. */
export function changesBetween(
  before: ComparableLifecycle,
  after: ComparableLifecycle,
): readonly LifecycleChange[] {
  const changes: LifecycleChange[] = [];
  // One for both: a function or an instance is the same only if it is the same object.
  const identify = createIdentifier();
  const isEqual = (a: unknown, b: unknown) => identify(a) === identify(b);
  const isSame = before.fingerprint === after.fingerprint;

  if (before.initial !== after.initial) {
    const { initial } = before;
    changes.push({ kind: 'initial', effect: 'behaviour', before: initial, after: after.initial });
  }
  for (const state of before.states) {
    if (after.states.includes(state)) compareState(state);
    else changes.push({ kind: 'state-lost', effect: 'behaviour', state });
  }
  for (const state of after.states) {
    if (!before.states.includes(state)) {
      changes.push({ kind: 'state-gained', effect: 'behaviour', state });
    }
  }
  for (const status of ticketStatuses) {
    const [old, now] = [before.stateFor(status).state, after.stateFor(status).state];
    if (old === now) continue;
    changes.push({ kind: 'default-state', effect: 'behaviour', status, before: old, after: now });
  }
  const [old, now] = [eventsOf(before), eventsOf(after)];
  for (const key of new Set([...old.keys(), ...now.keys()])) {
    compareEvent(old.get(key) ?? [], now.get(key) ?? []);
  }
  for (const event of new Set([...before.events, ...after.events])) {
    const [had, has] = [before, after].map(({ payloads }) =>
      eventsWithSchema(payloads).includes(event),
    );
    if (had === has) continue;
    const kind = has === true ? 'payload-gained' : 'payload-lost';
    changes.push({ kind, effect: 'behaviour', event });
  }
  if (!isEqual(countedBy(before.sla), countedBy(after.sla)))
    changes.push({ kind: 'sla', effect: 'clock' });
  if (!isSame && !changes.some(({ effect }) => effect === 'behaviour')) {
    changes.push({ kind: 'fingerprint', effect: 'behaviour' });
  }
  return changes;

  function compareState(state: string): void {
    const statuses = { before: before.statusOf(state), after: after.statusOf(state) };
    if (statuses.before !== statuses.after) {
      changes.push({ kind: 'status', effect: 'behaviour', state, ...statuses });
    }
    const [meta, meta2] = [before.metaOf(state), after.metaOf(state)];
    const { due: _0, sla, status: _, default: __, ...labels } = meta;
    const { due: __0, sla: sla2, status: _2, default: __2, ...labels2 } = meta2;
    const compare = (a: unknown, b: unknown, change: LifecycleChange) => {
      if (!isEqual(a, b)) changes.push(change);
    };
    compare(dueIn(meta), dueIn(meta2), { kind: 'deadlines', effect: 'behaviour', state });
    const isCounted = !isEqual(rolesIn(state, before.sla), rolesIn(state, after.sla));
    if (isCounted) changes.push({ kind: 'clocks', effect: 'clock', state });
    // What counts the same is only written otherwise.
    const notes = isCounted
      ? [labels, labels2]
      : [
          [labels, sla],
          [labels2, sla2],
        ];
    compare(notes[0], notes[1], { kind: 'state-label', effect: 'label', state });
  }

  /** Compares the edges of one event in one state. */
  function compareEvent(edges: readonly LifecycleEdge[], others: readonly LifecycleEdge[]): void {
    const effect = doTheSame(edges, others) ? 'label' : 'behaviour';
    const left = [...others];
    const kept: [LifecycleEdge, LifecycleEdge][] = [];
    const lost: LifecycleEdge[] = [];
    for (const edge of edges) {
      const isSameEdge = (other: LifecycleEdge) => other.to === edge.to;
      const asksSame = (other: LifecycleEdge) => isSameEdge(other) && isEqualGuards(edge, other);
      const other = left.find(asksSame) ?? left.find(isSameEdge);
      if (other === undefined) lost.push(edge);
      else {
        left.splice(left.indexOf(other), 1);
        kept.push([edge, other]);
      }
    }
    for (const edge of lost) changes.push({ kind: 'edge-lost', effect, edge });
    for (const [edge, other] of kept) compareEdge(edge, other, effect);
    for (const edge of left) changes.push({ kind: 'edge-gained', effect, edge });
    const places = kept.map(([, other]) => others.indexOf(other));
    const [first] = edges;
    if (first !== undefined && places.some((place, at) => place < (places[at - 1] ?? 0))) {
      const { from: state, event } = first;
      changes.push({ kind: 'order', effect, state, event });
    }
  }

  /** Whether an event leads to the same states, whatever the guards answer. */
  function doTheSame(edges: readonly LifecycleEdge[], others: readonly LifecycleEdge[]): boolean {
    const [one, other] = [edges, others].map((its) => behaviourOf(its.map(guardedEdge), keyOf));
    // Edges that were made elsewhere don't show what their guards are made of.
    const areKnown = [...edges, ...others].every((edge) => edge.guards.every(conditionOf));
    return areKnown ? isEqual(one, other) : isSame;
  }

  function compareEdge(
    edge: LifecycleEdge,
    other: LifecycleEdge,
    effect: LifecycleChange['effect'],
  ): void {
    const pair = { before: edge, after: other };
    if (!isEqualGuards(edge, other)) changes.push({ kind: 'guards', effect, ...pair });
    const labelsOf = ({ meta, description, guards }: LifecycleEdge) => [
      meta,
      description,
      guards.map(({ name, message }) => [name, message]).toSorted(byText),
    ];
    if (isEqualGuards(edge, other) && !isEqual(labelsOf(edge), labelsOf(other))) {
      changes.push({ kind: 'edge-label', effect: 'label', ...pair });
    }
  }

  /** All guards of an edge must hold, so their order says nothing. */
  function isEqualGuards({ guards }: LifecycleEdge, { guards: others }: LifecycleEdge): boolean {
    const textOf = (list: readonly EdgeGuard[]) =>
      list.map((guard) =>
        identify([guard.name, guard.label, guard.params, conditionOf(guard)?.keyBy(keyOf)]),
      );
    return isEqual(textOf(guards).toSorted(), textOf(others).toSorted());
  }

  function keyOf({ asked: { type, params } }: Leaf): string {
    return identify([type, params]);
  }
}

const guardedEdge = ({ to, guards }: LifecycleEdge) => ({
  to,
  conditions: guards.flatMap((guard) => conditionOf(guard) ?? []),
});

const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

const eventsOf = ({ edges }: ComparableLifecycle): Map<string, LifecycleEdge[]> =>
  Map.groupBy(edges, ({ from, event }) => JSON.stringify([from, event]));
