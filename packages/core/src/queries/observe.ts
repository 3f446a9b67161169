import { quote } from '../blockers.ts';
import { checkOptionTypes } from '../options.ts';
import { comparePaths, createPathFinder, eventsOf, type Graph } from '../status-paths.ts';
import { ticketStatuses } from '../ticket-status.ts';

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
   * Where several states stand for the seen status: those that the ticket can be in after the
   * change, in order of definition. After a jump these are all that its history leaves open. Absent
   * where the status has one state or none, and where a `seenState` decides.
   */
  readonly states?: readonly State[];
}

/** What is known of a change beside its statuses. */
export interface ObserveOptions<State extends string = string> {
  /**
   * The state that the ticket was in. The events then begin there.
   *
   * @defaultValue any state of the previous status
   */
  readonly previousState?: State | undefined;
  /**
   * The state that the ticket is in now. The events then end there.
   *
   * @defaultValue any state of the seen status
   */
  readonly seenState?: State | undefined;
}

/**
 * Judges one change by itself. A ticket whose previous status is seen can be in any state of it,
 * unless a state is known. Moves within the status that the ticket leaves count as events only from
 * a known state. Guards are not asked: other people and programs are not bound by ours.
 */
export function createObserver(graph: Graph) {
  const { statuses } = graph;
  const known = new Set<string>([...ticketStatuses, ...statuses.values()]);
  const findPaths = createPathFinder(graph);
  const found = new Map<string, Observation>();
  return (previous: string, seen: string, options?: ObserveOptions): Observation => {
    checkOptionTypes('observe', options, { previousState: 'a string', seenState: 'a string' });
    const starts = statesOf('previousState', previous, options?.previousState);
    const ends = statesOf('seenState', seen, options?.seenState);
    const isKnown = known.has(previous) && known.has(seen);
    if (!isKnown || previous === seen) {
      const kind = isKnown ? 'unchanged' : 'unknown-status';
      return Object.freeze({ kind, ...candidates(statesOf('seenState', seen)) });
    }
    const isAnyRun = options?.previousState === undefined && options?.seenState === undefined;
    if (!isAnyRun) return judge(starts, ends);
    const key = JSON.stringify([previous, seen]);
    const observation = found.get(key) ?? judge(starts, ends);
    found.set(key, observation);
    return observation;
  };

  function statesOf(option: string, status: string, state?: string): readonly string[] {
    if (state !== undefined && statuses.get(state) !== status) {
      const expected = `Expected a state with the status ${quote(status)}`;
      throw new TypeError(`observe, ${option}: ${expected}, received ${quote(state)}.`);
    }
    const all = [...statuses.keys()].filter((one) => statuses.get(one) === status);
    return state === undefined ? all : [state];
  }

  function judge(starts: readonly string[], ends: readonly string[]): Observation {
    const paths = starts.flatMap((start) => {
      const from = findPaths.from(start);
      return ends.flatMap((end) => from.get(end) ?? []);
    });
    const reached = ends.filter((end) => paths.some(({ at }) => at === end));
    const states = candidates(ends, reached.length > 0 ? reached : ends);
    const [best] = paths.toSorted(comparePaths);
    if (best === undefined) return Object.freeze({ kind: 'jump', ...states });
    const events = Object.freeze(eventsOf(best.edges));
    return Object.freeze({ kind: events.length === 1 ? 'edge' : 'path', events, ...states });
  }
}

const candidates = (all: readonly string[], possible = all): Candidates =>
  all.length > 1 ? { states: Object.freeze(possible) } : {};
