import { usableMs } from '../model/slot-timing.ts';
import type { Moment } from '../model/moment.ts';
import type { ClaimEnd, Claimed, KeyTurn, Slot } from '../model/claim.ts';

/** A slot as the database gives it: from when on it may send, since the beginning of the call. */
type SlotRow = Omit<Slot, 'sendAt' | 'sendBy'> & { readonly delayMs: number };

/** What the database gives out, and how long it took to. */
export interface TakenRow {
  readonly slots: readonly SlotRow[];
  readonly nextInMs: number | null;
  readonly tookMs: number;
}

export interface ClaimRow extends Pick<TakenRow, 'nextInMs' | 'tookMs'> {
  readonly jobs: readonly (Omit<Claimed, 'slots'> & { readonly slots: readonly SlotRow[] })[];
}

/**
 * From when on a slot may be used counts from when the answer is here, which is later than the database
 * wrote it; until when, from when it was asked, which is earlier.
 */
export function momentsOf(
  { tookMs }: Pick<TakenRow, 'tookMs'>,
  askedAt: Moment,
): (row: SlotRow) => Slot {
  const begun = performance.now() - tookMs;
  return ({ delayMs, ...slot }) => ({
    ...slot,
    sendAt: begun + delayMs,
    sendBy: { since: askedAt, ms: delayMs + usableMs },
  });
}

/** An end as it goes to the database. */
export type EndRow = Omit<ClaimEnd, 'evidence' | 'change'> & {
  readonly evidence: readonly object[];
};

/** What became of ends. */
export interface EndedRow {
  readonly stands: readonly string[];
  readonly busy: readonly string[];
  /** The tokens of slots that could not be given back. */
  readonly busySlots?: readonly number[];
  readonly turned?: readonly KeyTurn[];
  /** Those that this call has written. */
  readonly written?: readonly string[];
}
