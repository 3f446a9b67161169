import type { MemoryKeys } from './memory-keys.ts';
import { historyOfJob, recordOf, type Job, type MemoryRecords } from './memory-records.ts';
import { stillMs } from '../model/slot-timing.ts';
import type { StoreInspect } from '../model/store.ts';
import type { BlockedTicket, DeadChange, Depth } from '../model/outbox.ts';

/** What a store in memory holds. */
export interface MemoryContents {
  readonly jobs: ReadonlyMap<string, Job>;
  readonly later: ReadonlyMap<string, Job>;
  readonly lanes: ReadonlyMap<string, readonly Job[]>;
  readonly keys: MemoryKeys;
  readonly records: MemoryRecords;
  /** How long it waits for a request of an earlier change of its ticket. */
  readonly quietInMs: (job: Job) => number;
}

const kinds = {
  dead: 'dead',
  unknown: 'unknown',
  retry: 'retrying',
  active: 'underWay',
  waiting: 'waiting',
} as const;

/** Whether it does not go on: by its kind, or because nothing has happened for long. */
const isStill = ({ kind, since }: Job) =>
  (kind !== 'active' && kind !== 'waiting') || since.getTime() < Date.now() - stillMs;

/** Whether it could be sent, now or soon. */
const isWaiting = ({ kind }: Job) => kind === 'waiting' || kind === 'retry';

function reasonOf({ kind, reason }: Job, isQuiet: boolean): string {
  if (!isQuiet) return 'A request of the change before it may still be under way.';
  if (kind === 'active') return 'A delivery of it has been under way for long.';
  if (kind === 'waiting') return 'Its turn has come, and no worker has taken it.';
  return reason ?? (kind === 'retry' ? 'It waits for its next attempt.' : 'no reason was given');
}

export function createMemoryInspect(contents: MemoryContents): StoreInspect {
  const { jobs, later, lanes, keys, records, quietInMs } = contents;
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
        oldestUnderWayMs: Math.max(
          0,
          ...all
            .filter(({ kind }) => kind === 'active')
            .map(({ since }) => Date.now() - since.getTime()),
        ),
      };
    },
    async blocked(): Promise<BlockedTicket[]> {
      return [...lanes.values()].flatMap(([head, ...behind]) => {
        if (head === undefined) return [];
        const { id, change, kind, since } = head;
        const { key, ticketId } = change;
        const pause = keys.circuits.get(key)?.describe();
        if (pause !== undefined && isWaiting(head)) {
          const from = pause.since > since ? pause.since : since;
          const reason = `Its key is paused. ${pause.reason}`;
          const name = { key, ticketId, by: id, kind: 'paused' } as const;
          return { ...name, reason, since: from, waiting: behind.length };
        }
        const isQuiet = quietInMs(head) === 0;
        if (isQuiet && !isStill(head)) return [];
        const reason = reasonOf(head, isQuiet);
        const waiting = behind.length;
        return { key, ticketId, by: id, kind: kinds[kind], reason, since, waiting };
      });
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
    async why(id) {
      const job = jobs.get(id) ?? later.get(id);
      const record = records.get(id);
      if (job === undefined) {
        return record && { record, evidence: records.evidenceOf(id), isInDoubt: false };
      }
      const pause = keys.circuits.get(job.change.key)?.describe();
      const history = historyOfJob(job, { head: lanes.get(job.lane)?.[0], isLater: later.has(id) });
      if (pause === undefined) return history;
      return { ...history, pause: { by: pause.by, reason: pause.reason } };
    },
    async budgets({ most = Infinity } = {}) {
      const all = [...keys.budgets.values()].map((budget) => budget.describe());
      return all.toSorted((one, other) => other.inUse - one.inUse).slice(0, most);
    },
    async paused() {
      return [...keys.circuits].flatMap(([key, circuit]) => {
        const pause = circuit.describe();
        const its = [...lanes.values()].filter(([head]) => head?.change.key === key);
        const tickets = its.filter(([head]) => head !== undefined && isWaiting(head)).length;
        return pause === undefined ? [] : [{ key, ...pause, tickets }];
      });
    },
  };
}
