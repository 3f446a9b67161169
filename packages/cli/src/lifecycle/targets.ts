import { ticketStatuses, type Lifecycle, type TicketStatus } from '@ticket-lifecycle/core';

/** The names that a change may lead to: those of the states, and those of the API's statuses. */
export function targetNames({ states }: Lifecycle): string[] {
  return [...new Set([...states, ...ticketStatuses])];
}

/** What to plan for. A state goes before the status of the same name. */
export function planTarget(lifecycle: Lifecycle, name: string) {
  return lifecycle.isState(name) ? name : { status: name as TicketStatus };
}

/** The events with an edge to a state, or to a state of a status; from one state, or from any. */
export function eventsTo(lifecycle: Lifecycle, name: string, from?: string): string[] {
  const targets = lifecycle.targetsOf(name);
  const edges = lifecycle.edges.filter(
    (edge) => targets.includes(edge.to) && (from === undefined || edge.from === from),
  );
  return lifecycle.events.filter((event) => edges.some((edge) => edge.event === event));
}

/** The states that an event may lead to, from wherever it is possible. */
export function targetsOfEvent(lifecycle: Lifecycle, event: string): string[] {
  return [...new Set(lifecycle.edgesOf(event).map(({ to }) => to))];
}
