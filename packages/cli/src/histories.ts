import { ticketLifecycle, type ReplayStep } from '@ticket-lifecycle/core';
import type { Row } from './rows.ts';
import type { StatusMap } from './status-map.ts';

/** How to read histories. */
export interface HistoryOptions {
  /** The column or field with the ticket. */
  readonly id: string;
  /** The column or field with its state. */
  readonly state: string;
  readonly toStatus: StatusMap;
  /** Whether the log holds every change, so that a missing step was skipped. */
  readonly complete: boolean;
}

/** What a row of a history turned out to be. */
export type HistoryItem =
  | { readonly type: 'fault'; readonly line: number; readonly fault: string }
  /** The first row of a ticket, or one that leaves its state as it was. */
  | { readonly type: 'row'; readonly isNew: boolean; readonly unmapped: string | undefined }
  | {
      readonly type: 'change';
      readonly line: number;
      readonly ticketId: string;
      readonly step: ReplayStep;
      readonly unmapped: string | undefined;
    };

/**
 * Judges the changes in many tickets' histories. Remembers only each ticket's last state.
 *
 * @yields what each row turned out to be
 */
export async function* judgeHistories(
  rows: AsyncIterable<Row>,
  { id, state, toStatus, complete }: HistoryOptions,
): AsyncGenerator<HistoryItem> {
  const last = new Map<string, string>();
  for await (const row of rows) {
    if ('fault' in row) {
      yield { type: 'fault', ...row };
      continue;
    }
    const { line, fields } = row;
    const ticketId = textOf(fields[id]);
    const value = textOf(fields[state]);
    if (ticketId === undefined || value === undefined) {
      const missing = ticketId === undefined ? id : state;
      yield { type: 'fault', line, fault: `there is no value for "${missing}"` };
      continue;
    }
    // A value that means nothing to us is still a state of its own, as itself.
    const status = toStatus(value);
    const seen = status ?? value;
    const unmapped = status === undefined ? value : undefined;
    const previous = last.get(ticketId);
    if (previous !== seen) last.set(ticketId, seen);
    const [step] =
      previous === undefined || previous === seen
        ? []
        : ticketLifecycle.replay([previous, seen], { complete }).steps;
    yield step === undefined
      ? { type: 'row', isNew: previous === undefined, unmapped }
      : { type: 'change', line, ticketId, step, unmapped };
  }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
