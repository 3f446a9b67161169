import { ticketStatuses, type Lifecycle, type TicketStatus } from '@ticket-lifecycle/core';

/** Names that a way can lead to: a state by its own, or any state of a status. */
export function targetNames({ states }: Lifecycle): string[] {
  return [...new Set([...states, ...ticketStatuses])];
}

/** A state goes before the status of the same name. */
export function targetOf(lifecycle: Lifecycle, to: string) {
  return lifecycle.isState(to) ? to : { status: to as TicketStatus };
}
