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

  const path = `states.${state.key}`;
  const known = ticketStatuses.join(', ');
  if (declared === undefined) {
    const message = `The API has no status ${quote(state.key)}. Add meta: { status } with one of ${known}.`;
    report(path, 'no-status', message);
  } else {
    const message = `${quote(declared)} is not a status of the API. Expected one of ${known}.`;
    report(`${path}.meta.status`, 'unknown-status', message);
  }
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
      report(path, 'invalid-default', `Expected true or false, received ${quote(declared)}.`);
    }
    if (declared !== true || status === undefined) continue;
    const other = defaults.get(status);
    if (other === undefined) defaults.set(status, key);
    else {
      report(
        path,
        'two-defaults',
        `"${other}" is the default state of "${status}" already. Mark only one of them.`,
      );
    }
  }
  return defaults;
}
