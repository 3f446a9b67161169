import type {
  Outcome,
  OutcomeUnknownError,
  SeriesError,
  TicketWorkflow,
} from '@ticket-lifecycle/series';
import { createTaskPool } from './task-pool.ts';
import type { Intent } from '../journal/entries.ts';
import type { OpenLine } from '../journal/read-journal.ts';
import { lineOutcomeOf, type LineOutcome } from '../journal/line-outcome.ts';

/** An unfinished line whose outcome was determined by reading its ticket. */
interface SettledLine {
  readonly line: number;
  readonly ticketId: string;
  /** What is to be written of it. */
  readonly outcomes: readonly LineOutcome[];
  readonly open: OpenLine;
}

/** What reading the tickets of unfinished lines has shown. */
export interface Settled {
  /** Lines that are done with. */
  readonly over: readonly SettledLine[];
  /** Lines that go on behind steps which were made. */
  readonly begun: readonly SettledLine[];
  /** Lines whose latest change surely was not processed. */
  readonly takenBack: readonly number[];
  /** Lines whose ticket does not tell how they ended. They are not sent again. */
  readonly unknown: readonly SettledLine[];
  /** A ticket could not be read: nothing may be sent before that. */
  readonly failure: SeriesError | undefined;
}

/** How to settle them. */
export interface SettleOptions {
  readonly workflow: Pick<TicketWorkflow, 'settle'>;
  readonly signal: AbortSignal;
}

// A run that a server failed for hours has left more in doubt than may wait for the budget.
const mostAtOnce = 100;

/** Finds out what became of every change that an earlier run may have sent. Only reads. */
export async function settleOpen(
  lines: ReadonlyMap<number, OpenLine>,
  { workflow, signal }: SettleOptions,
): Promise<Settled> {
  const over: SettledLine[] = [];
  const begun: SettledLine[] = [];
  const takenBack: number[] = [];
  const unknown: SettledLine[] = [];
  let failure: SeriesError | undefined;
  const failed = new AbortController();
  const stopped = AbortSignal.any([signal, failed.signal]);
  const pool = createTaskPool(mostAtOnce);
  // The oldest first: meanwhile the latest requests come to their end.
  const doubtful = [...lines].filter(([, { intents }]) => intents.length > 0);
  doubtful.sort(([, one], [, other]) => sentAt(one) - sentAt(other));
  for (const [line, open] of doubtful) {
    if (stopped.aborted) break;
    await pool.start(() => settle(line, open));
  }
  await pool.drain();
  return { over, begun, takenBack, unknown, failure };

  async function settle(line: number, open: OpenLine): Promise<void> {
    const intent = open.intents.at(-1);
    if (intent === undefined || stopped.aborted) return;
    const { ticketId, event, from, to, at: sentAt } = intent;
    const asked = { from, to, sentAt, signal: stopped };
    const outcome = await workflow.settle(ticketId, { type: event }, asked);
    // What was cut short says nothing.
    if (stopped.aborted) return;
    const why = failureOf(outcome);
    if (why !== undefined) {
      failure = why;
      failed.abort();
      return;
    }
    const about = { line, ticketId };
    // A step is only sent once the one before it has arrived.
    const before = open.intents.slice(0, -1).map((step) => arrived(line, step));
    const outcomes = [...before, lineOutcomeOf(line, outcome, intent.staffUserId)];
    if (outcome.kind === 'confirmed') {
      open.intents = [];
      if (intent.last) over.push({ ...about, outcomes, open });
      else goOn(about, open, outcomes, intent.to);
    } else if (outcome.kind === 'not-sent') {
      open.intents = [];
      takenBack.push(line);
      goOn(about, open, before, intent.from);
    } else {
      unknown.push({ ...about, outcomes, open });
    }
  }

  function goOn(
    about: Pick<SettledLine, 'line' | 'ticketId'>,
    open: OpenLine,
    outcomes: readonly LineOutcome[],
    from: string,
  ): void {
    const at = Date.now();
    open.steps.push(...outcomes.map((outcome) => ({ ...outcome, at })));
    open.from = from;
    if (outcomes.length > 0) begun.push({ ...about, outcomes, open });
  }
}

/** How long the runs before may have waited for an answer, at most. */
export function longestWaitMs(lines: ReadonlyMap<number, OpenLine> = new Map()): number {
  let longest = 0;
  for (const { intents } of lines.values()) {
    longest = Math.max(longest, intents.at(-1)?.openForMs ?? 0);
  }
  return longest;
}

/** How many changes are in doubt, and how long until the last of them can't be under way. */
export function describeDoubts(
  lines: ReadonlyMap<number, OpenLine>,
  { timeoutMs, settleMs }: { readonly timeoutMs: number; readonly settleMs: number },
): { readonly count: number; readonly quietInMs: number } {
  const now = Date.now();
  let count = 0;
  let quietInMs = 0;
  for (const open of lines.values()) {
    if (open.intents.length === 0) continue;
    count += 1;
    // As the workflow does. A clock that was set back does not make that an eternity.
    quietInMs = Math.max(quietInMs, Math.min(now, sentAt(open) + timeoutMs) + settleMs - now);
  }
  return { count, quietInMs };
}

const sentAt = ({ intents }: OpenLine) => intents.at(-1)?.at ?? 0;

/** Why the ticket could not be read. One that is gone will never tell, so that is not a failure. */
function failureOf(outcome: Outcome): SeriesError | undefined {
  if (outcome.kind === 'not-sent') {
    const { reason } = outcome.error as { readonly reason?: unknown };
    return reason === 'not-processed' ? undefined : outcome.error;
  }
  if (outcome.kind !== 'unknown' || outcome.observed !== undefined) return undefined;
  const { readError } = outcome.error as Partial<OutcomeUnknownError>;
  const isGone = (readError as { code?: unknown } | undefined)?.code === 'ticket-not-found';
  return isGone ? undefined : readError;
}

function arrived(line: number, intent: Intent): LineOutcome {
  const { ticketId, from, to, event, toStatus, staffUserId } = intent;
  const base = { type: 'outcome', line, ticketId, kind: 'confirmed', from, to, event } as const;
  return { ...base, staffUserId, attempts: 1, status: toStatus, by: 'observation' };
}
