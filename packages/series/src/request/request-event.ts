import type { OutgoingRequest } from './attempt.ts';
import type { Evidence } from './evidence.ts';

/** The documented calls, by our names. */
export type CallName = 'change-status' | 'claim' | 'unclaim' | 'get-ticket' | 'list-tickets';

/** The request that an event is about. Never contains the key. */
export interface RequestInfo {
  readonly call: CallName;
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** The path of the URL with placeholders in place of ids, for names that repeat. */
  readonly template: string;
  /** Counts the requests of the call that were handed to the network, from 1. */
  readonly attempt: number;
}

/** An event of one call, as it happens. */
export type RequestEvent =
  /** It waits for a slot of the key's budget. */
  | (RequestInfo & { readonly type: 'queued' })
  /** The slot has come. */
  | (RequestInfo & { readonly type: 'slot'; readonly waitedMs: number })
  /** The request is handed to the network. */
  | (RequestInfo & { readonly type: 'sent' })
  /** The attempt has ended; `evidence` is what that proves. */
  | (RequestInfo & {
      readonly type: 'answered';
      readonly durationMs: number;
      readonly evidence: Evidence['kind'];
      /** The HTTP status, where there was an answer. */
      readonly status: number | undefined;
      /** Why there is no success. */
      readonly reason: string | undefined;
    })
  /** It is tried again after a pause; nothing was processed, or it only reads. */
  | (RequestInfo & { readonly type: 'retrying'; readonly afterMs: number });

/** Called with each event. What it throws or rejects with is ignored. */
export type RequestListener = (event: RequestEvent) => void;

/** An event without its request, which the emitter adds. */
export type RequestEventBody = RequestEvent extends infer Event
  ? Event extends RequestInfo
    ? Omit<Event, keyof RequestInfo>
    : never
  : never;

/** What is told of one attempt. */
export const requestInfo = (
  { call, template, method, url }: OutgoingRequest & Pick<RequestInfo, 'call' | 'template'>,
  attempt: number,
): RequestInfo => ({
  call,
  method: method === 'get' ? 'GET' : 'POST',
  url: url.href,
  template,
  attempt,
});

/** The HTTP status of an attempt, and why it is not a success. */
export function statusAndReason(
  evidence: Evidence,
): Pick<Extract<RequestEvent, { type: 'answered' }>, 'status' | 'reason'> {
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
