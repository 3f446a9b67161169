import type { Queryable } from './database.ts';

/** The part of a transaction of Knex that is used. */
export interface KnexTransactionLike {
  raw(sql: string, bindings: readonly unknown[]): PromiseLike<unknown>;
}

/** The part of a transaction of Kysely that is used. */
export interface KyselyTransactionLike {
  executeQuery(query: {
    readonly sql: string;
    readonly parameters: readonly unknown[];
    readonly query: never;
    readonly queryId: { readonly queryId: string };
  }): Promise<{ readonly rows: unknown[] }>;
}

/** The part of a transaction of Drizzle that is used. */
export interface DrizzleTransactionLike {
  execute(query: never): PromiseLike<unknown>;
}

/** The tag `sql` of drizzle-orm. */
export interface DrizzleSqlLike {
  (strings: TemplateStringsArray, ...values: unknown[]): unknown;
  param(value: unknown): unknown;
}

/** The part of an interactive transaction of Prisma that is used. */
export interface PrismaTransactionLike {
  $queryRawUnsafe(query: string, ...values: unknown[]): PromiseLike<unknown>;
}

/**
 * Makes a transaction of Knex one that `accept` can join.
 *
 * @example
 * ```ts
 * import { fromKnex, type KnexTransactionLike, type Outbox, type Transaction } from '@ticket-lifecycle/outbox';
 *
 * // await knex.transaction((trx) => resolve(outbox, trx));
 * export const resolve = (outbox: Outbox<Transaction>, trx: KnexTransactionLike) =>
 *   outbox.accept({ ticketId: 'TICKET-1', event: 'RESOLVE', staffUserId: 7 }, { tx: fromKnex(trx) });
 * ```
 */
export function fromKnex(trx: KnexTransactionLike): Queryable {
  return {
    async executeSql(text, values = []) {
      const { parts, bound } = split(text, values);
      // To Knex, a question mark is a place for a value unless it is escaped.
      const sql = parts.map((part) => part.replaceAll('?', String.raw`\?`)).join('?');
      return rowsOf(await trx.raw(sql, bound));
    },
  };
}

/** Makes a transaction of Kysely one that `accept` can join. */
export function fromKysely(trx: KyselyTransactionLike): Queryable {
  return {
    async executeSql(sql, parameters = []) {
      const query = { kind: 'RawNode' } as never;
      const queryId = { queryId: 'ticket-outbox' };
      return rowsOf(await trx.executeQuery({ sql, parameters, query, queryId }));
    },
  };
}

/** Makes a transaction of Drizzle one that `accept` can join, with the tag `sql` of drizzle-orm. */
export function fromDrizzle(trx: DrizzleTransactionLike, sql: DrizzleSqlLike): Queryable {
  return {
    async executeSql(text, values = []) {
      const { parts, bound } = split(text, values);
      const strings = Object.assign([...parts], { raw: parts });
      const query = sql(strings, ...bound.map((value) => sql.param(value)));
      return rowsOf(await trx.execute(query as never));
    },
  };
}

/** Makes an interactive transaction of Prisma one that `accept` can join. */
export function fromPrisma(tx: PrismaTransactionLike): Queryable {
  return {
    async executeSql(text, values = []) {
      return rowsOf(await tx.$queryRawUnsafe(text, ...values));
    },
  };
}

/** The text between the places for values, and the values in the order of the text. */
function split(text: string, values: readonly unknown[]) {
  const bound = [...text.matchAll(/\$(\d+)/g)].map(([, number]) => values[Number(number) - 1]);
  return { parts: text.split(/\$\d+/), bound };
}

/** Drivers answer with rows, or with a result that has them. */
function rowsOf(result: unknown): { rows: unknown[] } {
  if (Array.isArray(result)) return { rows: result };
  const { rows } = result as { readonly rows?: unknown };
  return { rows: Array.isArray(rows) ? rows : [] };
}
