import type { OutgoingRequest } from './attempt.ts';
import type { Evidence } from './evidence.ts';

/** The documented calls, by our names. */
export type CallName = 'change-status' | 'claim' | 'get-ticket' | 'list-tickets';

/** Which request a step belongs to. Nothing of it holds the key. */
export interface RequestInfo {
  readonly call: CallName;
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** The path of the URL with placeholders in place of ids, for names that repeat. */
  readonly template: string;
  /** Counts the requests of the call that were handed to the network, from 1. */
  readonly attempt: number;
}

/** One step of a call, as it happens. */
export type RequestEvent =
  /** It waits for a slot of the key's budget. */
  | (RequestInfo & { readonly type: 'queued' })
  /** The slot has come. */
  | (RequestInfo & { readonly type: 'slot'; readonly waitedMs: number })
  /** The request is handed to the network. */
  | (RequestInfo & { readonly type: 'sent' })
  /** The attempt has ended, with what that proves. */
  | (RequestInfo & {
      readonly type: 'answered';
      readonly durationMs: number;
      readonly evidence: Evidence['kind'];
      /** The HTTP status, where there was an answer. */
      readonly status: number | undefined;
      /** Why there is no plain answer. */
      readonly reason: string | undefined;
    })
  /** It is tried again after a pause; nothing was processed, or it only reads. */
  | (RequestInfo & { readonly type: 'retrying'; readonly afterMs: number });

/** Is told each step. What it throws is ignored: watching must not change what is watched. */
export type RequestListener = (event: RequestEvent) => void;

/** Tells the steps of one call. */
export interface RequestEmitter {
  queued(attempt: number): void;
  slot(attempt: number, waitedMs: number): void;
  sent(attempt: number): void;
  answered(attempt: number, durationMs: number, evidence: Evidence): void;
  retrying(attempt: number, afterMs: number): void;
}

export function createRequestEmitter(
  { call, template, method, url }: OutgoingRequest & Pick<RequestInfo, 'call' | 'template'>,
  listener: RequestListener | undefined,
): RequestEmitter {
  const info = (attempt: number): RequestInfo => ({
    call,
    method: method === 'get' ? 'GET' : 'POST',
    url: url.href,
    template,
    attempt,
  });
  return {
    queued: (attempt) => emit({ type: 'queued', ...info(attempt) }),
    slot: (attempt, waitedMs) => emit({ type: 'slot', ...info(attempt), waitedMs }),
    sent: (attempt) => emit({ type: 'sent', ...info(attempt) }),
    answered: (attempt, durationMs, evidence) =>
      emit({
        type: 'answered',
        ...info(attempt),
        durationMs,
        evidence: evidence.kind,
        ...answerOf(evidence),
      }),
    retrying: (attempt, afterMs) => emit({ type: 'retrying', ...info(attempt), afterMs }),
  };

  function emit(event: RequestEvent): void {
    try {
      listener?.(event);
    } catch {
      // Watching must not change what is watched.
    }
  }
}

/** The HTTP status behind an attempt, and why there is no plain answer. */
function answerOf(evidence: Evidence): {
  readonly status: number | undefined;
  readonly reason: string | undefined;
} {
  switch (evidence.kind) {
    case 'applied':
      return { status: evidence.status, reason: undefined };
    case 'limited':
      return { status: 429, reason: 'rate-limited' };
    case 'refused':
      return { status: evidence.status, reason: evidence.code };
    case 'not-sent':
      return { status: undefined, reason: evidence.reason };
    case 'unknown':
      return { status: evidence.status, reason: evidence.reason };
  }
}
