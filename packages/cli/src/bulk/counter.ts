/** A name, how often it came, and what is to be said of it. */
export interface Counted {
  readonly name: string;
  readonly count: number;
  readonly note?: string | undefined;
}

// Where names differ at every line, the wrong column was given; they must not fill the memory.
const mostNames = 1000;

/** Counts names, a bounded number of them apart. */
export function createCounter() {
  const counts = new Map<string, Counted>();
  return {
    add(given: string, note?: string, times = 1): void {
      const name = counts.has(given) || counts.size < mostNames ? given : 'others';
      const known = counts.get(name)?.count ?? 0;
      counts.set(name, { name, count: known + times, ...(note === undefined ? {} : { note }) });
    },
    /** The most frequent first. */
    mostFrequent: (): Counted[] => [...counts.values()].sort((a, b) => b.count - a.count),
  };
}
