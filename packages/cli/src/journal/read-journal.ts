import type { DatedOutcome, Intent, OutcomeEntry, JournalHead, RunEntry } from './entries.ts';
import { endStep, intend } from './intents.ts';
import { createLineSet, type LineSet } from './line-set.ts';
import { hasArrived, isRetryable } from './line-outcome.ts';
import { walkJournal } from './walk-journal.ts';

/** A line that an earlier run has begun and not ended. */
export interface OpenLine {
  /** What was written before a change was sent, for steps whose outcome is not known. */
  intents: Intent[];
  /** The steps whose outcome is known. */
  steps: DatedOutcome[];
  /** Where the ticket stood last, as far as the line has come. */
  from: string | undefined;
}

/** What a journal says of the runs before. */
export interface JournalState {
  readonly head: JournalHead;
  /** Where its last whole line ends, or should, in bytes. */
  readonly end: number;
  /** Lines that need no more work. */
  readonly done: LineSet;
  /** Those of them that did not arrive: they say nothing good of where their ticket stands. */
  readonly failed: LineSet;
  readonly open: ReadonlyMap<number, OpenLine>;
}

/**
 * Reads what earlier runs have left: see journal.ts. `count` is given all outcomes of each line
 * that is done.
 */
export async function readJournal(
  file: string,
  count: (outcomes: readonly DatedOutcome[]) => void,
): Promise<JournalState> {
  const done = createLineSet();
  const failed = createLineSet();
  const open = new Map<number, OpenLine>();
  let head: JournalHead | undefined;
  const end = await walkJournal(file, 'resumed', take);
  // Its first entry is the head, and no other.
  return { head: head as unknown as JournalHead, end, done, failed, open };

  function take(entry: RunEntry): void {
    switch (entry.type) {
      case 'journal':
        head = entry;
        return;
      case 'intent':
        return intend(lineOf(entry.line).intents, entry);
      case 'outcome':
        return conclude(entry);
      case 'taken-back':
        return takeBack(entry.line);
      case 'resumed':
      case 'finished':
    }
  }

  function takeBack(line: number): void {
    const { intents, steps } = lineOf(line);
    intents.pop();
    if (intents.length === 0 && steps.length === 0) open.delete(line);
  }

  function conclude(entry: OutcomeEntry): void {
    const { last, ...outcome } = entry;
    const { line, kind } = outcome;
    const begun = lineOf(line);
    if (!last) {
      endStep(begun.intents, entry);
      begun.steps.push(outcome);
      begun.from = outcome.to;
    } else if (isRetryable(outcome)) {
      begun.intents = [];
      begun.from = outcome.from;
    } else if (kind === 'unknown') {
      // Its last intent stays: the ticket is read before anything else is sent.
      begun.intents = begun.intents.slice(-1);
    } else {
      done.add(line);
      if (!hasArrived(outcome)) failed.add(line);
      count([...begun.steps, outcome]);
      open.delete(line);
    }
  }

  function lineOf(line: number): OpenLine {
    const known = open.get(line);
    if (known !== undefined) return known;
    const fresh: OpenLine = { intents: [], steps: [], from: undefined };
    open.set(line, fresh);
    return fresh;
  }
}
