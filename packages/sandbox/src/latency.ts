/**
 * Is a shortest and a longest wait, in milliseconds.
 *
 * @example
 * ```ts
 * import { createSandbox, type DelayRange } from '@ticket-lifecycle/sandbox';
 *
 * const overseas: DelayRange = [80, 200];
 * createSandbox({ delayMs: { beforeCounting: overseas, beforeAnswering: overseas } });
 * ```
 */
export type DelayRange = readonly [min: number, max: number];

// mulberry32, public domain: four lines, the same numbers on every platform.
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function createLatency(seed: number, sleep: (ms: number) => Promise<void>) {
  const random = createRandom(seed);
  return async (range: DelayRange | undefined): Promise<void> => {
    if (range === undefined) return;
    const [min, max] = range;
    await sleep(min + random() * (max - min));
  };
}
