import { createAligner } from './alignment.ts';
import type { Graph } from '../status-paths.ts';

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
 * Judges one change as a history of two rows; replay.ts explains how. Guards are not asked: other
 * people and programs are not bound by ours.
 */
export function createObserver(graph: Graph): Observe {
  const aligner = createAligner(graph, false);
  return (previous, seen) => {
    const { to } = aligner.follow(aligner.unseen, previous);
    return aligner.follow(to, seen).verdict as Observation;
  };
}
