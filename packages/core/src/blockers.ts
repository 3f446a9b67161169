/**
 * One reason why a transition is blocked.
 *
 * `code` is stable and meant for programs, `message` for people, `parameters` for both: it holds
 * the names and values that the message speaks of.
 */
export type Blocker<Guard extends string = string> = {
  [Code in LifecycleBlockerCode]: BlockerOf<Code, BlockerParameters<Guard>[Code]>;
}[LifecycleBlockerCode];

/** A blocker of one code, with what its message speaks of. */
export interface BlockerOf<Code extends string, Parameters> {
  readonly code: Code;
  readonly message: string;
  readonly parameters: Parameters;
}

/** The codes that a lifecycle itself gives. Adapters add their own. */
export type LifecycleBlockerCode =
  | 'unknown-state'
  | 'unknown-event'
  | 'no-such-transition'
  | 'payload'
  | 'guard';

export type UnknownState = BlockerOf<'unknown-state', BlockerParameters['unknown-state']>;
export type PayloadBlocker = BlockerOf<'payload', BlockerParameters['payload']>;

/** What the messages of a lifecycle's blockers speak of, by their codes. */
export interface BlockerParameters<Guard extends string = string> {
  /** `state` is whatever was asked about: it may come from outside. */
  readonly 'unknown-state': { readonly state: unknown; readonly states: readonly string[] };
  readonly 'unknown-event': { readonly event: unknown; readonly events: readonly string[] };
  readonly 'no-such-transition': {
    readonly state: string;
    readonly event: string;
    /** The events that leave the state. */
    readonly possible?: readonly string[];
    /** Where the event led when a path was planned, and where it leads now. */
    readonly to?: string;
    readonly now?: string;
  };
  readonly payload: {
    readonly event: string;
    /** Where in the payload, empty for the whole of it. */
    readonly path: readonly string[];
    readonly problem: string;
  };
  readonly guard: {
    /** Its name. What `or()` and `not()` combine is named by its parts. */
    readonly guard: Guard;
    /** What it was asked with. */
    readonly params?: unknown;
    readonly to: string;
  };
}

// Names come from outside as well; one of 10 kB must not become a message of 10 kB.
const longestName = 80;

/** A text, shortened when it is absurdly long. */
export const shorten = (text: string): string =>
  text.length > longestName ? `${text.slice(0, longestName)}…` : text;

/** Quotes a name for a message, shortened when it is absurdly long. */
export function quote(name: unknown): string {
  return JSON.stringify(shorten(textOf(name)));
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

/** Makes a blocker that nobody can change. */
export const blocker = <Code extends string, Parameters>(
  code: Code,
  message: string,
  parameters: Parameters,
): BlockerOf<Code, Parameters> =>
  Object.freeze({ code, message, parameters: Object.freeze(parameters) });

/** What a message can add about a name that is unknown. A lean lifecycle does without. */
export interface NameHelp {
  /** Says which known name it may mean, if any. */
  readonly suggest: (name: unknown, known: readonly string[]) => string;
  /** The message for an event that has no name at all. */
  readonly nameless: (event: unknown, events: readonly string[]) => string | undefined;
  /** The message for a state that is no name at all. */
  readonly stateless: (state: unknown, states: readonly string[]) => string | undefined;
}

const missing = (
  kind: string,
  name: unknown,
  known: readonly string[],
  help?: NameHelp,
  plural = `${kind}s`,
) =>
  `There is no ${kind} ${quote(name)}. The ${plural} are ${known.join(', ')}.${help?.suggest(name, known) ?? ''}`;

/** Says that a name is not one of the lifecycle's states. */
export const unknownState = (
  state: unknown,
  states: readonly string[],
  help?: NameHelp,
): UnknownState =>
  blocker(
    'unknown-state',
    help?.stateless(state, states) ?? missing('state', state, states, help),
    { state, states },
  );

/** Says that no state can have a status, for the API has none of that name. */
export const unknownStatus = (
  status: unknown,
  statuses: readonly string[],
  help?: NameHelp,
): UnknownState =>
  blocker('unknown-state', missing('status', status, statuses, help, 'statuses'), {
    state: status,
    states: statuses,
  });

/** Says that a name is not one of the lifecycle's events, or that an event has no name at all. */
export function unknownEvent(event: unknown, events: readonly string[], help?: NameHelp): Blocker {
  const message = help?.nameless(event, events) ?? missing('event', event, events, help);
  return blocker('unknown-event', message, { event, events });
}

/** Says that an event has no edge out of a state, and names the events that have one. */
export function noSuchTransition(
  state: string,
  event: string,
  possible: readonly string[],
): Blocker {
  const names = possible.join(', ');
  const hint = names === '' ? 'No event leaves this state.' : `Possible events: ${names}.`;
  const message = `${event} is not possible in state ${quote(state)}. ${hint}`;
  return blocker('no-such-transition', message, { state, event, possible });
}

/** Says that an event leads to another target now than the one that was asked for. */
export function leadsElsewhere(
  { from, event, to }: { readonly from: string; readonly event: string; readonly to: string },
  now: string,
): Blocker {
  const message = `${event} leads from ${from} to ${now} now, not to ${to}.`;
  return blocker('no-such-transition', message, { state: from, event, to, now });
}

/** Says which guard of a transition does not hold, and what it was asked with. */
export function guardFailed(
  { guard, params, to }: { readonly guard: string; readonly params?: unknown; readonly to: string },
  message: string | undefined,
  details: string,
): Blocker {
  const asked = details === '' ? '' : ` with ${details}`;
  const text = message ?? `The guard ${quote(guard)}${asked} does not hold.`;
  return blocker('guard', text, { guard, ...(params === undefined ? {} : { params }), to });
}

/** Says what is wrong with the payload of an event, and where in it. */
export function payloadRefused(
  event: string,
  path: readonly string[],
  problem: string,
): PayloadBlocker {
  const place = path.length === 0 ? '' : ` at ${quote(path.join('.'))}`;
  // Several messages are read as one text, so each is a sentence.
  const end = /[.!?]$/.test(problem) ? '' : '.';
  const message = `Invalid payload for ${event}${place}: ${problem}${end}`;
  return blocker('payload', message, { event, path: Object.freeze(path), problem });
}
