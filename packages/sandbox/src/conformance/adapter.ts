import type { TicketStatus } from '../tickets/ticket.ts';

/**
 * What a client reports to its caller about a change. A client that resolves to nothing reports
 * `changed`, one that rejects reports `not-changed`.
 */
export type ClientVerdict = 'changed' | 'not-changed' | 'unknown';

/** Where a client sends its requests, and how. */
export interface ConformanceTarget {
  /** A sandbox on this machine, without a slash at the end. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** How long the client may wait for an answer: it has to give up some time. */
  readonly timeoutMs: number;
  /** The limit of the key. */
  readonly requestsPerSecond: number;
}

/** A change that the client is asked to make. */
export interface RequestedChange {
  readonly ticketId: string;
  /** Where the ticket stands before, for clients that want to know. */
  readonly from: TicketStatus;
  readonly status: TicketStatus;
  readonly staffUserId: number;
}

/** A client at work. */
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
