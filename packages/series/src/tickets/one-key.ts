import { keySources } from '../request/key-source.ts';
import type { StatusStore } from './status-store.ts';

/** What several stores keep their tickets in: one table of one database. */
export const places = new WeakMap<object, object>();

interface User {
  readonly client: object;
  readonly keyId: string;
}

const users = new WeakMap<object, User>();

/**
 * Refuses a store that serves another key already. Each workspace numbers its tickets itself, so
 * what is known of a ticket of one would count for a ticket of the other. Clients with the same
 * `keyId` are of one key. Where no `keyId` was given, they are if they have the same `apiKey`.
 *
 * @throws TypeError
 */
export function checkOneKey(store: StatusStore, client: { readonly keyId?: string | undefined }) {
  const { keyId = 'default' } = client;
  const place = places.get(store) ?? store;
  const first = users.get(place);
  if (first === undefined) users.set(place, { client, keyId });
  else if (first.keyId !== keyId) {
    const keys = `the key ${JSON.stringify(first.keyId)}, and this client has ${JSON.stringify(keyId)}`;
    throw new TypeError(`createTicketWorkflow, store: It serves ${keys}. ${cure}`);
  } else if (hasOtherKey(first.client, client)) {
    const keys = 'It serves another API key. If both are of one workspace, give both clients the';
    throw new TypeError(`createTicketWorkflow, store: ${keys} same "keyId". ${cure}`);
  }
}

const cure =
  'Two workspaces may use the same ticket ids: give each key a store of its own, in memory or with another "table".';

function hasOtherKey(first: object, second: object): boolean {
  const [one, other] = [keySources.get(first), keySources.get(second)];
  // A client that is not ours may have any key; its name has to do.
  if (one === undefined || other === undefined) return false;
  return one.apiKey !== other.apiKey && (one.keyId ?? other.keyId) === undefined;
}
