import { createAligner } from './alignment.ts';
import { quote } from '../blockers.ts';
import { checkOptionTypes } from '../options.ts';
import { comparePaths, createPathFinder, eventsOf, type Graph } from '../status-paths.ts';

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

/** Names a change of status. */
export type Observe = (
  previousStatus: string,
  seenStatus: string,
  options?: ObserveOptions,
) => Observation;

/**
 * Judges one change as a history of two rows; replay.ts explains how. A known state leaves fewer
 * runs, and moves within the status that the ticket leaves then count as events. Guards are not
 * asked: other people and programs are not bound by ours.
 */
export function createObserver(graph: Graph): Observe {
  const { statuses } = graph;
  const aligner = createAligner(graph, false);
  const findPaths = createPathFinder(graph);
  return (previous, seen, options) => {
    checkOptionTypes('observe', options, { previousState: 'a string', seenState: 'a string' });
    const { to } = aligner.follow(aligner.unseen, previous);
    const verdict = aligner.follow(to, seen).verdict as Observation;
    const starts = statesOf('previousState', previous, options?.previousState);
    const ends = statesOf('seenState', seen, options?.seenState);
    const isAnyRun = options?.previousState === undefined && options?.seenState === undefined;
    if (isAnyRun || !('events' in verdict || verdict.kind === 'jump')) return verdict;
    return judge(starts, ends);
  };

  function statesOf(option: string, status: string, known: string | undefined): readonly string[] {
    if (known !== undefined && statuses.get(known) !== status) {
      const expected = `Expected a state with the status ${quote(status)}`;
      throw new TypeError(`observe, ${option}: ${expected}, received ${quote(known)}.`);
    }
    const all = [...statuses.keys()].filter((state) => statuses.get(state) === status);
    return known === undefined ? all : [known];
  }

  function judge(starts: readonly string[], ends: readonly string[]): Observation {
    const paths = starts.flatMap((start) => {
      const found = findPaths.from(start);
      return ends.flatMap((end) => found.get(end) ?? []);
    });
    const reached = ends.filter((end) => paths.some(({ at }) => at === end));
    const possible = reached.length > 0 ? reached : ends;
    const states = ends.length === 1 ? {} : { states: Object.freeze(possible) };
    const [best] = paths.toSorted(comparePaths);
    if (best === undefined) return Object.freeze({ kind: 'jump', ...states });
    const events = Object.freeze(eventsOf(best.edges));
    return Object.freeze({ kind: events.length === 1 ? 'edge' : 'path', events, ...states });
  }
}
