import { createErrorBrand } from '@ticket-lifecycle/internal/branded-error';

/**
 * What is known of a change that failed: `refused` by the server, surely `not-sent` (or surely
 * not processed), or `unknown`: it may have been processed.
 */
export type Delivery = 'refused' | 'not-sent' | 'unknown';

/** The answer of the API behind a result or an error, as far as it may be shown. */
export interface ResponseInfo {
  readonly httpStatus: number;
  /** As the server sent them. The API key is taken out, and cookies are left out. */
  readonly headers: Headers;
  /** By what the server calls the request, where it says so (`x-request-id` and its like). */
  readonly requestId: string | undefined;
}

/** What every error of this package carries. */
export interface SeriesErrorDetails {
  readonly delivery: Delivery;
  /** Requests that were handed to the network for this call. */
  readonly attempts: number;
  /** Milliseconds spent waiting: for a turn, a slot, a pause. */
  readonly waitedMs: number;
  /** What the server asked us to wait with `Retry-After`; we wait for a minute at most. */
  readonly retryAfterMs?: number | undefined;
  /** The last answer, if there was one. */
  readonly response?: ResponseInfo | undefined;
  readonly cause?: unknown;
}

const brand = createErrorBrand('@ticket-lifecycle/series/SeriesError');

/**
 * Base of all errors that a call can end with. `delivery` says whether the change may have arrived.
 * Options that make no sense are a `TypeError` instead.
 *
 * @example
 * ```ts
 * import { createSeriesClient, SeriesError } from '@ticket-lifecycle/series';
 *
 * const client = createSeriesClient({ apiKey: 'example-key' });
 * try {
 *   await client.changeStatus({ ticketId: '..', status: 'open', staffUserId: 1 });
 * } catch (error) {
 *   if (SeriesError.is(error)) console.log(error.delivery); // not-sent
 * }
 * ```
 */
export class SeriesError extends Error {
  override readonly name: string = 'SeriesError';
  readonly delivery: Delivery;
  readonly attempts: number;
  readonly waitedMs: number;
  /**
   * Milliseconds that the server asked us to wait with `Retry-After`, as it said it: a call waits for
   * a minute at most.
   */
  readonly retryAfterMs: number | undefined;
  /** The last answer of the server to this call; `undefined` where none came. */
  readonly response: ResponseInfo | undefined;

  constructor(message: string, details: SeriesErrorDetails) {
    const { delivery, attempts, waitedMs, retryAfterMs, response, cause } = details;
    super(message, cause === undefined ? undefined : { cause });
    this.retryAfterMs = retryAfterMs;
    this.response = response;
    this.delivery = delivery;
    this.attempts = attempts;
    this.waitedMs = waitedMs;
    brand.mark(this);
  }

  /**
   * Recognises the error also if two copies of this package are installed. The `is` of a subclass
   * recognises only its own errors.
   */
  static is(value: unknown): value is SeriesError {
    return brand.isOn(value);
  }
}

/** Our names for the API's refusals. `error.code` of an answer only repeats its HTTP status. */
export type RefusalCode =
  | 'invalid-status'
  | 'already-claimed'
  | 'not-claimed'
  | 'bad-request'
  | 'unauthorized'
  | 'subscription-required'
  | 'module-disabled'
  | 'forbidden'
  | 'ticket-not-found'
  | 'not-found'
  | 'conflict'
  | 'server-error'
  | 'refused';

/** The server refused the request: nothing changed. */
export class SeriesApiError extends SeriesError {
  override readonly name = 'SeriesApiError';
  /**
   * The HTTP status of the API's answer. It is not called `status`: web frameworks would answer your
   * own callers with a status of that name.
   */
  readonly httpStatus: number;
  readonly code: RefusalCode;
  /** What the server said, shortened; the key is taken out. */
  readonly serverMessage: string | undefined;

  constructor(
    message: string,
    details: Omit<SeriesErrorDetails, 'delivery'> & {
      readonly httpStatus: number;
      readonly code: RefusalCode;
      readonly serverMessage: string | undefined;
    },
  ) {
    super(message, { ...details, delivery: 'refused' });
    this.httpStatus = details.httpStatus;
    this.code = details.code;
    this.serverMessage = details.serverMessage;
  }

  static override is(value: unknown): value is SeriesApiError {
    return SeriesError.is(value) && value.delivery === 'refused';
  }
}

/** Why nothing was processed. */
export type NotSentReason =
  | 'invalid-request'
  | 'aborted'
  | 'expired'
  | 'queue-full'
  | 'no-api-key'
  | 'could-not-connect'
  | 'could-not-read'
  | 'rate-limited'
  | 'stopped'
  | 'not-kept'
  | 'not-processed';

/** The request was surely not processed: it never left, or the server did not take it. */
export class NotSentError extends SeriesError {
  override readonly name: string = 'NotSentError';
  readonly reason: NotSentReason;

  constructor(
    message: string,
    details: Omit<SeriesErrorDetails, 'delivery'> & { readonly reason: NotSentReason },
  ) {
    super(message, { ...details, delivery: 'not-sent' });
    this.reason = details.reason;
  }

  static override is(value: unknown): value is NotSentError {
    return SeriesError.is(value) && value.delivery === 'not-sent';
  }
}

/** The server answered 429 until the time was up, or the call was stopped. */
export class RateLimitedError extends NotSentError {
  override readonly name = 'RateLimitedError';

  constructor(message: string, details: Omit<SeriesErrorDetails, 'delivery'>) {
    super(message, { ...details, reason: 'rate-limited' });
  }

  static override is(value: unknown): value is RateLimitedError {
    return NotSentError.is(value) && value.reason === 'rate-limited';
  }
}

/** Why it is unknown whether the request was processed. */
export type UnknownReason =
  | 'timeout'
  | 'connection-lost'
  | 'server-error'
  | 'redirect'
  | 'malformed-answer'
  | 'cached'
  | 'contradiction'
  | 'conflict'
  | 'unverified';

/** The request may have been processed. Reading the ticket back can tell. */
export class OutcomeUnknownError extends SeriesError {
  override readonly name = 'OutcomeUnknownError';
  readonly reason: UnknownReason;
  /** The HTTP status, where there was an answer. */
  readonly httpStatus: number | undefined;
  readonly serverMessage: string | undefined;
  /**
   * Where a redirect points, or the beginning of an answer that is cut or not one of this API; the key
   * is taken out.
   */
  readonly excerpt: string | undefined;
  /** Why the ticket could not be read back, where that was tried and failed. */
  readonly readError: SeriesError | undefined;

  constructor(
    message: string,
    details: Omit<SeriesErrorDetails, 'delivery'> & {
      readonly reason: UnknownReason;
      readonly httpStatus?: number | undefined;
      readonly serverMessage?: string | undefined;
      readonly excerpt?: string | undefined;
      readonly readError?: SeriesError | undefined;
    },
  ) {
    super(message, { ...details, delivery: 'unknown' });
    this.reason = details.reason;
    this.httpStatus = details.httpStatus;
    this.serverMessage = details.serverMessage;
    this.excerpt = details.excerpt;
    this.readError = details.readError;
  }

  static override is(value: unknown): value is OutcomeUnknownError {
    return SeriesError.is(value) && value.delivery === 'unknown';
  }
}
