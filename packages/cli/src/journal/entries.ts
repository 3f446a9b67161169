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
  readonly read?: 'always' | 'when-unknown' | undefined;
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
  readonly event: string;
  /** Who makes the change. */
  readonly staffUserId?: number | undefined;
  /** States of the lifecycle. */
  readonly from: string;
  readonly to: string;
  /** The statuses that they stand for. */
  readonly fromStatus: string;
  readonly toStatus: string;
  /** Whether the line is done with this step. */
  readonly last: boolean;
  /** When it is sent, at the earliest: milliseconds since the epoch. */
  readonly at: number;
  /** For how long after that its process may have waited for the answer. */
  readonly openForMs?: number | undefined;
}

/** An outcome, and when it was written down: milliseconds since the epoch. */
export type DatedOutcome = LineOutcome & { readonly at: number };

/** How a line ended, or a step of it. */
export type OutcomeEntry = DatedOutcome & {
  /** Whether the line is done with it. */
  readonly last: boolean;
};

/** A line of a journal. */
export type RunEntry =
  | JournalHead
  | Intent
  | OutcomeEntry
  /** The latest intent of a line was surely not processed. */
  | { readonly type: 'taken-back'; readonly line: number; readonly at: number }
  /** A run went on here. */
  | { readonly type: 'resumed'; readonly at: number }
  /** Nothing is left to go on with. */
  | { readonly type: 'finished'; readonly at: number };
