import { attempt, type AttemptContext, type OutgoingRequest } from './attempt.ts';
import { pause } from './clock.ts';
import type { Evidence } from './evidence.ts';
import {
  LimiterClosedError,
  QueueFullError,
  WaitExpiredError,
  type Lease,
  type LeaseAnswer,
  type Priority,
} from './lease.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** How to make a call. */
export interface CallOptions {
  /**
   * Stops the call while it waits. A request under way is seen to its end, for `timeoutMs` at
   * most: cutting it would lose nothing but its answer.
   */
  readonly signal?: AbortSignal | undefined;
  /** Asked when the slot has come, right before each request. Throw to send nothing after all. */
  readonly beforeSend?: (() => void) | undefined;
  /**
   * Whose turn comes sooner when many wait for the budget.
   *
   * @defaultValue 'normal'
   */
  readonly priority?: Priority | undefined;
  /**
   * How long this call may go on before its last attempt is sent.
   *
   * @defaultValue the client's
   */
  readonly maxWaitMs?: number | undefined;
}

/** What a call has cost. */
export interface Effort {
  /** Requests that were handed to the network. */
  readonly attempts: number;
  /** Milliseconds spent waiting for slots, pauses and retries. */
  readonly waitedMs: number;
}

/** What a client sends with. */
export interface DeliveryContext extends AttemptContext {
  readonly rateLimiter: RateLimiter;
  readonly keyId: string;
  readonly maxWaitMs: number;
}

/** A request, and how it may be treated. */
export interface Parcel extends OutgoingRequest {
  /** Requests of one lane go out in order, one at a time. */
  readonly lane: string;
  /** Reads may be sent again in doubt. Writes only where they surely were not processed. */
  readonly isRead: boolean;
}

// The first request and what may be retried of it; a 429 does not count.
const mostAttempts = 4;
const firstBackoffMs = 200;

/** Sends a request until the evidence is final, the attempts are spent, or the time is up. */
export async function deliver(
  parcel: Parcel,
  context: DeliveryContext,
  { signal, beforeSend, priority, maxWaitMs = context.maxWaitMs }: CallOptions,
): Promise<Effort & { readonly evidence: Evidence }> {
  const { clock, rateLimiter, keyId } = context;
  const startedAt = clock.now();
  let attempts = 0;
  let spent = 0;
  let networkMs = 0;
  let latest: Evidence | undefined;

  for (;;) {
    const slot = await takeSlot(latest?.kind === 'limited');
    // What a request has shown says more than that there was no time for another.
    if ('kind' in slot) return conclude(latest ?? slot);
    latest = await sendIn(slot);
    if (latest.kind === 'limited') continue;
    spent += 1;
    const isOver = signal?.aborted === true || leftMs() <= 0;
    if (!mayRepeat(latest) || spent === mostAttempts || isOver) return conclude(latest);
    // Full jitter: many clients that lost the same server must not come back as one.
    const backoffMs = Math.random() * firstBackoffMs * 2 ** (spent - 1);
    await pause(clock, Math.min(backoffMs, leftMs()), signal);
  }

  function leftMs(): number {
    return startedAt + maxWaitMs - clock.now();
  }

  async function takeSlot(first: boolean): Promise<Lease | Evidence> {
    const wait = { signal, first, priority, maxWaitMs: leftMs() };
    try {
      return await rateLimiter.acquire(keyId, parcel.lane, wait);
    } catch (cause) {
      if (signal?.aborted === true) return { kind: 'not-sent', reason: 'aborted' };
      if (cause instanceof WaitExpiredError) return { kind: 'not-sent', reason: 'expired' };
      if (cause instanceof LimiterClosedError) return { kind: 'not-sent', reason: 'aborted' };
      if (cause instanceof QueueFullError) return { kind: 'not-sent', reason: 'queue-full', cause };
      throw cause;
    }
  }

  async function sendIn(lease: Lease): Promise<Evidence> {
    try {
      beforeSend?.();
    } catch (reason) {
      lease.release({ kind: 'not-sent' });
      throw reason;
    }
    const sentAt = clock.now();
    attempts += 1;
    try {
      const evidence = await attempt(parcel, context);
      networkMs += clock.now() - sentAt;
      lease.release(leaseAnswer(evidence));
      return evidence;
    } finally {
      // Whatever broke, the slot must not be lost. After the release above this does nothing.
      lease.release({ kind: 'silent' });
    }
  }

  function mayRepeat(evidence: Evidence): boolean {
    if (evidence.kind === 'not-sent') return true;
    const isUseless =
      evidence.kind === 'unknown' ||
      (evidence.kind === 'applied' && evidence.answer !== 'complete');
    return parcel.isRead && isUseless;
  }

  function conclude(evidence: Evidence) {
    return { evidence, attempts, waitedMs: clock.now() - startedAt - networkMs };
  }
}

/** What the limiter has to know of an attempt: when the server can have counted it. */
function leaseAnswer(evidence: Evidence): LeaseAnswer {
  switch (evidence.kind) {
    case 'limited':
      return evidence;
    case 'not-sent':
      return { kind: 'not-sent' };
    case 'unknown':
      return { kind: evidence.status === undefined ? 'silent' : 'answered' };
    default:
      return { kind: 'answered' };
  }
}
