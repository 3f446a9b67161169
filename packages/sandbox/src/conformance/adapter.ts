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

/** Why an adapter has made no client. */
class Unconnected extends Error {}

/** Makes a client. Where that fails, it is one that gives no verdict, and says why. */
export function connectTo(
  adapter: ConformanceAdapter,
  target: ConformanceTarget,
): ConformanceClient {
  const connect: unknown = adapter.connect;
  if (typeof connect !== 'function')
    return unconnected(`connect is ${kindOf(connect)}; expected a function`);
  try {
    const client = adapter.connect(target);
    if (typeof (client as Partial<ConformanceClient> | null)?.changeStatus === 'function')
      return client;
    return unconnected(`connect returned ${kindOf(client)} without a function changeStatus`);
  } catch (reason) {
    return unconnected(`connect threw ${wordsOf(reason)}`);
  }
}

const unconnected = (problem: string): ConformanceClient => ({
  changeStatus: () => Promise.reject(new Unconnected(problem)),
});

/** Closes a client, and says what went wrong, if it did. */
export async function closeClient(client: ConformanceClient): Promise<string | undefined> {
  try {
    await client.close?.();
    return undefined;
  } catch (reason) {
    return `close threw ${wordsOf(reason)}`;
  }
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
    (reason: unknown) => {
      if (reason instanceof Unconnected) return say('none', reason.message);
      return isError(reason)
        ? say('not-changed')
        : say('none', `threw ${kindOf(reason)}; expected an Error`);
    },
  );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}

// An error of another realm, as of a test runner's, is no instance of ours.
const isError = (reason: unknown): reason is Error =>
  reason instanceof Error || isNativeError(reason);

function isVerdict(value: unknown): value is ClientVerdict {
  return clientVerdicts.some((verdict) => verdict === value);
}

function instead(value: unknown): string {
  return `${kindOf(value)}; expected one of ${clientVerdicts.map((one) => `"${one}"`).join(', ')}`;
}

/** What was thrown, in few words. */
function wordsOf(reason: unknown): string {
  return kindOf(isError(reason) ? reason.message : reason);
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}
