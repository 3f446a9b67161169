import { setTimeout as sleep } from 'node:timers/promises';
import { fleetSize } from './fleet.ts';
import { withFleets, type Ground } from './ground.ts';

/** What a worker asks while it has nothing to do. */
export interface IdleResult {
  readonly engine: string;
  readonly figure: string;
  /** Statements a second, those that begin and end transactions included. */
  readonly queriesPerSecond: number;
}

const settleMs = 5000;
const spanMs = 20_000;

export function measureIdle(
  ground: Ground,
  progress: (text: string) => void,
): Promise<IdleResult[]> {
  progress('idle load');
  return withFleets(ground, 'idle', async (fleets) => {
    await sleep(settleMs);
    await Promise.all(fleets.map((fleet) => fleet.counts()));
    const startedAt = performance.now();
    await sleep(spanMs);
    return Promise.all(
      fleets.map(async (fleet) => {
        const { queries } = await fleet.counts();
        const seconds = (performance.now() - startedAt) / 1000;
        const { name, figure } = fleet.engine;
        return { engine: name, figure, queriesPerSecond: queries / seconds / fleetSize };
      }),
    );
  });
}
