import type { KyInstance } from 'ky';
import { readAnswer } from './answer.ts';
import type { ApiKey } from './api-key.ts';
import type { Clock } from './clock.ts';
import { evidenceOfFailure, type Evidence } from './evidence.ts';

/** One request as it goes out. */
export interface OutgoingRequest {
  readonly method: 'get' | 'post';
  readonly url: URL;
  readonly json?: Readonly<Record<string, unknown>>;
}

/** What an attempt needs besides the request. */
export interface AttemptContext {
  readonly http: KyInstance;
  readonly apiKey: ApiKey;
  readonly authHeader: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Sends a request once, waits for its end for a bounded time, and says what that proves. */
export async function attempt(
  { method, url, json }: OutgoingRequest,
  { http, apiKey, authHeader, timeoutMs, clock }: AttemptContext,
): Promise<Evidence> {
  const cut = new AbortController();
  const silence = Promise.withResolvers<Evidence>();
  let isAnswered = false;
  const timer = clock.setTimeout(() => {
    const cause = new Error(`No answer within ${timeoutMs} ms.`);
    cut.abort(cause);
    // A fetch from elsewhere may not heed the signal. Where an answer has begun, reading ends by
    // the same signal, and what was seen of it still counts.
    if (!isAnswered) silence.resolve(evidenceOfFailure(cause, true, apiKey));
  }, timeoutMs);
  try {
    return await Promise.race([silence.promise, sendAndRead()]);
  } finally {
    clock.clearTimeout(timer);
  }

  async function sendAndRead(): Promise<Evidence> {
    try {
      const response = await http(url, {
        method,
        headers: { [authHeader]: apiKey.reveal() },
        ...(json === undefined ? {} : { json }),
        signal: cut.signal,
      });
      isAnswered = true;
      return await readAnswer(response, { apiKey, nowMs: clock.now(), signal: cut.signal });
    } catch (error) {
      return evidenceOfFailure(error, cut.signal.aborted, apiKey);
    }
  }
}
