import { type Answer, type AnswerBody, fail } from './answer.ts';

/** The form in which a 429 says when to come back, if at all. */
export type RetryAfter = 'seconds' | 'date' | 'none';

export interface TooManyRequests {
  /** An injected 429 may also say what no client can make sense of. */
  readonly retryAfter: RetryAfter | 'junk';
  readonly limitedBody: AnswerBody;
  readonly retryInMs: number;
  readonly now: Date;
}

// Whole seconds are all that the header can say. Both forms round up: a client that obeys one
// must not be refused again.
export function tooManyRequests(refusal: TooManyRequests): Answer {
  const { retryAfter, limitedBody, retryInMs, now } = refusal;
  const freeAt = Math.ceil((now.getTime() + retryInMs) / 1000) * 1000;
  const value = {
    seconds: String(Math.ceil(retryInMs / 1000)),
    date: new Date(freeAt).toUTCString(),
    junk: 'soon',
    none: undefined,
  }[retryAfter];
  return {
    verdict: 'limited',
    ...fail(429, 'Too Many Requests', limitedBody),
    ...(value === undefined ? {} : { headers: { 'retry-after': value } }),
  };
}
