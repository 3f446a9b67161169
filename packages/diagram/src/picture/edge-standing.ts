import {
  LifecycleDefinitionError,
  type Lifecycle,
  type LifecycleEdge,
} from '@ticket-lifecycle/core';

/** What an edge is to a ticket that stands somewhere. */
export type Standing =
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'enabled' }
  | { readonly kind: 'blocked'; readonly reasons: readonly string[] };

const elsewhere: Standing = { kind: 'elsewhere' };

/** Judges each edge of the lifecycle, in its order, for a ticket in a state. */
export function standingsOf(
  lifecycle: Lifecycle,
  at: string | undefined,
  context: unknown,
): readonly Standing[] {
  return lifecycle.edges.map((edge) =>
    edge.from === at ? standingOf(edge, lifecycle, context) : elsewhere,
  );
}

function standingOf(edge: LifecycleEdge, lifecycle: Lifecycle, context: unknown): Standing {
  const { from, event, to, guards } = edge;
  try {
    const verdict = lifecycle.explain(from, event, context);
    if (verdict.allowed) {
      if (verdict.to === to) return { kind: 'enabled' };
      return { kind: 'blocked', reasons: [reasonBeside(edge, verdict.to, lifecycle)] };
    }
    const names = guards.map(({ name }) => name);
    const own = verdict.blockers.filter(
      ({ parameters }) => parameters['to'] === to && names.includes(String(parameters['guard'])),
    );
    return { kind: 'blocked', reasons: [...new Set(own.map(({ message }) => message))] };
  } catch (error) {
    // A guard that needs more than the event's name can't be asked here. That it never passes is
    // what core promises as well; the reason says why.
    if (!LifecycleDefinitionError.is(error)) throw error;
    return { kind: 'blocked', reasons: error.faults.map(({ message }) => message) };
  }
}

/** Of several ways of one event the first that is open is taken: why it was not this one. */
function reasonBeside(edge: LifecycleEdge, taken: string, { edges }: Lifecycle): string {
  const { from, event, guards } = edge;
  const ways = edges.filter((other) => other.from === from && other.event === event);
  const isEarlier = ways.indexOf(edge) < ways.findIndex(({ to }) => to === taken);
  if (!isEarlier) return `${event} leads to ${taken} now.`;
  const messages = guards.map(
    ({ name, message }) => message ?? `The guard "${name}" does not hold.`,
  );
  // Core does not say which of them failed: the event as a whole is open.
  return messages.length === 1 ? messages.join('') : `Not all hold: ${messages.join(' ')}`;
}
