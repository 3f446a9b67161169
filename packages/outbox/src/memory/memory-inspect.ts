import type { MemoryKeys } from './memory-keys.ts';
import { historyOfJob, kinds, recordOf, type Job, type MemoryRecords } from './memory-records.ts';
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
  /** How long no worker has been seen; `undefined` where there was none yet. */
  readonly silentMs: () => number | undefined;
}

// How long it takes to know that there is no worker.
const idleMs = 10_000;

/** Whether it does not go on: by its kind, or because nothing has happened for long. */
const isStill = ({ kind, since }: Job, standstill: string | undefined) =>
  (kind !== 'active' && kind !== 'waiting') ||
  isOld(since, kind === 'active' ? undefined : standstill);

const isOld = (since: Date, standstill: string | undefined) =>
  since.getTime() < Date.now() - (standstill === undefined ? stillMs : idleMs);

/** Whether it could be sent, now or soon. */
const isWaiting = ({ kind }: Job) => kind === 'waiting' || kind === 'retry';

const oldestMs = (some: readonly Job[], since: 'acceptedAt' | 'since') =>
  some.reduce((most, job) => Math.max(most, Date.now() - job[since].getTime()), 0);

/** Why nothing is handed out: no worker was seen for long. */
function standstillOf(silentMs: number | undefined): string | undefined {
  if (silentMs === undefined) return 'No worker has reached the outbox yet.';
  if (silentMs < idleMs) return undefined;
  const seconds = Math.round(silentMs / 1000);
  return `No worker has reached the outbox for ${seconds} s: none runs, or their calls fail.`;
}

function reasonOf(
  { kind, reason, dueAt }: Job,
  { isQuiet, standstill }: { readonly isQuiet: boolean; readonly standstill: string | undefined },
): string {
  if (!isQuiet) return 'A request of the change before it may still be under way.';
  if (kind === 'active') return 'A delivery of it has been under way for long.';
  if (kind === 'waiting') return standstill ?? 'Its turn has come, and no worker has taken it.';
  if (kind !== 'retry') return reason ?? 'no reason was given';
  if (dueAt > performance.now() || standstill === undefined) {
    return reason ?? 'It waits for its next attempt.';
  }
  return [standstill, reason].filter((one) => one !== undefined).join(' Its latest attempt: ');
}

export function createMemoryInspect(contents: MemoryContents): StoreInspect {
  const { jobs, later, lanes, keys, records, quietInMs, silentMs } = contents;
  const held = () => [...jobs.values()].filter(({ kind }) => kind === 'dead' || kind === 'unknown');

  const isDue = ({ dueAt }: Job) => dueAt <= performance.now();

  /** The tickets that do not go on: by their first change, or by those whose time has come. */
  function blocked(): BlockedTicket[] {
    const standstill = standstillOf(silentMs());
    const due = Map.groupBy([...later.values()].filter(isDue), ({ lane }) => lane);
    const heads = [...lanes.values()].flatMap(([head, ...behind]) => {
      if (head === undefined) return [];
      const isQuiet = quietInMs(head) === 0;
      const waiting = behind.length + (due.get(head.lane)?.length ?? 0);
      const found = pausedOf(head, head.since) ?? {
        kind: kinds[head.kind],
        reason: reasonOf(head, { isQuiet, standstill }),
        since: head.since,
      };
      if (found.kind !== 'paused' && isQuiet && !isStill(head, standstill)) return [];
      return [{ ...nameOf(head), ...found, waiting }];
    });
    const shown = new Set(heads.map(({ by }) => jobs.get(by)?.lane));
    const outside = [...due].flatMap(([lane, its]) => {
      const [first] = its.toSorted((one, other) => one.dueAt - other.dueAt);
      if (first === undefined || shown.has(lane)) return [];
      const since = first.notBefore ?? first.since;
      const reason = standstill ?? 'Its time has come, and no worker has let it in.';
      const found = pausedOf(first, since) ?? { kind: 'waiting' as const, reason, since };
      if (found.kind !== 'paused' && !isOld(since, standstill)) return [];
      return [{ ...nameOf(first), ...found, waiting: its.length - 1 }];
    });
    return [...heads, ...outside].toSorted(
      (one, other) => one.since.getTime() - other.since.getTime(),
    );
  }

  const nameOf = ({ id, change: { key, ticketId } }: Job) => ({ key, ticketId, by: id });

  /** That its key is paused, if it is, and it could be sent otherwise. */
  function pausedOf(job: Job, since: Date) {
    const pause = keys.circuits.get(job.change.key)?.describe();
    if (pause === undefined || !isWaiting(job)) return undefined;
    const from = pause.since > since ? pause.since : since;
    return { kind: 'paused', reason: `Its key is paused. ${pause.reason}`, since: from } as const;
  }

  return {
    async depth(key): Promise<Depth> {
      const all = [...jobs.values()].filter(
        ({ change }) => key === undefined || change.key === key,
      );
      const count = (kind: Job['kind']) => all.filter((job) => job.kind === kind).length;
      return {
        waiting: count('waiting'),
        underWay: count('active'),
        retrying: count('retry'),
        later: [...later.values()].filter(({ change }) => key === undefined || change.key === key)
          .length,
        dead: count('dead'),
        unknown: count('unknown'),
        oldestMs: oldestMs(all.filter(isWaiting), 'acceptedAt'),
        oldestUnderWayMs: oldestMs(
          all.filter(({ kind }) => kind === 'active'),
          'since',
        ),
      };
    },
    blocked: async () => blocked(),
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
    async waiting({ after = '', most }) {
      const isOpen = ({ id, kind }: Job) => id > after && kind !== 'dead' && kind !== 'unknown';
      return [...jobs.values(), ...later.values()]
        .filter(isOpen)
        .toSorted((one, other) => (one.id < other.id ? -1 : 1))
        .slice(0, most)
        .map(({ id, change, notBefore }) => ({
          id,
          change,
          notBefore: later.has(id) ? notBefore : undefined,
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
      const isLater = later.has(id);
      const lane = lanes.get(job.lane) ?? [];
      const history = {
        ...historyOfJob(job, { head: lane[0], isLater }),
        behind: isLater ? 0 : lane.length - 1 - lane.indexOf(job),
        isDue: isLater && isDue(job),
        stands: blocked().find(({ by }) => by === id)?.reason,
      };
      if (pause === undefined) return history;
      return { ...history, pause: { by: pause.by, reason: pause.reason } };
    },
    async budgets({ most = Infinity } = {}) {
      const all = [...keys.budgets.entries()].map(([, budget]) => budget.describe());
      return all.toSorted((one, other) => other.inUse - one.inUse).slice(0, most);
    },
    async paused() {
      return [...keys.circuits.entries()].flatMap(([key, circuit]) => {
        const pause = circuit.describe();
        const its = [...lanes.values()].filter(([head]) => head?.change.key === key);
        const tickets = its.filter(([head]) => head !== undefined && isWaiting(head)).length;
        return pause === undefined ? [] : [{ key, ...pause, tickets }];
      });
    },
  };
}
