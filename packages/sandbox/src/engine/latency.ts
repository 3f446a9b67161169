import { createRandom } from '../random.ts';

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

export function createLatency(seed: number, sleep: (ms: number) => Promise<void>) {
  const random = createRandom(seed);
  return async (range: DelayRange | undefined): Promise<void> => {
    if (range === undefined) return;
    const [min, max] = range;
    await sleep(min + random() * (max - min));
  };
}
