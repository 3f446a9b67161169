import { type Answer, refuse } from './answer.ts';

/**
 * Says in which form a 429 tells when to come back, if at all.
 *
 * @example
 * ```ts
 * import { createSandbox, type RetryAfter } from '@ticket-lifecycle/sandbox';
 *
 * const forms: RetryAfter[] = ['seconds', 'date', 'none'];
 * const sandboxes = forms.map((retryAfter) => createSandbox({ retryAfter }));
 * console.log(sandboxes.length); // 3
 * ```
 */
export type RetryAfter = 'seconds' | 'date' | 'none';

/**
 * Says what an answer carries whose body is not documented: the API's own error shape, a proxy's
 * plain text, or nothing.
 *
 * @example
 * ```ts
 * import { type AnswerBody, createSandbox } from '@ticket-lifecycle/sandbox';
 *
 * const bodies: AnswerBody[] = ['json', 'text', 'none'];
 * const sandboxes = bodies.map((limitedBody) => createSandbox({ limitedBody }));
 * console.log(sandboxes.length); // 3
 * ```
 */
export type AnswerBody = 'json' | 'text' | 'none';

/** A fault may say what no client can make sense of, too. */
export type InjectedRetryAfter = RetryAfter | 'junk';

export interface LimitedAnswer {
  readonly retryAfter: InjectedRetryAfter;
  readonly limitedBody: AnswerBody;
  readonly retryInMs: number;
  readonly now: Date;
}

const message = 'Too Many Requests';

// Whole seconds are all that the header can say. Both forms round up: a client that obeys one
// must not be refused again.
export function limited({ retryAfter, limitedBody, retryInMs, now }: LimitedAnswer): Answer {
  const { body: json, ...refusal } = refuse('limited', message);
  const freeAt = Math.ceil((now.getTime() + retryInMs) / 1000) * 1000;
  const value = {
    seconds: String(Math.ceil(retryInMs / 1000)),
    date: new Date(freeAt).toUTCString(),
    junk: 'soon',
    none: undefined,
  }[retryAfter];
  const body = { json, text: message, none: undefined }[limitedBody];
  return {
    ...refusal,
    ...(body === undefined ? {} : { body }),
    ...(value === undefined ? {} : { headers: { 'retry-after': value } }),
  };
}
