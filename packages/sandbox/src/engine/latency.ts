import type { DelayRange } from '../options.ts';
import { createRandom } from '../random.ts';

/** Makes waits of a random length. */
export function createLatency(seed: number, sleep: (ms: number) => Promise<void>) {
  const random = createRandom(seed);
  return async (range: DelayRange | undefined): Promise<void> => {
    if (range === undefined) return;
    const [min, max] = range;
    await sleep(min + random() * (max - min));
  };
}
