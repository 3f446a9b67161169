import type { NotSentReason, RefusalCode, ResponseInfo, UnknownReason } from '../errors.ts';
import type { KeyRing } from './api-key.ts';
import { tidy } from './redact.ts';
import type { ClockOffset } from './server-clock.ts';

/** What one attempt proves about its request. Each kind is handled in exactly one way. */
export type Evidence = {
  readonly response?: ResponseInfo | undefined;
  /** By how much the server's clock is ahead of ours, as this answer shows it. */
  readonly clockOffset?: ClockOffset | undefined;
  /** Whether its date is older than that of an earlier answer. */
  readonly hasOldDate?: boolean;
} & (
  | {
      readonly kind: 'applied';
      readonly status: number;
      /** The parsed answer. */
      readonly body: unknown;
      /** What the server said. */
      readonly message: string | undefined;
      /** The beginning of the answer. */
      readonly excerpt: string | undefined;
    }
  | { readonly kind: 'limited'; readonly retryAfterMs: number | undefined }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly code: RefusalCode;
      readonly serverMessage: string | undefined;
    }
  | {
      readonly kind: 'not-sent';
      readonly reason: Extract<
        NotSentReason,
        'could-not-connect' | 'aborted' | 'expired' | 'queue-full' | 'no-api-key' | 'stopped'
      >;
      readonly cause?: unknown;
      /** Whether trying again would only fail again. */
      readonly isPermanent?: boolean;
      /** A read that was given up on its way: the server may have counted it all the same. */
      readonly mayBeCounted?: boolean;
      /** Whether it may queue again at once, as its slot is of no use any more. */
      readonly isHeldUp?: boolean;
    }
  | {
      readonly kind: 'unknown';
      readonly reason: UnknownReason;
      readonly status?: number;
      readonly serverMessage?: string | undefined;
      /** What the server asked us to wait. */
      readonly retryAfterMs?: number | undefined;
      /** Where a redirect points, or the beginning of an answer that is cut or not one of this API. */
      readonly excerpt?: string | undefined;
      readonly cause?: Error;
      readonly isPermanent?: boolean;
    }
);

/** Why a request was held back, where no hook of the caller's did it. */
export class HeldBack extends Error {}

/** The reason of a request that may not be written any more. */
export const overdue = (limitMs: number): HeldBack =>
  new HeldBack(`The time limit of ${limitMs} ms was over before it was written.`);

/** A request that was not ready to leave before its key paused, or its slot was taken back. */
export const heldUp = (isHeldUp = true): Evidence => ({
  kind: 'not-sent',
  reason: 'stopped',
  cause: new HeldBack('Its key paused, or its slot was taken back, before it was ready to leave.'),
  isHeldUp,
});

/** Error codes that tell of a certificate that is not trusted. */
const badCertificate: ReadonlySet<unknown> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Error codes that can only come before a single byte of the request was sent. */
const neverSent: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  ...badCertificate,
]);

/** What else is known of a fetch that was rejected. */
interface FailureContext {
  readonly timedOut: boolean;
  /** Whether it was seen that no byte of the request left. */
  readonly sentNothing: boolean;
  /** Whether it was seen that something left. Then no error code can say that nothing did. */
  readonly sentSomething: boolean;
  readonly keys: KeyRing;
}

/**
 * What a rejected fetch proves. A reset proves nothing, so every unfamiliar error is `unknown`, and
 * so is one that throws when it is inspected.
 */
export function evidenceOfFailure(error: unknown, context: FailureContext): Evidence {
  try {
    return evidenceOf(error, context);
  } catch {
    const { sentNothing, timedOut } = context;
    return sentNothing
      ? { kind: 'not-sent', reason: 'could-not-connect' }
      : { kind: 'unknown', reason: timedOut ? 'timeout' : 'connection-lost' };
  }
}

function evidenceOf(
  error: unknown,
  { timedOut, sentNothing, sentSomething, keys }: FailureContext,
): Evidence {
  const cause = describe(error, keys);
  const chain = chainOf(error);
  const isPermanent = chain.some(isForGood);
  const notSent = { kind: 'not-sent', reason: 'could-not-connect', cause, isPermanent } as const;
  if (sentNothing) return notSent;
  if (timedOut) return { kind: 'unknown', reason: 'timeout', cause };
  return !sentSomething && chain.some(isBeforeSending)
    ? notSent
    : { kind: 'unknown', reason: 'connection-lost', cause, isPermanent };
}

/** What Node puts on the errors of its sockets. */
interface SystemError extends Error {
  readonly code?: unknown;
  readonly syscall?: unknown;
  /** One for each address that was tried. */
  readonly errors?: unknown;
}

function isBeforeSending({ code, syscall, errors, message }: SystemError): boolean {
  // Undici's message for a port that the standard blocks, such as 6000.
  if (message === 'bad port') return true;
  if (neverSent.has(code) || syscall === 'connect' || syscall === 'getaddrinfo') return true;
  return Array.isArray(errors) && errors.length > 0 && errors.every(isBeforeSending);
}

/** Whether the next attempt can only fail like this one: something has to be configured first. */
function isForGood({ code, message }: SystemError): boolean {
  if (message === 'bad port' || /proxy authentication|proxy response \(407\)/i.test(message)) {
    return true;
  }
  return badCertificate.has(code) || code === 'EPROTO' || /^ERR_(SSL|TLS)_/.test(String(code));
}

/** An error and its causes, the outermost first. Other people's errors may be cyclic. */
function chainOf(error: unknown): SystemError[] {
  const chain: SystemError[] = [];
  for (let link = error; link instanceof Error && chain.length < 5; link = link.cause) {
    chain.push(link);
  }
  return chain;
}

/**
 * A copy of the error with names, messages and codes only: the original may hold the request, and
 * with it the key.
 */
function describe(error: unknown, keys: KeyRing): Error {
  const clean = (text: unknown) => tidy(typeof text === 'string' ? text : '', keys);
  let copy: Error | undefined;
  for (const { name, message, code } of chainOf(error).toReversed()) {
    const outer = new Error(clean(message), copy === undefined ? undefined : { cause: copy });
    outer.name = clean(name);
    copy = typeof code === 'string' ? Object.assign(outer, { code: clean(code) }) : outer;
  }
  return copy ?? new Error(`fetch was rejected with a value of type ${typeof error}.`);
}
