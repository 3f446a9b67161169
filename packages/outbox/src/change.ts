import { staffUserIdSchema, ticketIdSchema } from '@ticket-lifecycle/series';
import { InvalidChangeError } from './errors.ts';

/** A transition of one ticket, as it is stored until it is delivered. It has to be plain JSON. */
export interface Change {
  readonly ticketId: string;
  /** The event that moves the ticket, by name or with its payload. */
  readonly event: string | { readonly type: string; readonly [field: string]: unknown };
  /** The staff member who is named in the ticket's system message. */
  readonly staffUserId: number;
  /**
   * A name for the API key, never the key itself: stored changes stand in clear in the database.
   *
   * @defaultValue 'default'
   */
  readonly key?: string | undefined;
  /** Where the ticket stands before it, where the service knows. */
  readonly from?: string | undefined;
  /** Drops the change, instead of failing it, when the ticket is not in this state by then. */
  readonly whileIn?: string | undefined;
  /** What the guards are asked with at delivery. */
  readonly context?: unknown;
}

/** A change as it is stored: with the name of its key. */
export type StoredChange = Change & { readonly key: string };

// A lane is written as key/ticketId, so a key's name has no slash.
const keyName = /^[\w.@:-]{1,100}$/;
const stateName = 'the name of a state';

/** Checks a change at the door: what is stored is delivered later, far from who could mend it. */
export function checkChange(change: Change): StoredChange {
  const { ticketId, event, staffUserId, key = 'default', from, whileIn } = change;
  const type: unknown = typeof event === 'string' ? event : event?.type;
  demand(ticketIdSchema.safeParse(ticketId).success, 'ticketId', 'the id of a ticket');
  demand(typeof type === 'string' && type !== '', 'event', 'an event by its name or { type }');
  demand(staffUserIdSchema.safeParse(staffUserId).success, 'staffUserId', 'a whole number');
  demand(typeof key === 'string' && keyName.test(key), 'key', 'a short name without slashes');
  for (const [name, state] of Object.entries({ from, whileIn })) {
    demand(state === undefined || (typeof state === 'string' && state !== ''), name, stateName);
  }
  return { ...(JSON.parse(JSON.stringify(change)) as Change), key };
}

// The value is not shown: it could be a key in the wrong place.
function demand(holds: boolean, name: string, expected: string): void {
  if (!holds) throw new InvalidChangeError(`accept: "${name}" must be ${expected}.`);
}

/** The line in which a ticket's changes wait, one after another. */
export const laneOf = (key: string, ticketId: string) => `${key}/${ticketId}`;
