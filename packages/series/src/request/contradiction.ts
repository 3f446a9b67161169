import { statuses } from '../schemas.ts';
import { fieldOf } from './parse-answer.ts';

/** What a change asks of the API. */
export interface AskedChange {
  readonly ticketId: string;
  /** The status that is to be set, where one is. */
  readonly status: string | undefined;
}

const negation =
  /\b(?:no|not|none|nothing|never|cannot|unable|without|fail(?:ed|s|ure)?|error|invalid|unchanged|pending|queued|scheduled|processing|will|ignored|skipped|rejected|refused|denied|declined|forbidden|cancell?ed|reverted|rolled)\b|n't\b/i;

// Fields by which an answer may say that nothing was done.
const effects = [
  'ok',
  'changed',
  'updated',
  'modified',
  'applied',
  'acknowledged',
  'modifiedcount',
];

/**
 * Whether an answer that says success names another ticket or another status than was asked for, or
 * denies in words or in fields what it says. The documented answer has one sentence only; what else
 * comes may speak of something else, and is not taken for a confirmation.
 */
export function contradicts(body: object, { ticketId, status }: AskedChange): boolean {
  const { data, tickets, places } = placesOf(body);
  if (places.some(saysNo)) return true;
  const ids = textsIn(places, 'ticketid', '_id');
  if (ids.length > 0 && !ids.includes(ticketId)) return true;
  const messages = textsIn(places, 'message');
  if (typeof data === 'string') messages.push(data);
  if (messages.some((message) => denies(message, status))) return true;
  if (status === undefined) return false;
  const told = textsIn(tickets, 'status', 'newstatus', 'ticketstatus', 'currentstatus').map(plain);
  // Outside the data, `status` often says how the request went.
  told.push(...textsIn(places, 'status').map(plain).filter(isStatus));
  return told.some((one) => one !== status);
}

/** Whether an answer says success, whatever its status: in its field, or in the documented words. */
export function affirms(body: unknown): boolean {
  const { places } = placesOf(body);
  const isYes = (message: string) => documentedYes.test(message) && !negation.test(message);
  return (
    places.some((fields) => fields.get('success') === true) ||
    textsIn(places, 'message').some(isYes)
  );
}

const documentedYes = /^(?:status changed to|ticket claimed successfully)\b/i;

/** Where an answer may say something of its change. */
function placesOf(body: unknown) {
  const data = fieldOf(body, 'data');
  const tickets = [data, fieldOf(data, 'Ticket'), fieldOf(data, 'ticket')].map(fieldsOf);
  return { data, tickets, places: [fieldsOf(body), ...tickets] };
}

type Fields = ReadonlyMap<string, unknown>;

/** The fields of an object, however their names are spelt: `ticket_id` and `TicketId` are one. */
function fieldsOf(place: unknown): Fields {
  const fields = typeof place === 'object' && place !== null ? Object.entries(place) : [];
  const named = fields.map(([name, value]) => [nameOf(name), value] as const);
  return new Map(named);
}

const nameOf = (name: string): string => name.toLowerCase().replaceAll(/(?<=.)[_-]/g, '');

const textsIn = (places: readonly Fields[], ...names: readonly string[]): string[] =>
  places
    .flatMap((place) => names.map((name) => place.get(name)))
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .map(String);

function saysNo(fields: Fields): boolean {
  const success = fields.get('success');
  const faults = [fields.get('error'), fields.get('errors')].filter(isSomething);
  const codes = [fields.get('code'), fields.get('statuscode'), fields.get('status')];
  return (
    (success !== undefined && success !== true) ||
    faults.length > 0 ||
    codes.some((code) => typeof code === 'number' && code >= 400 && code < 600) ||
    effects.some((name) => fields.get(name) === false || fields.get(name) === 0) ||
    /^(?:error|fail(?:ed|ure)?)$/i.test(String(fields.get('status')))
  );
}

const isSomething = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== false &&
  !(Array.isArray(value) && value.length === 0);

function denies(message: string, status: string | undefined): boolean {
  if (negation.test(message)) return true;
  if (status === undefined) return false;
  const said = plain(message).replaceAll(wayFrom, '');
  const target = /\bstatus changed to ([a-z-]+)/.exec(said)?.[1];
  const mentioned = statuses.filter((one) => ` ${said} `.includes(` ${one} `));
  return (target !== undefined && target !== status) || mentioned.some((one) => one !== status);
}

const wayFrom = new RegExp(`\\bfrom (?:${statuses.join('|')}) (?=to )`, 'g');

const isStatus = (text: string): boolean => statuses.some((one) => one === text);

/** A text in the letters of the statuses: `Now "In Progress".` becomes `now in-progress`. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/\bin[ _]progress\b/g, 'in-progress')
    .replaceAll(/[^a-z-]+/g, ' ')
    .trim();
