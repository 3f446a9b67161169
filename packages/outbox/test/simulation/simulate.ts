// First: it sets the clocks before anything reads one.
import { epochMs } from './virtual-time.ts';
import { systemClock } from '@ticket-lifecycle/series';
import { checkOutboxOptions, type OutboxOptions } from '../../src/create-outbox.ts';
import { createApi } from './api.ts';
import type { OpenBackend } from './backend.ts';
import { startFleet, type Breaks } from './fleet.ts';
import { judge, type Findings } from './judge.ts';
import { timeoutMs, type Schedule } from './schedule.ts';
import { startService } from './service.ts';
import { createWorld } from './world.ts';

/*
 * A whole fleet in one process, under virtual time: the real workers, ledgers, limiters and permits,
 * the real client, a sandbox as the API, and a store that is the real SQL on PGlite or the one in
 * memory. All chance comes from the schedule's seed, so a schedule that fails fails again.
 *
 *   schedule.ts      what is drawn: changes, and faults with their moments
 *   virtual-time.ts  clocks, timers and random numbers, for code that does not know
 *   world.ts         faults, and the way between the processes and their store
 *   sql-backend.ts, memory-backend.ts   the stores
 *   api.ts           the sandbox, the way to it, and a colleague
 *   fleet.ts         processes that are killed, stopped, closed and started anew
 *   service.ts       who accepts changes, and a person who looks after what is dead or unknown
 *   judge.ts         compares what the outbox says with what the server did
 *   shrink.ts        makes a schedule that fails smaller
 */

export interface Simulated {
  readonly findings: Findings;
  /** How each change ended, by its id. */
  readonly ends: ReadonlyMap<string, string>;
  /** Each finding, by name. */
  readonly why: readonly string[];
  /** All that happened, line by line. */
  readonly trace: readonly string[];
  /** How many events there were, which are many more than lines. */
  readonly events: number;
  /** Virtual milliseconds. */
  readonly lastedMs: number;
}

// How long all may take to end after the last fault, or after the last step of a person.
const calmMs = 120_000;
const longestMs = 3_600_000;
// What is still under way when all has ended shows within this.
const afterMs = 3000;

/** Runs a schedule to its end. */
export async function simulate(
  schedule: Schedule,
  openBackend: OpenBackend,
  breaks: Breaks = {},
): Promise<Simulated> {
  const world = createWorld(schedule);
  const { time, database } = world;
  time.at(database, () => {
    if (systemClock.now() - performance.now() === epochMs) return;
    throw new Error('The simulator must be loaded before the client: import it first.');
  });
  const { pace } = schedule;
  const options: OutboxOptions = { pace, timeoutMs, concurrency: 20 };
  const settings = checkOutboxOptions<OutboxOptions>('simulate', options, {} as never);
  const backend = await openBackend(world, settings);
  try {
    const api = createApi(world);
    const service = startService(world, backend);
    startFleet(world, { backend, api, settings, breaks });

    let acceptedAt: number | undefined;
    let endedAt: number | undefined;
    let isOver = false;
    const watch = world.placeOf('watch');
    const look = async (): Promise<void> => {
      if (service.hasAccepted()) acceptedAt ??= time.now;
      const isCalm = acceptedAt !== undefined && !world.isFaulty();
      if (isCalm) {
        const depth = await time.at(database, () => backend.inspect.depth());
        const { waiting, underWay, retrying, later, dead, unknown } = depth;
        const isIdle =
          waiting + underWay + retrying + later + dead + unknown + api.underWay() === 0;
        endedAt = isIdle ? (endedAt ?? time.now) : undefined;
        const calmSince = Math.max(acceptedAt ?? 0, world.faultyUntil(), service.actedAt());
        isOver = time.now > Math.min(calmSince + calmMs, (endedAt ?? Infinity) + afterMs);
      }
      time.later(watch, 1000, () => void look());
    };
    time.later(watch, 1000, () => void look());
    await time.run(() => isOver, longestMs);
    const judged = await judge(world, { api, backend, service });
    return { ...judged, trace: world.trace, events: time.happened, lastedMs: time.now };
  } finally {
    await backend.close();
    time.end();
  }
}
