import { writeFile } from 'node:fs/promises';
import type { Input } from '../rows/input.ts';
import { scanRows, type RowOptions } from '../rows/rows.ts';
import { hasArrived, type LineOutcome, type OutcomeKind } from '../journal/line-outcome.ts';
import { jsonLine } from '../terminal/text.ts';
import type { LineChange, ParseChange } from './change-line.ts';
import { reasonOf } from './tally.ts';

/** Gathers the lines that did not arrive, those of earlier runs too. */
export interface FailedLines {
  /** Takes what became of a line, and the change it asks for where that is known. */
  readonly note: (outcomes: readonly LineOutcome[], change?: LineChange) => void;
  /** Writes them into a file of changes; answers how many, and how many could not be read. */
  readonly write: (
    file: string,
    again: Again | undefined,
  ) => Promise<{ readonly lines: number; readonly unreadable: number }>;
}

/** How to read the changes of the file again. Needed for lines that only a journal knows. */
interface Again {
  readonly open: () => Promise<Input>;
  readonly format: RowOptions['format'];
  readonly parse: ParseChange;
}

interface FailedLine {
  readonly kind: OutcomeKind;
  readonly reason: string;
  change: LineChange | undefined;
}

/** Starts without any. */
export function createFailedLines(): FailedLines {
  const failed = new Map<number, FailedLine>();
  let unreadable = 0;
  return {
    note(outcomes, change) {
      const end = outcomes.at(-1);
      if (end === undefined || hasArrived(end) || end.line === 0) return;
      if (end.kind === 'unreadable') unreadable += 1;
      else failed.set(end.line, { kind: end.kind, reason: reasonOf(end) ?? '', change });
    },
    async write(file, again) {
      const isMissing = [...failed.values()].some(({ change }) => change === undefined);
      if (isMissing && again !== undefined) await findChanges(again);
      const lines = [...failed].sort(([one], [other]) => one - other).flatMap(textOf);
      await writeFile(file, lines.join(''));
      return { lines: lines.length, unreadable };
    },
  };

  async function findChanges({ open, format, parse }: Again): Promise<void> {
    const options = { format, allowEmpty: true, checkColumns: () => undefined };
    await scanRows(await open(), options, (row) => {
      const line = failed.get(row.line);
      if (line === undefined || 'reason' in row) return;
      const parsed = parse(row.fields);
      if ('change' in parsed) line.change ??= parsed.change;
    });
  }
}

/**
 * Without `from`: it was true when the line was written, and the ticket may have moved since. So it
 * is read before it is changed.
 */
function textOf([line, { kind, reason, change }]: readonly [number, FailedLine]): string[] {
  if (change === undefined) return [];
  const { ticketId, event, to, staffUserId } = change;
  return [`${jsonLine({ ticketId, event, to, staffUserId, line, kind, reason })}\n`];
}
