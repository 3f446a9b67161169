import type { Aligner, Column, StepKind, Transition } from './alignment.ts';

/** How often each kind of step was found. */
export type ReplayCounts = Readonly<Record<StepKind, number>>;

/** How well a history fits the lifecycle. */
export interface ReplayFit<State extends string = string> {
  /** From 0 to 1: 1 exactly when a run of the machine, from its initial state, shows this history. */
  readonly fitness: number;
  /**
   * What the cheapest explanation costs: 1 for each status that it passes and the history does not
   * show, and a million for each jump and each row that no state can stand for.
   */
  readonly cost: number;
  /** The statuses that the cheapest explanation passes and the history does not show. */
  readonly missed: number;
  /** The states that the ticket can be in now, in order of definition. */
  readonly states: readonly State[];
  /** The first row. Absent where there is none. */
  readonly start?: ReplayStart | undefined;
}

/** How a history begins. */
export interface ReplayStart {
  readonly status: string;
  /** Whether it is the status of the initial state, in which a ticket is created. */
  readonly isInitial: boolean;
}

const jumpCost = 1_000_000;

/** What is kept of one history while it is replayed. */
export interface Tally {
  column: Column;
  start: string;
  /** All rows, and those left when repeated ones are counted once. */
  rows: number;
  entries: number;
  unchanged: number;
  /** Steps from or to an unknown status. */
  unknownSteps: number;
  /** Rows that no state can stand for, other than by a jump. */
  strays: number;
  /** Of the cheapest run: its jumps, the statuses it missed, its paths. */
  jumps: number;
  missed: number;
  paths: number;
}

/** Begins with the first row. */
export function beginTally({ to: column, missed }: Transition): Tally {
  return {
    column,
    start: column.status,
    rows: 1,
    entries: 1,
    unchanged: 0,
    unknownSteps: 0,
    strays: column.best === -1 ? 1 : 0,
    jumps: 0,
    missed,
    paths: 0,
  };
}

/** Goes on by one row. */
export function advance(tally: Tally, transition: Transition): void {
  const { to, verdict, jumps, missed, paths } = transition;
  tally.rows += 1;
  if (verdict.kind === 'unchanged') tally.unchanged += 1;
  else {
    if (to !== tally.column) {
      tally.entries += 1;
      if (!to.isKnown) tally.strays += 1;
    }
    if (verdict.kind === 'unknown-status') tally.unknownSteps += 1;
    tally.jumps += jumps;
    tally.missed += missed;
    tally.paths += paths;
    tally.column = to;
  }
}

/** The steps of the cheapest explanation so far. */
export function countSteps(tally: Readonly<Tally>, { complete }: Aligner): ReplayCounts {
  const { rows, unchanged, unknownSteps, jumps, paths } = tally;
  return {
    unchanged,
    edge: rows - 1 - unchanged - unknownSteps - jumps - paths,
    path: complete ? 0 : paths,
    jump: jumps,
    'unknown-status': unknownSteps,
    skipped: complete ? paths : 0,
  };
}

/** The share of statuses that fit. */
export const fitnessOf = ({ entries, strays, jumps, missed }: Readonly<Tally>): number =>
  (entries - strays - jumps) / (entries + missed);

/** How well the history so far fits. */
export function fitOf(tally: Readonly<Tally>, { initialStatus }: Aligner): ReplayFit {
  const { column, start, strays, jumps, missed } = tally;
  return {
    fitness: fitnessOf(tally),
    cost: jumpCost * (jumps + strays) + missed,
    missed,
    states: column.states ?? column.cells.map(({ state }) => state),
    start: { status: start, isInitial: start === initialStatus },
  };
}
