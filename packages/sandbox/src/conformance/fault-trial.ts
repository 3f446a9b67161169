import type { FaultKind } from '../faults/fault-kinds.ts';
import { startSandbox } from '../start-sandbox.ts';
import { askFor, type ClientVerdict, type ConformanceAdapter } from './adapter.ts';
import { startRedirectTarget } from './redirect-target.ts';

/**
 * How a client came through a fault; of several results, the worst.
 *
 * - `survived`: changed exactly once, or rightly not at all, and it says so
 * - `in doubt`: it says that it does not know
 * - `lost`: not changed, though the fault was over at once and sending again was safe
 * - `wrong`: it says that it changed what it did not, or the other way round
 * - `duplicated`: written more than once, so that people saw more than one message
 * - `hung`: no word within the deadline
 * - `key leaked`: the API key went to another host
 */
export type FaultResult =
  | 'survived'
  | 'in doubt'
  | 'lost'
  | 'wrong'
  | 'duplicated'
  | 'hung'
  | 'key leaked';

/** One change of one ticket that met one fault. */
export interface FaultTrial {
  readonly fault: FaultKind;
  readonly result: FaultResult;
  readonly verdict: ClientVerdict | 'hung';
  /** Requests that the server saw, reads included. */
  readonly requests: number;
  /** How often the server wrote the status. */
  readonly writes: number;
  readonly tookMs: number;
}

export interface TrialOptions {
  readonly timeoutMs: number;
  readonly deadlineMs: number;
}

// After these a client that reports "not changed" has done all that it should.
const final: ReadonlySet<FaultKind> = new Set<FaultKind>([
  '401',
  '403-subscription',
  '403-module',
  '403-unheard-of',
  '404',
  '409',
  'success-false',
  'changed-nothing',
  'redirect-elsewhere',
  'deleted-meanwhile',
]);

const apiKey = 'the-key-of-the-suite';
const change = { ticketId: 'T-1', from: 'open', status: 'in-progress', staffUserId: 7 } as const;

/** Lets a client change one ticket while the next request meets a fault. */
export async function tryFault(
  { connect }: ConformanceAdapter,
  fault: FaultKind,
  { timeoutMs, deadlineMs }: TrialOptions,
): Promise<FaultTrial> {
  const elsewhere = await startRedirectTarget(apiKey);
  const { url, sandbox, close } = await startSandbox({
    tickets: [{ ticketId: change.ticketId, status: change.from }],
    redirectTo: elsewhere.url,
  });
  const client = connect({ baseUrl: url, apiKey, timeoutMs, requestsPerSecond: 25 });
  sandbox.faults.next(1, fault);
  const startedAt = performance.now();
  const verdict = await askFor(client, change, deadlineMs);
  const tookMs = performance.now() - startedAt;
  const requests = sandbox.requests.length;
  const writes = sandbox.requests.filter(({ applied }) => applied).length;
  await close();
  await client.close?.();
  await elsewhere.close();
  const result =
    elsewhere.keysReceived() > 0 ? 'key leaked' : resultOf(verdict, writes, final.has(fault));
  return { fault, result, verdict, requests, writes, tookMs };
}

function resultOf(verdict: FaultTrial['verdict'], writes: number, isFinal: boolean): FaultResult {
  if (verdict === 'hung') return 'hung';
  if (writes > 1) return 'duplicated';
  if (isWrong({ verdict, writes })) return 'wrong';
  if (verdict === 'unknown') return 'in doubt';
  return writes === 1 || isFinal ? 'survived' : 'lost';
}

/** Whether a client told its caller the contrary of what happened. */
export function isWrong({ verdict, writes }: Pick<FaultTrial, 'verdict' | 'writes'>): boolean {
  return verdict === 'changed' ? writes === 0 : verdict === 'not-changed' && writes > 0;
}
