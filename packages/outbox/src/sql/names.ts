import { keptMs } from '../model/slot-timing.ts';
import { graceMs } from '../worker/permit.ts';

/** The names that the statements need. */
export interface Names {
  /** The schema of pg-boss's tables and ours. */
  readonly schema: string;
  /** The table of the changes that are due: a partition of pg-boss's. */
  readonly jobs: string;
  /** The table of the changes that wait for their time. */
  readonly later: string;
}

/** The queues of pg-boss. The `.sql` files name them as they are. */
export const changesQueue = 'changes';
export const laterQueue = 'later';

/** Raised by our functions for a worker that was declared dead. */
export const fencedCode = 'TLOF1';

/**
 * Fills the placeholders of a `.sql` file in: `:schema`, the tables `:jobs` and `:later`, and what
 * the processes have to agree upon, `:grace_ms` and `:kept_ms`.
 */
export function fillIn(text: string, names: Names): string {
  const values: Record<string, unknown> = { ...names, grace_ms: graceMs, kept_ms: keptMs };
  return text.replaceAll(/(?<!:):(schema|jobs|later|grace_ms|kept_ms)/g, (_, name: string) =>
    String(values[name]),
  );
}
