import { createMemoryByHand } from './memory-by-hand.ts';
import { compareClaims } from './compare-claims.ts';
import type { MemoryBudgetOptions } from './memory-budget.ts';
import { createMemoryInspect } from './memory-inspect.ts';
import { createMemoryKeys } from './memory-keys.ts';
import type { ClaimEnd, Claimed, KeyTurn, Slot } from '../model/claim.ts';
import type { Store } from '../model/store.ts';
import { graceMs } from '../worker/permit.ts';
import { createMemoryLives } from './memory-lives.ts';
import {
  createMemoryRecords,
  demandSameChange,
  isReady,
  noteClaim,
  noteEvidence,
  jobOf,
  needsOf,
} from './memory-records.ts';
import type { EndKind, Job } from './memory-records.ts';

const mostEnded = 10_000;
const mostEndsOfOne = 60;

const timeOf = ({ notBefore, acceptedAt }: Job) => (notBefore ?? acceptedAt).getTime();

/** Keeps changes in memory: the shortest description of what each backend has to do. */
export function createMemoryStore(options: MemoryBudgetOptions): Store<never> {
  const jobs = new Map<string, Job>();
  const later = new Map<string, Job>();
  const lanes = new Map<string, Job[]>();
  const states = new Map<string, { state: string; seenAt: number }>();
  // Until when a request of an earlier change of the lane may be under way.
  const quiet = new Map<string, number>();
  const keys = createMemoryKeys(options);
  const lives = createMemoryLives();
  // How claims ended, so that an end whose answer was lost is known again.
  const ended = new Map<string, readonly Pick<ClaimEnd, 'life' | 'fence'>[]>();
  const records = createMemoryRecords(mostEnded);
  const wakers = new Set<() => void>();
  const wake = () => wakers.forEach((one) => one());
  let order = 0;
  const now = () => performance.now();

  function enqueue(job: Job): void {
    jobs.set(job.id, job);
    lanes.set(job.lane, [...(lanes.get(job.lane) ?? []), job]);
    wake();
  }

  function remove(job: Job, ...how: [kind: EndKind, reason?: string]): void {
    const { id, lane } = job;
    records.note(job, ...how);
    jobs.delete(id);
    const rest = (lanes.get(lane) ?? []).filter((other) => other.id !== id);
    const [next] = rest;
    if (next === undefined) lanes.delete(lane);
    else lanes.set(lane, rest);
    if (next?.kind === 'waiting') next.since = new Date();
    wake();
  }

  function promote(): void {
    // In the order of their times: two of one ticket may have come due since the last look.
    const due = [...later.values()].filter(({ dueAt }) => dueAt <= now());
    for (const job of due.toSorted((one, other) => timeOf(one) - timeOf(other))) {
      later.delete(job.id);
      job.since = job.notBefore ?? job.since;
      enqueue(job);
    }
  }

  /** How long a change that was never sent waits for a request of an earlier one. */
  const quietInMs = ({ kind, lane }: Job) =>
    kind === 'waiting' ? Math.max(0, (quiet.get(lane) ?? 0) - now()) : 0;

  function readyByKey(): Map<string, Job[]> {
    const isOpen = (head: Job) => isReady(head) && quietInMs(head) === 0;
    const heads = [...lanes.values()].flatMap(([head]) => head ?? []).filter(isOpen);
    heads.sort((one, other) => other.priority - one.priority || one.order - other.order);
    return Map.groupBy(heads, ({ change }) => change.key);
  }

  function claimJob(
    job: Job,
    slots: readonly Slot[],
    { life, number, at }: { readonly life: string; readonly number: number; readonly at: number },
  ): Claimed {
    const { id, change, doubtAt } = job;
    const known = states.get(job.lane);
    job.kind = 'active';
    job.since = new Date();
    job.holder = { life, number, slots };
    job.fence += 1;
    job.attempts += 1;
    job.takenAt = at;
    const circuit = keys.circuits.of(change.key);
    const keyWorks = job.keyFaultAt !== undefined && circuit.hasWorkedSince(job.keyFaultAt);
    if (circuit.room() !== Infinity) job.keyFaultAt = now();
    circuit.handOut();
    if (doubtAt === undefined) job.claimedAt = now();
    return {
      id,
      key: change.key,
      slots,
      change,
      fence: job.fence,
      attempt: job.attempts,
      outages: job.outages,
      acceptedMs: Date.now() - job.acceptedAt.getTime(),
      keyWorks,
      doubtMs: doubtAt === undefined ? null : now() - doubtAt,
      doubtFromMs: doubtAt === undefined ? null : now() - job.claimedAt,
      state: known?.state ?? null,
      stateAgeMs: known === undefined ? null : now() - known.seenAt,
    };
  }

  function noteEnd({ id, life, fence }: ClaimEnd): void {
    const known = ended.get(id) ?? [];
    ended.delete(id);
    ended.set(id, [...known, { life, fence }].slice(-mostEndsOfOne));
    const [oldest] = ended.keys();
    if (ended.size > mostEnded && oldest !== undefined) ended.delete(oldest);
  }

  /** Ends a life, once: what it holds is in doubt since its permit ended. */
  function giveUp(id: string, since: number): number {
    if (!lives.end(id)) return 0;
    const held = [...jobs.values()].filter(({ holder }) => holder?.life === id);
    for (const job of held) {
      noteClaim(job);
      keys.lose(job);
      noteEvidence(job, 'worker lost', 'what it sent is in doubt');
      const reason = 'Its worker was lost.';
      const back = { kind: 'retry', reason, holder: undefined, dueAt: 0, doubtAt: since } as const;
      Object.assign(job, back, { since: new Date() });
    }
    if (held.length > 0) wake();
    return held.length;
  }

  function endClaimed(job: Job, end: ClaimEnd): void {
    noteClaim(job);
    for (const { what, detail, at } of end.evidence ?? []) {
      noteEvidence(job, what, detail, new Date(Date.now() - now() + at));
    }
    const how = [end.kind, end.reason].filter(Boolean).join(': ');
    noteEvidence(job, 'ended', how, new Date(), end.codes);
    job.holder = undefined;
    const { kind, reason, state, delayMs = 0, doubt, isOutage } = end;
    if (doubt === 'none') job.doubtAt = undefined;
    if (doubt === 'anew') job.doubtAt = now();
    if (end.quietInMs !== undefined) {
      for (const [lane, until] of quiet) if (until <= now()) quiet.delete(lane);
      quiet.set(job.lane, Math.max(quiet.get(job.lane) ?? 0, now() + end.quietInMs));
    }
    if (state !== undefined) moved(job.lane, state);
    if (kind === 'done' || kind === 'dropped') return remove(job, kind, end.reason);
    if (isOutage === true) job.outages += 1;
    job.kind = kind;
    job.reason = reason;
    job.endedAt = new Date();
    job.since = job.endedAt;
    job.dueAt = now() + delayMs;
  }

  /** A timer that was set for a state the ticket has left is pointless. */
  function moved(lane: string, state: string): void {
    states.set(lane, { state, seenAt: now() });
    for (const job of later.values()) {
      const { whileIn } = job.change;
      if (job.lane !== lane || whileIn === undefined || whileIn === state) continue;
      dropTimer(job, 'dropped', 'The ticket moved on.');
    }
  }

  function dropTimer(job: Job, ...how: [kind: EndKind, reason?: string]): boolean {
    records.note(job, ...how);
    return later.delete(job.id);
  }

  const nextInMs = (ready: Iterable<readonly [key: string, heads: readonly Job[]]>) => {
    const open = [...ready].filter(([, heads]) => heads.length > 0);
    const waits = open.map(([key]) => keys.budgets.of(key).nextInMs());
    const timers = [...later.values(), ...jobs.values()]
      .filter(({ kind, dueAt }) => kind === 'retry' || dueAt > now())
      .map(({ dueAt }) => Math.max(0, dueAt - now()));
    const quieter = [...lanes.values()].flatMap(([head]) =>
      head === undefined || quietInMs(head) === 0 ? [] : quietInMs(head),
    );
    const probes = [...keys.circuits.entries()].flatMap(([, circuit]) => circuit.nextInMs() ?? []);
    const all = [...waits, ...timers, ...quieter, ...probes.filter((ms) => ms > 0)];
    return all.length === 0 ? null : all.reduce((least, ms) => Math.min(least, ms));
  };

  const inspect = createMemoryInspect({
    jobs,
    later,
    lanes,
    keys,
    records,
    quietInMs,
    silentMs: () => lives.silentMs(),
  });

  return {
    inspect,
    ...createMemoryByHand({ jobs, later, states, keys, remove, dropTimer, wake }),
    async accept(changes, tx) {
      if (tx !== undefined) throw new TypeError('The memory outbox has no transactions to join.');
      const fresh = new Map<string, (typeof changes)[number]>();
      for (const one of changes) {
        const { id } = one;
        const known = jobs.get(id) ?? later.get(id) ?? records.get(id) ?? fresh.get(id);
        if (known === undefined) fresh.set(id, one);
        else demandSameChange(known, one);
      }
      for (const one of fresh.values()) {
        const job = jobOf(one, (order += 1));
        if (job.notBefore === undefined) enqueue(job);
        else later.set(one.id, job);
      }
      wake();
    },
    async claim(life, request) {
      lives.demand(life);
      const { strays, lost } = compareClaims(jobs.values(), life, request);
      const { most, number, without = [] } = request;
      const holder = { life: life.id, number, at: now() };
      promote();
      const ready = readyByKey();
      for (const [key, its] of ready) {
        const admitted = without.includes(key) ? [] : keys.admitted(key, its);
        if (admitted.length === 0) ready.delete(key);
        else ready.set(key, [...admitted]);
      }
      const claimed: Claimed[] = [];
      for (const key of keys.inTurn(ready.keys())) {
        const heads = ready.get(key) ?? [];
        const wanted = heads.slice(0, most - claimed.length);
        const slots = keys.budgets.of(key).take(wanted.reduce((sum, job) => sum + needsOf(job), 0));
        if (slots.length > 0) keys.served(key);
        for (const job of wanted) {
          if (slots.length === 0) break;
          heads.shift();
          claimed.push(claimJob(job, slots.splice(0, needsOf(job)), holder));
        }
      }
      return { jobs: claimed, strays, lost, nextInMs: nextInMs(ready) };
    },
    async end(ends, releases) {
      for (const release of releases) keys.budgets.of(release.key).release(release);
      const stands = new Set<string>();
      const turned: KeyTurn[] = [];
      for (const end of ends) {
        const job = jobs.get(end.id);
        const isHeld = job?.holder?.life === end.life && job.fence === end.fence;
        if (isHeld) {
          noteEnd(end);
          turned.push(...[keys.note(job, end) ?? []].flat());
          endClaimed(job, end);
        }
        const isThis = ({ life, fence }: Pick<ClaimEnd, 'life' | 'fence'>) =>
          life === end.life && fence === end.fence;
        if (ended.get(end.id)?.some(isThis) === true) stands.add(end.id);
      }
      if (turned.length > 0) wake();
      return { stands, busy: new Set(), turned };
    },
    async takeSlots(wants, ofChanges = {}) {
      const slots = Object.entries(wants).flatMap(([key, count]) =>
        keys.budgets.of(key).takeWaiting(count, ofChanges[key] ?? 0),
      );
      const waits = Object.keys(wants).map((key) => keys.budgets.of(key).nextInMs());
      return { slots, nextInMs: waits.length === 0 ? null : Math.min(...waits) };
    },
    enter: async () => lives.enter(),
    renew: async (life) => lives.renew(life),
    async sweep(life) {
      const dead = lives
        .silent(life)
        .map(({ id, seenAt }) => ({ worker: id, changes: giveUp(id, seenAt + graceMs) }));
      // Looking costs nothing here.
      return { dead, nextInMs: 0 };
    },
    onWake(callback) {
      wakers.add(callback);
    },
    async leave({ id }) {
      giveUp(id, now());
    },
    close: async () => {},
  };
}
