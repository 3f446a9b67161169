import type { RedriveFilter } from '../model/outbox.ts';
import type { ByHand } from '../model/store.ts';
import { unawareMs } from '../worker/permit.ts';
import { noteClaim, noteEvidence, type EndKind, type Job } from './memory-records.ts';
import type { MemoryKeys } from './memory-keys.ts';

const aDayMs = 24 * 60 * 60 * 1000;

/** What a store in memory has for a person's decisions. */
export interface MemoryTables {
  readonly jobs: ReadonlyMap<string, Job>;
  readonly later: ReadonlyMap<string, Job>;
  readonly states: Map<string, { readonly state: string; readonly seenAt: number }>;
  readonly keys: MemoryKeys;
  readonly remove: (job: Job, kind: EndKind, reason?: string) => void;
  readonly dropTimer: (job: Job, kind: EndKind) => boolean;
  readonly wake: () => void;
}

/** Each decision says whether it had an effect. */
export function createMemoryByHand({
  jobs,
  later,
  states,
  keys,
  remove,
  dropTimer,
  wake,
}: MemoryTables): ByHand {
  const isHeld = ({ kind }: Job) => kind === 'dead' || kind === 'unknown';

  function redrive(job: Job): void {
    noteEvidence(job, 'redriven');
    // A person has seen to it, and may have moved the ticket: it is read, and what was remembered
    // only tells states of one status apart.
    const known = states.get(job.lane);
    if (known !== undefined) states.set(job.lane, { ...known, seenAt: known.seenAt - aDayMs });
    const anew = { dueAt: 0, attempts: 0, outages: 0, reason: undefined, keyFaultAt: undefined };
    Object.assign(job, { kind: 'retry', since: new Date(), ...anew });
    wake();
  }

  const fits =
    ({ key, kind, reason = '' }: RedriveFilter) =>
    (job: Job) =>
      isHeld(job) &&
      (key === undefined || job.change.key === key) &&
      (kind === undefined || job.kind === kind) &&
      (job.reason ?? '').includes(reason);

  return {
    async cancel(id) {
      const timer = later.get(id);
      if (timer !== undefined) {
        noteEvidence(timer, 'cancelled');
        return dropTimer(timer, 'cancelled');
      }
      const job = jobs.get(id);
      const isOpen = job?.kind === 'waiting' || job?.kind === 'retry';
      // What may have arrived can't be taken back.
      if (job === undefined || !isOpen || job.doubtAt !== undefined) return false;
      noteEvidence(job, 'cancelled');
      remove(job, 'cancelled');
      return true;
    },
    async redrive(id) {
      const job = jobs.get(id);
      if (job === undefined || !isHeld(job)) return false;
      redrive(job);
      return true;
    },
    async redriveMany(filter) {
      const found = [...jobs.values()].filter(fits(filter));
      for (const job of found) redrive(job);
      return found.length;
    },
    async skip(id, note) {
      const job = jobs.get(id);
      if (job === undefined || !isHeld(job)) return false;
      noteEvidence(job, 'skipped', note);
      // It was done by hand, and nothing is known.
      states.delete(job.lane);
      remove(job, 'skipped', note);
      return true;
    },
    async giveBack(id) {
      const job = jobs.get(id);
      if (job?.kind !== 'active') return false;
      noteClaim(job);
      keys.lose(job);
      noteEvidence(job, 'given back', 'by hand; what was sent is in doubt');
      // Its worker may still send until it hears of this: nobody has it before that.
      const quietAt = performance.now() + unawareMs;
      const reason = 'It was taken from its worker by hand.';
      const back = { kind: 'retry', reason, holder: undefined } as const;
      Object.assign(job, back, { dueAt: quietAt, doubtAt: quietAt, since: new Date() });
      wake();
      return true;
    },
    async pause(key, reason) {
      keys.circuits.of(key).pause(reason);
    },
    async resume(key) {
      const wasPaused = keys.circuits.of(key).resume();
      wake();
      return wasPaused;
    },
  };
}
