import { isNativeError } from 'node:util/types';
import type { TicketStatus } from '../tickets/ticket.ts';

const clientVerdicts = ['changed', 'not-changed', 'unknown'] as const;

/**
 * What a client reports to its caller about a change. A client that rejects with an `Error` reports
 * `not-changed`. Anything else, `undefined` included, is no verdict, and wrong.
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
  readonly changeStatus: (change: RequestedChange) => Promise<ClientVerdict>;
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
 *       return 'changed';
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

/** What a client said about a change, and when. */
export interface ClientWord {
  readonly verdict: ClientVerdict | 'hung' | 'none';
  /** What it said instead of a verdict. */
  readonly problem?: string;
  /** On the clock of the sandbox. */
  readonly saidAt: number;
}

/** Asks for a change, and waits no longer than a client may take in all. */
export async function askFor(
  client: ConformanceClient,
  change: RequestedChange,
  deadlineMs: number,
): Promise<ClientWord> {
  const { promise: late, resolve } = Promise.withResolvers<ClientWord>();
  const say = (verdict: ClientWord['verdict'], problem?: string): ClientWord => ({
    verdict,
    saidAt: performance.now(),
    ...(problem === undefined ? {} : { problem }),
  });
  const timer = setTimeout(() => resolve(say('hung')), deadlineMs);
  const asked = async (): Promise<unknown> => client.changeStatus(change);
  const answered = asked().then(
    (value) => (isVerdict(value) ? say(value) : say('none', `returned ${instead(value)}`)),
    (reason: unknown) =>
      reason instanceof Error || isNativeError(reason)
        ? say('not-changed')
        : say('none', `threw ${kindOf(reason)}; expected an Error`),
  );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}

function isVerdict(value: unknown): value is ClientVerdict {
  return clientVerdicts.some((verdict) => verdict === value);
}

function instead(value: unknown): string {
  return `${kindOf(value)}; expected one of ${clientVerdicts.map((one) => `"${one}"`).join(', ')}`;
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}
