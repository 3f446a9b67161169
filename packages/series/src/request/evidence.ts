import type { NotSentReason, RefusalCode, UnknownReason } from '../errors.ts';
import type { KeyRing } from './api-key.ts';
import { shorten } from './redact.ts';

/** What one attempt proves about its request. Each kind is handled in exactly one way. */
export type Evidence =
  | {
      readonly kind: 'applied';
      readonly status: number;
      /** The parsed body, or `undefined` when it came empty or cut: the status line is proof. */
      readonly body: unknown;
      /** What the server said. */
      readonly message: string | undefined;
      readonly answer: 'complete' | 'empty' | 'cut';
      /** Whether a cache answered in the API's place. */
      readonly isCached: boolean;
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
        'could-not-connect' | 'aborted' | 'expired' | 'queue-full' | 'no-api-key'
      >;
      readonly cause?: unknown;
    }
  | {
      readonly kind: 'unknown';
      readonly reason: UnknownReason;
      readonly status?: number;
      readonly serverMessage?: string | undefined;
      readonly cause?: Error;
    };

/** Error codes that can only come before a single byte of the request was sent. */
const neverSent: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** What else is known of a fetch that was rejected. */
interface FailureContext {
  readonly timedOut: boolean;
  /** Whether it was seen that no byte of the request left. */
  readonly sentNothing: boolean;
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

function evidenceOf(error: unknown, { timedOut, sentNothing, keys }: FailureContext): Evidence {
  const cause = describe(error, keys);
  if (sentNothing) return { kind: 'not-sent', reason: 'could-not-connect', cause };
  if (timedOut) return { kind: 'unknown', reason: 'timeout', cause };
  return chainOf(error).some(isBeforeSending)
    ? { kind: 'not-sent', reason: 'could-not-connect', cause }
    : { kind: 'unknown', reason: 'connection-lost', cause };
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
  const clean = (text: unknown) => shorten(keys.redact(typeof text === 'string' ? text : ''));
  let copy: Error | undefined;
  for (const { name, message, code } of chainOf(error).toReversed()) {
    const outer = new Error(clean(message), copy === undefined ? undefined : { cause: copy });
    outer.name = clean(name);
    copy = typeof code === 'string' ? Object.assign(outer, { code: clean(code) }) : outer;
  }
  return copy ?? new Error(`fetch was rejected with a value of type ${typeof error}.`);
}
