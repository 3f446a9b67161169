import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedRequest } from '../record/request-record.ts';
import { engineOf, type Sandbox } from '../sandbox.ts';
import {
  closeClient,
  type ClientWord,
  type ConformanceClient,
  type RequestedChange,
} from './adapter.ts';

/** What became of a change, by the record of the server. */
export interface JudgedChange {
  /** How often the server wrote what was asked for. */
  readonly writes: number;
  /** Whether the client said the contrary of what happened, or did something else than asked. */
  readonly wrong: boolean;
  /** What it did wrong, apart from a verdict that says the contrary. */
  readonly problems: readonly string[];
}

// Quiet is counted in short sleeps: while a busy machine lets nothing run, nothing can arrive either.
const sliceMs = 10;

export const isRead = (method: string): boolean => ['GET', 'HEAD', 'OPTIONS'].includes(method);

/** Whether a request asks for exactly this change. Of one that was not read, only the address counts. */
function asksFor({ ticketId, status, staffUserId }: RequestedChange, request: RecordedRequest) {
  if (request.call !== 'changeStatus' || request.ticketId !== ticketId) return false;
  if (request.status === 0 && !request.counted) return true;
  return request.to === status && staffUserIdOf(request) === staffUserId;
}

/** Compares what a client said with what it did. */
export function judgeChange(
  change: RequestedChange,
  { verdict, problem, saidAt }: ClientWord,
  requests: readonly RecordedRequest[],
): JudgedChange {
  const own = requests.filter((request) => asksFor(change, request));
  const applied = own.filter((request) => request.applied);
  const writes = applied.length;
  const tooSoon =
    verdict === 'changed' && writes > 0 && applied.every(({ countedAt }) => countedAt > saidAt);
  const after = own.filter(({ at }) => verdict !== 'hung' && at > saidAt);
  const problems = [
    ...(problem === undefined ? [] : [problem]),
    ...(tooSoon ? ['said "changed" before the server wrote it'] : []),
    ...after.map((request) => `after its verdict, sent ${describe(request)}`),
  ];
  const contrary = verdict === 'changed' ? writes === 0 : verdict === 'not-changed' && writes > 0;
  return { writes, wrong: contrary || problems.length > 0, problems };
}

/**
 * Finds the writes that nobody asked for (another ticket, status, staff member or call), and what was
 * sent with another API key: a limit is of a key.
 */
export function findStrays(
  changes: readonly RequestedChange[],
  sandbox: Sandbox,
  apiKey: string,
): string[] {
  const own = engineOf(sandbox)?.labelOf(apiKey);
  return sandbox.requests.flatMap((request) => {
    const isWanted = isRead(request.method) || changes.some((change) => asksFor(change, request));
    return [
      ...(isWanted ? [] : [`sent ${describe(request)}, which nobody asked for`]),
      ...(request.key === own
        ? []
        : [`sent ${describe(request)} without the API key it was given`]),
    ];
  });
}

/**
 * Waits until the server has been left alone for a while and works on nothing, and closes the
 * client. Neither may take longer than a change. Returns what went wrong with the closing.
 */
export async function letFinish(
  { sandbox, client }: { readonly sandbox: Sandbox; readonly client: ConformanceClient },
  { watchMs, deadlineMs }: { readonly watchMs: number; readonly deadlineMs: number },
): Promise<readonly string[]> {
  const end = performance.now() + deadlineMs;
  let seen = sandbox.requests.length;
  for (let quietMs = 0; quietMs < watchMs && performance.now() < end; quietMs += sliceMs) {
    await sleep(sliceMs);
    const isBusy = (engineOf(sandbox)?.record.underWay ?? 0) > 0;
    if (isBusy || sandbox.requests.length > seen) quietMs = 0;
    seen = sandbox.requests.length;
  }
  const stop = new AbortController();
  const late = sleep(deadlineMs, 'close did not end', stop).catch(() => undefined);
  const problem = await Promise.race([closeClient(client), late]);
  stop.abort();
  return problem === undefined ? [] : [problem];
}

function staffUserIdOf({ body }: RecordedRequest): unknown {
  return typeof body === 'object' && body !== null && 'staffUserId' in body
    ? body.staffUserId
    : undefined;
}

function describe(request: RecordedRequest): string {
  const { method, path, to, body } = request;
  if (body === undefined) return `${method} ${path}`;
  const by = staffUserIdOf(request);
  return `${method} ${path} (${to ?? 'no status'} by ${JSON.stringify(by) ?? 'nobody'})`;
}
