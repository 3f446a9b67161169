import {
  compareRanks,
  createPathFinder,
  eventsOf,
  type Graph,
  type Path,
} from '../status-paths.ts';
import { ticketStatuses } from '../ticket-status.ts';

/*
 * Where a ticket can be after each row of its history, and at what cost. replay.ts explains the
 * whole algorithm; here is one step of it: from a column to the next.
 */

/** What a step is. */
export type StepKind = 'unchanged' | 'edge' | 'path' | 'jump' | 'unknown-status' | 'skipped';

/** What a step is, with the events that explain it. */
export interface StepVerdict {
  readonly kind: StepKind;
  readonly events?: readonly string[];
  readonly skipped?: readonly string[];
  /** The states that the ticket can be in, where several share the status. */
  readonly states?: readonly string[];
}

/** The cheapest run that ends in a state. Its numbers are relative to the column's best. */
interface Cell {
  readonly state: string;
  readonly jumps: number;
  /** Statuses that the run passes and the history does not show, those before the first row too. */
  readonly missed: number;
  /** Steps of the run that are paths. */
  readonly paths: number;
}

/** How the cheapest run to a cell came there. */
export interface Move {
  /** Which cell of the column before it came from; `undefined` where any will do. */
  readonly from?: number;
  /** Every event on the way, also those within a status. Absent where nothing leads there. */
  readonly events?: readonly string[];
  readonly verdict: StepVerdict;
}

/** The costs of all states that a ticket can be in after a row. Equal columns are one object. */
export interface Column {
  readonly status: string;
  readonly isKnown: boolean;
  readonly cells: readonly Cell[];
  /** Which cell the cheapest run ends in, or -1 where no state has the status. */
  readonly best: number;
  readonly states?: readonly string[];
  readonly next: Map<string, Transition>;
}

/** From one column to the next. */
export interface Transition {
  readonly to: Column;
  readonly verdict: StepVerdict;
  /** What a caller is handed: the verdict with both statuses. */
  readonly step: StepVerdict & { readonly from: string; readonly to: string };
  /** What the step adds to the cheapest run. It can be below 0 where another run takes over. */
  readonly jumps: number;
  readonly missed: number;
  readonly paths: number;
  /** One for each cell of `to`. Absent where the status stays and so does every run. */
  readonly moves?: readonly Move[];
}

/** Explains histories of one lifecycle, column by column. */
export interface Aligner {
  readonly complete: boolean;
  readonly initialStatus: string | undefined;
  /** What the first row is taken to follow: a ticket that nothing was seen of. */
  readonly unseen: Column;
  follow(column: Column, status: string): Transition;
}

// Real histories need a few dozen columns. Where they are more, the oldest are worked out again.
const mostColumns = 20_000;
// From any column there are four known statuses. The rest is for unknown ones.
const mostNext = 1000;

/** Prepares the search. Columns and paths are worked out when they are first needed, then kept. */
export function createAligner(graph: Graph, complete: boolean): Aligner {
  const findPaths = createPathFinder(graph);
  const allStates = [...graph.statuses.keys()];
  const statesWith = new Map<string, readonly string[]>(
    [...new Set([...ticketStatuses, ...graph.statuses.values()])].map((status) => [
      status,
      allStates.filter((state) => graph.statuses.get(state) === status),
    ]),
  );
  const columns = new Map<string, Column>();
  // A row that is not a status may be anything, even a value that JSON does not know.
  const unknown = new Map<string, Column>();
  const unseen: Column = { ...noCells, status: '', isKnown: false, next: new Map() };

  return { complete, initialStatus: graph.statuses.get(graph.initial), unseen, follow };

  function follow(column: Column, status: string): Transition {
    const known = column.next.get(status);
    if (known !== undefined) return known;
    const transition = step(column, status);
    if (column.next.size < mostNext) column.next.set(status, transition);
    return transition;
  }

  function step(column: Column, status: string): Transition {
    const { isKnown } = column;
    if (status === column.status && column !== unseen) {
      const kind = isKnown ? 'unchanged' : 'unknown-status';
      return transitionTo(column, column, { kind, ...statesOf(column) });
    }
    const found = (statesWith.get(status) ?? []).map((state) => cheapestTo(column, state));
    const to = columnOf(status, found);
    const isJudged = isKnown && to.isKnown;
    const moves = found.map(({ from, path }): Move => {
      const verdict = isJudged ? verdictOn(path, to) : unknownStatus(to);
      return {
        ...(from !== undefined && { from }),
        ...(path && { events: eventsOf(path.edges) }),
        verdict,
      };
    });
    const winner = found[to.best]?.cell ?? {
      ...nothing,
      jumps: isJudged ? 1 : 0,
    };
    const verdict =
      moves[to.best]?.verdict ?? (isJudged ? verdictOn(undefined, to) : unknownStatus(to));
    return transitionTo(column, to, verdict, winner, moves);
  }

  /** Tries every cell of a column, and a jump. Behind an unknown status a jump costs nothing. */
  function cheapestTo(column: Column, state: string): Arrival {
    if (column === unseen) {
      const path = findPaths.from(graph.initial).get(state);
      return { path, cell: { ...nothing, state, missed: path?.visible ?? 0 } };
    }
    const { cells, best, isKnown } = column;
    const last = cells[best];
    const jumps = isKnown ? 1 : 0;
    // A jump may come from anywhere, so it comes from where the cheapest run is.
    let cheapest: Arrival = {
      ...(last && { source: last, from: best }),
      cell: { ...nothing, ...last, state, jumps },
    };
    for (const [from, source] of cells.entries()) {
      const path = findPaths.leaving(source.state).get(state);
      if (path === undefined) continue;
      const missed = source.missed + path.visible - 1;
      const paths = source.paths + (path.visible > 1 ? 1 : 0);
      const arrival = { source, from, path, cell: { ...source, state, missed, paths } };
      if (compareArrivals(arrival, cheapest) < 0) cheapest = arrival;
    }
    return cheapest;
  }

  /** Costs first; of equal ones those that arise later; then the shorter, and the first defined. */
  function compareArrivals(a: Arrival, b: Arrival): number {
    return (
      compareCosts(a.cell, b.cell) ||
      (a.source && b.source ? compareCosts(a.source, b.source) : 0) ||
      (a.path && b.path
        ? a.path.edges.length - b.path.edges.length ||
          (a.from ?? 0) - (b.from ?? 0) ||
          compareRanks(a.path, b.path)
        : 0)
    );
  }

  /** Puts a column in terms of its best cell. Equal columns then are one object. */
  function columnOf(status: string, found: readonly Arrival[]): Column {
    const isKnown = statesWith.has(status);
    let best = found.length - 1;
    for (let index = best - 1; index >= 0; index -= 1) {
      if (compareArrivals(found[index] as Arrival, found[best] as Arrival) <= 0) best = index;
    }
    const base = found[best]?.cell ?? nothing;
    const cells = found.map(({ cell }): Cell => ({
      ...cell,
      jumps: cell.jumps - base.jumps,
      missed: cell.missed - base.missed,
      paths: cell.paths - base.paths,
    }));
    const key = isKnown ? JSON.stringify([status, best, cells]) : status;
    const kept = isKnown ? columns : unknown;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const possible = cells.filter((cell) =>
      complete ? compareCosts(cell, cells[best] as Cell) === 0 : cell.jumps === 0,
    );
    const states = Object.freeze(possible.map(({ state }) => state));
    const column: Column = {
      status,
      isKnown,
      cells,
      best,
      ...(cells.length > 1 && { states }),
      next: new Map(),
    };
    if (kept.size >= mostColumns) {
      kept.clear();
      unseen.next.clear();
    }
    kept.set(key, column);
    return column;
  }

  function verdictOn(path: Path | undefined, to: Column): StepVerdict {
    const states = statesOf(to);
    if (path === undefined) return { kind: 'jump', ...states };
    const events = Object.freeze(eventsOf(path.edges.slice(0, path.shown)));
    if (path.visible === 1) return { kind: 'edge', events, ...states };
    if (!complete) return { kind: 'path', events, ...states };
    return { kind: 'skipped', events, skipped: Object.freeze(events.slice(0, -1)), ...states };
  }
}

/** A cell with the way to it. */
interface Arrival {
  readonly cell: Cell;
  /** The cell it came from, with its place in the column. */
  readonly source?: Cell;
  readonly from?: number;
  readonly path?: Path | undefined;
}

/** A jump is worse than any number of missed statuses. */
const compareCosts = (a: Cell, b: Cell): number => a.jumps - b.jumps || a.missed - b.missed;

const statesOf = ({ states }: Column): Pick<StepVerdict, 'states'> => (states ? { states } : {});

const unknownStatus = (to: Column): StepVerdict => ({ kind: 'unknown-status', ...statesOf(to) });

const noCells = { cells: [], best: -1 };

const nothing = { jumps: 0, missed: 0, paths: 0 };

function transitionTo(
  { status }: Column,
  to: Column,
  verdict: StepVerdict,
  { jumps, missed, paths }: Pick<Transition, 'jumps' | 'missed' | 'paths'> = nothing,
  moves?: readonly Move[],
): Transition {
  const step = Object.freeze({ from: status, to: to.status, ...verdict });
  return {
    to,
    verdict: Object.freeze(verdict),
    step,
    jumps,
    missed,
    paths,
    ...(moves && { moves }),
  };
}
