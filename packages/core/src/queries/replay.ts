/*
 * How a history is replayed
 *
 * A history is the list of the statuses of one ticket, oldest first, as a log or a poller saw them.
 * `replay` goes through it once, pair by pair: each entry after the first is a step from the entry
 * before it, and `observe` names that step.
 *
 *   unchanged       both are the same status
 *   edge            one transition of the lifecycle explains the step
 *   path            several transitions in a row explain it: the shortest such row, and of equally
 *                   short ones the first in order of definition
 *   jump            no path leads from the one status to the other
 *   unknown-status  one of the two is not a status of the API
 *   skipped         a path in a log that says `complete`. A poller may miss the steps in between; a
 *                   log that holds every change can't, so they did not happen. `skipped` are the
 *                   events of the path but the last, which led to what the log shows
 *
 * What holds:
 * - A history of n entries has n - 1 steps for n > 0, with the indexes 1 to n - 1 in order, and
 *   the `to` of a step is the `from` of the next. The counts add up to the steps taken so far.
 * - A verdict depends on the two statuses of its step and on `complete`, on nothing else. There
 *   are sixteen pairs of statuses, so `createObserver` works out all verdicts once, and a step
 *   costs two lookups however long the history is.
 * - `replaySteps` keeps one entry and the counts. It reads its history as its steps are asked for,
 *   so it serves logs that do not fit into memory. `replay` is the same walk, kept as a list.
 * - Guards are not asked: other people and programs are not bound by ours.
 *
 * What it does not do:
 * - It explains pairs, not runs. Where several states share a status, each step starts from every
 *   state of its status again, also from one that the steps before it rule out. A history can so
 *   consist of edges that no single run of the machine takes one after the other. `states` names
 *   the candidates of a step by itself.
 * - A move between two states of one status does not show in a status, so it is never a step.
 * - It knows no times: neither how long a ticket stayed nor whether an entry is out of order.
 *   Nor does a change that was undone before the next entry: that step is `unchanged`.
 *
 * test/queries/replay.test.ts has an example of each kind. test/xstate.test.ts replays the walks of
 * live actors of XState: every step that changes a status is an edge.
 */

import type { Candidates, Observation, Observe } from './observe.ts';

/** How to read a history. */
export interface ReplayOptions {
  /**
   * Whether the history holds every change, so that the steps within a path were skipped.
   *
   * @defaultValue false
   */
  readonly complete?: boolean | undefined;
}

/** What a step of a history is. */
export type ReplayVerdict<Event extends string = string, State extends string = string> =
  | Observation<Event, State>
  /** A path in a log that holds every change: `skipped` are the events that were left out. */
  | ({
      readonly kind: 'skipped';
      readonly events: readonly Event[];
      readonly skipped: readonly Event[];
    } & Candidates<State>);

/** One step of a history: the change from one entry to the next. */
export type ReplayStep<
  Event extends string = string,
  State extends string = string,
> = ReplayVerdict<Event, State> & {
  /** Position of the later entry in the history, from 1. */
  readonly index: number;
  readonly from: string;
  readonly to: string;
};

/** How often each kind of step was found. */
export type ReplayCounts = Readonly<Record<ReplayVerdict['kind'], number>>;

/** A history, step by step. */
export interface Replay<Event extends string = string, State extends string = string> {
  readonly steps: readonly ReplayStep<Event, State>[];
  readonly counts: ReplayCounts;
}

/** A history that is replayed as its steps are asked for, once. Only the counts are kept. */
export interface ReplayWalk<
  Event extends string = string,
  State extends string = string,
> extends Iterable<ReplayStep<Event, State>> {
  readonly counts: ReplayCounts;
}

/** Replays a ticket's history of statuses, one step at a time. */
export function walkHistory(
  history: Iterable<string>,
  observe: Observe,
  { complete = false }: ReplayOptions = {},
): ReplayWalk {
  const counts = { unchanged: 0, edge: 0, path: 0, jump: 0, 'unknown-status': 0, skipped: 0 };
  return { counts, [Symbol.iterator]: walk };

  function* walk(): Generator<ReplayStep, void, undefined> {
    let from = '';
    let index = 0;
    for (const to of history) {
      if (index > 0) {
        const verdict = verdictOn(from, to);
        counts[verdict.kind] += 1;
        yield { ...verdict, index, from, to };
      }
      from = to;
      index += 1;
    }
  }

  function verdictOn(from: string, to: string): ReplayVerdict {
    const seen = observe(from, to);
    if (!complete || seen.kind !== 'path') return seen;
    return { ...seen, kind: 'skipped', skipped: seen.events.slice(0, -1) };
  }
}

/** Replays a whole history at once. */
export function replayHistory(
  history: Iterable<string>,
  observe: Observe,
  options?: ReplayOptions,
): Replay {
  const walk = walkHistory(history, observe, options);
  return { steps: [...walk], counts: walk.counts };
}
