import { ticketStatuses, type TicketStatus } from '../ticket-status.ts';

/*
 * Where a ticket can be after each row of its history, and at what cost. replay.ts explains the
 * whole algorithm; here is one step of it: from a column to the next.
 */

/** What is needed of a lifecycle to explain histories: its states and its edges, guards aside. */
export interface Graph {
  readonly initial: string;
  readonly statuses: ReadonlyMap<string, TicketStatus>;
  readonly edges: ReadonlyMap<string, readonly GraphEdge[]>;
}

interface GraphEdge {
  readonly event: string;
  readonly from: string;
  readonly to: string;
}

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

/** The cheapest run that ends in a state. All but `before` are relative to the column's best. */
interface Cell {
  readonly state: string;
  readonly jumps: number;
  /** Statuses that the run passes and the history does not show. */
  readonly missed: number;
  /** Those of them that lie before the first row. */
  readonly before: number;
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
  /** What the cheapest run missed before the first row. */
  readonly before: number;
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

/** How a history may begin. */
export interface Start {
  readonly column: Column;
  /** For each cell the events from the initial state to it. */
  readonly events: readonly (readonly string[])[];
}

/** Explains histories of one lifecycle, column by column. */
export interface Aligner {
  readonly complete: boolean;
  readonly initialStatus: string | undefined;
  first(status: string): Start;
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
    ticketStatuses.map((status) => [
      status,
      allStates.filter((state) => graph.statuses.get(state) === status),
    ]),
  );
  const columns = new Map<string, Column>();
  const starts = new Map<string, Start>();
  // By what was missed before the first row, and the status, which may be anything.
  const unknownColumns: Map<string, Column>[] = [];

  return {
    complete,
    initialStatus: graph.statuses.get(graph.initial),
    first(status) {
      const known = starts.get(status);
      if (known !== undefined) return known;
      const start = startAt(status);
      if (starts.size < mostNext) starts.set(status, start);
      return start;
    },
    follow(column, status) {
      const known = column.next.get(status);
      if (known !== undefined) return known;
      const transition = step(column, status);
      if (column.next.size < mostNext) column.next.set(status, transition);
      return transition;
    },
  };

  function startAt(status: string): Start {
    if (!statesWith.has(status)) return { column: unknownColumn(status, 0), events: [] };
    const paths = findPaths.fromInitial();
    const events: string[][] = [];
    const cells: Cell[] = [];
    for (const state of statesWith.get(status) ?? []) {
      const path = paths.get(state);
      events.push(eventsOf(path?.edges ?? []));
      cells.push({ state, jumps: 0, missed: 0, before: path?.visible ?? 0, paths: 0 });
    }
    let best = cells.length - 1;
    for (let index = best - 1; index >= 0; index -= 1) {
      const order = compareCosts(cells[index] as Cell, cells[best] as Cell);
      const isShorter = (events[index]?.length ?? 0) <= (events[best]?.length ?? 0);
      if (order < 0 || (order === 0 && isShorter)) best = index;
    }
    return { column: columnOf(status, cells, best, 0), events };
  }

  function step(column: Column, status: string): Transition {
    if (!statesWith.has(status)) {
      const to = status === column.status ? column : unknownColumn(status, column.before);
      return transitionTo(column, to, { kind: 'unknown-status' });
    }
    if (status === column.status) {
      return transitionTo(column, column, { kind: 'unchanged', ...statesOf(column) });
    }
    return column.isKnown ? change(column, status) : restart(column, status);
  }

  /** Behind an unknown status a ticket may be in any state of the next, at no further cost. */
  function restart(column: Column, status: string): Transition {
    const { before } = column;
    const cells = (statesWith.get(status) ?? []).map((state): Cell => ({
      state,
      jumps: 0,
      missed: 0,
      before,
      paths: 0,
    }));
    const to = columnOf(status, cells, cells.length === 0 ? -1 : 0, before);
    const verdict: StepVerdict = { kind: 'unknown-status', ...statesOf(to) };
    return transitionTo(column, to, verdict, { moves: cells.map(() => ({ verdict })) });
  }

  function change(column: Column, status: string): Transition {
    const found = (statesWith.get(status) ?? []).map((state) => cheapestTo(column, state));
    let best = found.length === 0 ? -1 : 0;
    for (const [index, one] of found.entries()) {
      if (compareArrivals(one, found[best] as Arrival) < 0) best = index;
    }
    const winner = found[best]?.cell;
    const to = columnOf(
      status,
      found.map(({ cell }) => cell),
      best,
      column.before,
    );
    const states = statesOf(to);
    const moves = found.map(({ from, path }): Move => {
      const move = { ...(from === undefined ? {} : { from }), verdict: verdictOn(path, states) };
      return path === undefined ? move : { ...move, events: eventsOf(path.edges) };
    });
    const verdict = moves[best]?.verdict ?? verdictOn(undefined, states);
    return transitionTo(column, to, verdict, {
      jumps: winner?.jumps ?? 1,
      missed: winner?.missed ?? 0,
      paths: winner?.paths ?? 0,
      moves,
    });
  }

  /** Tries every cell of a column, and a jump. */
  function cheapestTo(column: Column, state: string): Arrival {
    const last = column.cells[column.best];
    // A jump may come from anywhere, so it comes from where the cheapest run is.
    let best: Arrival = {
      source: last,
      from: last && column.best,
      path: undefined,
      cell: {
        state,
        jumps: 1,
        missed: 0,
        before: column.before,
        paths: 0,
      },
    };
    for (const [from, source] of column.cells.entries()) {
      const path = findPaths.leaving(source.state).get(state);
      if (path === undefined) continue;
      const missed = source.missed + path.visible - 1;
      const paths = source.paths + (path.visible > 1 ? 1 : 0);
      const arrival = { source, from, path, cell: { ...source, state, missed, paths } };
      if (compareArrivals(arrival, best) < 0) best = arrival;
    }
    return best;
  }

  /** Costs first; of equal ones those that arise later; then the shorter, and the first defined. */
  function compareArrivals(a: Arrival, b: Arrival): number {
    const order = compareCosts(a.cell, b.cell);
    if (order !== 0 || a.source === undefined || b.source === undefined) return order;
    const late = compareCosts(a.source, b.source);
    if (late !== 0 || a.path === undefined || b.path === undefined) return late;
    return (
      a.path.edges.length - b.path.edges.length ||
      (a.from ?? 0) - (b.from ?? 0) ||
      compareRanks(a.path.ranks, b.path.ranks)
    );
  }

  /**
   * A jump is worse than any number of missed statuses. In a log that is complete those before
   * the first row count like the others. Nobody knows when a poller began, so there they count
   * only between runs that are equal otherwise.
   */
  function compareCosts(a: Cell, b: Cell): number {
    const jumps = a.jumps - b.jumps;
    const before = a.before - b.before;
    const missed = a.missed - b.missed;
    return jumps || (complete ? missed + before : missed || before);
  }

  /** Puts a column in terms of its best cell. Equal columns then are one object. */
  function columnOf(
    status: string,
    found: readonly Cell[],
    best: number,
    beforeBest: number,
  ): Column {
    const base = found[best] ?? { jumps: 0, missed: 0, paths: 0, before: beforeBest };
    const cells = found.map((cell): Cell => ({
      ...cell,
      jumps: cell.jumps - base.jumps,
      missed: cell.missed - base.missed,
      paths: cell.paths - base.paths,
    }));
    const costs = cells.map(({ jumps, missed, before, paths }) => [jumps, missed, before, paths]);
    const key = JSON.stringify([status, best, base.before, costs]);
    const known = columns.get(key);
    if (known !== undefined) return known;
    const cheapest = cells[best];
    const states =
      cells.length > 1 && cheapest !== undefined
        ? cells.filter((cell) =>
            complete ? compareCosts(cell, cheapest) === 0 : cell.jumps === cheapest.jumps,
          )
        : undefined;
    const column: Column = {
      status,
      isKnown: true,
      cells,
      best,
      before: base.before,
      ...(states && { states: Object.freeze(states.map(({ state }) => state)) }),
      next: new Map(),
    };
    if (columns.size >= mostColumns) {
      columns.clear();
      starts.clear();
    }
    columns.set(key, column);
    return column;
  }

  function unknownColumn(status: string, before: number): Column {
    const known = (unknownColumns[before] ??= new Map());
    const column = known.get(status) ?? {
      status,
      isKnown: false,
      cells: [],
      best: -1,
      before,
      next: new Map<string, Transition>(),
    };
    if (known.size < mostColumns) known.set(status, column);
    return column;
  }

  function verdictOn(path: Path | undefined, states: Pick<StepVerdict, 'states'>): StepVerdict {
    if (path === undefined) return Object.freeze({ kind: 'jump', ...states });
    const events = Object.freeze(eventsOf(path.edges.slice(0, path.shown)));
    if (path.visible === 1) return Object.freeze({ kind: 'edge', events, ...states });
    if (!complete) return Object.freeze({ kind: 'path', events, ...states });
    const skipped = Object.freeze(events.slice(0, -1));
    return Object.freeze({ kind: 'skipped', events, skipped, ...states });
  }
}

/** A cell with the way to it. */
interface Arrival {
  readonly cell: Cell;
  /** The cell it came from, with its place in the column. */
  readonly source: Cell | undefined;
  readonly from: number | undefined;
  readonly path: Path | undefined;
}

const statesOf = ({ states }: Column): Pick<StepVerdict, 'states'> => (states ? { states } : {});

const nothing = { jumps: 0, missed: 0, paths: 0 };

function transitionTo(
  { status }: Column,
  to: Column,
  verdict: StepVerdict,
  added: Partial<Transition> = {},
): Transition {
  const step = Object.freeze({ from: status, to: to.status, ...verdict });
  return { ...nothing, ...added, to, verdict: Object.freeze(verdict), step };
}

/** A way from one state to another. */
interface Path {
  readonly at: string;
  readonly edges: readonly GraphEdge[];
  /** For each edge its place among the edges of its state. */
  readonly ranks: readonly number[];
  /** How many edges change the status. */
  readonly visible: number;
  /** How many edges there are up to the last of those. */
  readonly shown: number;
}

const eventsOf = (edges: readonly GraphEdge[]) => edges.map(({ event }) => event);

/** Finds the paths with the fewest changes of status, of those the shortest, then the first. */
function createPathFinder({ initial, statuses, edges }: Graph) {
  const kept = new Map<string, ReadonlyMap<string, Path>>();
  const isVisible = ({ from, to }: GraphEdge) => statuses.get(from) !== statuses.get(to);
  return {
    /** To every state, from the initial one. */
    fromInitial: () => search([pathOf(initial)]),
    /** To every state, by paths whose first edge changes the status. */
    leaving(state: string): ReadonlyMap<string, Path> {
      const known = kept.get(state);
      if (known !== undefined) return known;
      const paths = search(onward(pathOf(state)).filter(({ visible }) => visible === 1));
      kept.set(state, paths);
      return paths;
    },
  };

  function search(begun: readonly Path[]): ReadonlyMap<string, Path> {
    const found = new Map<string, Path>();
    const waiting = [...begun];
    // The list grows while it is walked: what got better is carried on from there.
    for (const path of waiting) {
      const known = found.get(path.at);
      if (known !== undefined && comparePaths(known, path) <= 0) continue;
      found.set(path.at, path);
      waiting.push(...onward(path));
    }
    return found;
  }

  function onward(path: Path): Path[] {
    return (edges.get(path.at) ?? []).map((edge, rank) => {
      const along = [...path.edges, edge];
      const changes = isVisible(edge);
      return {
        at: edge.to,
        edges: along,
        ranks: [...path.ranks, rank],
        visible: path.visible + (changes ? 1 : 0),
        shown: changes ? along.length : path.shown,
      };
    });
  }
}

const pathOf = (at: string): Path => ({ at, edges: [], ranks: [], visible: 0, shown: 0 });

const comparePaths = (a: Path, b: Path): number =>
  a.visible - b.visible || a.edges.length - b.edges.length || compareRanks(a.ranks, b.ranks);

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((rank, index) => rank !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
