const statusOf = {
  'bad-request': 400,
  'no-key': 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  limited: 429,
} as const;

type Refusal = keyof typeof statusOf;

/**
 * Names how the sandbox judged a request: `ok`, a refusal, or `not-judged` when a fault came first.
 *
 * @example
 * ```ts
 * import { createSandbox, type Verdict } from '@ticket-lifecycle/sandbox';
 *
 * const sandbox = createSandbox();
 * await sandbox.fetch('/tickets/get/TICKET-1', { headers: { apikey: 'any' } });
 * const verdict: Verdict | undefined = sandbox.requests[0]?.verdict;
 * console.log(verdict); // not-found
 * ```
 */
export type Verdict = 'ok' | Refusal | 'not-judged';

export interface Answer {
  readonly verdict: Verdict;
  readonly status: number;
  /** An object is sent as JSON, a string as plain text. */
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the request does to the ticket, still to be carried out. */
  readonly effect?: () => void;
}

export function succeed(data: object, effect?: () => void): Answer {
  const answer = { verdict: 'ok', status: 200, body: { success: true, data } } as const;
  return effect === undefined ? answer : { ...answer, effect };
}

export function refuse(
  verdict: Refusal,
  message: string,
  status: number = statusOf[verdict],
): Answer {
  return { verdict, status, body: failure(status, message) };
}

/** The API's own shape of an error. */
export function failure(code: number, message: string): object {
  return { success: false, error: { code, message } };
}

/** An answer as it goes over the wire. */
export interface Rendered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

const encoder = new TextEncoder();

export function render({ status, body, headers = {} }: Answer): Rendered {
  if (body === undefined) return { status, headers, body: encoder.encode('') };
  const [type, text] =
    typeof body === 'string'
      ? ['text/plain;charset=UTF-8', body]
      : ['application/json', JSON.stringify(body)];
  return { status, headers: { 'content-type': type, ...headers }, body: encoder.encode(text) };
}
