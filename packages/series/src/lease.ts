/** What became of the request that a lease was taken for. */
export type LeaseAnswer =
  /** There was an answer: the server counted the request before this moment. */
  | { readonly kind: 'answered' }
  /** 429: the whole key has to pause. */
  | { readonly kind: 'limited'; readonly retryAfterMs?: number | undefined }
  /** The request never reached the server. */
  | { readonly kind: 'not-sent' }
  /** No answer came: the server may count the request later. */
  | { readonly kind: 'silent' };

/** The right to send one request now. */
export interface Lease {
  /** Milliseconds between asking and getting. */
  readonly waitedMs: number;
  /** Gives the slot back. Only the first call counts. */
  release(answer: LeaseAnswer): void;
}

/** How to wait for a slot. */
export interface AcquireOptions {
  /** Leaves the queue when it aborts; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Waits before all others of its lane: a request that was answered 429 takes its place again.
   *
   * @defaultValue false
   */
  readonly first?: boolean | undefined;
}

/** Thrown by `acquire` when the queue has reached its bound. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}
