import { toResponse } from './answer.ts';
import { readBody, recordedBody } from './body.ts';
import { createCalendar } from './clock.ts';
import { createJudge } from './judge.ts';
import { createKeys } from './keys.ts';
import { createLatency } from './latency.ts';
import { checkOptions, type SandboxOptions } from './options.ts';
import { type RecordedRequest, RequestRecord, type SandboxRecord } from './record.ts';
import { createRateLimit } from './rate-limit.ts';
import { shareWithStranger } from './stranger.ts';
import { type SystemMessage, Tickets } from './tickets.ts';

/**
 * Is the Series ticket API in memory. Every member may be taken off and passed around by itself.
 *
 * @example
 * ```ts
 * import { createSandbox, type Sandbox } from '@ticket-lifecycle/sandbox';
 *
 * const { fetch, requests }: Sandbox = createSandbox();
 * await fetch('/tickets/get/TICKET-1', { headers: { apikey: 'any' } });
 * console.log(requests.length); // 1
 * ```
 */
export interface Sandbox {
  /**
   * Answers as the API does; give it to a client as its `fetch`. Only the path of the URL matters.
   * Rejects only when the request's signal aborts; what the server began, it still finishes.
   */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /**
   * Answers a request that a server received. `target` is path and query as they came on the
   * wire: a `Request` knows only the normalised URL, in which `/tickets/../status` is `/status`.
   */
  readonly answer: (request: Request, target?: string) => Promise<Response>;
  readonly tickets: Tickets;
  /** Every request, in the order in which the limit counted them; grows as they come in. */
  readonly requests: readonly RecordedRequest[];
  /** Every message that a status change added to a ticket, oldest first; grows as they come in. */
  readonly systemMessages: readonly SystemMessage[];
  /** Sums up what happened so far. */
  readonly record: () => SandboxRecord;
}

/**
 * Makes an independent, strict implementation of the Series HR ticket API, which runs wherever
 * `fetch` does. It needs an API key like the real one, and takes any.
 *
 * Throws a `SandboxError` for an option or a ticket that makes no sense.
 *
 * @example
 * ```ts
 * import { createSandbox } from '@ticket-lifecycle/sandbox';
 *
 * const sandbox = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
 * const response = await sandbox.fetch('https://api.series.hr/tickets/TICKET-1/status', {
 *   method: 'POST',
 *   headers: { apikey: 'any', 'content-type': 'application/json' },
 *   body: JSON.stringify({ status: 'in-progress', staffUserId: 7 }),
 * });
 * console.log(response.status, sandbox.systemMessages.length); // 200 1
 * ```
 */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  checkOptions(options);
  const {
    limit = 'sliding-log',
    requestsPerSecond = 25,
    burst = 5,
    stranger,
    sameStatus = 'adds-message',
    delayMs = {},
    seed = 1,
    sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    clock = performance,
    startedAt = new Date(),
    maxRecordedRequests = 100_000,
  } = options;

  const dateOf = createCalendar(clock, startedAt);
  const wait = createLatency(seed, sleep);
  const record = new RequestRecord(maxRecordedRequests);
  const tickets = new Tickets(() => clock.now(), dateOf, sameStatus);
  for (const ticket of options.tickets ?? []) tickets.add(ticket);
  const judge = createJudge(tickets, dateOf, options);
  const from = clock.now();
  const identify = createKeys((keysBefore) => {
    if (limit === 'none') return undefined;
    const wallTimeOf = (at: number) => dateOf(at).getTime();
    const own = createRateLimit({ algorithm: limit, requestsPerSecond, burst, wallTimeOf });
    return stranger === undefined
      ? own
      : shareWithStranger(own, { ...stranger, seed: seed + keysBefore, from });
  });

  const answer = async (request: Request, target = targetOf(request.url)): Promise<Response> => {
    const at = clock.now();
    const { method, headers } = request;
    const key = identify(headers);
    record.arrive(key?.label, at);
    const body = await readBody(request);
    await wait(delayMs.beforeCounting);

    // From here to the record nothing waits: a request is counted, carried out and recorded at
    // one moment, so the order of the record is the order of the effects.
    const countedAt = clock.now();
    const judgement = judge({ key, method, target, body, countedAt });
    record.add({
      at,
      countedAt,
      key: key?.label,
      method,
      path: target,
      ticketId: judgement.ticketId,
      body: recordedBody(body),
      headers: recordedHeaders(headers),
      status: judgement.answer.status,
      verdict: judgement.answer.verdict,
      applied: judgement.answer.applied ?? false,
    });

    await wait(delayMs.beforeAnswering);
    if (judgement.admitted) key?.limit?.release?.();
    return toResponse(judgement.answer);
  };

  return {
    answer,
    fetch: async (input, init) => {
      const url = input instanceof Request ? input : new URL(input, 'http://sandbox.invalid');
      const request = new Request(url, init);
      request.signal.throwIfAborted();
      return untilAborted(answer(request), request.signal);
    },
    tickets,
    requests: record.recorded,
    systemMessages: tickets.systemMessages,
    record: () => record.summary(tickets, requestsPerSecond),
  };
}

function targetOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

function recordedHeaders(headers: Headers): RecordedRequest['headers'] {
  const accept = headers.get('accept');
  const contentType = headers.get('content-type');
  return {
    ...(accept === null ? {} : { accept }),
    ...(contentType === null ? {} : { 'content-type': contentType }),
  };
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const done = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { signal: done.signal });
  });
  return Promise.race([work, aborted]).finally(() => done.abort());
}
