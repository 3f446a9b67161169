import { setTimeout as sleep } from 'node:timers/promises';
import { SeriesError, type SeriesClient } from '@ticket-lifecycle/series';
import { createGate } from './gate.ts';
import type { Intent } from '../journal/entries.ts';
import type { OpenLine } from '../journal/read-journal.ts';
import type { LineOutcome } from '../journal/line-outcome.ts';

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
  /** Lines whose ticket stands where neither outcome explains it. They are not sent again. */
  readonly unknown: readonly SettledLine[];
  /** A ticket could not be read: nothing may be sent before that. */
  readonly failure: SeriesError | undefined;
}

/** How to read them. */
export interface SettleOptions {
  readonly client: Pick<SeriesClient, 'getTicket'>;
  /** How long a request may still be under way after its process was killed. */
  readonly settleMs: number;
  readonly signal: AbortSignal;
}

// A run that a server failed for hours has left more in doubt than may wait for the budget.
const mostAtOnce = 100;

/** Reads the ticket of every change that an earlier run may have sent: see journal/journal.ts. */
export async function settleOpen(
  lines: ReadonlyMap<number, OpenLine>,
  { client, settleMs, signal }: SettleOptions,
): Promise<Settled> {
  const doubtful = [...lines].filter(([, { intents }]) => intents.length > 0);
  let latest = 0;
  for (const [, { intents }] of doubtful) latest = Math.max(latest, intents.at(-1)?.at ?? 0);
  // An untouched ticket proves nothing before the last request can no longer be under way. A clock
  // that was set back must not make that an eternity.
  const waitMs = Math.min(settleMs, latest + settleMs - Date.now());
  if (waitMs > 0 && doubtful.length > 0) {
    await sleep(waitMs, undefined, { signal }).catch(() => {});
  }

  const over: SettledLine[] = [];
  const unknown: SettledLine[] = [];
  let failure: SeriesError | undefined;
  const gate = createGate(mostAtOnce);
  for (const [line, open] of doubtful) {
    if (failure !== undefined || signal.aborted) break;
    await gate.start(() => settle(line, open));
  }
  await gate.drain();
  return { over, unknown, failure };

  async function settle(line: number, open: OpenLine): Promise<void> {
    const intent = open.intents.at(-1);
    if (intent === undefined || failure !== undefined) return;
    const seen = await read(intent);
    if (seen === undefined) return;
    const about = { line, ticketId: intent.ticketId };
    // A step is only sent once the one before it has arrived.
    const before = open.intents.slice(0, -1).map((step) => arrived(line, step));
    if (seen === intent.toStatus) {
      const outcomes = [...before, arrived(line, intent)];
      open.intents = [];
      if (intent.last) over.push({ ...about, outcomes, open });
      else goOn(open, outcomes, intent.to);
    } else if (seen === intent.fromStatus) {
      open.intents = [];
      goOn(open, before, intent.from);
    } else {
      unknown.push({ ...about, outcomes: [...before, inDoubt(line, intent, seen)], open });
    }
  }

  async function read({ ticketId }: Intent): Promise<string | undefined> {
    try {
      return (await client.getTicket(ticketId, { signal })).status;
    } catch (error) {
      if (!SeriesError.is(error)) throw error;
      // A ticket that is gone will never tell.
      if ((error as { code?: unknown }).code === 'ticket-not-found') return 'not found';
      failure ??= error;
      return undefined;
    }
  }
}

function goOn(open: OpenLine, outcomes: readonly LineOutcome[], from: string | undefined): void {
  open.steps.push(...outcomes);
  open.from = from;
}

function arrived(line: number, { ticketId, from, to, event, toStatus }: Intent): LineOutcome {
  const base = { type: 'outcome', line, ticketId, kind: 'confirmed', from, to, event } as const;
  return { ...base, attempts: 1, status: toStatus, by: 'observation' };
}

function inDoubt(line: number, intent: Intent, observed: string): LineOutcome {
  const { ticketId, from, to, event, fromStatus, toStatus } = intent;
  const message = `It is not known whether ${ticketId} was set to ${toStatus}: the run before was cut off, and the ticket is now ${observed}, not ${toStatus} nor ${String(fromStatus)}.`;
  const error = { name: 'OutcomeUnknownError', reason: 'conflict', message };
  const base = { type: 'outcome', line, ticketId, kind: 'unknown', from, to, event } as const;
  return { ...base, attempts: 1, error, observed };
}
