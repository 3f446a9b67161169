import type { CompiledMachine } from '../definition/compile.ts';
import { ticketStatuses, type TicketStatus } from '../ticket-status.ts';
import { reachableFrom, shortestPaths } from '../shortest-paths.ts';

/** The explanation of a change of status that we did not command. */
export type Observation<Event extends string = string, State extends string = string> = (
  | { readonly kind: 'unchanged' }
  /** One transition of the lifecycle explains it. */
  | { readonly kind: 'edge'; readonly events: readonly Event[] }
  /** Several transitions in a row explain it; we may have missed those in between. */
  | { readonly kind: 'path'; readonly events: readonly Event[] }
  /** Nothing in the lifecycle explains it. */
  | { readonly kind: 'jump' }
  /** One of the two is not a status of the API. */
  | { readonly kind: 'unknown-status' }
) &
  Candidates<State>;

/** The states that a ticket may be in, as far as its status can tell. */
export interface Candidates<State extends string = string> {
  /**
   * Where several states stand for the seen status: those that the change can have led to, in
   * order of definition. Absent where the status has one state, or none.
   */
  readonly states?: readonly State[];
}

/** Names a change of status. */
export type Observe = (previousStatus: string, seenStatus: string) => Observation;

/**
 * Prepares the verdicts for all sixteen pairs of statuses.
 *
 * Guards are not asked: other people and programs are not bound by ours. Of equally short
 * explanations the one that the definition names first is given.
 */
export function createObserver({ statuses, edges }: CompiledMachine): Observe {
  const verdicts = new Map<string, Map<string, Observation>>();
  const unknown = new Map<string, Observation>();
  const states = [...statuses.keys()];
  const statesWith = (status: string) => states.filter((state) => statuses.get(state) === status);
  for (const from of ticketStatuses) {
    const row = new Map<string, Observation>();
    for (const to of ticketStatuses) row.set(to, Object.freeze(verdictOn(from, to)));
    verdicts.set(from, row);
    unknown.set(from, Object.freeze({ kind: 'unknown-status', ...among(statesWith(from)) }));
  }
  return (previous, seen) =>
    verdicts.get(previous)?.get(seen) ?? unknown.get(seen) ?? unknownStatus;

  function verdictOn(from: TicketStatus, to: TicketStatus): Observation {
    const starts = statesWith(from);
    const targets = statesWith(to);
    const reached = new Set(starts.flatMap((state) => [...reachableFrom(state, edges)]));
    const reachable = among(targets, (state) => reached.has(state));
    if (from === to) return { kind: 'unchanged', ...reachable };
    const [shortest] = starts
      .flatMap((state) => shortestPaths(state, new Set(targets), (key) => edges.get(key) ?? []))
      .sort((a, b) => a.length - b.length);
    if (shortest === undefined) return { kind: 'jump', ...among(targets) };
    const events = Object.freeze(shortest.map((edge) => edge.event));
    return { kind: events.length === 1 ? 'edge' : 'path', events, ...reachable };
  }
}

const unknownStatus: Observation = Object.freeze({ kind: 'unknown-status' });

const among = (states: readonly string[], isPossible?: (state: string) => boolean): Candidates =>
  states.length > 1
    ? { states: Object.freeze(states.filter((state) => isPossible?.(state) ?? true)) }
    : {};
