import type { Effort } from '../request/call-options.ts';
import {
  NotSentError,
  OutcomeUnknownError,
  RateLimitedError,
  SeriesApiError,
  type SeriesError,
  type UnknownReason,
} from '../errors.ts';
import { HeldBack, type Evidence } from '../request/evidence.ts';

/** A call in words: `set TICKET-1 to resolved`, and `TICKET-1 was set to resolved`. */
export type CallText = Readonly<Record<'toDo' | 'done', string>>;

/** The error for what an attempt has proven. */
export function errorFromEvidence(
  evidence: Exclude<Evidence, { readonly kind: 'applied' }>,
  { toDo, done }: CallText,
  effort: Effort,
): SeriesError {
  switch (evidence.kind) {
    case 'limited':
      return new RateLimitedError(`Could not ${toDo}: the server answered with 429.`, {
        ...effort,
        retryAfterMs: evidence.retryAfterMs,
        response: evidence.response,
      });
    case 'refused': {
      const { status, serverMessage } = evidence;
      const said = serverMessage === undefined ? '' : `: ${serverMessage}`;
      return new SeriesApiError(`Could not ${toDo}: refused with ${status}${said}`, {
        ...effort,
        ...evidence,
        httpStatus: status,
      });
    }
    case 'not-sent':
      return new NotSentError(`Could not ${toDo}: ${notSent(evidence)}.`, {
        ...effort,
        ...evidence,
      });
    case 'unknown':
      return new OutcomeUnknownError(
        `Unknown whether ${done}: ${doubtText(evidence.reason)}${clueOf(evidence)}.`,
        { ...effort, ...evidence, httpStatus: evidence.status },
      );
  }
}

/** Who answered, and what: ` (302 https://login.example/)`, ` (200 "Ticket not found")`. */
function clueOf(evidence: Extract<Evidence, { kind: 'unknown' }>): string {
  const { status, excerpt, serverMessage, reason, cause } = evidence;
  const said = serverMessage === undefined ? undefined : JSON.stringify(serverMessage);
  const clue = [status, excerpt, said].filter((part) => part !== undefined).join(' ');
  if (clue !== '') return ` (${clue})`;
  return reason === 'connection-lost' ? causeOf(cause) : '';
}

function notSent(evidence: Extract<Evidence, { kind: 'not-sent' }>): string {
  const { reason, cause, mayBeCounted } = evidence;
  switch (reason) {
    case 'aborted':
      return `aborted before ${mayBeCounted === true ? 'its answer came' : 'it was sent'}${causeOf(cause)}`;
    case 'stopped':
      // A hook of the caller's is named by the caller.
      return `it was stopped before it was sent${cause instanceof HeldBack ? causeOf(cause) : ''}`;
    case 'expired':
      return 'it waited too long and was not sent';
    case 'queue-full':
      return 'too many requests are waiting already';
    case 'no-api-key':
      return cause instanceof Error ? cause.message : 'there is no API key';
    case 'could-not-connect':
      return `no connection${causeOf(cause)}`;
  }
}

/** The innermost message: undici's own is only "fetch failed". */
function causeOf(cause: unknown): string {
  let innermost = cause;
  while (innermost instanceof Error && innermost.cause instanceof Error)
    innermost = innermost.cause;
  if (!(innermost instanceof Error)) return '';
  const text = innermost.message === '' ? (innermost as { code?: string }).code : innermost.message;
  return text === undefined ? '' : ` (${text.replace(/\.$/, '')})`;
}

/** Why there is a doubt, in words. */
export const doubtText = (reason: UnknownReason): string => inDoubt[reason];

const inDoubt: Readonly<Record<UnknownReason, string>> = {
  timeout: 'no complete answer came in time',
  'connection-lost': 'the connection was lost before a complete answer came',
  'server-error': 'the server failed',
  redirect: 'the server answered with a redirect, which is not followed',
  'malformed-answer': 'the answer is not one of this API',
  cached: 'a cache answered in the place of the API',
  contradiction: 'the answer does not confirm it',
  conflict: 'the ticket is somewhere else',
  unverified: 'the ticket could not be read back',
};
