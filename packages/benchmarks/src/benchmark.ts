/** What a benchmark has measured. */
export interface Measured {
  /** Tables and the words that they need, for people. */
  readonly markdown: string;
  /** The same by name, for programs: each a plain number in the unit that its name says. */
  readonly figures: Readonly<Record<string, number>>;
}

/** How to measure. */
export interface BenchmarkOptions {
  /** Says what is going on while it takes its time. */
  readonly progress: (text: string) => void;
  /** Where a run draws lots: repeats it exactly. */
  readonly seed?: number | undefined;
  /** Where a run draws cases by lot: how many. */
  readonly cases?: number | undefined;
  /** Where something lasts: how long. */
  readonly seconds?: number | undefined;
  /** Where each seed is a run: how many, and which is the first. */
  readonly seeds?: number | undefined;
  readonly from?: number | undefined;
  /** Where both can be measured: only one of them. */
  readonly store?: 'postgres' | 'memory' | undefined;
  /** What is left of the schedule of a seed. */
  readonly only?: string | undefined;
}

/** A benchmark: `src/<name>.bench.ts` exports one as `run`. */
export type Benchmark = (options: BenchmarkOptions) => Promise<Measured>;
