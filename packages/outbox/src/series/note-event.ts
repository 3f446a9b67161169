import type { WorkflowEvent } from '@ticket-lifecycle/series';
import type { DeliveryJob } from '../model/delivery.ts';

/** Notes what a workflow tells of its requests, for those who ask later what became of a change. */
export function noteEvent(event: WorkflowEvent, note: DeliveryJob['note']): void {
  switch (event.type) {
    case 'sent':
      return event.method === 'POST'
        ? note('sent', `${event.call}, request ${event.attempt}`)
        : undefined;
    case 'answered': {
      const { call, status, reason, evidence, durationMs } = event;
      const said = [status, reason, evidence].filter((one) => one !== undefined).join(' ');
      return note('answered', `${call}: ${said}, after ${Math.round(durationMs)} ms`);
    }
    case 'settled': {
      const { settlement, observed = 'not readable', reads } = event;
      return note('read', `${event.ticketId} is ${observed}: ${settlement}, after ${reads} reads`);
    }
    case 'observed':
      return note('moved', `by others, from ${event.previous} to ${event.status}`);
    default:
  }
}
