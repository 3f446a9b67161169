import {
  guardFailed,
  noSuchTransition,
  payloadRefused,
  leadsElsewhere,
  unknownEvent,
  unknownState,
  type Blocker,
  type BlockerParameters,
  type LifecycleBlockerCode,
} from '../blockers.ts';
import { describeParams } from '../definition/guard-params.ts';
import type { BlockedTransition, Verdict } from '../queries/verdict.ts';
import { nameHelp } from '../nearest-name.ts';

/** A text for each code of a blocker, made of its parameters. */
export type Messages = {
  readonly [Code in LifecycleBlockerCode]: (parameters: BlockerParameters[Code]) => string;
};

/**
 * The built-in sentences, by the codes of blockers: a catalogue to translate. `translate` does not
 * read it: where your catalogue has no text, a blocker keeps its own message.
 *
 * @example
 * ```ts
 * import { messages } from '@ticket-lifecycle/core';
 *
 * console.log(messages['unknown-event']({ event: 'STRAT', events: ['START'] })); // There is no event "STRAT". The events are START. Did you mean START?
 * ```
 */
export const messages: Messages = Object.freeze<Messages>({
  'unknown-state': ({ state, states }) => unknownState(state, states, nameHelp).message,
  'unknown-event': ({ event, events }) => unknownEvent(event, events, nameHelp).message,
  'no-such-transition': ({ state, event, possible = [], to, now }) =>
    (to !== undefined && now !== undefined
      ? leadsElsewhere({ from: state, event, to }, now)
      : noSuchTransition(state, event, possible)
    ).message,
  payload: ({ event, path, problem }) => payloadRefused(event, path, problem).message,
  guard: (parameters) => {
    const { params } = parameters;
    const details = params === undefined ? '' : describeParams(params);
    return guardFailed(parameters, undefined, details).message;
  },
});

/**
 * Gives a verdict the messages of another language. A code that the catalogue leaves out keeps its
 * message, and so does one whose function throws: nothing may spoil an answer.
 *
 * @example
 * ```ts
 * import { ticketLifecycle, translate } from '@ticket-lifecycle/core';
 *
 * const german = {
 *   'no-such-transition': ({ event, state }: { event: string; state: string }) =>
 *     `${event} ist in ${state} nicht möglich.`,
 * };
 * const verdict = translate(ticketLifecycle.explain('open', 'CLOSE'), german);
 * if (!verdict.allowed) console.log(verdict.blockers[0]?.message); // CLOSE ist in open nicht möglich.
 * ```
 */
export function translate<State extends string, Event extends string>(
  verdict: Verdict<State, Event>,
  catalogue: Partial<Messages>,
): Verdict<State, Event> {
  if (verdict.allowed) return verdict;
  const blockers = verdict.blockers.map((blocker) =>
    Object.freeze({ ...blocker, message: textFor(blocker, catalogue) }),
  );
  return Object.freeze<BlockedTransition<State, Event>>({
    ...verdict,
    blockers: Object.freeze(blockers),
  });
}

function textFor({ code, message, parameters }: Blocker, catalogue: Partial<Messages>): string {
  const make = Object.hasOwn(catalogue, code) ? catalogue[code] : undefined;
  if (typeof make !== 'function') return message;
  try {
    const text: unknown = make(parameters as never);
    return typeof text === 'string' ? text : message;
  } catch {
    return message;
  }
}
