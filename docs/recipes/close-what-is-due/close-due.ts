import { setTimeout } from 'node:timers/promises';
import {
  RunDueError,
  type TicketWorkflow,
} from '@ticket-lifecycle/series';

/** Makes what is due, now and every hour, until the signal aborts. */
export async function closeWhatIsDue(
  workflow: Pick<TicketWorkflow, 'runDue'>,
  signal: AbortSignal,
  everyMs = 3_600_000,
) {
  while (!signal.aborted) {
    const options = { staffUserId: 7, signal };
    const due = workflow.runDue(Date.now(), options);
    const outcomes = await due.catch((error: unknown) => {
      // The store is away, or a guard threw: the next round tries again.
      console.error(error);
      return RunDueError.is(error) ? error.outcomes : [];
    });
    for (const outcome of outcomes) {
      console.log(outcome.ticketId, outcome.event, outcome.kind);
    }
    // An abort ends the pause, and with it the loop.
    await setTimeout(everyMs, undefined, { signal }).catch(() => {});
  }
}
