/**
 * One reason why a transition is blocked.
 *
 * `code` is stable and meant for programs, `message` for people, `parameters` for both: it holds
 * the names and values that the message speaks of.
 */
export interface Blocker {
  readonly code: string;
  readonly message: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The codes that a lifecycle itself gives. Adapters add their own. */
export type LifecycleBlockerCode =
  | 'unknown-state'
  | 'unknown-event'
  | 'no-such-transition'
  | 'payload'
  | 'guard';

// Names come from outside as well; one of 10 kB must not become a message of 10 kB.
const longestName = 80;

/** Quotes a name for a message, shortened when it is absurdly long. */
export function quote(name: unknown): string {
  const text = textOf(name);
  return JSON.stringify(text.length > longestName ? `${text.slice(0, longestName)}…` : text);
}

/** A name from outside as text, whatever it is. */
export function textOf(name: unknown): string {
  try {
    return String(name);
  } catch {
    // An object without a prototype, or with a toString that throws.
    return typeof name;
  }
}

/** Says that a name is not one of the lifecycle's states. */
export function unknownState(state: unknown, states: readonly string[]): Blocker {
  return Object.freeze({
    code: 'unknown-state',
    message: `There is no state ${quote(state)}. The states are ${states.join(', ')}.`,
    parameters: Object.freeze({ state, states }),
  });
}

/** Says that a name is not one of the lifecycle's events. */
export function unknownEvent(event: unknown, events: readonly string[]): Blocker {
  return Object.freeze({
    code: 'unknown-event',
    message: `There is no event ${quote(event)}. The events are ${events.join(', ')}.`,
    parameters: Object.freeze({ event, events }),
  });
}

/** Says that an event has no edge out of a state, and names the events that have one. */
export function noSuchTransition(
  state: string,
  event: string,
  possible: readonly string[],
): Blocker {
  const hint =
    possible.length === 0
      ? 'No event leaves this state.'
      : `Possible events: ${possible.join(', ')}.`;
  return Object.freeze({
    code: 'no-such-transition',
    message: `${event} is not possible in state ${quote(state)}. ${hint}`,
    parameters: Object.freeze({ state, event, possible }),
  });
}

/** Says that an event leads to another target now than the one that was asked for. */
export function leadsElsewhere(
  { from, event, to }: { readonly from: string; readonly event: string; readonly to: string },
  now: string,
): Blocker {
  return Object.freeze({
    code: 'no-such-transition',
    message: `${event} leads from ${from} to ${now} now, not to ${to}.`,
    parameters: Object.freeze({ state: from, event, to, now }),
  });
}

/** Says which guard of a transition does not hold. */
export function guardFailed(guard: string, message: string | undefined, target: string): Blocker {
  return Object.freeze({
    code: 'guard',
    message: message ?? `The guard ${quote(guard)} does not hold.`,
    parameters: Object.freeze({ guard, to: target }),
  });
}

/** Says what is wrong with the payload of an event, and where in it. */
export function payloadRefused(event: string, path: readonly string[], message: string): Blocker {
  const place = path.length === 0 ? '' : ` at ${quote(path.join('.'))}`;
  return Object.freeze({
    code: 'payload',
    message: `Invalid payload for ${event}${place}: ${message}`,
    parameters: Object.freeze({ event, path: Object.freeze(path), problem: message }),
  });
}
