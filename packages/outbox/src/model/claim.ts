import type { LeaseAnswer } from '@ticket-lifecycle/series';
import type { StoredChange } from './change.ts';
import type { KeyFault } from './delivery.ts';
import type { EvidenceKind } from './evidence.ts';
import type { Deadline } from './moment.ts';

/*
 * Claims, slots and ends, as a worker and a store exchange them. `store.ts` explains the steps.
 */

/** The right to send one request, as the store knows it. */
export interface Slot {
  readonly key: string;
  readonly slot: number;
  /** Tells this holder apart from the next holder of the same slot. */
  readonly token: number;
  /** From when on it may send, by the monotonic clock of this process. */
  readonly sendAt: number;
  /**
   * Until when its request must have begun. The store takes a slot back when its time is over, and
   * that time began when the store handed it out, however late its answer came. Also while the machine
   * sleeps.
   */
  readonly sendBy: Deadline;
}

/** A change that this worker has taken. */
export interface Claimed {
  readonly id: string;
  readonly key: string;
  /** For its first request; a second one where it may need two. */
  readonly slots: readonly Slot[];
  /** Counts the claims of the change; ending an older one has no effect. */
  readonly fence: number;
  readonly change: StoredChange;
  readonly attempt: number;
  /** How many earlier attempts could not reach the API. */
  readonly outages: number;
  /** How long ago it was accepted. */
  readonly acceptedMs: number;
  /**
   * Whether another change got through with this key, and was claimed after this one had failed. Never
   * while the key is paused.
   */
  readonly keyWorks?: boolean | undefined;
  /** How long ago its request may have left at the latest. `null` if it cannot have left. */
  readonly doubtMs: number | null;
  /** How long ago it can have left at the earliest. */
  readonly doubtFromMs: number | null;
  readonly state: string | null;
  readonly stateAgeMs: number | null;
}

/**
 * One life of a worker: from `enter` until it leaves or is declared dead. It is handed to each call
 * that acts for it, so that no call can act for another one.
 */
export interface Life {
  readonly id: string;
}

/** A claim by its change, and by the number that tells it apart from others of that change. */
export interface ClaimName {
  readonly id: string;
  readonly fence: number;
}

/** What a worker asks for, and what it tells. */
export interface ClaimRequest {
  /** Counts the claims of a life. */
  readonly number: number;
  /** How many changes it can take; none, where it only tells what it holds. */
  readonly most: number;
  /** Every claim of this life that the worker knows of and whose end is not written down. */
  readonly held: readonly ClaimName[];
  /** Keys of which it takes none now: they take all that they get, and end nothing. */
  readonly without?: readonly string[] | undefined;
}

/** A claim that the store holds under this life, and that the worker did not name. */
export interface StrayClaim extends ClaimName {
  /** The number of the request that it was handed out to. */
  readonly number: number;
  /** The slots that came with it, where the store knows them: unused if it was never started. */
  readonly slots?: readonly Pick<Slot, 'key' | 'slot' | 'token'>[] | undefined;
}

/** The changes of one call, what the two sides disagree about, and when to call again. */
export interface Claim {
  readonly jobs: readonly Claimed[];
  /** What the worker holds without knowing of it: it ends them, so that they go back. */
  readonly strays: readonly StrayClaim[];
  /** What the worker named and no longer holds: it sends nothing more for them. */
  readonly lost: readonly ClaimName[];
  /** When there may be more, unless `onWake` calls earlier. */
  readonly nextInMs: number | null;
}

/** The end of a claim, as it is written down. */
export interface ClaimEnd extends ClaimName {
  /** The id of the life that holds the claim. */
  readonly life: string;
  readonly kind: 'done' | 'dropped' | 'dead' | 'unknown' | 'retry';
  readonly reason?: string | undefined;
  readonly state?: string | undefined;
  readonly delayMs?: number | undefined;
  /** How long a request of it may still be under way: the ticket's next change waits for that. */
  readonly quietInMs?: number | undefined;
  /** Whose request may have arrived: none, one of this claim, or only one of an earlier claim. */
  readonly doubt: 'none' | 'anew' | 'as-before';
  /** Whether it only met an API that could not be reached. */
  readonly isOutage?: boolean | undefined;
  /** What it says about the key, where it says nothing about the change. */
  readonly keyFault?: KeyFault | undefined;
  /** Whether its key works, although the change has not ended: an outage says nothing about it. */
  readonly keyWorks?: boolean | undefined;
  /** Whether its key failed it and works for others: that says nothing about the key. */
  readonly isOwnFault?: boolean | undefined;
  /** Whether it asked the API nothing, so that its end says nothing about its key. */
  readonly askedNothing?: boolean | undefined;
  /** What has ended; none where the worker has never seen it. */
  readonly change?: StoredChange | undefined;
  /** Of a dead one: the codes of what is in its way. */
  readonly codes?: readonly string[] | undefined;
  /** What the attempt has seen. */
  readonly evidence?: readonly Noted[] | undefined;
}

/** One thing that an attempt has seen, by the monotonic clock of this process. */
export interface Noted {
  readonly what: EvidenceKind;
  readonly detail?: string | undefined;
  readonly at: number;
}

/** What became of ends, by the ids of their changes. The others were not held any more. */
export interface Ended {
  /** Written by this call, or by an earlier one whose answer was lost. */
  readonly stands: ReadonlySet<string>;
  /** Somebody else has locked their rows for now: they are to be written again. */
  readonly busy: ReadonlySet<string>;
  /** The same of slots, by their tokens: they are to be given back again. */
  readonly busySlots?: ReadonlySet<number> | undefined;
  /** Keys that pause since these ends, or go on. */
  readonly turned?: readonly KeyTurn[] | undefined;
}

/** A key that pauses from now on, or goes on. */
export interface KeyTurn {
  readonly key: string;
  /** Why it pauses; none where it goes on. */
  readonly reason?: string | undefined;
}

/** A slot that comes back. */
export interface Release {
  readonly key: string;
  readonly slot: number;
  readonly token: number;
  readonly answer: LeaseAnswer;
  /** When it was answered, by the monotonic clock of this process. */
  readonly at: number;
}

/** Slots for requests beside the claimed changes. */
export interface Taken {
  readonly slots: readonly Slot[];
  readonly nextInMs: number | null;
}
