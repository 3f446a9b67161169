import { createErrorBrand } from '@ticket-lifecycle/internal/branded-error';

/**
 * How the request ended that a lease was taken for. `pathMs` is the time that a request and its answer
 * surely spend on the way together, where that was measured and the lease `measuresPath`.
 */
export type LeaseAnswer =
  /** There was an answer: the server counted the request before this moment. */
  | { readonly kind: 'answered'; readonly pathMs?: number | undefined }
  /** 429: the whole key has to pause. */
  | {
      readonly kind: 'limited';
      readonly retryAfterMs?: number | undefined;
      readonly pathMs?: number | undefined;
    }
  /** The request never reached the server. */
  | { readonly kind: 'not-sent' }
  /** No answer came: the server may count the request later. */
  | { readonly kind: 'silent' };

const answerKinds = [
  'answered',
  'limited',
  'not-sent',
  'silent',
] as const satisfies readonly LeaseAnswer['kind'][];

/**
 * Checks the answer that `release` was called with, before the slot is taken back.
 *
 * @throws TypeError for an answer of no known kind
 */
export function checkAnswer(answer: LeaseAnswer): void {
  if (answerKinds.includes(answer?.kind)) return;
  const expected = answerKinds.map((kind) => `"${kind}"`).join(', ');
  throw new TypeError(`release: the answer needs a kind. Expected one of ${expected}.`);
}

/** The right to send one request now. */
export interface Lease {
  /** Milliseconds between asking and getting. */
  readonly waitedMs: number;
  /**
   * Call this right before sending, if anything was awaited since the slot came, and await what it
   * returns: requests that were held up together would otherwise leave together. A limiter without
   * a pace may leave it out.
   */
  pace?(): Promise<void> | undefined;
  /**
   * Whether the slot is still this request's. Ask after `pace`, and again when the headers are written:
   * one whose time is over may be another request's by now. Then give it back as `not-sent`, and ask
   * for another one with `first`. A limiter that takes no slot back may leave it out.
   */
  isInTime?(): boolean;
  /**
   * Whether the request may leave now: not while its key pauses after a 429, or where others have to be
   * answered first. Ask when you ask `isInTime`, and go on in the same way. A limiter that never holds
   * back a request with a slot may leave it out.
   */
  mayLeave?(): boolean;
  /** Whether `release` makes use of `pathMs`: only under the policy `measured`. */
  readonly measuresPath?: boolean | undefined;
  /**
   * Gives the slot back. Only the first call counts.
   *
   * @throws TypeError for an answer of no known kind; the slot can still be given back
   */
  release(answer: LeaseAnswer): void;
}

/** Whose turn comes sooner. A lower priority still gets every ninth turn at least. */
export type Priority = (typeof priorities)[number];

export const priorities = ['high', 'normal', 'low'] as const;

/** How to wait for a slot. */
export interface AcquireOptions {
  /** Leaves the queue when it aborts; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Waits before all others of its lane: for a request that was answered 429 and is sent again.
   *
   * @defaultValue false
   */
  readonly first?: boolean | undefined;
  /**
   * Raises the whole lane: order within a lane is fixed, so an urgent request also brings forward
   * the ones queued before it.
   *
   * @defaultValue 'normal'
   */
  readonly priority?: Priority | undefined;
  /**
   * Milliseconds to wait at most; then the promise rejects with a {@link WaitExpiredError}. A
   * request that can't be sent in time is never sent late. With 0, a limiter of one process gives
   * a slot that is free now, or none. A limiter on a shared store has to ask it first.
   *
   * @defaultValue no bound
   */
  readonly maxWaitMs?: number | undefined;
}

const queueFull = createErrorBrand('@ticket-lifecycle/series/QueueFullError');
const waitExpired = createErrorBrand('@ticket-lifecycle/series/WaitExpiredError');
const limiterClosed = createErrorBrand('@ticket-lifecycle/series/LimiterClosedError');

/** Thrown by `acquire` when the queue has reached its bound. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';

  constructor(message: string) {
    super(message);
    queueFull.mark(this);
  }

  static is(value: unknown): value is QueueFullError {
    return queueFull.isOn(value);
  }
}

/** Thrown by `acquire` when no slot came within `maxWaitMs`. */
export class WaitExpiredError extends Error {
  override readonly name = 'WaitExpiredError';

  constructor(message: string) {
    super(message);
    waitExpired.mark(this);
  }

  static is(value: unknown): value is WaitExpiredError {
    return waitExpired.isOn(value);
  }
}

/** Thrown by `acquire` when the limiter is closed. */
export class LimiterClosedError extends Error {
  override readonly name = 'LimiterClosedError';

  constructor(message: string) {
    super(message);
    limiterClosed.mark(this);
  }

  static is(value: unknown): value is LimiterClosedError {
    return limiterClosed.isOn(value);
  }
}
