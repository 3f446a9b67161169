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
      const { call, status, reason, durationMs } = event;
      const said = [status, reason, provenBy(event)].filter((one) => one !== undefined).join(' ');
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

/** What an answer proves about the change. That to a read proves nothing about what was sent. */
function provenBy({ method, evidence }: Extract<WorkflowEvent, { type: 'answered' }>) {
  if (method === 'POST') return evidence;
  return evidence === 'applied' ? 'read' : undefined;
}
