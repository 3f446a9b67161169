import type { StoredChange } from '../model/change.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { Slot } from '../model/store.ts';
import type { BlockedTicket, DeadChange, Depth, Inspect } from '../model/outbox.ts';

/** A stored change. The first of its lane holds up the others. */
export interface Job {
  readonly id: string;
  readonly change: StoredChange;
  readonly lane: string;
  readonly priority: number;
  readonly order: number;
  readonly acceptedAt: Date;
  dueAt: number;
  kind: 'waiting' | 'active' | 'retry' | 'dead' | 'unknown';
  /** Who holds it while it is active, since which of its requests. */
  holder:
    | { readonly life: string; readonly number: number; readonly slots: readonly Slot[] }
    | undefined;
  fence: number;
  attempts: number;
  /** How many of them met an API that could not be reached. */
  outages: number;
  doubtAt: number | undefined;
  /** When the first claim began whose request may have left. */
  claimedAt: number;
  reason: string;
  endedAt: Date;
}

/** What a store in memory holds. */
export interface MemoryContents {
  readonly jobs: ReadonlyMap<string, Job>;
  readonly later: ReadonlyMap<string, Job>;
  readonly lanes: ReadonlyMap<string, readonly Job[]>;
  readonly budgets: ReadonlyMap<string, MemoryBudget>;
}

export function createMemoryInspect({ jobs, later, lanes, budgets }: MemoryContents): Inspect {
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
        reason,
        acceptedAt,
        endedAt,
      }));
    },
    budgets: async () => [...budgets.values()].map((budget) => budget.describe()),
  };
}
