import type { PgBoss } from 'pg-boss';
import type { Settings } from '../create-outbox.ts';
import { laneOf } from '../model/change.ts';
import { transactionOf, type Database, type PgClient, type Queryable } from './database.ts';
import { changesQueue, laterQueue, type Names } from './names.ts';
import type { Store } from '../model/store.ts';

/** A transaction to join: a client of node-postgres, or what an adapter of pg-boss made. */
export type Transaction = PgClient | Queryable;

type Accept = Store<Transaction>['accept'];

interface AcceptParts {
  readonly boss: PgBoss;
  readonly database: Pick<Database, 'transaction'>;
  readonly names: Names;
  readonly settings: Pick<Settings, 'requestsPerSecond'>;
}

/** Stores changes, each in a transaction of its own or in the caller's. */
export function createAccept({ boss, database, names, settings }: AcceptParts): Accept {
  const { schema, jobs } = names;

  /** One place in the order of a ticket: given while nobody else can commit a change of it. */
  async function insert(
    tx: Queryable,
    ...[id, change, { notBefore, priority = 0 }]: Parameters<Accept>
  ): Promise<void> {
    const lane = laneOf(change.key, change.ticketId);
    const isLater = notBefore !== undefined && notBefore.getTime() > Date.now();
    // As texts, since Prisma reads no column without a type.
    await tx.executeSql(
      `select pg_advisory_xact_lock(hashtextextended($1, 0))::text,
        ${schema}.outbox_keys($2::text[], $3)::text`,
      [`${schema}/${lane}`, [change.key], settings.requestsPerSecond],
    );
    await boss.send(isLater ? laterQueue : changesQueue, change, {
      id,
      priority,
      singletonKey: lane,
      group: { id: change.key },
      db: tx,
      ...(isLater ? { startAfter: notBefore } : {}),
    });
    if (isLater) return;
    // pg-boss orders by the beginning of the transaction, which says nothing of its end.
    await tx.executeSql(
      `with stamped as (
        update ${schema}.${jobs} set created_on = ${schema}.outbox_stamp($2)
        where name = '${changesQueue}' and id = $1::uuid returning 1
      ) select pg_notify('${schema}_wake', '')::text from stamped`,
      [id, lane],
    );
  }

  return async (id, change, options) => {
    const { tx } = options;
    if (tx !== undefined) return insert(transactionOf(tx), id, change, options);
    await database.transaction((own) => insert(own, id, change, options));
  };
}
