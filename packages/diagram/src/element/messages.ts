import { namesIn } from '../fill-in.ts';
import { UnusableSvg } from './trusted-svg.ts';

/** What `<ticket-lifecycle>` says in its own words. Names in braces are filled in. */
export interface ElementMessages {
  /** What the picture is called, for people who hear it. */
  readonly picture: string;
  /** What the buttons are called together. */
  readonly events: string;
  readonly restart: string;
  /** With `{state}`. */
  readonly standing: string;
  /** With `{event}` and `{state}`. */
  readonly moved: string;
  /** With `{events}`. */
  readonly possible: string;
  readonly nothingPossible: string;
  /** An event of that list that has to carry data, with `{event}` and `{fields}`. */
  readonly eventWith: string;
  /** With `{event}` and `{reasons}`, which are core's own messages. */
  readonly refused: string;
  /** A line of the list of reasons, with the same. */
  readonly blocked: string;
  /** What a button does, with `{state}`. */
  readonly leadsTo: string;
  /** The same for an event that has to carry data, with `{state}` and `{fields}`. */
  readonly leadsToWith: string;
  readonly betweenEvents: string;
  readonly betweenFields: string;
  /** Between the states of a button whose data decides where it leads. */
  readonly betweenStates: string;
  /** When nothing can be shown, with `{reason}`. */
  readonly unusable: string;
}

/** The built-in messages. */
export const englishMessages: ElementMessages = {
  picture: 'Picture of the lifecycle',
  events: 'Events',
  restart: 'Start over',
  standing: 'The ticket is in {state}.',
  moved: '{event}: The ticket is in {state}.',
  possible: 'Possible: {events}.',
  nothingPossible: 'No event is possible.',
  eventWith: '{event}, with {fields}',
  refused: '{event} is blocked. {reasons}',
  blocked: '{event}: {reasons}',
  leadsTo: 'Leads to {state}.',
  leadsToWith: 'Leads to {state}, with {fields}.',
  betweenEvents: '; ',
  betweenFields: ', ',
  betweenStates: ' or ',
  unusable: "This lifecycle can't be shown: {reason}.",
};

/**
 * The given messages, and the built-in ones where there is none.
 *
 * @throws UnusableSvg that names a message that is not known, no text, or has another name in braces
 */
export function readMessages(given: unknown): ElementMessages {
  const messages = typeof given === 'string' ? fromJson(given) : given;
  if (typeof messages !== 'object' || messages === null || Array.isArray(messages)) {
    throw new UnusableSvg('messages is not an object of texts');
  }
  const read: Record<string, string> = { ...englishMessages };
  for (const [name, text] of Object.entries(messages) as [string, unknown][]) {
    if (!Object.hasOwn(englishMessages, name)) {
      const known = Object.keys(englishMessages).join(', ');
      throw new UnusableSvg(`messages has no "${name}". Expected one of ${known}`);
    }
    if (text === undefined) continue;
    if (typeof text !== 'string') throw new UnusableSvg(`messages.${name} is not a text`);
    const known = namesIn(englishMessages[name as keyof ElementMessages]);
    const unknown = namesIn(text).find((one) => !known.includes(one));
    if (unknown !== undefined) {
      const expected = known.length === 0 ? 'nothing in braces' : known.join(' and ');
      throw new UnusableSvg(`messages.${name} can't fill in ${unknown}. Expected ${expected}`);
    }
    read[name] = text;
  }
  return read as unknown as ElementMessages;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnusableSvg('its messages are not valid JSON');
  }
}
