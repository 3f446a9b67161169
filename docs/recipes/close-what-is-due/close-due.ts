import { setInterval } from 'node:timers/promises';
import type { TicketWorkflow } from '@ticket-lifecycle/series';

/** Makes what is due, every hour, until the signal aborts. */
export async function closeWhatIsDue(
  workflow: Pick<TicketWorkflow, 'runDue'>,
  signal: AbortSignal,
  everyMs = 3_600_000,
) {
  const options = { staffUserId: 7, signal };
  for await (const _ of setInterval(everyMs, undefined, { signal })) {
    for (const outcome of await workflow.runDue(Date.now(), options)) {
      console.log(outcome.ticketId, outcome.event, outcome.kind);
    }
  }
}
