import { checkOptions, wholeNumber } from '@ticket-lifecycle/internal/option-checks';
import type { ChangeEntry } from '../workflow/outcome.ts';

/** Which part of a ticket's history to give. */
export interface HistoryOptions {
  /**
   * How many entries at most: the latest ones.
   *
   * @defaultValue 100
   */
  readonly limit?: number | undefined;
  /**
   * The `id` of an entry: gives those that came before it, for the page before.
   *
   * @defaultValue the latest
   */
  readonly before?: string | undefined;
}

/** A log of what happened to tickets. It keeps what a workflow's `onChange` is given. */
export interface AuditLog {
  /** Keeps an entry; one that comes again is kept once. Made for `onChange`. */
  record(this: void, entry: ChangeEntry): Promise<void> | void;
  /** What happened to a ticket, the oldest first. */
  history(
    this: void,
    ticketId: string,
    options?: HistoryOptions,
  ): Promise<readonly ChangeEntry[]> | readonly ChangeEntry[];
}

/** Checks how a history is asked for, and gives its defaults. */
export function historyQuery(options: HistoryOptions): { limit: number; before: string | null } {
  checkOptions('history', options, {
    limit: wholeNumber,
    before: (value) => (typeof value === 'string' ? undefined : 'the id of an entry'),
  });
  return { limit: options.limit ?? 100, before: options.before ?? null };
}

/**
 * Reads rows, the latest first. A database may take two ids for one where a text is malformed; the
 * entry itself knows whose it is.
 */
export function entriesOf(
  rows: readonly { readonly entry: string }[],
  ticketId: string,
): ChangeEntry[] {
  return rows
    .toReversed()
    .map(({ entry }) => JSON.parse(entry) as ChangeEntry)
    .filter((entry) => entry.ticketId === ticketId);
}
