import { laneOf, type StoredChange } from './change.ts';
import { createMemoryBudget, type MemoryBudget } from './memory-budget.ts';
import type { BlockedTicket, DeadChange, Depth, Inspect } from './outbox.ts';
import type { Claimed, SettledClaim, Slot, Store } from './store.ts';

/** A stored change. The first of its lane holds up the others. */
interface Job {
  readonly id: string;
  readonly change: StoredChange;
  readonly lane: string;
  readonly priority: number;
  readonly order: number;
  readonly acceptedAt: Date;
  dueAt: number;
  kind: 'waiting' | 'active' | 'retry' | 'dead' | 'unknown';
  fence: number;
  attempts: number;
  doubtAt: number | undefined;
  reason: string;
  endedAt: Date;
}

export interface MemoryStoreOptions {
  readonly requestsPerSecond: number;
  readonly pace: 'even' | 'burst';
}

/** Keeps changes in memory: the shortest way to say what the other rungs have to do. */
export function createMemoryStore({ requestsPerSecond, pace }: MemoryStoreOptions): Store<never> {
  const jobs = new Map<string, Job>();
  const later = new Map<string, Job>();
  const lanes = new Map<string, Job[]>();
  const states = new Map<string, { state: string; seenAt: number }>();
  const budgets = new Map<string, MemoryBudget>();
  let order = 0;
  let wake = () => {};
  let lastServed: string[] = [];
  const now = () => performance.now();

  function budgetOf(key: string): MemoryBudget {
    const known = budgets.get(key);
    if (known !== undefined) return known;
    const budget = createMemoryBudget(key, requestsPerSecond, pace);
    budgets.set(key, budget);
    return budget;
  }

  function enqueue(job: Job): void {
    jobs.set(job.id, job);
    lanes.set(job.lane, [...(lanes.get(job.lane) ?? []), job]);
    budgetOf(job.change.key);
    wake();
  }

  function remove({ id, lane }: Job): void {
    jobs.delete(id);
    const rest = (lanes.get(lane) ?? []).filter((other) => other.id !== id);
    if (rest.length === 0) lanes.delete(lane);
    else lanes.set(lane, rest);
    wake();
  }

  function promote(): void {
    for (const job of later.values()) {
      if (job.dueAt > now()) continue;
      later.delete(job.id);
      enqueue(job);
    }
  }

  const isReady = (job: Job) =>
    job.kind === 'waiting' || (job.kind === 'retry' && job.dueAt <= now());

  function readyByKey(): Map<string, Job[]> {
    const ready = new Map<string, Job[]>();
    for (const [head] of lanes.values()) {
      if (head === undefined || !isReady(head)) continue;
      ready.set(head.change.key, [...(ready.get(head.change.key) ?? []), head]);
    }
    for (const heads of ready.values()) {
      heads.sort((one, other) => other.priority - one.priority || one.order - other.order);
    }
    return ready;
  }

  function claimJob(job: Job, slot: Slot): Claimed {
    const { id, change, doubtAt } = job;
    const known = states.get(job.lane);
    job.kind = 'active';
    job.fence += 1;
    job.attempts += 1;
    return {
      id,
      key: change.key,
      slots: [slot],
      change,
      fence: job.fence,
      attempt: job.attempts,
      doubtMs: doubtAt === undefined ? null : now() - doubtAt,
      state: known?.state ?? null,
      stateAgeMs: known === undefined ? null : now() - known.seenAt,
    };
  }

  function settleJob(job: Job, ending: SettledClaim): void {
    const { kind, reason = '', state, delayMs = 0, doubt } = ending;
    if (doubt === 'none') job.doubtAt = undefined;
    if (doubt === 'anew') job.doubtAt = now();
    if (state !== undefined) moved(job.lane, state);
    if (kind === 'done' || kind === 'dropped') return remove(job);
    job.kind = kind;
    job.reason = reason;
    job.endedAt = new Date();
    job.dueAt = now() + delayMs;
  }

  /** A timer that was set for a state the ticket has left is pointless. */
  function moved(lane: string, state: string): void {
    states.set(lane, { state, seenAt: now() });
    for (const job of later.values()) {
      const { whileIn } = job.change;
      if (job.lane === lane && whileIn !== undefined && whileIn !== state) later.delete(job.id);
    }
  }

  const nextInMs = (heads: readonly Job[]) => {
    const waits = heads.map(({ change }) => budgetOf(change.key).nextInMs());
    const timers = [...later.values(), ...jobs.values()]
      .filter(({ kind, dueAt }) => kind === 'retry' || dueAt > now())
      .map(({ dueAt }) => Math.max(0, dueAt - now()));
    const all = [...waits.filter((wait) => wait !== null), ...timers];
    return all.length === 0 ? null : Math.min(...all);
  };

  const held = (kinds: readonly Job['kind'][]) =>
    [...jobs.values()].filter(({ kind }) => kinds.includes(kind));

  function endJob(id: string, kinds: readonly Job['kind'][], end: (job: Job) => void): boolean {
    const job = jobs.get(id);
    if (job === undefined || !kinds.includes(job.kind)) return false;
    end(job);
    return true;
  }

  const inspect: Inspect = {
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
      return held(['dead', 'unknown']).map(({ id, change, kind, lane }) => ({
        key: change.key,
        ticketId: change.ticketId,
        by: id,
        kind: kind as 'dead' | 'unknown',
        waiting: (lanes.get(lane)?.length ?? 1) - 1,
      }));
    },
    async dead(): Promise<DeadChange[]> {
      return held(['dead', 'unknown']).map(({ id, change, kind, reason, acceptedAt, endedAt }) => ({
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

  return {
    inspect,
    async accept(id, change, { notBefore, priority = 0, tx }) {
      if (tx !== undefined) throw new TypeError('The memory rung has no transactions to join.');
      const acceptedAt = new Date();
      const waitMs = (notBefore?.getTime() ?? 0) - acceptedAt.getTime();
      order += 1;
      const job: Job = {
        id,
        change,
        lane: laneOf(change.key, change.ticketId),
        priority,
        order,
        acceptedAt,
        dueAt: waitMs > 0 ? now() + waitMs : 0,
        kind: 'waiting',
        fence: 0,
        attempts: 0,
        doubtAt: undefined,
        reason: '',
        endedAt: acceptedAt,
      };
      if (waitMs <= 0) return enqueue(job);
      later.set(id, job);
      wake();
    },
    async cancel(id) {
      if (later.delete(id)) return true;
      // What may have arrived can't be taken back.
      return jobs.get(id)?.doubtAt === undefined && endJob(id, ['waiting', 'retry'], remove);
    },
    async redrive(id) {
      return endJob(id, ['dead', 'unknown'], (job) => {
        Object.assign(job, { kind: 'retry', dueAt: 0, attempts: 0 });
        wake();
      });
    },
    async skip(id) {
      return endJob(id, ['dead', 'unknown'], remove);
    },
    async claim(most) {
      promote();
      const ready = readyByKey();
      // The key that was served longest ago goes first.
      const keys = [...ready.keys()].sort(
        (one, other) => lastServed.indexOf(one) - lastServed.indexOf(other),
      );
      const claimed: Claimed[] = [];
      for (const key of keys) {
        const heads = ready.get(key) ?? [];
        const slots = budgetOf(key).take(Math.min(heads.length, most - claimed.length));
        for (const slot of slots) {
          const head = heads.shift();
          if (head !== undefined) claimed.push(claimJob(head, slot));
        }
        if (slots.length > 0) lastServed = [...lastServed.filter((other) => other !== key), key];
      }
      return { jobs: claimed, nextInMs: nextInMs([...ready.values()].flat()) };
    },
    async settle(endings, releases) {
      for (const release of releases) budgetOf(release.key).release(release);
      const settled = new Set<string>();
      for (const ending of endings) {
        const job = jobs.get(ending.id);
        if (job?.kind !== 'active' || job.fence !== ending.fence) continue;
        settleJob(job, ending);
        settled.add(ending.id);
      }
      return settled;
    },
    async take(wants) {
      const slots = Object.entries(wants).flatMap(([key, count]) => budgetOf(key).take(count));
      const waits = Object.keys(wants).map((key) => budgetOf(key).nextInMs());
      const known = waits.filter((wait) => wait !== null);
      return { slots, nextInMs: known.length === 0 ? null : Math.min(...known) };
    },
    renew: async () => true,
    sweep: async () => ({ dead: [] }),
    onWake(callback) {
      wake = callback;
    },
    enter: async () => {},
    async leave() {
      for (const job of held(['active'])) job.kind = 'retry';
    },
    close: async () => {},
  };
}
