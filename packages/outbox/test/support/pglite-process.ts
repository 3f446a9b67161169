import type { Depth } from '../../src/index.ts';
import { start } from './fleet.ts';
import type { PgliteWorkerOptions } from './pglite-worker.ts';

/** A process of its own with an outbox on PGlite. */
export interface PgliteProcess {
  /** Resolves with the first depth that fits, of those that it tells after each event. */
  until(fits: (depth: Depth) => boolean): Promise<Depth>;
  kill(): Promise<void>;
}

export function startPgliteProcess(options: PgliteWorkerOptions): PgliteProcess {
  const child = start('./pglite-worker.ts', options);
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    until: (fits) =>
      new Promise((resolve, reject) => {
        child.on('message', (depth: Depth) => {
          if (fits(depth)) resolve(depth);
        });
        void gone.then(() => reject(new Error('The process has ended.')));
      }),
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

export const isAllDone = ({ waiting, underWay, retrying }: Depth) =>
  waiting + underWay + retrying === 0;
