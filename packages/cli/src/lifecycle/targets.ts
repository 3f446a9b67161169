import { ticketStatuses, type Lifecycle, type TicketStatus } from '@ticket-lifecycle/core';
import type { WorkflowBlocker } from '@ticket-lifecycle/series';

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

/** The event that alone leads to a target, and to nothing else, wherever a ticket stands. */
export function soleEventTo(lifecycle: Lifecycle, name: string): string | undefined {
  const targets = lifecycle.targetsOf(name);
  const [event = '', ...others] = eventsTo(lifecycle, name);
  const leadsElsewhere = lifecycle.edgesOf(event).some(({ to }) => !targets.includes(to));
  return others.length > 0 || leadsElsewhere ? undefined : event;
}

/** The event that leads a ticket in one step from a state to a target, or why none is taken. */
export function stepTo(
  lifecycle: Lifecycle,
  from: string,
  to: string,
  context: unknown,
): { readonly event: string } | { readonly blocker: WorkflowBlocker } {
  const [event = eventsTo(lifecycle, to)[0] ?? '', ...others] = eventsTo(lifecycle, to, from);
  if (others.length > 0) {
    const message = `Several events lead from ${from} to ${to}. Name one as event.`;
    return { blocker: { code: 'ambiguous', message, parameters: { from, to } } };
  }
  const verdict = lifecycle.explain(from, event, context);
  if (!verdict.allowed || lifecycle.targetsOf(to).includes(verdict.to)) return { event };
  const message = `${event} leads from ${from} to ${verdict.to} now, not to ${to}.`;
  const parameters = { state: from, event, to, now: verdict.to };
  return { blocker: { code: 'no-such-transition', message, parameters } };
}
