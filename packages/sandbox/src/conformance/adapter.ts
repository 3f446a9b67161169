import type { TicketStatus } from '../tickets/ticket.ts';

/**
 * Is what a client tells its caller of a change. A client that resolves to nothing says `changed`,
 * one that rejects says `not-changed`.
 *
 * @example
 * ```ts
 * import type { ClientVerdict } from '@ticket-lifecycle/sandbox/conformance';
 *
 * const honest: ClientVerdict = 'unknown'; // the answer was lost, and nothing settled it
 * console.log(honest); // unknown
 * ```
 */
export type ClientVerdict = 'changed' | 'not-changed' | 'unknown';

/**
 * Says where a client is to send its requests, and how.
 *
 * @example
 * ```ts
 * import type { ConformanceTarget } from '@ticket-lifecycle/sandbox/conformance';
 *
 * const urlOf = ({ baseUrl }: ConformanceTarget, ticketId: string) =>
 *   `${baseUrl}/tickets/${ticketId}/status`;
 * const target = { baseUrl: 'http://127.0.0.1:4010', apiKey: 'any', timeoutMs: 1000 };
 * console.log(urlOf({ ...target, requestsPerSecond: 25 }, 'TICKET-1')); // http://127.0.0.1:4010/tickets/TICKET-1/status
 * ```
 */
export interface ConformanceTarget {
  /** A sandbox on this machine, without a slash at the end. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** How long the client may wait for an answer: it has to give up some time. */
  readonly timeoutMs: number;
  /** The limit of the key. */
  readonly requestsPerSecond: number;
}

/**
 * Is a change that the client is asked to make.
 *
 * @example
 * ```ts
 * import type { RequestedChange } from '@ticket-lifecycle/sandbox/conformance';
 *
 * const bodyOf = ({ status, staffUserId }: RequestedChange) => ({ status, staffUserId });
 * const change = { ticketId: 'T-1', from: 'open', status: 'in-progress', staffUserId: 7 } as const;
 * console.log(bodyOf(change)); // { status: 'in-progress', staffUserId: 7 }
 * ```
 */
export interface RequestedChange {
  readonly ticketId: string;
  /** Where the ticket stands before, for clients that want to know. */
  readonly from: TicketStatus;
  readonly status: TicketStatus;
  readonly staffUserId: number;
}

/**
 * Is a client at work.
 *
 * @example
 * ```ts
 * import type { ConformanceClient } from '@ticket-lifecycle/sandbox/conformance';
 *
 * const lazy: ConformanceClient = { changeStatus: async () => 'not-changed' };
 * console.log(typeof lazy.changeStatus); // function
 * ```
 */
export interface ConformanceClient {
  readonly changeStatus: (change: RequestedChange) => Promise<ClientVerdict | void>;
  /** Called when the client is not needed any more. */
  readonly close?: () => void | Promise<void>;
}

/**
 * Connects a client to the suite.
 *
 * @example
 * ```ts
 * import type { ConformanceAdapter } from '@ticket-lifecycle/sandbox/conformance';
 *
 * const plain: ConformanceAdapter = {
 *   name: 'fetch',
 *   connect: ({ baseUrl, apiKey, timeoutMs }) => ({
 *     async changeStatus({ ticketId, status, staffUserId }) {
 *       const response = await fetch(`${baseUrl}/tickets/${ticketId}/status`, {
 *         method: 'POST',
 *         headers: { apikey: apiKey, 'content-type': 'application/json' },
 *         body: JSON.stringify({ status, staffUserId }),
 *         signal: AbortSignal.timeout(timeoutMs),
 *       });
 *       if (!response.ok) throw new Error(`answered ${response.status}`);
 *     },
 *   }),
 * };
 * console.log(plain.name); // fetch
 * ```
 */
export interface ConformanceAdapter {
  readonly name: string;
  /** Makes a client; called once for each trial, each with a server of its own. */
  readonly connect: (target: ConformanceTarget) => ConformanceClient;
}

/** Asks for a change, and waits no longer than a client may take in all. */
export async function askFor(
  client: ConformanceClient,
  change: RequestedChange,
  deadlineMs: number,
): Promise<ClientVerdict | 'hung'> {
  const { promise: late, resolve } = Promise.withResolvers<'hung'>();
  const timer = setTimeout(() => resolve('hung'), deadlineMs);
  const answered = async () => (await client.changeStatus(change)) ?? 'changed';
  try {
    return await Promise.race([answered(), late]);
  } catch {
    return 'not-changed';
  } finally {
    clearTimeout(timer);
  }
}
