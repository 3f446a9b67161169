import { defaultSettleMs, mostLateMs } from '@ticket-lifecycle/internal/settle-time';
import type { Lifecycle } from '@ticket-lifecycle/core';
import {
  createMemoryStatusStore,
  createTicketWorkflow,
  type SeriesClient,
  type SeriesError,
} from '@ticket-lifecycle/series';
import { applyRows, type LineResult } from './apply-rows.ts';
import { checkChangeColumns, createChangeParser } from './change-line.ts';
import type { Format } from '../rows/formats.ts';
import type { Input } from '../rows/input.ts';
import type { OutcomeEntry } from '../journal/entries.ts';
import type { JournalState } from '../journal/read-journal.ts';
import { JournalError, type Journal } from '../journal/journal.ts';
import { flatten, type LineOutcome } from '../journal/line-outcome.ts';
import { readRows } from '../rows/rows.ts';
import { createSelection, type Selection } from './select.ts';
import { describeDoubts, longestWaitMs, settleOpen, type Settled } from './settle-open.ts';
import { createTally, stopsAll, type Tally, type TallySummary } from './tally.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { count, duration, jsonLine, printable, several } from '../terminal/text.ts';
import { createFuse } from './fuse.ts';
import type { FailedLines } from './failed-lines.ts';
import { createCarryOut } from './carry-out.ts';
import { createIntents } from './write-intents.ts';
import { codeOf } from '../cli-error.ts';

/** What a person chooses for a run. */
export interface ChosenOptions extends Selection {
  readonly format?: Format | undefined;
  readonly plan?: boolean | undefined;
  /** @defaultValue 'when-unknown' */
  readonly read?: 'always' | 'when-unknown' | undefined;
  readonly context?: unknown;
  readonly staffUserId?: number | undefined;
  readonly json?: boolean | undefined;
  /** Whether a file without a row is fine. */
  readonly allowEmpty?: boolean | undefined;
  /** @defaultValue 100 */
  readonly concurrency?: number | undefined;
  /** Stops after so many lines that were refused, not sent, or are in doubt. */
  readonly maxErrors?: number | undefined;
}

/** How to run the changes of a file. */
export interface RunOptions extends ChosenOptions {
  readonly lifecycle: Lifecycle;
  readonly client: SeriesClient;
  readonly terminal: Terminal;
  /** Where every change is written down. */
  readonly journal?: Journal | undefined;
  /** What earlier runs have written there. */
  readonly before?: JournalState | undefined;
  /** Where earlier runs are counted already. */
  readonly tally?: Tally | undefined;
  /** Is told what became of a line, and what it asks for. */
  readonly note?: FailedLines['note'] | undefined;
  /** Is told of every outcome. */
  readonly observe?: ((outcome: LineOutcome) => void) | undefined;
  readonly signal: AbortSignal;
  /** Stops for everything that is still to come. */
  readonly stop: () => void;
}

/** How a run went. */
export interface Run extends TallySummary {
  readonly requests: number;
  /** Answers of 429. */
  readonly limited: number;
  readonly durationMs: number;
  /** Whether it stopped by itself, since nothing got through any more. */
  readonly isCutOff: boolean;
  /** Why it could not go on: its file, or a guard. */
  readonly failure?: unknown;
}

/**
 * The longest that a change may wait. Up to a hundred lines wait for the same budget, and a pause
 * after a 429 or a dead network adds to that.
 */
export const maxWaitMs = 15 * 60_000;

// A line's `from` is not believed where the run itself has seen the ticket elsewhere: so it remembers
// as many as it can change in eleven hours.
const mostTicketsKept = 1_000_000;

// Enough to keep the budget busy, few enough to be looked through after a crash.
const usualConcurrency = 100;

/**
 * Applies the changes of a file, shows how far it has come, and counts how they ended.
 *
 * @throws what kept it from doing anything
 */
export async function runChanges(input: Input, options: RunOptions): Promise<Run> {
  const { lifecycle, client, terminal, format, staffUserId, json, journal, before } = options;
  const { plan = false, concurrency = usualConcurrency, signal, context } = options;
  const tally = options.tally ?? createTally();
  const startedAt = performance.now();
  const fuse = createFuse();
  const { lines: linesBefore } = tally.summary();
  const run = (): Run => {
    const { sent: requests, limited } = client.rateLimiter.describe(client.keyId);
    const durationMs = performance.now() - startedAt;
    return { ...tally.summary(), requests, limited, durationMs, isCutOff: fuse.hasBlown };
  };
  const intents = createIntents(journal, lifecycle, client.timeoutMs);
  // The run before may have waited longer for an answer than this one does.
  const timeoutMs = Math.max(client.timeoutMs, longestWaitMs(before?.open));
  const store = createMemoryStatusStore({ maxTickets: mostTicketsKept });
  const workflow = createTicketWorkflow({ lifecycle, client: { ...client, timeoutMs }, store });
  workflow.on(intents.follow);
  let errors = 0;

  const unfollow = terminal.messages.follow(() =>
    describeProgress(run(), input.lines, linesBefore),
  );
  try {
    const doubts = await settleBefore();
    if (doubts === undefined) return run();
    const rows = readRows(input, {
      format,
      allowEmpty: options.allowEmpty,
      checkColumns: (columns) => checkChangeColumns(columns, staffUserId !== undefined),
    });
    await applyRows(rows, {
      parse: createChangeParser(lifecycle, staffUserId),
      carryOut: createCarryOut({ lifecycle, workflow, plan, context }),
      selects: createSelection(options).selects,
      isOver: (line) => before?.done.has(line) === true || doubts.lines.has(line),
      failed: before?.failed,
      open: before?.open ?? new Map<number, never>(),
      inDoubt: doubts.tickets,
      intents,
      read: options.read,
      concurrency,
      signal,
      report,
    });
  } catch (error) {
    if (codeOf(error) === undefined || tally.summary().lines === linesBefore) throw error;
    // What was done until then has to be told all the same.
    options.stop();
    return { ...run(), failure: error };
  } finally {
    unfollow();
  }
  return run();

  /** What earlier runs have left in doubt, or `undefined` if that can't be found out now. */
  async function settleBefore() {
    const lines = new Set<number>();
    const tickets: string[] = [];
    if (before === undefined) return { lines, tickets };
    const times = { timeoutMs: Math.max(timeoutMs, mostLateMs), settleMs: defaultSettleMs };
    const doubts = describeDoubts(before.open, times);
    if (doubts.count > 0) terminal.messages.note(settlingText(doubts));
    const settled = await settleOpen(before.open, { workflow, signal });
    // Else another run would take the line up from its beginning, where its ticket is no more.
    for (const { outcomes } of settled.begun) await write(outcomes, { isLast: false });
    for (const line of settled.takenBack) {
      journal?.append({ type: 'taken-back', line, at: Date.now() }).catch(() => {});
    }
    for (const { line, outcomes, open } of settled.over) {
      lines.add(line);
      await report({ line, outcomes, towards: false }, open.steps);
    }
    for (const { line, ticketId, outcomes } of settled.unknown) {
      lines.add(line);
      tickets.push(ticketId);
      await report({ line, outcomes, towards: false });
    }
    if (settled.unknown.length > 0) terminal.messages.show(unknownText(settled.unknown));
    if (settled.failure === undefined && !signal.aborted) return { lines, tickets };
    if (settled.failure !== undefined) {
      terminal.messages.show(
        `The tickets that an earlier run left in doubt could not be read: ${printable(settled.failure.message)}`,
      );
      tally.add([notRead(settled.failure)]);
    }
    return undefined;
  }

  async function report(
    { line, outcomes, towards, change }: LineResult,
    steps: readonly LineOutcome[] = before?.open.get(line)?.steps ?? [],
  ): Promise<void> {
    await write(outcomes, { isLast: true });
    tally.add([...steps, ...outcomes], { towards });
    for (const outcome of outcomes) options.observe?.(outcome);
    const end = outcomes.at(-1);
    if (end !== undefined && isError(end)) errors += 1;
    options.note?.(outcomes, change);
    const hasBlown = end !== undefined && fuse.blows(end);
    const isEnough = errors >= (options.maxErrors ?? Infinity);
    if (outcomes.some(stopsAll) || isEnough || hasBlown) options.stop();
    if (json !== true || outcomes.length === 0) return;
    await terminal.output.print(outcomes.map(jsonLine).join('\n'));
  }

  /** Writes the outcomes of a line into the journal; `isLast`: the line is done with the last of them. */
  async function write(
    outcomes: readonly LineOutcome[],
    { isLast }: { readonly isLast: boolean },
  ): Promise<void> {
    if (journal === undefined) return;
    const at = Date.now();
    const entries = outcomes.map((outcome, index): OutcomeEntry => ({
      ...outcome,
      at,
      last: isLast && index === outcomes.length - 1,
    }));
    try {
      await Promise.all(entries.map((entry) => journal.append(entry)));
    } catch (error) {
      if (!(error instanceof JournalError)) throw error;
      // What is under way has its intent in the journal, and is settled when that is resumed.
      options.stop();
    }
  }
}

const isError = ({ kind }: LineOutcome) => ['refused', 'not-sent', 'unknown'].includes(kind);

function notRead(error: SeriesError): LineOutcome {
  const kind = error.delivery === 'refused' ? 'refused' : 'not-sent';
  return { type: 'outcome', line: 0, kind, error: flatten(error) };
}

function settlingText({ count: changes, quietInMs }: ReturnType<typeof describeDoubts>): string {
  const wait = quietInMs > 0 ? `, for ${duration(quietInMs / 1000)} at most` : '';
  return `The run before may have sent ${several(changes, 'change')}. Reading what became of them${wait}; nothing is sent before that.`;
}

// A person reads on after these; `--json` has them all.
const mostTickets = 20;

function unknownText(lines: Settled['unknown']): string {
  const shown = lines.slice(0, mostTickets).map(({ line, ticketId, outcomes }) => {
    const { from, to, observed } = outcomes.at(-1) ?? {};
    const seen = observed === undefined ? 'could not be read' : `is ${observed}`;
    return `  ${ticketId} ${printable(seen)} (line ${line}: ${String(from)} → ${String(to)})`;
  });
  const more = lines.length - shown.length;
  if (more > 0) shown.push(`  … and ${several(more, 'other ticket')}: --json names them all`);
  return `
Unknown how these changes ended: nothing was sent for them.
${shown.join('\n')}
A ticket with its old status may have been changed and changed back, and its UpdatedAt does not
exclude that. Look at the tickets. To make a change anyway, apply a file with its line and
--read always.`;
}

const barLength = 24;

/**
 * One line that says how far a run has come and how long it still takes. `before`: lines that took
 * none of its time.
 */
export function describeProgress(
  { lines, requests, durationMs }: Pick<Run, 'lines' | 'requests' | 'durationMs'>,
  total: number | undefined,
  before = 0,
): string {
  const seconds = durationMs / 1000;
  const rate = `${(seconds < 1 ? requests : requests / seconds).toFixed(1)} requests/s`;
  if (total === undefined) return `${count(lines)} lines done · ${rate}`;
  const left = Math.max(0, total - lines);
  const filled = total === 0 ? barLength : Math.round((barLength * (total - left)) / total);
  const bar = '█'.repeat(filled) + '░'.repeat(barLength - filled);
  const done = lines - before;
  const timeLeft = done === 0 ? '' : ` · ${duration((seconds * left) / done)} left`;
  return `${bar} ${count(lines)} of ${count(total)} lines · ${count(left)} left · ${rate}${timeLeft}`;
}
