import { laneOf } from '../model/change.ts';
import type { Store } from '../model/store.ts';
import { callOn, type Call } from './call.ts';
import { transactionOf, type PgClient, type Queryable } from './database.ts';

/** A transaction to join: a client of node-postgres, or what an adapter made of another. */
export type Transaction = PgClient | Queryable;

type Accept = Store<Transaction>['accept'];

/** Stores changes, each in a transaction of its own or in the caller's. */
export function createAccept(call: Call, schema: string): Accept {
  /** Without a transaction, each call would be its own: then the second one is refused as well. */
  async function acceptIn(tx: Transaction, changes: readonly object[]): Promise<void> {
    const callIn = callOn(transactionOf(tx), schema);
    for (let asked = 0; asked < 2; asked += 1) {
      const { stored } = await callIn<{ readonly stored?: boolean }>('accept', {
        changes,
        xact: '',
      });
      if (stored === true) return;
    }
    throw new TypeError(
      'accept: "tx" must be a client in a transaction. Begin one, and commit it after accept.',
    );
  }

  return async (given, tx) => {
    const changes = given.map(({ id, change, notBefore, priority = 0 }) => {
      return { id, lane: laneOf(change.key, change.ticketId), change, notBefore, priority };
    });
    if (tx === undefined) await call('accept', { changes });
    else await acceptIn(tx, changes);
  };
}
