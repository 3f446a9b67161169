/** What is needed of a lifecycle to explain histories: its states and its edges, guards aside. */
export interface Graph {
  readonly initial: string;
  readonly statuses: ReadonlyMap<string, string>;
  readonly edges: ReadonlyMap<string, readonly GraphEdge[]>;
}

interface GraphEdge {
  readonly event: string;
  readonly from: string;
  readonly to: string;
}

/** A path from one state to another. */
export interface Path {
  readonly at: string;
  readonly edges: readonly GraphEdge[];
  /** For each edge its place among the edges of its state. */
  readonly ranks: readonly number[];
  /** How many edges change the status. */
  readonly visible: number;
  /** How many edges there are up to the last of those. */
  readonly shown: number;
}

/** The events of a path, in order. */
export const eventsOf = (edges: readonly GraphEdge[]): string[] => edges.map(({ event }) => event);

/** Finds the paths with the fewest changes of status, of those the shortest, then the first. */
export function createPathFinder({ statuses, edges }: Graph) {
  const kept = new Map<string, ReadonlyMap<string, Path>>();
  const isVisible = ({ from, to }: GraphEdge) => statuses.get(from) !== statuses.get(to);
  return {
    /** To every state, itself included. */
    from: (state: string) => search([pathOf(state)]),
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

/** Fewer changes of status first, then fewer edges, then the order of definition. */
export const comparePaths = (a: Path, b: Path): number =>
  a.visible - b.visible || a.edges.length - b.edges.length || compareRanks(a, b);

/** Which of two paths the definition names first. */
export function compareRanks({ ranks: a }: Path, { ranks: b }: Path): number {
  const at = a.findIndex((rank, index) => rank !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
