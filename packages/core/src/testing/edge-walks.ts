import type { EventObject } from 'xstate';
import type { Lifecycle } from '../lifecycle/define-lifecycle.ts';
import { expected, isRecord } from '../values.ts';

/** One step of a walk: an event, and the states between which it leads. */
export interface EdgeStep<State extends string = string, Event extends string = string> {
  readonly from: State;
  readonly event: Event;
  readonly to: State;
}

/** What the walker has to know of a lifecycle. */
type Walkable<State extends string, Event extends EventObject> = Pick<
  Lifecycle<State, Event, never>,
  'initial' | 'states' | 'eventsBetween'
>;

/**
 * Walks that cover every edge of a lifecycle, each from the state of a new ticket. A new walk begins
 * only where no further edge can be reached from the last one. Guards are not asked: what makes a
 * step possible is up to the test that takes it.
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { edgeWalks } from '@ticket-lifecycle/core/testing';
 *
 * const [walk = []] = edgeWalks(ticketLifecycle);
 * console.log(walk.map(({ event }) => event).join(' ')); // START RESOLVE REOPEN START RESOLVE CLOSE REOPEN
 * ```
 */
export function edgeWalks<State extends string, Event extends EventObject>(
  lifecycle: Walkable<State, Event>,
): readonly (readonly EdgeStep<State, Event['type']>[])[] {
  if (!isRecord(lifecycle) || typeof lifecycle['eventsBetween'] !== 'function') {
    throw new TypeError(
      `edgeWalks: ${expected('a lifecycle, as defineLifecycle makes it', lifecycle)}`,
    );
  }
  type Step = EdgeStep<State, Event['type']>;
  const { states, initial } = lifecycle;
  const edges = new Map<string, Step[]>(
    states.map((from) => [
      from,
      states.flatMap((to) =>
        lifecycle.eventsBetween(from, to).map((event): Step => ({ from, event, to })),
      ),
    ]),
  );
  const edgesOf = (state: string): readonly Step[] => edges.get(state) ?? [];
  const left = new Set([...edges.values()].flat());
  const walks: Step[][] = [];
  for (let walk = walkOn(); walk.length > 0; walk = walkOn()) walks.push(walk);
  return walks;

  /** Goes from the start to the nearest edge that is left, and on to the next, while there is one. */
  function walkOn(): Step[] {
    const walk: Step[] = [];
    let at = initial;
    for (;;) {
      const onward = nearestFrom(at);
      const next = edgesOf(onward.at(-1)?.to ?? at).find((edge) => left.has(edge));
      if (next === undefined) return walk;
      walk.push(...onward, next);
      for (const step of [...onward, next]) left.delete(step);
      at = next.to;
    }
  }
  /** The way to the nearest state with an edge that is left. */
  function nearestFrom(start: State): readonly Step[] {
    const ways = new Map<State, readonly Step[]>([[start, []]]);
    // A Map may grow while it is walked: this is a breadth-first search.
    for (const [state, way] of ways) {
      if (edgesOf(state).some((edge) => left.has(edge))) return way;
      for (const edge of edgesOf(state)) {
        if (!ways.has(edge.to)) ways.set(edge.to, [...way, edge]);
      }
    }
    return [];
  }
}
