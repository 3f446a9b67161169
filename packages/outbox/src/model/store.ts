import type { LeaseAnswer } from '@ticket-lifecycle/series';
import type { AcceptOptions, StoredChange } from './change.ts';
import type { Inspect } from './outbox.ts';

/** The right to send one request, as the store knows it. */
export interface Slot {
  readonly key: string;
  readonly slot: number;
  /** Tells this holder from the next one of the same slot. */
  readonly token: number;
  /** From when on it may send, by the monotonic clock of this process. */
  readonly sendAt: number;
}

/** A change that this worker has taken. */
export interface Claimed {
  readonly id: string;
  readonly key: string;
  /** For its first request; a second one where it may need two. */
  readonly slots: readonly Slot[];
  /** Counts the claims of the change; settling an older one has no effect. */
  readonly fence: number;
  readonly change: StoredChange;
  readonly attempt: number;
  /** How many attempts before met an API that could not be reached. */
  readonly outages: number;
  readonly doubtMs: number | null;
  readonly state: string | null;
  readonly stateAgeMs: number | null;
}

/** What a look for work brought. */
export interface Claim {
  readonly jobs: readonly Claimed[];
  /** When there may be more, without anybody saying so. */
  readonly nextInMs: number | null;
}

/** The end of a claim, as it is written down. */
export interface SettledClaim {
  readonly id: string;
  readonly fence: number;
  readonly kind: 'done' | 'dropped' | 'dead' | 'unknown' | 'retry';
  readonly reason?: string | undefined;
  readonly state?: string | undefined;
  readonly delayMs?: number | undefined;
  /** Whether a request may have arrived: not, one of this claim, or only one of an earlier claim. */
  readonly doubt: 'none' | 'anew' | 'as-before';
  /** Whether it only met an API that could not be reached. */
  readonly isOutage?: boolean | undefined;
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

/** What a worker needs of a rung. Every method but `accept` speaks for this process's worker. */
export interface Store<Tx> {
  readonly inspect: Inspect;
  accept(id: string, change: StoredChange, options: AcceptOptions<Tx>): Promise<void>;
  cancel(id: string): Promise<boolean>;
  redrive(id: string): Promise<boolean>;
  skip(id: string, note: string): Promise<boolean>;
  /**
   * Takes up to `most` changes whose turn has come and whose key has a slot.
   *
   * @throws FencedError when this worker was given up
   */
  claim(most: number): Promise<Claim>;
  /** Writes down ends and slots; gives the ids that were still held. */
  settle(
    endings: readonly SettledClaim[],
    releases: readonly Release[],
  ): Promise<ReadonlySet<string>>;
  /** Takes slots for requests of the keys, as many as there are of those asked for. */
  take(wants: Readonly<Record<string, number>>): Promise<Taken>;
  /** Says that this worker lives; false when it was given up. */
  renew(): Promise<boolean>;
  /** Finds dead workers, and changes whose time has come. */
  sweep(): Promise<{
    readonly dead: readonly { readonly worker: string; readonly changes: number }[];
  }>;
  /** Calls back when there may be work. */
  onWake(wake: () => void): void;
  /** Enters this process as a worker, under a new name each time. */
  enter(): Promise<void>;
  /** Leaves: what is still held is given back. */
  leave(): Promise<void>;
  close(): Promise<void>;
}
