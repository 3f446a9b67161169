import { ticketLifecycle } from '@ticket-lifecycle/core';
import { createTicketWorkflow, type SeriesClient } from '@ticket-lifecycle/series';
import { applyRows } from './apply-rows.ts';
import { checkChangeColumns } from './change-line.ts';
import type { Input } from './input.ts';
import { toPlain } from './outcome-line.ts';
import { describeProgress } from './progress.ts';
import { readRows, type RowOptions } from './rows.ts';
import { createTally, stopsAll, type TallySummary } from './tally.ts';
import type { Terminal } from './terminal.ts';

/** How to run the changes of a file. */
export interface RunOptions {
  readonly client: SeriesClient;
  readonly terminal: Terminal;
  readonly format?: RowOptions['format'];
  readonly plan?: boolean | undefined;
  readonly staffUserId?: number | undefined;
  readonly json?: boolean | undefined;
  readonly signal: AbortSignal;
  /** Stops for everything that is still to come. */
  readonly stop: () => void;
}

/** How a run went. */
export interface Run extends TallySummary {
  readonly requests: number;
  /** Answers of 429. */
  readonly limited: number;
  readonly durationMs: number;
}

/**
 * The longest that a change may wait. Up to a thousand lines wait for the same budget, and a pause
 * after a 429 or a dead network adds to that.
 */
export const maxWaitMs = 15 * 60_000;

/** Applies the changes of a file, shows how far it has come, and counts how they ended. */
export async function runChanges(input: Input, options: RunOptions): Promise<Run> {
  const { client, terminal, format, plan = false, staffUserId, json = false, signal } = options;
  const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
  const tally = createTally();
  const startedAt = performance.now();
  const run = (): Run => {
    const { sent: requests, limited } = client.rateLimiter.describe(client.keyId);
    return { ...tally.summary(), requests, limited, durationMs: performance.now() - startedAt };
  };

  const rows = readRows(input, {
    format,
    checkColumns: (columns) => checkChangeColumns(columns, staffUserId !== undefined),
  });
  const unfollow = terminal.talk.follow(() => describeProgress(run(), input.lines));
  try {
    await applyRows(rows, {
      workflow,
      plan,
      staffUserId,
      signal,
      async report(result) {
        tally.add(result);
        if ('outcomes' in result && result.outcomes.some(stopsAll)) options.stop();
        if (!json) return;
        for (const line of toPlain(result)) await terminal.output.printJson(line);
      },
    });
  } finally {
    unfollow();
  }
  return run();
}
