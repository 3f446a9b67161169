/*
 * How a history is replayed
 *
 * A history is the list of the statuses of one ticket, oldest first, as a log or a poller saw
 * them. `replay` looks for the run of the machine that explains all of it at the least cost. It is
 * never judged pair by pair: where several states share a status, a row means only those of them
 * that the rows before it can have led to.
 *
 * A run is a row of states and the events between them, from the initial state on. It explains a
 * history when it can be laid beside it: each row at a state of the row's status, in order. Two
 * things cost. A *missed* status is one that the run passes and the history does not show, so a
 * path of three changes for one step of the history misses two. A *jump* is a step from a state to
 * one that the run can't reach; the run goes on from there. A jump is worse than any number of
 * missed statuses, so a history has jumps only where no run explains it without. Two things cost
 * nothing: a row that repeats the status before it, and a move between states of one status,
 * which no status can show.
 *
 * The search (alignment.ts)
 *
 * It keeps one column: for every state of the last row's status the cost of the cheapest run that
 * explains the rows so far and ends there.
 *
 *   first row   a state costs the statuses that the nearest run from the initial state passes
 *               before it
 *   new status  a state y costs the least of cost(x) + missed(x, y) over all states x of the last
 *               column, where missed(x, y) belongs to the path from x to y with the fewest changes
 *               of status whose first edge leaves x's status; or a jump from the cheapest x
 *   repeated    the column stays as it is
 *   unknown     a row that is not a status of the API fits no run. The row after it may be any state
 *
 * Why that is the cheapest of all runs: costs add up, and what follows a row depends on the state
 * at that row and on nothing before it. So a cheapest run to y through x contains a cheapest run
 * to x, and to compare one run for each x is enough (Bellman's principle). A jump may start
 * anywhere, so it starts at the cheapest x. Moves within a status need no steps of their own: a
 * path to y may end with such moves, at no cost, so a column holds every state that they lead to.
 * And a run may leave a status and come back between two rows that both show it; but then it pays
 * the same if it comes back only after them, so a repeated row need not consider it.
 *
 * Of equally cheap runs the one is given whose costs arise later: a step is blamed only when the
 * rows up to it are at fault. Then the one with fewer events, then the first in order of
 * definition.
 *
 * Columns repeat: relative to their cheapest state there are few of them. Each is made once, with
 * the columns that follow it, so a step costs a lookup however long the history is. This is why
 * many tickets can be replayed side by side: a ticket keeps a reference to its column and eight
 * numbers (replay-log.ts).
 *
 * `complete` says that the log holds every change from the ticket's creation on. Then
 * - a path is `skipped`: what lies in between did not happen,
 * - `states` are the ends of the cheapest runs. A poller may miss anything, so there they are the
 *   ends of all runs with as few jumps.
 *
 * What holds:
 * - A history of n rows has n - 1 steps for n > 0, with the indexes 1 to n - 1 in order, and the
 *   `to` of a step is the `from` of the next. The counts add up to the steps.
 * - `fitness` is the share of statuses that fit, among those of the history and those missed,
 *   repeated rows counted once. It is 1 exactly when a run from the initial state shows the
 *   statuses of the history and no others, and then `cost` is 0.
 * - `complete` changes the name of a path and the `states`, never the explanation and its cost.
 * - `observe` judges one change alone: there the row before may be any state of its status, at no
 *   cost.
 * - Guards are not asked: other people and programs are not bound by ours.
 *
 * What needs the whole history: which run is the cheapest is known at the end only. `replay` keeps
 * a reference for each row, walks back from the best end, and gives steps and `explanation` in
 * hindsight. `replaySteps`, `createReplayStepper` and `createReplayLog` keep no rows. They judge a
 * step by the rows up to it: a later row may show that another state of a shared status was meant.
 * Cost, fitness, states and the counts of `createReplayLog` need no rows, and are exact at any
 * time.
 *
 * test/queries/replay.test.ts has an example of each kind, test/queries/brute-force.test.ts
 * compares costs, fitness, states and explanations with a search through all runs.
 */

import { createAligner, type Aligner, type Column, type Transition } from './alignment.ts';
import type { Graph } from '../status-paths.ts';
import type { Candidates, Observation } from './observe.ts';
import {
  advance,
  beginTally,
  countSteps,
  fitOf,
  type ReplayCounts,
  type ReplayFit,
  type Tally,
} from './tally.ts';
import { checkOptionTypes } from '../options.ts';
import { isList, kindOf } from '../values.ts';

/** How to read a history. */
export interface ReplayOptions {
  /**
   * Whether the history holds every change since the ticket's creation, so that the steps within a
   * path were skipped.
   *
   * @defaultValue false
   */
  readonly complete?: boolean | undefined;
}

/** The types of these options, for their checks. */
export const replayOptionTypes = { complete: 'a boolean' };

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

/** Where the cheapest explanation has the ticket at a row of its history. */
export interface ExplainedRow<Event extends string = string, State extends string = string> {
  /** Position of the row in the history, from 0. */
  readonly index: number;
  readonly state: State;
  /**
   * The events that led there from the row before, or to the first row from the initial state;
   * moves within a status are among them. Absent where nothing leads there.
   */
  readonly events?: readonly Event[];
}

/** A history, step by step, and how well it fits. */
export interface Replay<
  Event extends string = string,
  State extends string = string,
> extends ReplayFit<State> {
  readonly steps: readonly ReplayStep<Event, State>[];
  readonly counts: ReplayCounts;
  /** The cheapest explanation: a run, row by row. Rows that no state stands for are left out. */
  readonly explanation: readonly ExplainedRow<Event, State>[];
}

/** A history that is replayed as its steps are asked for, once. None of it is kept. */
export interface ReplayWalk<Event extends string = string, State extends string = string>
  extends Iterable<ReplayStep<Event, State>>, ReplayFit<State> {
  /** How many steps of each kind were given so far. */
  readonly counts: ReplayCounts;
}

/** Replays histories of one lifecycle. */
export interface Replayer {
  replay(history: Iterable<string>, options?: ReplayOptions): Replay;
  replaySteps(history: Iterable<string>, options?: ReplayOptions): ReplayWalk;
}

/** Prepares the replay of a lifecycle's histories. */
export function createReplayer(graph: Graph): Replayer {
  const aligners = new Map<boolean, Aligner>();
  const alignerFor = (method: string, options: ReplayOptions = {}): Aligner => {
    checkOptionTypes(method, options, replayOptionTypes);
    const { complete = false } = options;
    const aligner = aligners.get(complete) ?? createAligner(graph, complete);
    aligners.set(complete, aligner);
    return aligner;
  };
  return {
    replay: (history, options) =>
      replayHistory(checked('replay', history), alignerFor('replay', options)),
    replaySteps: (history, options) =>
      walkHistory(checked('replaySteps', history), alignerFor('replaySteps', options)),
  };
}

function replayHistory(history: Iterable<string>, aligner: Aligner): Replay {
  const rows: Transition[] = [];
  let tally: Tally | undefined;
  for (const status of history) {
    const row = aligner.follow(tally?.column ?? aligner.unseen, status);
    rows.push(row);
    if (tally === undefined) tally = beginTally(row);
    else advance(tally, row);
  }
  const found = walkBack(rows, aligner.unseen);
  return tally === undefined
    ? { ...emptyFit, ...found, counts: noSteps() }
    : { ...fitOf(tally, aligner), ...found, counts: countSteps(tally, aligner) };
}

/** Follows the cheapest run back from its end to the first row. */
function walkBack(rows: readonly Transition[], unseen: Column) {
  const steps: ReplayStep[] = [];
  const explanation: ExplainedRow[] = [];
  let best = rows.at(-1)?.to.best ?? -1;
  for (const [index, { to, step, verdict, moves }] of [...rows.entries()].toReversed()) {
    const before = rows[index - 1]?.to ?? unseen;
    const stays = to === before;
    const move = moves?.[best];
    const state = to.cells[best]?.state;
    const events = stays ? [] : move?.events;
    if (state !== undefined) explanation.push({ index, state, ...(events && { events }) });
    if (index > 0) {
      const { from, to: seen } = step;
      steps.push({ ...(move?.verdict ?? verdict), index, from, to: seen } as ReplayStep);
    }
    if (!stays) best = move?.from ?? before.best;
  }
  return { steps: steps.toReversed(), explanation: explanation.toReversed() };
}

function walkHistory(history: Iterable<string>, aligner: Aligner): ReplayWalk {
  const counts = noSteps();
  let tally: Tally | undefined;
  const steps = walk();
  const fit = () => (tally === undefined ? emptyFit : fitOf(tally, aligner));
  return {
    counts,
    get fitness() {
      return fit().fitness;
    },
    get cost() {
      return fit().cost;
    },
    get missed() {
      return fit().missed;
    },
    get states() {
      return fit().states;
    },
    get start() {
      return fit().start;
    },
    [Symbol.iterator]: () => steps,
  };

  function* walk(): Generator<ReplayStep, void, undefined> {
    let index = 0;
    for (const status of history) {
      const row = aligner.follow(tally?.column ?? aligner.unseen, status);
      if (tally === undefined) {
        tally = beginTally(row);
        continue;
      }
      advance(tally, row);
      index += 1;
      counts[row.step.kind] += 1;
      yield { ...row.step, index } as ReplayStep;
    }
  }
}

const noSteps = (): Record<keyof ReplayCounts, number> => ({
  unchanged: 0,
  edge: 0,
  path: 0,
  jump: 0,
  'unknown-status': 0,
  skipped: 0,
});

const emptyFit: ReplayFit = Object.freeze({
  fitness: 1,
  cost: 0,
  missed: 0,
  states: Object.freeze([]),
});

function checked(method: string, history: unknown): Iterable<string> {
  if (isList(history)) return history as Iterable<string>;
  const given = history as Partial<AsyncIterable<string>> | null | undefined;
  const isAsync = typeof given?.[Symbol.asyncIterator] === 'function';
  throw new TypeError(
    isAsync
      ? `${method}: an async iterable can't be walked here. Give its rows to createReplayStepper as they come.`
      : `${method}: expected a ticket's statuses, such as an array of them, received ${kindOf(history)}.`,
  );
}
