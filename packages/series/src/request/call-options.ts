import {
  aFunction,
  milliseconds,
  oneOf,
  type OptionChecks,
} from '@ticket-lifecycle/internal/option-checks';
import type { ResponseInfo } from '../errors.ts';
import { priorities, type Priority } from '../limiter/lease.ts';
import { aSignal } from '../options.ts';
import { checkHeaders } from './added-headers.ts';
import type { Evidence } from './evidence.ts';
import type { RequestInfo, RequestListener } from './request-event.ts';

/** How to make a call. */
export interface CallOptions {
  /**
   * Stops the call while it waits, and a read at once. A change under way is awaited, for
   * `timeoutMs` at most: aborting it would only lose its answer.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Awaited when the slot has come, right before each request. Throw to send nothing after all.
   */
  readonly beforeSend?: (() => unknown) | undefined;
  /**
   * Asked in the moment in which the request is written, where the client sees that (the `fetch` of
   * Node.js), and else right before `fetch` is called. `false` cuts it before a byte has left.
   */
  readonly mayWrite?: (() => boolean) | undefined;
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
  /**
   * How long one attempt of this call may take.
   *
   * @defaultValue the client's
   */
  readonly timeoutMs?: number | undefined;
  /** Sent along. The key's headers, and those that belong to the transport, can't be among them. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Called with each event of the call, as it happens. */
  readonly onEvent?: RequestListener | undefined;
  /**
   * Called for each attempt with the function that sends it, so that telemetry can send it inside a
   * span. If your function does not call that one at once, the client sends the attempt itself.
   */
  readonly wrapAttempt?: AttemptWrapper | undefined;
}

/** Runs an attempt inside a context of its own, and may add headers to it. */
export type AttemptWrapper = (
  attempt: RequestInfo,
  send: (headers?: Readonly<Record<string, string>>) => void,
) => void;

/** An attempt that has ended. */
export interface AttemptEnded extends RequestInfo {
  readonly durationMs: number;
  /** What the attempt proves. */
  readonly evidence: Evidence['kind'];
  /** Why there is no success. */
  readonly reason: string | undefined;
  /** `undefined` where no answer came. */
  readonly response: ResponseInfo | undefined;
}

/** What a client calls around each attempt of all its calls. */
export interface AttemptHooks {
  readonly beforeAttempt?: ((attempt: RequestInfo) => unknown) | undefined;
  readonly afterAttempt?: ((attempt: AttemptEnded) => void) | undefined;
}

/** The checks of the options of a call. */
export const callChecks: OptionChecks<CallOptions> = {
  signal: aSignal,
  beforeSend: aFunction,
  mayWrite: aFunction,
  priority: oneOf(...priorities),
  maxWaitMs: milliseconds,
  timeoutMs: milliseconds,
  headers: checkHeaders,
  onEvent: aFunction,
  wrapAttempt: aFunction,
};

/** What a call has cost. */
export interface Effort {
  /** Requests that were handed to the network. */
  readonly attempts: number;
  /** Milliseconds spent waiting for slots, pauses and retries. */
  readonly waitedMs: number;
}
