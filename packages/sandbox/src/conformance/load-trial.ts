import { startSandbox } from '../start-sandbox.ts';
import { ticketStatuses, type TicketStatus } from '../tickets/ticket.ts';
import { askFor, connectTo, type ConformanceAdapter, type RequestedChange } from './adapter.ts';
import type { TrialOptions } from './fault-trial.ts';
import { findStrays, judgeChange, letFinish } from './judge-change.ts';

/**
 * How a client brought many changes through the limit, a strict sliding log, when all of them were
 * asked for at once.
 */
export interface LoadTrial {
  readonly changes: number;
  /** Changes that were never written. */
  readonly lost: number;
  /** Writes beyond one for each change. */
  readonly duplicates: number;
  /** How many 429s the client has caused. */
  readonly limited: number;
  /** Changes of which it said that it does not know, or nothing. */
  readonly inDoubt: number;
  /** Changes of which the client said the contrary of what happened, and writes of anything else. */
  readonly wrong: number;
  /** What it did wrong, apart from verdicts that say the contrary. */
  readonly problems: readonly string[];
  /** Writes that came against the order in which they were asked for. */
  readonly outOfOrder: number;
  readonly tookMs: number;
}

export interface LoadOptions extends TrialOptions {
  readonly changes: number;
}

const path = ['in-progress', 'resolved', 'closed'] as const;

/** Asks a client for many changes at once, three in a row of each ticket. */
export async function tryLoad(
  adapter: ConformanceAdapter,
  { changes, ...options }: LoadOptions,
): Promise<LoadTrial> {
  const { timeoutMs, deadlineMs } = options;
  const requested = Array.from({ length: changes }, (_, index) => changeOf(index));
  const ids = new Set(requested.map(({ ticketId }) => ticketId));
  const { url, sandbox, close } = await startSandbox({
    tickets: [...ids].map((ticketId) => ({ ticketId })),
  });
  const apiKey = 'the-key-of-the-suite';
  const target = { baseUrl: url, apiKey, timeoutMs, requestsPerSecond: 25 };
  const client = connectTo(adapter, target);
  const startedAt = performance.now();
  const words = await Promise.all(requested.map((one) => askFor(client, one, deadlineMs)));
  const tookMs = performance.now() - startedAt;
  const atTheEnd = await letFinish({ sandbox, client }, options);
  const judged = words.flatMap((word, index) => {
    const change = requested[index];
    return change === undefined ? [] : [judgeChange(change, word, sandbox.requests)];
  });
  const strays = findStrays(requested, sandbox, apiKey);
  const intended = Object.fromEntries([...ids].map((ticketId) => [ticketId, path]));
  const broken = sandbox.verify({ intended });
  const { limited } = sandbox.record();
  await close();
  return {
    changes,
    lost: judged.filter(({ writes }) => writes === 0).length,
    duplicates: judged.reduce((sum, { writes }) => sum + Math.max(writes - 1, 0), 0),
    limited,
    inDoubt: words.filter(({ verdict }) => verdict === 'unknown' || verdict === 'hung').length,
    wrong: judged.filter(({ wrong }) => wrong).length + strays.length,
    problems: [...judged.flatMap(({ problems }) => problems), ...strays, ...atTheEnd],
    outOfOrder: broken.filter(({ kind }) => kind === 'out-of-order').length,
    tookMs,
  };
}

function changeOf(index: number): RequestedChange {
  const step = index % path.length;
  const from: TicketStatus = ticketStatuses[step] ?? 'open';
  const ticketId = `T-${Math.floor(index / path.length) + 1}`;
  return { ticketId, from, status: path[step] ?? 'closed', staffUserId: index + 1 };
}
