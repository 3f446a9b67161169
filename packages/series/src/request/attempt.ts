import type { KyInstance } from 'ky';
import { readResponse } from './response.ts';
import type { ApiKey, KeyRing } from './api-key.ts';
import type { Clock } from '../clock.ts';
import { evidenceOfFailure, type Evidence } from './evidence.ts';
import type { UndiciTracer } from './undici-trace.ts';
import type { ServerClock } from './server-clock.ts';

/** One request as it goes out. */
export interface OutgoingRequest {
  readonly method: 'get' | 'post';
  readonly url: URL;
  readonly json?: Readonly<Record<string, unknown>>;
}

/** What an attempt needs besides the request. */
export interface AttemptContext {
  readonly http: KyInstance;
  readonly keys: KeyRing;
  /** Where there is one, a request that never left is known from one that may have arrived. */
  readonly tracer: UndiciTracer | undefined;
  /** Undici's diagnostics prove nothing about a `fetch` that was passed in. */
  readonly isOwnFetch: boolean;
  readonly authHeader: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly serverClock: ServerClock;
}

/** Sends a request once, waits for its end for a bounded time, and returns what that proves. */
export async function attempt(
  { method, url, json }: OutgoingRequest,
  apiKey: ApiKey,
  { http, keys, tracer, isOwnFetch, authHeader, timeoutMs, clock, serverClock }: AttemptContext,
): Promise<Evidence> {
  const cut = new AbortController();
  const silence = Promise.withResolvers<Evidence>();
  const trace = tracer?.trace(method, url, () => cut.abort());
  let isAnswered = false;
  const timer = clock.setTimeout(() => {
    const cause = new Error(`No answer within ${timeoutMs} ms.`);
    // Undici drops a request that is aborted before it is sent.
    cut.abort(cause);
    // A `fetch` that was passed in may ignore the signal. Where a response has begun, the signal
    // ends its reading, and what has come still counts.
    if (!isAnswered) silence.resolve(evidenceOf(cause));
  }, timeoutMs);
  try {
    return await Promise.race([silence.promise, sendAndRead()]);
  } finally {
    clock.clearTimeout(timer);
  }

  async function sendAndRead(): Promise<Evidence> {
    const sentAt = clock.now();
    try {
      const response = await fetchTraced();
      isAnswered = true;
      const nowMs = clock.now();
      serverClock.note(response.headers.get('date'), sentAt, nowMs);
      return await readResponse(response, { keys, nowMs, signal: cut.signal });
    } catch (error) {
      return evidenceOf(error);
    }
  }

  function fetchTraced(): Promise<Response> {
    const fetching = async () =>
      http(url, {
        method,
        headers: { [authHeader]: apiKey.reveal() },
        // Only the API itself can settle a doubt, not a cache.
        cache: 'no-store',
        ...(json === undefined ? {} : { json }),
        signal: cut.signal,
      });
    return trace === undefined ? fetching() : trace.follow(fetching);
  }

  function evidenceOf(error: unknown): Evidence {
    if (trace?.isMisdirected() === true) {
      return { kind: 'refused', status: 421, code: 'refused', serverMessage: undefined };
    }
    const sentNothing = !isAnswered && isOwnFetch && trace?.sentNothing() === true;
    return evidenceOfFailure(error, { timedOut: cut.signal.aborted, sentNothing, keys });
  }
}
