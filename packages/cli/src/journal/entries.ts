import type { Format } from '../rows/formats.ts';
import type { LineOutcome } from './line-outcome.ts';

/** The first line of a journal: what it belongs to. */
export interface JournalHead {
  readonly type: 'journal';
  readonly version: 1;
  readonly startedAt: string;
  readonly input: { readonly file: string; readonly bytes: number; readonly sha256: string };
  readonly definition: { readonly file?: string | undefined; readonly fingerprint: string };
  readonly baseUrl: string;
  /** What decides which lines are applied, and how. */
  readonly options: JournaledOptions;
}

/** The options that a resumed run has to share with the one that began. */
export interface JournaledOptions {
  readonly plan: boolean;
  readonly staffUserId?: number | undefined;
  readonly format?: Format | undefined;
  readonly only: readonly string[];
  readonly where: readonly string[];
  readonly context?: unknown;
}

/** Written before a change is sent: should its outcome be missing, the ticket has to be read. */
export interface Intent {
  readonly type: 'intent';
  readonly line: number;
  readonly ticketId: string;
  /** States of the lifecycle. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** The statuses that they stand for. */
  readonly fromStatus?: string | undefined;
  readonly toStatus: string;
  readonly event?: string | undefined;
  /** Whether the line is done with this step. */
  readonly last: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** How a line ended, or a step of it. */
export type OutcomeEntry = LineOutcome & {
  /** Whether the line is done with it. */
  readonly last: boolean;
  readonly at: number;
};

/** A line of a journal. */
export type RunEntry =
  | JournalHead
  | Intent
  | OutcomeEntry
  /** A run went on here. */
  | { readonly type: 'resumed'; readonly at: number };
