import type { ClaimEnd, Claimed, KeyTurn, Slot } from '../model/store.ts';

/** A slot as the database gives it: from when on it may send, since the beginning of the call. */
type SlotRow = Omit<Slot, 'sendAt'> & { readonly delayMs: number };

/** What the database gives out, and how long it took to. */
export interface TakenRow {
  readonly slots: readonly SlotRow[];
  readonly nextInMs: number | null;
  readonly tookMs: number;
}

export interface ClaimRow extends Pick<TakenRow, 'nextInMs' | 'tookMs'> {
  readonly jobs: readonly (Omit<Claimed, 'slots'> & { readonly slots: readonly SlotRow[] })[];
}

/** Counts from when the answer is here, which is later than the database wrote it. */
export function momentsOf({ tookMs }: { readonly tookMs: number }): (row: SlotRow) => Slot {
  const begun = performance.now() - tookMs;
  return ({ delayMs, ...slot }) => ({ ...slot, sendAt: begun + delayMs });
}

/** An end as it goes to the database. */
export type EndRow = Omit<ClaimEnd, 'evidence' | 'change'> & {
  readonly evidence: readonly object[];
};

/** What became of ends. */
export interface EndedRow {
  readonly stands: readonly string[];
  readonly busy: readonly string[];
  readonly turned?: readonly KeyTurn[];
  /** Those that this call has written. */
  readonly written?: readonly string[];
}
