import type { StatusStore } from './status-store.ts';

/** What several stores keep their tickets in: one table of one database. */
export const places = new WeakMap<object, object>();

/** Where a store keeps its tickets: two of one table know the same. */
export const placeOf = (store: StatusStore): object => places.get(store) ?? store;

const keys = new WeakMap<object, string>();
// The name of a key that was given none. It may be any key, so it proves nothing.
const unnamed = 'default';

/**
 * Refuses a store that serves a key of another name already. Each workspace numbers its tickets
 * itself, so what is known of a ticket of one would count for a ticket of the other.
 *
 * @throws TypeError
 */
export function checkOneKey(
  store: StatusStore,
  { keyId = unnamed }: { readonly keyId?: string | undefined },
): void {
  if (keyId === unnamed) return;
  const place = placeOf(store);
  const first = keys.get(place) ?? keyId;
  keys.set(place, first);
  if (first === keyId) return;
  throw new TypeError(
    `createTicketWorkflow, store: It serves the key ${JSON.stringify(first)}, and this client has ${JSON.stringify(keyId)}. Two workspaces may use the same ticket ids: give each key a store of its own, in memory or with another "table".`,
  );
}
