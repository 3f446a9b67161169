import type { TicketStatus } from '@ticket-lifecycle/core';
import { tell } from '@ticket-lifecycle/internal/tell';
import ky from 'ky';
import type * as z from 'zod/mini';
import { checkClientOptions, type SeriesClientOptions } from './client-options.ts';
import { isSystemTime, steady, systemClock } from '../clock.ts';
import { type CallOptions } from '../request/call-options.ts';
import {
  sendUntilFinal,
  type RequestContext,
  type RequestPlan,
} from '../request/send-until-final.ts';
import { NotSentError } from '../errors.ts';
import type { Evidence } from '../request/evidence.ts';
import { tidy } from '../request/redact.ts';
import { errorFromEvidence, type CallText } from './error-from-evidence.ts';
import { createRateLimiter } from '../limiter/rate-limiter.ts';
import { createRetryAllowance } from '../request/retry.ts';
import { undiciTracer } from '../request/undici-trace.ts';
import { repeatingRuntime, userAgent } from '../request/runtime.ts';
import { goesBy, serverClockOf } from '../request/server-clock.ts';
import {
  firstProblem,
  pageSchema,
  staffUserIdSchema,
  statusSchema,
  ticketIdSchema,
} from '../schemas.ts';
import { allTickets, checkTicketQuery } from './all-tickets.ts';
import { logLimiter, logRequest } from './log-events.ts';
import type { SeriesClient } from './series-client.ts';
import { readTicket, readTicketPage } from './ticket.ts';

/**
 * Makes a client of the Series HR ticket API that keeps to the limit of the key.
 *
 * @throws TypeError for options that make no sense, naming option, expected and received
 *
 * @example
 * ```ts
 * import { createSeriesClient } from '@ticket-lifecycle/series';
 *
 * const client = createSeriesClient({ apiKey: 'example-key', baseUrl: 'http://127.0.0.1:4010' });
 * console.log(client.rateLimiter.describe(client.keyId).requestsPerSecond); // 25
 * ```
 */
export function createSeriesClient(options: SeriesClientOptions): SeriesClient {
  const { keys, baseUrl } = checkClientOptions(options);
  const runtime = options.fetch === undefined ? repeatingRuntime() : undefined;
  if (runtime !== undefined) {
    throw new TypeError(
      `createSeriesClient: the fetch of ${runtime} may send a change twice by itself. Use Node.js or Bun, or pass a fetch that sends each request once.`,
    );
  }
  const { timeoutMs = 10_000, keyId = 'default' } = options;
  const clock = steady(options.clock ?? systemClock);
  const { requestsPerSecond, policy, stepUpAfterMs, maxQueue, fetch, logger } = options;
  const ownLimiter = () =>
    createRateLimiter({ requestsPerSecond, policy, stepUpAfterMs, maxQueue, clock });
  const context: RequestContext = {
    keys,
    clock,
    timeoutMs,
    keyId,
    authHeader: options.authHeader ?? 'apikey',
    maxWaitMs: options.maxWaitMs ?? 60_000,
    retryForMs: options.retryForMs ?? 3000,
    retryAllowance: createRetryAllowance(),
    serverClock: serverClockOf(
      new URL(baseUrl).origin,
      isSystemTime(clock) ? systemClock : clock,
      fetch ?? globalThis.fetch,
    ),
    random: options.random ?? Math.random,
    beforeAttempt: options.beforeAttempt,
    afterAttempt: options.afterAttempt,
    rateLimiter: options.rateLimiter ?? ownLimiter(),
    tracer: undiciTracer(),
    isOwnFetch: fetch === undefined,
    // ky builds the request. Only the evidence decides whether it is sent again.
    http: ky.create({
      headers: { accept: 'application/json', ...userAgent(globalThis, options) },
      redirect: 'manual',
      retry: 0,
      timeout: false,
      throwHttpErrors: false,
      ...(fetch === undefined ? {} : { fetch }),
    }),
  };

  if (logger !== undefined) {
    context.rateLimiter.on?.((event) => tell(() => logLimiter(logger, event)));
  }

  const client: SeriesClient = {
    keyId,
    rateLimiter: context.rateLimiter,
    timeoutMs,
    clock,
    async changeStatus({ ticketId, status, staffUserId }, callOptions) {
      check('ticketId', ticketIdSchema, ticketId);
      check('status', statusSchema, status);
      check('staffUserId', staffUserIdSchema, staffUserId);
      const plan = write('change-status', ticketId, 'status', status, { status, staffUserId });
      const text = {
        toDo: `set ${ticketId} to ${status}`,
        done: `${ticketId} was set to ${status}`,
      };
      return change(plan, text, callOptions);
    },
    async claim({ ticketId, staffUserId }, callOptions) {
      check('ticketId', ticketIdSchema, ticketId);
      check('staffUserId', staffUserIdSchema, staffUserId);
      const plan = write('claim', ticketId, 'claim', 'in-progress', { staffUserId });
      const text = { toDo: `claim ${ticketId}`, done: `${ticketId} was claimed` };
      return change(plan, text, callOptions);
    },
    async unclaim({ ticketId, staffUserId }, callOptions) {
      check('ticketId', ticketIdSchema, ticketId);
      check('staffUserId', staffUserIdSchema, staffUserId);
      const plan = write('unclaim', ticketId, 'unclaim', undefined, { staffUserId });
      const text = { toDo: `unclaim ${ticketId}`, done: `${ticketId} was unclaimed` };
      return change(plan, text, callOptions);
    },
    tickets: (query, callOptions) => allTickets(client, query, callOptions),
    async getTicket(ticketId, callOptions) {
      check('ticketId', ticketIdSchema, ticketId);
      const url = new URL(`tickets/get/${encodeURIComponent(ticketId)}`, baseUrl);
      const plan = { ...get, call: 'get-ticket', template: template('get/{ticketId}') } as const;
      const text = { toDo: `read ${ticketId}`, done: `${ticketId} was read` };
      return read({ ...plan, url, lane: ticketId }, text, callOptions, (answer) =>
        readTicket(answer.body, ticketId, origin(answer)),
      );
    },
    async listTickets(query = {}, callOptions) {
      checkTicketQuery(query);
      const { page = 1, status, author, department, staffUserId } = query;
      check('page', pageSchema, page);
      if (status !== undefined) check('status', statusSchema, status);
      if (staffUserId !== undefined) check('staffUserId', staffUserIdSchema, staffUserId);
      const url = new URL('tickets/list', baseUrl);
      for (const [name, value] of Object.entries({ page, status, author, department, staffUserId }))
        if (value !== undefined) url.searchParams.set(name, String(value));
      const plan = { ...get, call: 'list-tickets', template: template('list') } as const;
      const text = { toDo: 'list tickets', done: 'tickets were listed' };
      return read({ ...plan, url, lane: 'list' }, text, callOptions, (answer) =>
        readTicketPage(answer.body, page, origin(answer)),
      );
    },
  };
  goesBy(client, context.serverClock);
  return client;

  function template(path: string): string {
    return `${baseUrl.pathname}tickets/${path}`;
  }

  function write(
    call: 'change-status' | 'claim' | 'unclaim',
    ticketId: string,
    verb: string,
    status: TicketStatus | undefined,
    json: Readonly<Record<string, unknown>>,
  ): RequestPlan {
    const url = new URL(`tickets/${encodeURIComponent(ticketId)}/${verb}`, baseUrl);
    const path = template(`{ticketId}/${verb}`);
    const request = { method: 'post', url, json, change: { ticketId, status } } as const;
    return { ...request, call, template: path, lane: ticketId, isRead: false };
  }

  async function change(plan: RequestPlan, text: CallText, callOptions: CallOptions = {}) {
    const { evidence, ...effort } = await send(plan, callOptions);
    if (evidence.kind !== 'applied') throw errorFromEvidence(evidence, text, effort);
    const { message, response } = evidence;
    return { message, response, ...effort };
  }

  async function read<Result>(
    plan: RequestPlan,
    text: CallText,
    callOptions: CallOptions = {},
    parse: (answer: Extract<Evidence, { kind: 'applied' }>) => Result | undefined,
  ): Promise<Result> {
    const { evidence, ...effort } = await send(plan, callOptions);
    if (evidence.kind !== 'applied') throw errorFromEvidence(evidence, text, effort);
    const result = parse(evidence);
    if (result !== undefined) return result;
    const { status, excerpt, response } = evidence;
    const unusable = { kind: 'unknown', reason: 'malformed-answer', status, excerpt } as const;
    throw errorFromEvidence({ ...unusable, response }, text, effort);
  }

  function send(plan: RequestPlan, callOptions: CallOptions) {
    if (logger === undefined) return sendUntilFinal(plan, context, callOptions);
    const onEvent: CallOptions['onEvent'] = (event) => {
      tell(() => logRequest(logger, event));
      return callOptions.onEvent?.(event);
    };
    return sendUntilFinal(plan, context, { ...callOptions, onEvent });
  }

  function origin({ response, clockOffset, hasOldDate = false }: Evidence) {
    return { clockOffset, hasOldDate, response, keys };
  }

  /** Checks strictly what we send: the server may not. */
  function check(name: string, schema: z.ZodMiniType, value: unknown): void {
    const problem = firstProblem(schema, value);
    if (problem === undefined) return;
    const received = tidy(shown(value), keys);
    throw new NotSentError(`${name}: ${problem}, received ${received}.`, {
      reason: 'invalid-request',
      attempts: 0,
      waitedMs: 0,
    });
  }
}

const get = { method: 'get', isRead: true } as const;

function shown(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return `a value of type ${typeof value}`;
  }
}
