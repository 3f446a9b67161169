import { staffUserIdSchema, ticketIdSchema } from '@ticket-lifecycle/series';
import { InvalidChangeError } from './errors.ts';
import { inShort, plainCopy } from './plain-copy.ts';

/**
 * A transition of one ticket, as it is stored until it is delivered. It has to be plain JSON of at most
 * 100,000 characters: texts, finite numbers, booleans, null, arrays and plain objects. A property that is
 * `undefined` is as if absent.
 */
export interface Change {
  readonly ticketId: string;
  /** The event that moves the ticket, by name or with its payload. */
  readonly event: string | { readonly type: string; readonly [field: string]: unknown };
  /** The staff member who is named in the ticket's system message. */
  readonly staffUserId: number;
  /**
   * A name for the API key, never the key itself: the database holds changes as plain text.
   *
   * @defaultValue 'default'
   */
  readonly key?: string | undefined;
  /** The ticket's state before it, if the service knows it. */
  readonly from?: string | undefined;
  /**
   * Drops the change, instead of failing it, when the ticket is not in this state by then. It takes the
   * place of `from`: give one of them.
   */
  readonly whileIn?: string | undefined;
  /** What the guards are asked with at delivery. */
  readonly context?: unknown;
}

/**
 * The state that a change goes from, where it says one. `whileIn` takes the place of `from`: it says
 * the same, and what follows where the ticket is elsewhere.
 */
export const statedFrom = ({
  from,
  whileIn,
}: Pick<Change, 'from' | 'whileIn'>): string | undefined => whileIn ?? from;

/** How to accept a change. */
export interface AcceptOptions<Tx> {
  /**
   * A UUID of yours. Accepting the same change with the same id again has no effect, so you may
   * repeat a call whose answer was lost. An id is known until `keepEndedMs` after the change's end; in
   * memory, as long as it is one of the latest 10,000.
   *
   * @defaultValue a new one
   */
  readonly id?: string | undefined;
  /** Joins this transaction: the change is stored if it commits, and vanishes if it does not. */
  readonly tx?: Tx | undefined;
  /** Delivers it no earlier. The ticket's other changes don't wait for it. */
  readonly notBefore?: Date | undefined;
  /**
   * Changes of a higher priority go before those of other tickets of the same key. The order
   * within a ticket stays.
   *
   * @defaultValue 0
   */
  readonly priority?: number | undefined;
}

/** One of several changes that are accepted together. */
export interface ChangeToAccept extends Omit<AcceptOptions<never>, 'tx'> {
  readonly change: Change;
}

/** A change as it is stored: with the name of its key. */
export type StoredChange = Change & { readonly key: string };

// A lane is written as key/ticketId, so a key's name has no slash.
const keyName = /^[\w.@:-]{1,100}$/;
const aKeyName = 'a name of at most 100 characters: English letters, digits and any of "_.@:-"';
/** Throws for what can't be the name of a key: no change has it. */
export function checkKeyName(owner: string, key: unknown): void {
  if (typeof key === 'string' && keyName.test(key)) return;
  throw new TypeError(`${owner}: "key" must be ${aKeyName}.`);
}

const stateName = 'the name of a state';

/** Validates a change when it is accepted; at delivery time the caller can no longer correct it. */
export function checkChange(change: Change): StoredChange {
  // What will be stored is checked, and not what made it.
  const copy = copyOf(change);
  const { ticketId, event, staffUserId, key = 'default', from, whileIn } = copy;
  const type: unknown = typeof event === 'string' ? event : event?.type;
  demand(ticketIdSchema.safeParse(ticketId).success, 'ticketId', 'the id of a ticket');
  demand(typeof type === 'string' && type !== '', 'event', 'an event by its name or { type }');
  demand(staffUserIdSchema.safeParse(staffUserId).success, 'staffUserId', 'a whole number above 0');
  demand(typeof key === 'string' && keyName.test(key), 'key', aKeyName);
  for (const [name, state] of Object.entries({ from, whileIn })) {
    demand(state === undefined || (typeof state === 'string' && state !== ''), name, stateName);
  }
  if (from !== undefined && whileIn !== undefined) {
    const cure = 'Give "whileIn" alone, which says "from" as well.';
    throw new InvalidChangeError(`accept: a change has "from" or "whileIn", and not both. ${cure}`);
  }
  return { ...copy, key };
}

// A claim hands out many at a time, as one value: where that becomes too large, nothing is handed out.
const mostCharacters = 100_000;

/** Validates what somebody hands in. What a change sets off is a little larger, and is not lost for that. */
export function checkAccepted(change: Change): StoredChange {
  const checked = checkChange(change);
  const size = JSON.stringify(checked).length;
  if (size <= mostCharacters) return checked;
  const cure = 'Keep what is large elsewhere, and store its id.';
  throw new InvalidChangeError(
    `accept: a change may have at most ${mostCharacters} characters as JSON, found ${size}. ${cure}`,
  );
}

const fieldNames = Object.keys({
  ticketId: true,
  event: true,
  staffUserId: true,
  key: true,
  from: true,
  whileIn: true,
  context: true,
} satisfies Record<keyof Change, true>);
const optionNames = Object.keys({
  id: true,
  notBefore: true,
  priority: true,
} satisfies Record<keyof Omit<AcceptOptions<never>, 'tx'>, true>);

/** A misspelt key would be another key, and a misplaced time none at all: neither is passed over. */
function checkFields(change: object): void {
  const [unknown] =
    Object.entries(change).find(
      ([name, value]) => value !== undefined && !fieldNames.includes(name),
    ) ?? [];
  if (unknown === undefined) return;
  const cure = ['tx', ...optionNames].includes(unknown)
    ? `It is an option: accept(change, { ${unknown} }).`
    : `Expected one of ${fieldNames.join(', ')}.`;
  throw new InvalidChangeError(`accept: a change has no field ${inShort(unknown)}. ${cure}`);
}

function copyOf(change: Change): Change {
  let copy: unknown;
  try {
    checkFields(Object(change) as object);
    copy = plainCopy(change);
  } catch (cause) {
    if (InvalidChangeError.is(cause)) throw cause;
    // It is too deep, or something in it throws when it is read.
    throw new InvalidChangeError('accept: the change must be plain JSON.', { cause });
  }
  if (typeof copy === 'object' && copy !== null) return copy as Change;
  throw new InvalidChangeError('accept: the change must be an object.');
}

/** Whether it can be the id of a change; Postgres would not even compare another. */
const isChangeId = (id: unknown): id is string =>
  typeof id === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id);

/** Asks about a change by its id as it is stored. What can't be the id of a change is none. */
export const ofChange = async <Answer>(
  id: unknown,
  none: Answer,
  ask: (id: string) => Promise<Answer>,
): Promise<Answer> => (isChangeId(id) ? ask(id.toLowerCase()) : none);

const mostPriority = 2 ** 31 - 1;
// Beyond them a date is written with more digits than Postgres reads, or with a year that it refuses.
const beginningOfTime = Date.parse('0001-01-01T00:00:00Z');
const endOfTime = Date.UTC(10_000, 0);

/** Checks when and how soon a change is to be delivered. */
export function checkAcceptOptions(options: Omit<AcceptOptions<unknown>, 'tx'>): void {
  const unknown = Object.keys(options).find((name) => !optionNames.includes(name));
  if (unknown !== undefined) {
    const cure =
      unknown === 'tx'
        ? 'It is for all of them: acceptMany(changes, { tx }).'
        : `Expected one of ${[...optionNames, 'tx'].join(', ')}.`;
    throw new InvalidChangeError(`accept: unknown option ${inShort(unknown)}. ${cure}`);
  }
  const { id, notBefore, priority = 0 } = options;
  demand(id === undefined || isChangeId(id), 'id', 'a UUID');
  // No date at all would count as one that has passed.
  const time = notBefore instanceof Date ? notBefore.getTime() : NaN;
  const isDate = time >= beginningOfTime && time < endOfTime;
  demand(notBefore === undefined || isDate, 'notBefore', 'a Date of the years 1 to 9999');
  const isPriority = Number.isInteger(priority) && Math.abs(priority) <= mostPriority;
  demand(isPriority, 'priority', `a whole number of at most ${mostPriority}`);
}

// The value is not shown: it could be a key in the wrong place.
function demand(holds: boolean, name: string, expected: string): void {
  if (!holds) throw new InvalidChangeError(`accept: "${name}" must be ${expected}.`);
}

/** The line in which a ticket's changes wait, one after another. */
export const laneOf = (key: string, ticketId: string) => `${key}/${ticketId}`;
