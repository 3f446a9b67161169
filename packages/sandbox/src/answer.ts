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
 * Names how the sandbox judged a request.
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
export type Verdict = 'ok' | Refusal;

export interface Answer {
  readonly verdict: Verdict;
  readonly status: number;
  /** An object is sent as JSON, a string as plain text. */
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the request wrote a status. */
  readonly applied?: boolean;
}

export function succeed(data: object): Answer {
  return { verdict: 'ok', status: 200, body: { success: true, data } };
}

export function refuse(
  verdict: Refusal,
  message: string,
  status: number = statusOf[verdict],
): Answer {
  return { verdict, status, body: { success: false, error: { code: status, message } } };
}

export function toResponse({ status, body, headers = {} }: Answer): Response {
  return typeof body === 'object'
    ? Response.json(body, { status, headers })
    : new Response(body ?? null, { status, headers });
}
