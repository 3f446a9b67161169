import type { KnownState, RateLimiter } from '@ticket-lifecycle/series';
import type { Change } from './change.ts';
import type { EvidenceKind } from './evidence.ts';

/** A change whose turn and slot have come. */
export interface DeliveryJob {
  readonly id: string;
  readonly change: Change;
  /** The name of the API key. */
  readonly key: string;
  /** How often it was tried, this time included. */
  readonly attempt: number;
  /**
   * Set when an earlier attempt may have arrived. Read the ticket before you send. The lost request
   * left at most `fromMs` and at least `sinceMs` milliseconds ago; `fromMs` is `undefined` if the
   * store does not know it.
   */
  readonly doubt: { readonly sinceMs: number; readonly fromMs?: number | undefined } | undefined;
  /** Where the ticket stood after the latest change that this outbox delivered. */
  readonly known: KnownState | undefined;
  /**
   * Holds the slot of the first request already, and waits for those of further ones. It rejects
   * when this worker has lost the change: then nothing may be sent.
   */
  readonly rateLimiter: RateLimiter;
  /** How long one request may take; a slot is held a little longer. */
  readonly timeoutMs: number;
  /**
   * Rejects unless this process still holds the change. Mostly it costs nothing; ask right before
   * sending, as a process may have been stopped for a while.
   */
  readonly ensureHeld: () => Promise<void>;
  /** The same by this process's clock alone, for a moment that can't wait for an answer. */
  readonly isHeld: () => boolean;
  /** Notes what happens, for `inspect.why`. Keep secrets out of it. */
  readonly note: (what: EvidenceKind, detail?: string) => void;
  /** Aborts when the outbox closes and its time to drain is over, or after `deliveryTimeoutMs`. */
  readonly signal: AbortSignal;
}

/**
 * A change that another's end sets off. It is stored before that end is, so that a crash in between
 * does not lose it; another attempt that sets off the same stores it no second time.
 */
export interface LaterChange {
  readonly change: Change;
  readonly notBefore: Date;
}

/**
 * What an ending says about the key, and not about the change. `unusable`: the key is missing, revoked
 * or lacks a right, so the key pauses at once. `silent`: the API did not answer in time; the key pauses
 * when three deliveries in a row say so. Neither counts against `maxAttempts`, unless the key worked
 * for other changes meanwhile.
 */
export type KeyFault = 'unusable' | 'silent';

/** How a delivery ended. */
export type Ending = {
  /** Set where the definition alone decided in which of several states of its status the ticket was. */
  readonly assumed?: true | undefined;
} &
  /**
   * It arrived, or had nothing to do. `state` is where the ticket stands now, `later` what time will
   * make of that. `quietInMs` says how long a request of it may still be under way, where its answer
   * is missing: the ticket's next change waits for that, so that no request lands behind it.
   */
  (
    | {
        readonly kind: 'done';
        readonly state?: string | undefined;
        readonly note?: string;
        readonly quietInMs?: number | undefined;
        readonly later?: readonly LaterChange[] | undefined;
        /** Set where the API was asked nothing, so that it says nothing about the key. */
        readonly askedNothing?: true | undefined;
      }
    /** It lost its purpose; the ticket's next change goes on. */
    | { readonly kind: 'dropped'; readonly reason: string }
    /** It can't succeed. It holds its ticket until someone redrives or skips it. */
    | {
        readonly kind: 'dead';
        readonly reason: string;
        /**
         * The codes of what is in its way, those of blockers or of a refusal: by them `inspect.why` says
         * what must change before it is tried again.
         */
        readonly codes?: readonly string[] | undefined;
      }
    /**
     * It may have arrived, and reading the ticket could not tell. It holds its ticket, too. When
     * someone skips it, the next change waits for what is left of `quietInMs`.
     */
    | { readonly kind: 'unknown'; readonly reason: string; readonly quietInMs?: number | undefined }
    /**
     * It was surely not processed and is tried again. An outage, in which the API could not be
     * reached, does not count against `maxAttempts`; set `isOutage` also for what else says nothing
     * about the change.
     */
    | {
        readonly kind: 'retry';
        readonly reason: string;
        readonly delayMs?: number | undefined;
        readonly isOutage?: boolean | undefined;
        readonly keyFault?: KeyFault | undefined;
      }
    /**
     * Its request may have left, and what became of it is not known: the ticket is read before the next
     * send. A delivery that throws ends like this, too, as a failure of its change.
     */
    | {
        readonly kind: 'in-doubt';
        readonly reason: string;
        readonly delayMs?: number | undefined;
        readonly isOutage?: boolean | undefined;
        readonly keyFault?: KeyFault | undefined;
      }
    /** An earlier attempt may have arrived, and nothing was sent since: the ticket is read later. */
    | {
        readonly kind: 'read-again';
        readonly reason: string;
        readonly delayMs: number;
        readonly isOutage?: boolean | undefined;
        readonly keyFault?: KeyFault | undefined;
        /** Whether the ticket was read, so that its key works, although nothing follows yet. */
        readonly keyWorks?: boolean | undefined;
      }
  );

/** Delivers one change. If it throws, the change is in doubt: the ticket is read before the next send. */
export type Deliver = (job: DeliveryJob) => Promise<Ending>;
