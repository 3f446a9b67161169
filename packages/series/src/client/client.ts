import { ticketStatusSchema, type TicketStatus } from '@ticket-lifecycle/core';
import ky from 'ky';
import type * as z from 'zod/mini';
import { checkClientOptions, type SeriesClientOptions } from './client-options.ts';
import { steady, systemClock, type Clock } from '../clock.ts';
import {
  sendUntilFinal,
  type CallOptions,
  type RequestContext,
  type Effort,
  type RequestPlan,
} from '../request/send-until-final.ts';
import { NotSentError } from '../errors.ts';
import type { Evidence } from '../request/evidence.ts';
import { shorten } from '../request/redact.ts';
import { errorFromEvidence, type CallText } from './error-from-evidence.ts';
import { createRateLimiter, type RateLimiter } from '../limiter/rate-limiter.ts';
import { createRetryAllowance } from '../request/retry.ts';
import { undiciTracer } from '../request/undici-trace.ts';
import { repeatingRuntime, userAgent } from '../request/runtime.ts';
import { serverClockOf } from '../request/server-clock.ts';
import { pageSchema, staffUserIdSchema, ticketIdSchema, firstProblem } from '../schemas.ts';
import { readTicket, readTicketPage, type Ticket, type TicketPage } from './ticket.ts';

/** A change of status, as the API takes it. */
export interface StatusChange extends TicketClaim {
  readonly status: TicketStatus;
}

/** A claim of a ticket for a staff member. */
export interface TicketClaim {
  readonly ticketId: string;
  /** The staff member who is named in the ticket's system message. */
  readonly staffUserId: number;
}

/** A change that arrived. */
export interface StatusChanged extends Effort {
  /** What the server said, or `undefined` when its answer came without it. */
  readonly message: string | undefined;
}

/** Which tickets to list. */
export interface TicketListQuery {
  /** @defaultValue 1 */
  readonly page?: number | undefined;
  readonly status?: TicketStatus | undefined;
  readonly author?: string | undefined;
  readonly department?: string | undefined;
  readonly staffUserId?: number | undefined;
}

/** The Series HR ticket API. Every request takes a slot of the key's budget. */
export interface SeriesClient {
  /** The name of the key's budget. */
  readonly keyId: string;
  readonly rateLimiter: RateLimiter;
  /** How long one attempt may take. */
  readonly timeoutMs: number;
  /** The client's clock: a workflow goes by the same one, unless it is given another. */
  readonly clock?: Clock | undefined;
  /**
   * Changes a ticket's status.
   *
   * Sent again only if the request surely was not processed: it never left, or the answer was 429.
   * A change is not idempotent: each one adds a system message that people see.
   *
   * @throws SeriesApiError when the server refused
   * @throws NotSentError when nothing was processed
   * @throws OutcomeUnknownError when the change may have arrived
   */
  changeStatus(change: StatusChange, options?: CallOptions): Promise<StatusChanged>;
  /**
   * Claims a ticket for a staff member, which also sets its status to `in-progress`. Sent again as
   * rarely as a change of status: it adds a system message as well.
   *
   * @throws SeriesApiError with the code `already-claimed` when somebody has it
   */
  claim(claim: TicketClaim, options?: CallOptions): Promise<StatusChanged>;
  /**
   * Reads a ticket. Retries what may be temporary.
   *
   * @throws SeriesApiError when the server refused, `ticket-not-found` among others
   * @throws NotSentError when the server was not reached
   * @throws OutcomeUnknownError when no usable answer came
   */
  getTicket(ticketId: string, options?: CallOptions): Promise<Ticket>;
  /** Reads one page of the tickets: the API gives ten at most. */
  listTickets(query?: TicketListQuery, options?: CallOptions): Promise<TicketPage>;
}

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
  const { requestsPerSecond, policy, maxQueue, fetch } = options;
  const ownLimiter = () => createRateLimiter({ requestsPerSecond, policy, maxQueue, clock });
  const context: RequestContext = {
    keys,
    clock,
    timeoutMs,
    keyId,
    authHeader: options.authHeader ?? 'apikey',
    maxWaitMs: options.maxWaitMs ?? 60_000,
    retryForMs: options.retryForMs ?? 3000,
    retryAllowance: createRetryAllowance(),
    serverClock: serverClockOf(new URL(baseUrl).origin, clock, fetch ?? globalThis.fetch),
    random: options.random ?? Math.random,
    rateLimiter: options.rateLimiter ?? ownLimiter(),
    tracer: undiciTracer(),
    isOwnFetch: fetch === undefined,
    // ky builds the request. Only the evidence decides whether it is sent again.
    http: ky.create({
      headers: { accept: 'application/json', ...userAgent() },
      redirect: 'manual',
      retry: 0,
      timeout: false,
      throwHttpErrors: false,
      ...(fetch === undefined ? {} : { fetch }),
    }),
  };

  return {
    keyId,
    rateLimiter: context.rateLimiter,
    timeoutMs,
    clock,
    async changeStatus({ ticketId, status, staffUserId }, callOptions) {
      check('ticketId', ticketIdSchema, ticketId);
      check('status', ticketStatusSchema, status);
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
    async getTicket(ticketId, callOptions) {
      check('ticketId', ticketIdSchema, ticketId);
      const url = new URL(`tickets/get/${encodeURIComponent(ticketId)}`, baseUrl);
      const plan = { ...get, call: 'get-ticket', template: template('get/{ticketId}') } as const;
      const text = { toDo: `read ${ticketId}`, done: `${ticketId} was read` };
      return read({ ...plan, url, lane: ticketId }, text, callOptions, (answer) =>
        readTicket(answer.body, ticketId, origin()),
      );
    },
    async listTickets(query = {}, callOptions) {
      const { page = 1, status, author, department, staffUserId } = query;
      check('page', pageSchema, page);
      if (status !== undefined) check('status', ticketStatusSchema, status);
      if (staffUserId !== undefined) check('staffUserId', staffUserIdSchema, staffUserId);
      const url = new URL('tickets/list', baseUrl);
      for (const [name, value] of Object.entries({ page, status, author, department, staffUserId }))
        if (value !== undefined) url.searchParams.set(name, String(value));
      const plan = { ...get, call: 'list-tickets', template: template('list') } as const;
      const text = { toDo: 'list tickets', done: 'tickets were listed' };
      return read({ ...plan, url, lane: 'list' }, text, callOptions, (answer) =>
        readTicketPage(answer.body, page, origin()),
      );
    },
  };

  function template(path: string): string {
    return `${baseUrl.pathname}tickets/${path}`;
  }

  function write(
    call: 'change-status' | 'claim',
    ticketId: string,
    verb: string,
    status: TicketStatus,
    json: Readonly<Record<string, unknown>>,
  ): RequestPlan {
    const url = new URL(`tickets/${encodeURIComponent(ticketId)}/${verb}`, baseUrl);
    const path = template(`{ticketId}/${verb}`);
    const request = { method: 'post', url, json, change: { status } } as const;
    return { ...request, call, template: path, lane: ticketId, isRead: false };
  }

  async function change(plan: RequestPlan, text: CallText, callOptions: CallOptions = {}) {
    const { evidence, ...effort } = await sendUntilFinal(plan, context, callOptions);
    if (evidence.kind !== 'applied') throw errorFromEvidence(evidence, text, effort);
    return { message: evidence.message, ...effort };
  }

  async function read<Result>(
    plan: RequestPlan,
    text: CallText,
    callOptions: CallOptions = {},
    parse: (answer: Extract<Evidence, { kind: 'applied' }>) => Result | undefined,
  ): Promise<Result> {
    const { evidence, ...effort } = await sendUntilFinal(plan, context, callOptions);
    if (evidence.kind !== 'applied') throw errorFromEvidence(evidence, text, effort);
    const result = parse(evidence);
    if (result !== undefined) return result;
    const { status, excerpt } = evidence;
    const unusable = { kind: 'unknown', reason: 'malformed-answer', status, excerpt } as const;
    throw errorFromEvidence(unusable, text, effort);
  }

  function origin() {
    return { clockOffset: context.serverClock.offset(), keys };
  }

  /** Checks strictly what we send: the server may not. */
  function check(name: string, schema: z.ZodMiniType, value: unknown): void {
    const problem = firstProblem(schema, value);
    if (problem === undefined) return;
    const received = shorten(keys.redact(shown(value)));
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
