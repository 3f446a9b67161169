import type { MemoryBudget } from './memory-budget.ts';
import { recordOf, type Job, type MemoryRecords } from './memory-records.ts';
import type { BlockedTicket, DeadChange, Depth, Inspect } from '../model/outbox.ts';

/** What a store in memory holds. */
export interface MemoryContents {
  readonly jobs: ReadonlyMap<string, Job>;
  readonly later: ReadonlyMap<string, Job>;
  readonly lanes: ReadonlyMap<string, readonly Job[]>;
  readonly budgets: ReadonlyMap<string, MemoryBudget>;
  readonly records: MemoryRecords;
}

export function createMemoryInspect(contents: MemoryContents): Inspect {
  const { jobs, later, lanes, budgets, records } = contents;
  const held = () => [...jobs.values()].filter(({ kind }) => kind === 'dead' || kind === 'unknown');

  return {
    async depth(key): Promise<Depth> {
      const all = [...jobs.values()].filter(
        ({ change }) => key === undefined || change.key === key,
      );
      const count = (kind: Job['kind']) => all.filter((job) => job.kind === kind).length;
      const oldest = all.find(({ kind }) => kind === 'waiting' || kind === 'retry');
      return {
        waiting: count('waiting'),
        underWay: count('active'),
        retrying: count('retry'),
        later: [...later.values()].filter(({ change }) => key === undefined || change.key === key)
          .length,
        dead: count('dead'),
        unknown: count('unknown'),
        oldestMs: oldest === undefined ? 0 : Date.now() - oldest.acceptedAt.getTime(),
      };
    },
    async blocked(): Promise<BlockedTicket[]> {
      return held().map(({ id, change, kind, lane }) => ({
        key: change.key,
        ticketId: change.ticketId,
        by: id,
        kind: kind as 'dead' | 'unknown',
        waiting: (lanes.get(lane)?.length ?? 1) - 1,
      }));
    },
    async dead(): Promise<DeadChange[]> {
      return held().map(({ id, change, kind, reason, acceptedAt, endedAt }) => ({
        id,
        change,
        kind: kind as 'dead' | 'unknown',
        reason: reason ?? 'no reason was given',
        acceptedAt,
        endedAt,
      }));
    },
    async change(id) {
      const [job, timer] = [jobs.get(id), later.get(id)];
      if (job !== undefined) return recordOf(job, false);
      return timer === undefined ? records.get(id) : recordOf(timer, true);
    },
    budgets: async () => [...budgets.values()].map((budget) => budget.describe()),
  };
}
