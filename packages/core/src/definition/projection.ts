import type { AnyStateNode } from 'xstate';
import { quote } from '../blockers.ts';
import type { ReportFault } from './fault-list.ts';
import { ticketStatuses, type TicketStatus } from '../ticket-status.ts';

/** The API status that a state stands for: its `meta.status`, or else its own name. */
export function statusOfState(state: AnyStateNode, report: ReportFault): TicketStatus | undefined {
  const declared: unknown = (state.meta as { status?: unknown } | undefined)?.status;
  const named = declared ?? state.key;
  const status = ticketStatuses.find((one) => one === named);
  if (status !== undefined) return status;

  const known = ticketStatuses.join(', ');
  if (declared === undefined) {
    report(
      `states.${state.key}`,
      'no-status',
      `The API has no status ${quote(state.key)}. Add meta: { status } with one of ${known}.`,
    );
  } else {
    report(
      `states.${state.key}.meta.status`,
      'unknown-status',
      `${quote(declared)} is no status of the API. It knows ${known}.`,
    );
  }
  return undefined;
}
