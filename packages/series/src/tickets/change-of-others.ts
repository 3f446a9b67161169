import type { Lifecycle, Observation, TicketStatus } from '@ticket-lifecycle/core';
import type { KnownState } from './status-store.ts';

/** A change of status that others made, as far as a lifecycle can tell. */
export interface ChangeOfOthers {
  readonly previous: TicketStatus;
  /** The state that the events of `change` begin in. */
  readonly previousState: string | undefined;
  readonly change: Observation;
  /** The state that they end in; `undefined` where no path leads there, or several may be meant. */
  readonly reached: string | undefined;
}

type Observer = Pick<Lifecycle, 'observe' | 'statusOf' | 'statesWith'>;

/**
 * Explains a change of status by a run of the lifecycle that begins in the state that the ticket
 * was known to be in. Where the definition alone had decided on that state, or another lifecycle
 * has noted it, the change may tell better: then another state of the status may be the beginning.
 * While a change of ours may be under way, nobody can tell whose it was.
 *
 * @param state - what the seen status stands for, where one state does
 */
export function changeOf(
  stored: KnownState,
  status: string,
  state: string | undefined,
  lifecycle: Observer,
): ChangeOfOthers | undefined {
  const { statusOf, statesWith } = lifecycle;
  if (stored.goingTo !== undefined) return undefined;
  // The lifecycle may have had other states when it was noted.
  const previous = stored.status ?? statusOf(stored.state);
  if (previous === undefined) return undefined;
  const isKnown = statusOf(stored.state) === previous;
  const others = isKnown && stored.assumed !== true ? [] : statesWith(previous);
  const starts = new Set(isKnown ? [stored.state, ...others] : others);
  for (const seenState of new Set([state, undefined])) {
    for (const previousState of starts) {
      const change = lifecycle.observe(previous, status, { previousState, seenState });
      if (change.kind === 'jump') continue;
      const { states } = change;
      const only = states?.length === 1 ? states[0] : undefined;
      return { previous, previousState, change, reached: seenState ?? only };
    }
  }
  const [previousState] = starts;
  const change = lifecycle.observe(previous, status, { previousState });
  return { previous, previousState, change, reached: undefined };
}
