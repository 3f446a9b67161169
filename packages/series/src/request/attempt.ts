import { isThenable, setTimeLimit } from '@ticket-lifecycle/internal/wait-at-most';
import type { KyInstance } from 'ky';
import { readResponse } from './response.ts';
import type { ApiKey, KeyRing } from './api-key.ts';
import { stopwatch, type Clock } from '../clock.ts';
import type { AskedChange } from './contradiction.ts';
import { evidenceOfFailure, heldUp, overdue, type Evidence } from './evidence.ts';
import type { UndiciTracer } from './undici-trace.ts';
import type { ServerClock } from './server-clock.ts';

/** One request as it goes out. */
export interface OutgoingRequest {
  readonly method: 'get' | 'post';
  readonly url: URL;
  readonly json?: Readonly<Record<string, unknown>>;
  /** For a write: what the API has to confirm. */
  readonly change?: AskedChange;
  /** Further headers, of the caller and of the telemetry. */
  readonly headers?: Readonly<Record<string, string>>;
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

/** How an attempt is made, and what may end it early. */
export interface AttemptStops {
  /**
   * Whether the slot may still be used. Asked before `fetch` is called, and as the headers are about to
   * be written (`isBegun`).
   */
  readonly mayLeave: (isBegun: boolean) => boolean;
  /** Asked after that. */
  readonly mayWrite: (() => boolean) | undefined;
  /** Closes the connection after the answer, so that the next request opens another. */
  readonly isLastOfConnection?: boolean | undefined;
  /** Gives the request up at once. Only for reads: a change may have arrived. */
  readonly signal: AbortSignal | undefined;
}

// Time to read the rest of an answer that has begun.
const restMs = 250;

/** Sends a request once, waits for its end for a bounded time, and returns what that proves. */
export async function attempt(
  { method, url, json, change, headers }: OutgoingRequest,
  apiKey: ApiKey,
  { http, keys, tracer, isOwnFetch, authHeader, timeoutMs, clock, serverClock }: AttemptContext,
  { mayLeave, mayWrite: ask, signal, isLastOfConnection = false }: AttemptStops,
): Promise<Evidence> {
  const elapsedMs = stopwatch(clock);
  // Why it may not be written.
  let cause: unknown;
  let isTooLate = false;
  let isHeldUp = false;
  // Where undici does not show itself, this is the last moment in which we can ask.
  if (!mayWrite(false)) return heldBack(true);
  const cut = new AbortController();
  const silence = Promise.withResolvers<Evidence>();
  const trace = tracer?.trace(
    method,
    url,
    () => cut.abort(),
    () => mayWrite(true),
  );
  let isAnswered = false;
  let cancelLimit = setTimeLimit(clock, giveUp, timeoutMs);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([silence.promise, sendAndRead()]);
  } finally {
    cancelLimit();
    signal?.removeEventListener('abort', stop);
  }

  function mayWrite(isBegun: boolean): boolean {
    // Of a process that was stopped, nothing leaves when it wakes: its slot may be another's by then.
    isTooLate = elapsedMs() > timeoutMs;
    if (isTooLate) return false;
    try {
      isHeldUp = !mayLeave(isBegun);
      if (isHeldUp) return false;
      const answer: unknown = ask?.();
      if (!isThenable(answer)) return answer !== false;
      answer.then(undefined, () => {});
      cause = new TypeError('mayWrite must answer at once, not with a promise.');
    } catch (error) {
      cause = error;
    }
    return false;
  }

  /** What it proves that it was not written. It may come back where no `fetch` of a user's has it. */
  function heldBack(mayComeBack = isOwnFetch): Evidence {
    if (isTooLate) {
      // One that was passed in may write in spite of the cut, so it is not tried again.
      const reason = mayComeBack ? 'could-not-connect' : 'stopped';
      return { kind: 'not-sent', reason, cause: overdue(timeoutMs) };
    }
    // The same holds here.
    if (isHeldUp) return heldUp(mayComeBack);
    return { kind: 'not-sent', reason: 'stopped', cause };
  }

  function giveUp(): void {
    const late = new Error(`No answer within ${timeoutMs} ms.`);
    // Undici drops a request that is aborted before it is sent.
    cut.abort(late);
    // A `fetch` that was passed in may ignore the signal. Where a response has begun, the signal
    // ends its reading, and what has come still counts.
    const end = () => silence.resolve(evidenceOf(late));
    if (isAnswered) cancelLimit = setTimeLimit(clock, end, restMs);
    else end();
  }

  function stop(): void {
    silence.resolve({ kind: 'not-sent', reason: 'aborted', mayBeCounted: true });
    cut.abort(signal?.reason);
  }

  async function sendAndRead(): Promise<Evidence> {
    const sentAt = clock.now();
    try {
      const response = await fetchTraced();
      isAnswered = true;
      const nowMs = clock.now();
      const date = response.headers.get('date');
      const isOld = method === 'get' && serverClock.isOld(date, sentAt, nowMs);
      // A cache may repeat an old date.
      const isNoted = !isOld && !response.headers.has('age');
      const hasOldDate = isNoted && serverClock.note(date, sentAt, nowMs);
      // Other answers come while this one is read, and may be by another clock.
      const clockOffset = serverClock.offset();
      const reading = { keys, change, nowMs, isOld, signal: cut.signal };
      return { ...(await readResponse(response, reading)), clockOffset, hasOldDate };
    } catch (error) {
      return evidenceOf(error);
    }
  }

  function fetchTraced(): Promise<Response> {
    const fetching = async () =>
      http(url, {
        method,
        headers: {
          ...headers,
          [authHeader]: apiKey.reveal(),
          ...(isLastOfConnection ? { connection: 'close' } : {}),
        },
        // Only the API itself can settle a doubt, not a cache.
        cache: 'no-store',
        ...(json === undefined ? {} : { json }),
        signal: cut.signal,
      });
    return trace === undefined ? fetching() : trace.follow(fetching);
  }

  function evidenceOf(error: unknown): Evidence {
    if (trace?.isHeldBack() === true) return heldBack();
    if (trace?.isMisdirected() === true) {
      return { kind: 'refused', status: 421, code: 'refused', serverMessage: undefined };
    }
    const sentNothing = !isAnswered && isOwnFetch && trace?.sentNothing() === true;
    const sentSomething = isAnswered || trace?.sentSomething() === true;
    const timedOut = cut.signal.aborted;
    return evidenceOfFailure(error, { timedOut, sentNothing, sentSomething, keys });
  }
}
