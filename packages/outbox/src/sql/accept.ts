import { laneOf } from '../model/change.ts';
import type { Store } from '../model/store.ts';
import { callOn, type Call } from './call.ts';
import { transactionOf, type PgClient, type Queryable } from './database.ts';

/** A transaction to join: a client of node-postgres, or what an adapter made of another. */
export type Transaction = PgClient | Queryable;

type Accept = Store<Transaction>['accept'];

interface Answer {
  /** The transaction that the call was in. */
  readonly xact: string;
  readonly stored?: boolean;
}

/** Stores changes, each in a transaction of its own or in the caller's. */
export function createAccept(call: Call, schema: string): Accept {
  // The latest transaction of each client, so that the next change needs one call.
  const known = new WeakMap<object, string>();

  /** Finds out first whether there is a transaction: without one, each call would be its own. */
  async function acceptIn(tx: Transaction, changes: readonly object[]): Promise<void> {
    const callIn = callOn(transactionOf(tx), schema);
    const ask = (xact: string, some: readonly object[]) =>
      callIn<Answer>('accept', { changes: some, xact });
    const latest = known.get(tx);
    let answer = latest === undefined ? undefined : await ask(latest, changes);
    if (answer?.stored === true) return;
    // A client that is new, or is in another transaction by now.
    answer ??= await ask('', []);
    known.set(tx, answer.xact);
    answer = await ask(answer.xact, changes);
    if (answer.stored === true) return;
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
