import { ticketIdSchema, type Outcome, type ReadPolicy } from '@ticket-lifecycle/series';
import { isReport, type LineChange, type ParseChange } from './change-line.ts';
import { createTaskPool } from './task-pool.ts';
import type { LineSet } from '../journal/line-set.ts';
import type { OpenLine } from '../journal/read-journal.ts';
import {
  hasArrived,
  isRetryable,
  lineOutcomeOf,
  type LineOutcome,
} from '../journal/line-outcome.ts';
import type { Fields } from '@ticket-lifecycle/internal/histories/json/json-lines';
import type { Row } from '../rows/rows.ts';
import type { Selects } from './select.ts';
import { createTicketTable } from '@ticket-lifecycle/internal/histories/ticket-table';
import type { CarryOut } from './carry-out.ts';
import type { Intents } from './write-intents.ts';

/** What became of a line. */
export interface LineResult {
  readonly line: number;
  /** One for each step that was tried, or the one that says why the line can't be read. */
  readonly outcomes: readonly LineOutcome[];
  /** Whether the line names the status to get to, and not the event. */
  readonly towards: boolean;
  /** What it asks for, where that is known. */
  readonly change?: LineChange | undefined;
}

/** How to apply rows. */
export interface ApplyRowsOptions {
  readonly parse: ParseChange;
  readonly carryOut: CarryOut;
  readonly selects: Selects;
  /** Whether an earlier run has left nothing to do of a line. */
  readonly isOver: (line: number) => boolean;
  /** Those of them that did not arrive. */
  readonly failed: LineSet | undefined;
  /** Lines that an earlier run has begun. */
  readonly open: ReadonlyMap<number, OpenLine>;
  /** Tickets of which an earlier run has left a change in doubt. */
  readonly inDoubt: readonly string[];
  /** Writes down what is about to be sent. */
  readonly intents: Intents;
  /** When to read a ticket before its change. */
  readonly read: ReadPolicy | undefined;
  /** Lines that may be under way at once. */
  readonly concurrency: number;
  /** Starts nothing new when it aborts. */
  readonly signal: AbortSignal;
  /** Is told the result of every line. While it waits, so does the reading. */
  readonly report: (result: LineResult) => Promise<void>;
}

/** What is known of a ticket after a line of it that did not arrive. */
const doubted = 1;
const held = 2;
/** After one that did: this, and the second of the run in which it arrived. */
const arrived = 3;

// The workflow remembers a ticket for a minute.
const freshForSeconds = 50;

/** Applies the changes of many tickets at once, and those of one ticket in their order. */
export async function applyRows(
  batches: AsyncIterable<readonly Row[]>,
  options: ApplyRowsOptions,
): Promise<void> {
  const { parse, carryOut, selects, isOver, failed, open, intents, concurrency } = options;
  const { signal, report } = options;
  const pool = createTaskPool(concurrency);
  const tails = new Map<string, Promise<void>>();
  const standing = createTicketTable();
  const startedAt = performance.now();
  const isNow = (ticketId: string, value: number) =>
    standing.read(standing.find(ticketId)) === value;
  const setTo = (ticketId: string, value: number) => standing.write(standing.find(ticketId), value);
  for (const ticketId of options.inDoubt) setTo(ticketId, held);

  try {
    for await (const rows of batches) {
      for (const row of rows) {
        if (signal.aborted) return;
        if (isOver(row.line)) {
          await passOver(row);
          continue;
        }
        if (!isWanted(row)) continue;
        const parsed = 'fields' in row ? parse(row.fields) : row;
        const ticketId = 'fields' in row ? ticketOf(row.fields) : undefined;
        await pool.start(() =>
          inOrder(ticketId, () =>
            'change' in parsed
              ? applyLine(row.line, parsed.change)
              : refuse(row.line, ticketId, parsed.reason),
          ),
        );
      }
    }
  } catch (error) {
    // Reading was cut off because it should be.
    if (!signal.aborted) throw error;
  } finally {
    await pool.drain();
  }

  /** Whether the run itself has seen where a ticket stands, and not long ago. */
  function isFresh(ticketId: string): boolean {
    const second = standing.read(standing.find(ticketId)) - arrived;
    return second >= 0 && seconds() - second < freshForSeconds;
  }

  function seconds(): number {
    return Math.floor((performance.now() - startedAt) / 1000);
  }

  function isWanted(row: Row): boolean {
    return 'reason' in row || (!isReport(row.fields) && selects(row.fields));
  }

  /** The lines behind one of an earlier run build on it as they do on one of this run. */
  async function passOver(row: Row): Promise<void> {
    if (failed === undefined || failed.size === 0 || !('fields' in row)) return;
    const ticketId = ticketOf(row.fields);
    if (ticketId === undefined) return;
    const pass = () => {
      if (failed.has(row.line)) doubt(ticketId);
      else if (isNow(ticketId, doubted)) setTo(ticketId, 0);
    };
    if (tails.has(ticketId)) await pool.start(() => inOrder(ticketId, async () => pass()));
    else pass();
  }

  function doubt(ticketId: string): void {
    if (!isNow(ticketId, held)) setTo(ticketId, doubted);
  }

  async function inOrder(ticketId: string | undefined, task: () => Promise<void>): Promise<void> {
    if (ticketId === undefined) return task();
    const run = (tails.get(ticketId) ?? Promise.resolve()).then(task);
    tails.set(ticketId, run);
    try {
      await run;
    } finally {
      if (tails.get(ticketId) === run) tails.delete(ticketId);
    }
  }

  async function refuse(line: number, ticketId: string | undefined, reason: string): Promise<void> {
    if (ticketId !== undefined) doubt(ticketId);
    const outcome = { type: 'outcome', line, ticketId, kind: 'unreadable', reason } as const;
    await report({ line, outcomes: [outcome], towards: false });
  }

  async function applyLine(line: number, change: LineChange): Promise<void> {
    const { ticketId } = change;
    const towards = change.to !== undefined;
    if (isNow(ticketId, held)) {
      return report({ line, outcomes: [heldBack(line, change)], towards, change });
    }
    const made = await ask(line, change, open.get(line));
    const { staffUserId } = change;
    const outcomes = made.map((outcome) => lineOutcomeOf(line, outcome, staffUserId));
    const end = outcomes.at(-1);
    if (end !== undefined && hasArrived(end)) setTo(ticketId, arrived + seconds());
    else if (end !== undefined) {
      setTo(ticketId, isRetryable(end) || end.kind === 'unknown' ? held : doubted);
    }
    await report({ line, outcomes, towards, change });
  }

  async function ask(
    line: number,
    change: LineChange,
    begun: OpenLine | undefined,
  ): Promise<readonly Outcome[]> {
    // After a line that did not arrive, the next one's `from` speaks of a step that never happened.
    const isDoubted = isNow(change.ticketId, doubted);
    if (isDoubted) setTo(change.ticketId, 0);
    // The run before has made some of its steps, or the lifecycle's own before the first that is sent.
    const { steps = [], from: reached } = begun ?? {};
    const isStated = steps.length > 0 || change.from !== undefined;
    const from = (isStated ? reached : undefined) ?? change.from;
    const isGuess = change.isOfLog === true && !isFresh(change.ticketId);
    const read = isDoubted || isGuess || begun !== undefined ? 'always' : options.read;
    const asked = { read, signal, ...intents.of(line, change) };
    return carryOut(from === undefined ? change : { ...change, from }, asked);
  }
}

/** The ticket of a line, also of one that is otherwise broken: the lines after it may build on it. */
export const ticketOf = ({ ticketId }: Fields) => ticketIdSchema.safeParse(ticketId).data;

/** The changes of a ticket are made in their order: none goes before one that is still to come. */
function heldBack(line: number, change: LineChange): LineOutcome {
  const { ticketId, from, event, to, staffUserId } = change;
  const message = `Nothing was sent: an earlier line of ${ticketId} did not get through.`;
  const error = { name: 'NotSentError', reason: 'held-back', message };
  const base = { type: 'outcome', line, kind: 'not-sent', ticketId, from, to, event } as const;
  return { ...base, staffUserId, attempts: 0, error };
}
