/** How durations are spread, in milliseconds. */
export interface Durations {
  readonly count: number;
  readonly total: number;
  /** The middle one, or the mean of the two in the middle. */
  readonly median: number;
  /** Those that 90 and 99 of a hundred do not exceed: the nearest rank, so each is a duration. */
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

// 400 KB. Of more durations only buckets are kept.
const mostExact = 50_000;
// Between a power of two and the next, so that each bucket is at most 1.6 % wide.
const bucketsPerPower = 64;
// The longest time that a Date can span has less.
const mostPowers = 54;

/**
 * Gathers durations of 0 or more. Up to 50,000 are kept as they are, so that the quantiles are
 * exact. From then on they are counted in buckets, which bounds the memory.
 */
export function createSample(): Sample {
  let exact: Float64Array<ArrayBuffer> | undefined = new Float64Array(64);
  let buckets: Buckets | undefined;
  let count = 0;
  let total = 0;

  return {
    get total() {
      return total;
    },
    add(milliseconds) {
      if (count === mostExact && exact !== undefined) {
        buckets = createBuckets();
        for (const one of exact.subarray(0, count)) buckets.add(one);
        exact = undefined;
      }
      if (exact === undefined) buckets?.add(milliseconds);
      else {
        const { buffer, length } = exact;
        if (count === length) {
          const room = Math.min(length * 2, mostExact) * Float64Array.BYTES_PER_ELEMENT;
          exact = new Float64Array(buffer.transfer(room));
        }
        exact[count] = milliseconds;
      }
      count += 1;
      total += milliseconds;
    },
    summary() {
      if (count === 0) return undefined;
      const sorted = exact?.slice(0, count).sort();
      const at = (rank: number) => sorted?.[rank] ?? buckets?.at(rank) ?? 0;
      const median = (at(rankOf(0.5, count)) + at(Math.floor(count / 2))) / 2;
      const [p90, p99] = [at(rankOf(0.9, count)), at(rankOf(0.99, count))];
      return { count, total, median, p90, p99, isExact: exact !== undefined };
    },
  };
}

type Buckets = ReturnType<typeof createBuckets>;

/** Counts durations by their size. Bucket 0 holds what is below a millisecond. */
function createBuckets() {
  const sizes = new Float64Array(mostPowers * bucketsPerPower + 1);
  // The high word of a number holds its power of two and the first bits of what follows. Shifted,
  // it is the bucket: to take the logarithm would take several times as long.
  const number = Float64Array.of(1);
  const words = new Uint32Array(number.buffer);
  const high = words[0] === 0 ? 1 : 0;
  const bucketOf = () => (words[high] ?? 0) >>> 14;
  const first = bucketOf();
  return {
    add(milliseconds: number): void {
      number[0] = milliseconds;
      const bucket = milliseconds < 1 ? 0 : 1 + bucketOf() - first;
      sizes[bucket] = (sizes[bucket] ?? 0) + 1;
    },
    /** Of that rank, from 0: the middle of its bucket. */
    at(rank: number): number {
      let left = rank;
      const bucket = sizes.findIndex((size) => (left -= size) < 0);
      return bucket === 0 ? 0 : (startOf(bucket) + startOf(bucket + 1)) / 2;
    },
  };
}

/** The shortest duration of a bucket. */
function startOf(bucket: number): number {
  const [power, part] = [
    Math.floor((bucket - 1) / bucketsPerPower),
    (bucket - 1) % bucketsPerPower,
  ];
  return 2 ** power * (1 + part / bucketsPerPower);
}

/** The nearest rank, from 0. */
const rankOf = (share: number, count: number): number => Math.max(0, Math.ceil(share * count) - 1);
