import { statuses } from '../schemas.ts';
import { fieldOf } from './parse-answer.ts';

/** What a change asks of the API. */
export interface AskedChange {
  readonly ticketId: string;
  /** The status that is to be set, where one is. */
  readonly status: string | undefined;
}

const negation =
  /\b(?:not|never|cannot|unable|fail(?:ed|s)?|unchanged|pending|queued|scheduled)\b|n't\b/i;

/**
 * Whether an answer that says success names another ticket or another status than was asked for, or
 * denies in words what it says. The documented answer has one sentence only; what else comes may
 * speak of something else, and is not taken for a confirmation.
 */
export function contradicts(data: unknown, { ticketId, status }: AskedChange): boolean {
  const places = [data, fieldOf(data, 'Ticket'), fieldOf(data, 'ticket')];
  const named = (...names: string[]) =>
    places
      .flatMap((place) => names.map((name) => fieldOf(place, name)))
      .filter((value) => typeof value === 'string' || typeof value === 'number')
      .map(String);
  const ids = named('TicketId', 'ticketId', '_id');
  if (ids.length > 0 && !ids.includes(ticketId)) return true;
  const [message = ''] = named('message');
  if (status === undefined) return negation.test(message);
  if (named('Status', 'status').some((one) => plain(one) !== status)) return true;
  const said = plain(message);
  const target = /\bstatus changed to ([a-z-]+)/.exec(said)?.[1];
  const mentioned = statuses.filter((one) => ` ${said} `.includes(` ${one} `));
  const isAnother = mentioned.length > 0 && mentioned.every((one) => one !== status);
  return isAnother || (target !== undefined && target !== status) || negation.test(message);
}

/** A text in the letters of the statuses: `Now "In Progress".` becomes `now in-progress`. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/\bin[ _]progress\b/g, 'in-progress')
    .replaceAll(/[^a-z-]+/g, ' ')
    .trim();
