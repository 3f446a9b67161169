import type { AnyStateNode } from 'xstate';
import type { ReportFault } from './fault-list.ts';
import { ticketStatuses, type TicketStatus } from '../ticket-status.ts';
import { inWords } from '../values.ts';

/** The API status that a state stands for: its `meta.status`, or else its own name. */
export function statusOfState(state: AnyStateNode, report: ReportFault): TicketStatus | undefined {
  const declared: unknown = (state.meta as { status?: unknown } | undefined)?.status;
  const named = declared ?? state.key;
  const statuses = ticketStatuses;
  const status = statuses.find((one) => one === named);
  if (status !== undefined) return status;
  const path = `states.${state.key}`;
  if (declared === undefined) report(path, 'no-status', { state: state.key, statuses });
  else report(`${path}.meta.status`, 'unknown-status', { received: inWords(declared), statuses });
  return undefined;
}

/** The state that stands for each status of several states: the one with `meta: { default: true }`. */
export function defaultStates(
  states: readonly AnyStateNode[],
  statuses: ReadonlyMap<string, TicketStatus>,
  report: ReportFault,
): ReadonlyMap<TicketStatus, string> {
  const defaults = new Map<TicketStatus, string>();
  for (const { key, meta } of states) {
    const declared: unknown = (meta as { default?: unknown } | undefined)?.default;
    const status = statuses.get(key);
    const path = `states.${key}.meta.default`;
    if (declared !== undefined && typeof declared !== 'boolean') {
      report(path, 'invalid-default', { received: inWords(declared) });
    }
    if (declared !== true || status === undefined) continue;
    const other = defaults.get(status);
    if (other === undefined) defaults.set(status, key);
    else report(path, 'two-defaults', { state: other, status });
  }
  return defaults;
}
