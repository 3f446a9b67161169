/** How durations are spread, in milliseconds. */
export interface Durations {
  readonly count: number;
  readonly total: number;
  /** The middle one, and those that 90 and 99 of a hundred do not exceed. */
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  /** Whether the three are exact. Otherwise each is at most 1 % off. */
  readonly isExact: boolean;
}

/** Gathers durations. */
export interface Sample {
  readonly total: number;
  add(milliseconds: number): void;
  /** Absent where there are none. */
  summary(): Durations | undefined;
}

// 400 KB. Of more durations only buckets are kept, each 2 % wide: about 1,500 up to a century.
const mostExact = 50_000;
const growth = Math.log(1.02);

/**
 * Gathers durations of 0 or more. Up to 50,000 are kept as they are, so that the quantiles are
 * exact (the nearest rank: one of the durations). From then on they are counted in buckets, which
 * bounds the memory.
 */
export function createSample(): Sample {
  let exact: Float64Array<ArrayBuffer> | undefined = new Float64Array(64);
  // How many are in each, by its number.
  const buckets: (number | undefined)[] = [];
  let count = 0;
  let total = 0;

  return {
    get total() {
      return total;
    },
    add(milliseconds) {
      if (count === mostExact && exact !== undefined) {
        for (const one of exact.subarray(0, count)) addToBucket(one);
        exact = undefined;
      }
      if (exact === undefined) addToBucket(milliseconds);
      else {
        const { buffer, length } = exact;
        if (count === length) exact = new Float64Array(buffer.transfer(buffer.byteLength * 2));
        exact[count] = milliseconds;
      }
      count += 1;
      total += milliseconds;
    },
    summary() {
      if (count === 0) return undefined;
      const known = exact?.subarray(0, count);
      const quantile = known === undefined ? quantileOfBuckets() : quantileOf(known);
      const [median, p90, p99] = [quantile(0.5), quantile(0.9), quantile(0.99)];
      return { count, total, median, p90, p99, isExact: exact !== undefined };
    },
  };

  // Bucket 0 holds what is below a millisecond.
  function addToBucket(milliseconds: number): void {
    const bucket = milliseconds < 1 ? 0 : 1 + Math.floor(Math.log(milliseconds) / growth);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }

  function quantileOfBuckets(): (share: number) => number {
    return (share) => {
      let left = rankOf(share, count);
      const bucket = buckets.findIndex((size = 0) => (left -= size) < 0);
      // The middle of the bucket, as ratios go.
      return bucket === 0 ? 0 : Math.exp((bucket - 0.5) * growth);
    };
  }
}

function quantileOf(values: Float64Array): (share: number) => number {
  const sorted = Float64Array.from(values).sort();
  return (share) => sorted[rankOf(share, sorted.length)] ?? 0;
}

/** The nearest rank, from 0. */
const rankOf = (share: number, count: number): number => Math.max(0, Math.ceil(share * count) - 1);
