import {
  LifecycleDefinitionError,
  type AllowedTransition,
  type Lifecycle,
  type Messages,
  translate,
} from '@ticket-lifecycle/core';
import { enabledIn } from './enabled-in.ts';
import type { OpenEvent, StateVerdicts, VerdictTable } from './verdict-table.ts';

/** Asks core about every event in every state, and writes the answers down. */
export function verdictsOf(
  lifecycle: Lifecycle,
  labelOf: (state: string) => string,
  context: unknown,
  messages: Partial<Messages>,
): VerdictTable {
  const { states, events, initial } = lifecycle;
  return {
    version: 1,
    initial: states.indexOf(initial),
    events,
    states: states.map((state) => verdictsIn(lifecycle, state, labelOf(state), context, messages)),
  };
}

function verdictsIn(
  lifecycle: Lifecycle,
  state: string,
  label: string,
  context: unknown,
  messages: Partial<Messages>,
): StateVerdicts {
  const { events, states } = lifecycle;
  const own = new Set(
    lifecycle.edges.filter(({ from }) => from === state).map(({ event }) => event),
  );
  const enabled = enabledIn(lifecycle, state, context);
  const open: OpenEvent[] = [];
  const blocked: [event: number, reasons: readonly string[]][] = [];
  const others: { readonly event: string; readonly message: string }[] = [];
  for (const [index, event] of events.entries()) {
    const verdict =
      enabled.find((one) => one.event === event) ??
      explain(lifecycle, state, event, context, messages);
    if (verdict.allowed) {
      const to = states.indexOf(verdict.to);
      open.push(verdict.needs === undefined ? [index, to] : [index, to, verdict.needs]);
    } else if (own.has(event)) {
      blocked.push([index, verdict.reasons]);
    } else {
      others.push({ event, message: verdict.reasons.join(' ') });
    }
  }
  const status = lifecycle.statusOf(state) ?? '';
  return { name: state, label, status, open, blocked, ...sentencesOf(others, events) };
}

function explain(
  lifecycle: Lifecycle,
  state: string,
  event: string,
  context: unknown,
  messages: Partial<Messages>,
): AllowedTransition | { readonly allowed: false; readonly reasons: readonly string[] } {
  try {
    const verdict = translate(lifecycle.explain(state, event, context), messages);
    if (verdict.allowed) return verdict;
    return { allowed: false, reasons: verdict.blockers.map(({ message }) => message) };
  } catch (error) {
    if (!LifecycleDefinitionError.is(error)) throw error;
    return { allowed: false, reasons: error.faults.map(({ message }) => message) };
  }
}

/**
 * One sentence for many events, cut where it names the event. Only a cut that gives back every
 * sentence, letter by letter, is taken; else each event has its own.
 */
function sentencesOf(
  list: readonly { readonly event: string; readonly message: string }[],
  events: readonly string[],
): Pick<StateVerdicts, 'otherwise' | 'others'> {
  if (list.length === 0) return { otherwise: [] };
  const otherwise = list
    .slice(0, 5)
    .map(({ event, message }) => message.split(event))
    .find((parts) => list.every(({ event, message }) => parts.join(event) === message));
  if (otherwise !== undefined) return { otherwise };
  return {
    otherwise: [],
    others: list.map(({ event, message }) => [events.indexOf(event), message]),
  };
}
