import { setTimeout } from 'node:timers/promises';
import type { TicketWorkflow } from '@ticket-lifecycle/series';

/** Makes what is due, now and every hour, until the signal aborts. */
export async function closeWhatIsDue(
  workflow: Pick<TicketWorkflow, 'runDue'>,
  signal: AbortSignal,
  everyMs = 3_600_000,
) {
  while (!signal.aborted) {
    const options = { staffUserId: 7, signal };
    for (const outcome of await workflow.runDue(Date.now(), options)) {
      console.log(outcome.ticketId, outcome.event, outcome.kind);
    }
    // An abort ends the pause, and with it the loop.
    await setTimeout(everyMs, undefined, { signal }).catch(() => {});
  }
}
