import { attempt, type AttemptContext, type OutgoingRequest } from './attempt.ts';
import { pause } from './clock.ts';
import type { Evidence } from './evidence.ts';
import { QueueFullError, type Lease, type LeaseAnswer } from './lease.ts';
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
  { signal, beforeSend }: CallOptions,
): Promise<Effort & { readonly evidence: Evidence }> {
  const { clock, rateLimiter, keyId, maxWaitMs } = context;
  const startedAt = clock.now();
  const expiry = new AbortController();
  const timer = clock.setTimeout(() => expiry.abort(), maxWaitMs);
  const stop = signal === undefined ? expiry.signal : AbortSignal.any([signal, expiry.signal]);
  let attempts = 0;
  let spent = 0;
  let networkMs = 0;
  let latest: Evidence | undefined;

  try {
    for (;;) {
      const slot = await takeSlot(latest?.kind === 'limited');
      // What a request has shown says more than that there was no time for another.
      if ('kind' in slot) return conclude(latest ?? slot);
      latest = await sendIn(slot);
      if (latest.kind === 'limited') continue;
      spent += 1;
      if (!mayRepeat(latest) || spent === mostAttempts || stop.aborted) return conclude(latest);
      // Full jitter: many clients that lost the same server must not come back as one.
      await pause(clock, Math.random() * firstBackoffMs * 2 ** (spent - 1), stop);
    }
  } finally {
    clock.clearTimeout(timer);
  }

  async function takeSlot(first: boolean): Promise<Lease | Evidence> {
    try {
      return await rateLimiter.acquire(keyId, parcel.lane, { signal: stop, first });
    } catch (cause) {
      if (signal?.aborted === true) return { kind: 'not-sent', reason: 'aborted' };
      if (expiry.signal.aborted) return { kind: 'not-sent', reason: 'expired' };
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
    const evidence = await attempt(parcel, context);
    networkMs += clock.now() - sentAt;
    lease.release(leaseAnswer(evidence));
    return evidence;
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
