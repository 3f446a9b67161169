import { ticketStatusSchema, type TicketStatus } from '@ticket-lifecycle/core';
import ky from 'ky';
import type * as z from 'zod/mini';
import type { ApiKey } from './api-key.ts';
import { checkClientOptions, type SeriesClientOptions } from './client-options.ts';
import { systemClock } from './clock.ts';
import { deliver, type CallOptions, type DeliveryContext, type Effort } from './delivery.ts';
import { NotSentError } from './errors.ts';
import { shorten } from './evidence.ts';
import { errorOf } from './failure.ts';
import { createRateLimiter, type RateLimiter } from './rate-limiter.ts';
import { staffUserIdSchema, ticketIdSchema, whatIsWrong } from './ticket-id.ts';
import { readTicket, type Ticket } from './ticket.ts';

/** A change of status, as the API takes it. */
export interface StatusChange {
  readonly ticketId: string;
  readonly status: TicketStatus;
  /** The staff member who is named in the ticket's system message. */
  readonly staffUserId: number;
}

/** A change that arrived. */
export interface StatusChanged extends Effort {
  /** What the server said, or `undefined` when its answer came without it. */
  readonly message: string | undefined;
  /** Whether the answer came whole. The status line alone proves that the change arrived. */
  readonly answer: 'complete' | 'empty' | 'cut';
}

/** The Series HR ticket API. Every request takes a slot of the key's budget. */
export interface SeriesClient {
  /** The name of the key's budget. */
  readonly keyId: string;
  readonly rateLimiter: RateLimiter;
  /** How long one attempt may take. */
  readonly timeoutMs: number;
  /**
   * Changes a ticket's status.
   *
   * Sent again only where the request surely was not processed: it never left, or the answer was
   * 429. The change is not idempotent: each one adds a system message that people see.
   *
   * @throws SeriesApiError when the server refused
   * @throws NotSentError when nothing was processed
   * @throws OutcomeUnknownError when the change may have arrived
   */
  changeStatus(change: StatusChange, options?: CallOptions): Promise<StatusChanged>;
  /**
   * Reads a ticket. What may pass is tried again.
   *
   * @throws SeriesApiError when the server refused, `ticket-not-found` among others
   * @throws NotSentError when the server was not reached
   * @throws OutcomeUnknownError when no usable answer came
   */
  getTicket(ticketId: string, options?: CallOptions): Promise<Ticket>;
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
  const { apiKey, baseUrl } = checkClientOptions(options);
  const { clock = systemClock, timeoutMs = 10_000, keyId = 'default' } = options;
  const { requestsPerSecond, policy, maxQueue } = options;
  const ownLimiter = () => createRateLimiter({ requestsPerSecond, policy, maxQueue, clock });
  const context: DeliveryContext = {
    apiKey,
    clock,
    timeoutMs,
    keyId,
    authHeader: options.authHeader ?? 'apikey',
    maxWaitMs: options.maxWaitMs ?? 60_000,
    rateLimiter: options.rateLimiter ?? ownLimiter(),
    // ky builds the request. Whether it is sent again is decided by what the answer proves.
    http: ky.create({
      headers: { accept: 'application/json' },
      redirect: 'manual',
      retry: 0,
      timeout: false,
      throwHttpErrors: false,
      ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
    }),
  };

  return {
    keyId,
    rateLimiter: context.rateLimiter,
    timeoutMs,
    async changeStatus({ ticketId, status, staffUserId }, callOptions = {}) {
      check('ticketId', ticketIdSchema, ticketId, apiKey);
      check('status', ticketStatusSchema, status, apiKey);
      check('staffUserId', staffUserIdSchema, staffUserId, apiKey);
      const parcel = {
        method: 'post',
        url: new URL(`tickets/${encodeURIComponent(ticketId)}/status`, baseUrl),
        json: { status, staffUserId },
        lane: ticketId,
        isRead: false,
      } as const;
      const { evidence, ...effort } = await deliver(parcel, context, callOptions);
      if (evidence.kind !== 'applied') {
        throw errorOf(evidence, `set ${ticketId} to ${status}`, effort);
      }
      return { message: evidence.message, answer: evidence.answer, ...effort };
    },
    async getTicket(ticketId, callOptions = {}) {
      check('ticketId', ticketIdSchema, ticketId, apiKey);
      const parcel = {
        method: 'get',
        url: new URL(`tickets/get/${encodeURIComponent(ticketId)}`, baseUrl),
        lane: ticketId,
        isRead: true,
      } as const;
      const { evidence, ...effort } = await deliver(parcel, context, callOptions);
      const ticket = evidence.kind === 'applied' ? readTicket(evidence.body, ticketId) : undefined;
      if (ticket !== undefined) return ticket;
      throw errorOf(
        evidence.kind === 'applied' ? { kind: 'unknown', reason: 'malformed-answer' } : evidence,
        `read ${ticketId}`,
        effort,
      );
    },
  };
}

/** What we send is checked strictly: the server may not do it for us. */
function check(name: string, schema: z.ZodMiniType, value: unknown, apiKey: ApiKey): void {
  const fault = whatIsWrong(schema, value);
  if (fault === undefined) return;
  const received = shorten(apiKey.redact(JSON.stringify(value) ?? String(value)));
  throw new NotSentError(`${name}: ${fault}, received ${received}.`, {
    reason: 'invalid-request',
    attempts: 0,
    waitedMs: 0,
  });
}
