import { isDeepStrictEqual } from 'node:util';
import { laneOf, type StoredChange } from '../model/change.ts';
import { latestEvidence, type ChangeEvidence, type EvidenceKind } from '../model/evidence.ts';
import type { StoredHistory } from '../model/safe-steps.ts';
import { InvalidChangeError } from '../model/errors.ts';
import type { ChangeRecord } from '../model/outbox.ts';
import type { Slot } from '../model/claim.ts';
import type { NewChange } from '../model/store.ts';

/** A stored change. The first of its lane holds up the others. */
export interface Job {
  readonly id: string;
  readonly change: StoredChange;
  readonly lane: string;
  readonly priority: number;
  readonly order: number;
  readonly acceptedAt: Date;
  readonly notBefore: Date | undefined;
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
  /** When the latest claim began. */
  takenAt: number;
  /** When its key failed for it, or was last tried with it. */
  keyFaultAt: number | undefined;
  reason: string | undefined;
  endedAt: Date;
  evidence: readonly ChangeEvidence[];
  /** Since when it is of its kind, and the first of its lane. */
  since: Date;
}

/** Makes the job of a change that is accepted now. */
export function jobOf({ id, change, notBefore, priority = 0 }: NewChange, order: number): Job {
  const acceptedAt = new Date();
  const waitMs = (notBefore?.getTime() ?? 0) - acceptedAt.getTime();
  return {
    id,
    change,
    lane: laneOf(change.key, change.ticketId),
    priority,
    order,
    acceptedAt,
    notBefore: waitMs > 0 ? notBefore : undefined,
    dueAt: waitMs > 0 ? performance.now() + waitMs : 0,
    kind: 'waiting',
    holder: undefined,
    fence: 0,
    attempts: 0,
    outages: 0,
    doubtAt: undefined,
    claimedAt: 0,
    takenAt: 0,
    keyFaultAt: undefined,
    reason: undefined,
    endedAt: acceptedAt,
    since: acceptedAt,
    evidence: [{ at: acceptedAt, what: 'accepted' }],
  };
}

// Beside that it was accepted.
const mostEvidence = 60;

/** Adds to what is known of a change. */
export function noteEvidence(
  job: Job,
  what: EvidenceKind,
  detail?: string,
  at = new Date(),
  codes?: readonly string[],
): void {
  const latest = job.evidence.at(-1)?.at ?? at;
  const more = {
    at: at < latest ? latest : at,
    what,
    ...(detail === undefined || detail === '' ? {} : { detail }),
    ...(codes === undefined ? {} : { codes }),
  };
  const [accepted, ...rest] = [...job.evidence, more];
  job.evidence = [
    ...(accepted === undefined ? [] : [accepted]),
    ...latestEvidence(rest, mostEvidence),
  ];
}

/** That its present claim was made. */
export function noteClaim(job: Job): void {
  noteEvidence(job, 'claimed', claimText(job), job.since);
}

const claimText = ({ attempts }: Job) => `attempt ${attempts}, process ${process.pid}`;

/** Whether it may be claimed, if it is the first of its lane. */
export const isReady = ({ kind, dueAt }: Job) =>
  kind === 'waiting' || (kind === 'retry' && dueAt <= performance.now());

/** One in doubt is read before it is sent: with a second slot it need not wait in between. */
export const needsOf = ({ doubtAt }: Job) => (doubtAt === undefined ? 1 : 2);

/** Throws where an id is used for two different changes. */
export function demandSameChange(
  one: Pick<ChangeRecord, 'change'>,
  { id, change }: NewChange,
): void {
  // Whatever the order of its fields, as a database compares it.
  if (isDeepStrictEqual(one.change, change)) return;
  throw new InvalidChangeError(`accept: Another change has the id ${id}.`);
}

/** How a change can have ended. */
export type EndKind = 'done' | 'dropped' | 'cancelled' | 'skipped';

/** What is known of changes that have ended. */
export type MemoryRecords = ReturnType<typeof createMemoryRecords>;

export function createMemoryRecords(most: number) {
  const ended = new Map<string, readonly [ChangeRecord, readonly ChangeEvidence[]]>();
  return {
    note(job: Job, kind: EndKind, reason?: string): void {
      const { id, change, acceptedAt, attempts, evidence } = job;
      const endedAt = new Date();
      ended.set(id, [{ id, change, kind, reason, attempts, acceptedAt, endedAt }, evidence]);
      const [oldest] = ended.keys();
      if (ended.size > most && oldest !== undefined) ended.delete(oldest);
    },
    get: (id: string) => ended.get(id)?.[0],
    evidenceOf: (id: string) => ended.get(id)?.[1] ?? [],
  };
}

/** The kinds of a job, as a person sees them. */
export const kinds = {
  dead: 'dead',
  unknown: 'unknown',
  retry: 'retrying',
  active: 'underWay',
  waiting: 'waiting',
} as const;

/** A job that has not ended, as a person sees it. */
export function recordOf({ id, change, ...job }: Job, isLater: boolean): ChangeRecord {
  const { kind, reason, attempts, acceptedAt, notBefore } = job;
  const isHeld = kind === 'dead' || kind === 'unknown';
  return {
    id,
    change,
    kind: isLater ? 'later' : kinds[kind],
    reason,
    attempts,
    acceptedAt,
    ...(isLater ? { notBefore } : {}),
    ...(isHeld ? { endedAt: job.endedAt } : {}),
  };
}

/** What is known of a job that has not ended, as its first or behind another one. */
export function historyOfJob(
  job: Job,
  { head, isLater }: { readonly head: Job | undefined; readonly isLater: boolean },
): StoredHistory {
  const { evidence, doubtAt, since, kind } = job;
  const claimed = { at: since, what: 'claimed', detail: claimText(job) } as const;
  const isHead = head?.id === job.id;
  return {
    record: recordOf(job, isLater),
    evidence: kind === 'active' ? [...evidence, claimed] : evidence,
    isInDoubt: doubtAt !== undefined,
    since: isLater && job.dueAt <= performance.now() ? (job.notBefore ?? since) : since,
    ...(isHead || isLater || head === undefined ? {} : { heldBy: head.id }),
  };
}
