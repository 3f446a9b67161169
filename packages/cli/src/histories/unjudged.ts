import type { UnreadableLine } from '@ticket-lifecycle/internal/histories/lines';
import { unmappedIn } from './log-notes.ts';
import type { Log } from './read-log.ts';

/** How much of a log was read, and which of it no lifecycle can judge. */
export interface Unjudged {
  readonly rows: number;
  readonly unreadable: number;
  readonly unreadableLines: readonly UnreadableLine[];
  /** Values that mean nothing, the most frequent first, and in how many rows. */
  readonly unmapped: readonly { readonly value: string; readonly rows: number }[];
}

/** Gathers what a verdict about a log leaves out. */
export function unjudgedOf(log: Log): Unjudged {
  const { records, unreadable, unreadableLines } = log.histories;
  const unmapped = unmappedIn(log)
    .toSorted((a, b) => b.count - a.count)
    .map(({ value, count }) => ({ value, rows: count }));
  return { rows: records, unreadable, unreadableLines, unmapped };
}
