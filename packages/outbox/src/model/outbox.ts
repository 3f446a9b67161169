import type { RateLimiter } from '@ticket-lifecycle/series';
import type { ChangeEvidence, SafeStep } from './evidence.ts';
import type { AcceptOptions, Change, ChangeToAccept } from './change.ts';
import type { Deliver } from './delivery.ts';
import type { WaitingChange } from './waiting-changes.ts';

/** What a backend guarantees. */
export interface Capabilities {
  /** Whether `accept` can join the caller's transaction. */
  readonly transactional: boolean;
  /** How far workers, order and limit reach. */
  readonly scope: 'process' | 'fleet';
  /** What an accepted change outlives. */
  readonly survives: 'nothing' | 'process-death' | 'power-loss';
  /** How a dead worker is noticed: `heartbeat` is slower, for poolers without sessions. */
  readonly liveness: 'none' | 'session' | 'heartbeat';
}

/** What waits, in numbers. */
export interface Depth {
  /** Changes that could be sent, and those that wait behind them. */
  readonly waiting: number;
  /** Changes in the hands of a worker. */
  readonly underWay: number;
  /** Changes that were not processed and are tried again. */
  readonly retrying: number;
  /** Changes whose time has not come. */
  readonly later: number;
  /** Changes that failed for good and hold their ticket. */
  readonly dead: number;
  /** Changes of which nobody can tell whether they arrived; they hold their ticket. */
  readonly unknown: number;
  /** How long ago the oldest waiting change was accepted, or 0. */
  readonly oldestMs: number;
  /** How long the oldest change under way has been so, or 0. */
  readonly oldestUnderWayMs: number;
}

/** Which dead and unknown changes: those that fit all that is given. */
export interface RedriveFilter {
  readonly key?: string | undefined;
  readonly kind?: 'dead' | 'unknown' | undefined;
  /** A part of the reason. */
  readonly reason?: string | undefined;
}

/** A ticket whose changes don't go on, for whatever reason. */
export interface BlockedTicket {
  readonly key: string;
  readonly ticketId: string;
  /** The change that holds it. */
  readonly by: string;
  /**
   * `dead` and `unknown` wait for a person. `retrying` waits for its next try, and `paused` for its
   * key. `underWay` and `waiting` have been so for a minute, or for ten seconds without a worker; or
   * they wait for a lock in the database, or for a request of the change before.
   */
  readonly kind: 'dead' | 'unknown' | 'retrying' | 'paused' | 'underWay' | 'waiting';
  readonly reason: string;
  readonly since: Date;
  /** How many changes wait behind it. */
  readonly waiting: number;
}

/** A change that needs a person: redrive it or skip it. */
export interface DeadChange {
  readonly id: string;
  readonly change: Change;
  readonly kind: 'dead' | 'unknown';
  readonly reason: string;
  readonly acceptedAt: Date;
  readonly endedAt: Date;
}

/** One change, whatever became of it. */
export interface ChangeRecord {
  readonly id: string;
  readonly change: Change;
  readonly kind:
    | 'waiting'
    | 'later'
    | 'underWay'
    | 'retrying'
    | 'dead'
    | 'unknown'
    | 'done'
    | 'dropped'
    | 'cancelled'
    | 'skipped';
  /** Why it ended so, or why it is tried again. */
  readonly reason?: string | undefined;
  /** How often it was tried since it was accepted or redriven. Of one that has ended well, 0 in a database. */
  readonly attempts: number;
  readonly acceptedAt: Date;
  /** When its time comes, where it has not. */
  readonly notBefore?: Date | undefined;
  readonly endedAt?: Date | undefined;
}

/** All that is known of a change, in the order in which it happened, and which steps are safe. */
export interface ChangeHistory extends ChangeRecord {
  /** Why it ended so, why it is tried again, or why it does not go on. */
  readonly reason?: string | undefined;
  /** Since when it is what it is, where it has not ended for good. */
  readonly since?: Date | undefined;
  /**
   * That it was accepted, and the latest 60 entries. The latest request, its answer and how that
   * attempt ended are always among them, however much was read since.
   */
  readonly evidence: readonly ChangeEvidence[];
  /** Whether a request of it may have arrived. */
  readonly isInDoubt: boolean;
  /** The change of the same ticket that it waits for. */
  readonly heldBy?: string | undefined;
  readonly steps: readonly SafeStep[];
}

/** The budget of a key over all workers. */
export interface KeyBudget {
  readonly key: string;
  readonly requestsPerSecond: number;
  /** Slots that are taken, or rest until a second after their answer. */
  readonly inUse: number;
  /** Requests since the key was first used. */
  readonly sent: number;
  /** Answers of 429. */
  readonly limited: number;
  /** Milliseconds until the key may send again after a 429, or 0. */
  readonly pausedMs: number;
}

/** A key of which no change is delivered for now. */
export interface PausedKey {
  readonly key: string;
  /** `fault`: the key itself fails, and is tried by itself. `hand`: until `resume`. */
  readonly by: 'fault' | 'hand';
  readonly reason: string;
  readonly since: Date;
  /** When one of its changes is tried again, where that happens by itself. */
  readonly nextTryAt?: Date | undefined;
  /** How many of its tickets have a change that could be sent. */
  readonly tickets: number;
}

/** Looks into an outbox. */
export interface Inspect {
  depth(key?: string): Promise<Depth>;
  blocked(): Promise<BlockedTicket[]>;
  dead(): Promise<DeadChange[]>;
  /**
   * Every change that is still to be sent, in the order of ids: also those behind others of their
   * ticket, those whose time has not come, and those under way. At most as many as `most`. It reads
   * page after page: a change that waits all the while is given once.
   */
  waiting(options?: { readonly most?: number | undefined }): AsyncIterable<WaitingChange>;
  /** One change by its id, until `keepEndedMs` after its end. In memory: of the latest 10,000 ends. */
  change(id: string): Promise<ChangeRecord | undefined>;
  /**
   * All that is known of a change in the order in which it happened (accepted, claimed, slot, sent,
   * answered, cut, read, ended), and which steps of a person are safe.
   */
  why(id: string): Promise<ChangeHistory | undefined>;
  /** The keys that have sent something: all, or as many as `most` of those that use most now. */
  budgets(options?: { readonly most?: number | undefined }): Promise<KeyBudget[]>;
  /** Keys that are paused, because they fail or by hand. */
  paused(): Promise<PausedKey[]>;
}

/** What happens in this process, as data. */
export type OutboxEvent =
  /** An attempt has ended, here and in the store. Its change has ended too, unless the kind is `retry`. */
  | {
      readonly type: 'ended';
      readonly id: string;
      readonly change: Change;
      readonly kind: 'done' | 'dropped' | 'dead' | 'unknown' | 'retry';
      readonly reason?: string | undefined;
      /**
       * Present where the definition alone decided in which of several states of its status the ticket
       * was. The reason says so, too.
       */
      readonly assumed?: true | undefined;
      /** How long ago it was accepted. */
      readonly acceptedMs: number;
    }
  /** This worker lost its claim: it sends nothing, and does not write down how the change ended. */
  | { readonly type: 'fenced'; readonly id: string }
  /** Changes were given back: their worker was found dead, or had never learned that it held them. */
  | { readonly type: 'recovered'; readonly worker: string; readonly changes: number }
  /**
   * The key fails, and not its changes: none of them is delivered until a probe gets through. Or it was
   * paused by hand in this process, until it is resumed.
   */
  | { readonly type: 'paused'; readonly key: string; readonly reason: string }
  /** The key works again, or was resumed by hand in this process. */
  | { readonly type: 'resumed'; readonly key: string }
  /** The pooler has no sessions, so dead workers are noticed by their silence. */
  | { readonly type: 'degraded'; readonly reason: string }
  /**
   * Something failed, and the worker tries again. An outage of the store is reported once, with its
   * first error; `restored` reports its end.
   */
  | { readonly type: 'error'; readonly error: unknown }
  /** The store answers again. `afterMs` is how long the outage took. */
  | { readonly type: 'restored'; readonly afterMs: number };

/** Stores accepted changes, and delivers them in order and inside each key's budget. */
export interface Outbox<Tx = never> {
  readonly capabilities: Capabilities;
  /**
   * Stores a change and gives its id.
   *
   * @throws InvalidChangeError for one that could never be delivered or stored
   * @throws DatabaseError without `tx`, where the database fails, or keeps the change waiting for about
   * ten seconds: then it names the session that has to end
   */
  accept(change: Change, options?: AcceptOptions<Tx>): Promise<string>;
  /**
   * Stores several changes, all or none, and gives their ids in the same order.
   *
   * @throws InvalidChangeError when one of them could never be delivered or stored
   */
  acceptMany(
    changes: readonly ChangeToAccept[],
    options?: Pick<AcceptOptions<Tx>, 'tx'>,
  ): Promise<string[]>;
  /** Takes a change back. False where it is under way or in doubt, or where it has ended. */
  cancel(id: string): Promise<boolean>;
  /**
   * Begins to deliver in this process, until `close`. While the store is away it tries again, and
   * resolves when it has begun, or when the outbox was closed before that.
   *
   * @throws DatabaseError where no further try would help: a missing table, a missing right
   * @throws TypeError for a pool that was ended, or whose answers are not those of Postgres
   */
  run(deliver: Deliver): Promise<void>;
  /** The budget of every key, for requests beside the outbox's own. */
  readonly rateLimiter: RateLimiter;
  readonly inspect: Inspect;
  /** Tells a listener what happens in this process, as `onEvent`. Gives the function that ends it. */
  on(listener: (event: OutboxEvent) => void): () => void;
  /** Tries a dead or unknown change again. One in doubt is read back first. */
  redrive(id: string): Promise<boolean>;
  /** The same for all that fit, and says how many: after an outage, say, or once a key has its rights. */
  redriveMany(filter: RedriveFilter): Promise<number>;
  /**
   * Takes a change from a worker that hangs, so that it is tried again: in doubt, as its request may
   * have left. False where it is not under way.
   */
  giveBack(id: string): Promise<boolean>;
  /** Gives a dead or unknown change up, with a note of why, and lets its ticket go on. */
  skip(id: string, note: string): Promise<boolean>;
  /**
   * Delivers no change of a key until `resume(key)`, in the whole fleet. What is under way goes on, and
   * so do requests of your own that use `rateLimiter`.
   */
  pause(key: string, reason: string): Promise<void>;
  /**
   * Ends the pause of a key, also one that began by itself. False where it was not paused.
   */
  resume(key: string): Promise<boolean>;
  /**
   * Takes no more changes, waits for those under way, and gives the others back. After `drainMs`
   * their signal aborts; what has been sent is waited for, and what hangs is left in doubt.
   *
   * @defaultValue `drainMs` as long as `timeoutMs`
   */
  close(options?: { readonly drainMs?: number | undefined }): Promise<void>;
}
