import { cutOff } from './api/body.ts';
import { createEngine, type Engine } from './engine/engine.ts';
import type { IncomingRequest } from './engine/handle-request.ts';
import { checkOptionNames } from './error.ts';
import type { Faults } from './faults/fault-schedule.ts';
import { onAbort } from './fetch/on-abort.ts';
import { toResponse } from './fetch/to-response.ts';
import { checkOptions, type SandboxOptions } from './options.ts';
import type { RecordedRequest, SandboxRecord } from './record/request-record.ts';
import { type BrokenPromise, verify, type VerifyOptions } from './record/verify.ts';
import type { SystemMessage } from './tickets/system-message.ts';
import type { Tickets } from './tickets/tickets.ts';

/**
 * The Series ticket API in memory. Every member can be taken off and passed around by itself.
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
   * Rejects when the request's signal aborts, while the server finishes what it began, and as
   * `fetch` in Node.js does for a {@link faults | fault} of the connection.
   */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /**
   * Answers a request that a server received. `target` is path and query as they came on the
   * wire: a `Request` knows only the normalised URL, in which `/tickets/../status` is `/status`.
   */
  readonly answer: (request: Request, target?: string) => Promise<Response>;
  readonly tickets: Tickets;
  /** Makes requests go wrong, by script or at random. */
  readonly faults: Faults;
  /**
   * The latest requests, in the order in which the limit counted them; grows as they come in, up
   * to `maxRecordedRequests`.
   */
  readonly requests: readonly RecordedRequest[];
  /** The latest messages that changes added to tickets, oldest first; grows and ends likewise. */
  readonly systemMessages: readonly SystemMessage[];
  /** Sums up what happened so far. */
  readonly record: () => SandboxRecord;
  /**
   * Finds each promise that a client of this API should keep and that the recorded requests show
   * broken, in the order of the requests. See {@link BrokenPromise}.
   */
  readonly verify: (options?: VerifyOptions) => BrokenPromise[];
}

const engines = new WeakMap<Sandbox['fetch'], Engine>();

/** The engine of a sandbox, found even from a copy of its members. */
export function engineOf({ fetch }: Sandbox): Engine | undefined {
  return engines.get(fetch);
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
  const engine = createEngine(options);
  const { tickets, faults, record, requestsPerSecond, sleep } = engine;

  const deliver = (request: Request, target = targetOf(request.url)) =>
    engine.handle(incomingOf(request, target));

  const sandbox: Sandbox = {
    // Whether to follow a redirect is for the client at the other end to decide.
    answer: async (request, target) =>
      toResponse(await deliver(request, target), request, sleep, 'manual'),
    fetch: async (input, init) => {
      const url = input instanceof Request ? input : new URL(input, 'http://sandbox.invalid');
      const request = new Request(url, init);
      request.signal.throwIfAborted();
      const answered = deliver(request).then((sent) =>
        toResponse(sent, request, sleep, request.redirect),
      );
      return untilAborted(answered, request);
    },
    tickets,
    faults,
    requests: record.recorded,
    systemMessages: tickets.systemMessages,
    record: () => record.summary(tickets, requestsPerSecond),
    verify: (promises = {}) => {
      checkOptionNames('verify', promises, ['allowed', 'intended', 'requestsPerSecond']);
      return verify(record.recorded, requestsPerSecond, promises);
    },
  };
  engines.set(sandbox.fetch, engine);
  return sandbox;
}

function incomingOf(request: Request, target: string): IncomingRequest {
  return {
    method: request.method,
    target,
    header: (name) => request.headers.get(name),
    readText: () => request.text().catch(() => cutOff),
  };
}

function targetOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

async function untilAborted<T>(work: Promise<T>, request: Request): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const end = onAbort(request, reject);
  return Promise.race([work, aborted]).finally(end);
}
