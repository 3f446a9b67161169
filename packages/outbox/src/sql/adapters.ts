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
  withoutPlugins?(): KyselyTransactionLike;
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
 * @throws TypeError for what is no transaction of Knex
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
  ensureHas(trx, 'raw', 'fromKnex', '"trx" must be a transaction of Knex');
  return {
    async executeSql(text, values = []) {
      const { parts, bound } = split(text, values);
      // To Knex, a question mark is a place for a value unless it is escaped.
      const sql = parts.map((part) => part.replaceAll('?', String.raw`\?`)).join('?');
      return rowsOf(await trx.raw(sql, bound));
    },
  };
}

/**
 * Makes a transaction of Kysely one that `accept` can join. Its plugins are passed over.
 *
 * @throws TypeError for what is no transaction of Kysely
 */
export function fromKysely(trx: KyselyTransactionLike): Queryable {
  ensureHas(trx, 'executeQuery', 'fromKysely', '"trx" must be a transaction of Kysely');
  // Plugins may parse the text that is read, or name its column anew.
  const plain = trx.withoutPlugins?.() ?? trx;
  return {
    async executeSql(sql, parameters = []) {
      const query = { kind: 'RawNode' } as never;
      const queryId = { queryId: 'ticket-outbox' };
      return rowsOf(await plain.executeQuery({ sql, parameters, query, queryId }));
    },
  };
}

/**
 * Makes a transaction of Drizzle one that `accept` can join, with the tag `sql` of drizzle-orm.
 *
 * @throws TypeError for what is no transaction of Drizzle, or not that tag
 */
export function fromDrizzle(trx: DrizzleTransactionLike, sql: DrizzleSqlLike): Queryable {
  ensureHas(trx, 'execute', 'fromDrizzle', '"tx" must be a transaction of Drizzle');
  ensureHas(sql, 'param', 'fromDrizzle', '"sql" must be the tag "sql" of drizzle-orm');
  return {
    async executeSql(text, values = []) {
      const { parts, bound } = split(text, values);
      const strings = Object.assign([...parts], { raw: parts });
      const query = sql(strings, ...bound.map((value) => sql.param(value)));
      return rowsOf(await trx.execute(query as never));
    },
  };
}

/**
 * Makes an interactive transaction of Prisma one that `accept` can join. Our tests do not run it
 * with Prisma: try it with your version.
 *
 * @throws TypeError for what is no interactive transaction of Prisma
 */
export function fromPrisma(tx: PrismaTransactionLike): Queryable {
  const expected = '"tx" must be an interactive transaction of Prisma';
  ensureHas(tx, '$queryRawUnsafe', 'fromPrisma', expected);
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
  const { rows } = Object(result) as { readonly rows?: unknown };
  return { rows: Array.isArray(rows) ? rows : [] };
}

/** Refuses what is of another library, or of a version in which that method has another name. */
function ensureHas(given: unknown, method: string, owner: string, expected: string): void {
  const object = Object(given) as Readonly<Record<string, unknown>>;
  if (typeof object[method] === 'function') return;
  const received = given === null ? 'null' : `a value of type ${typeof given}`;
  throw new TypeError(
    `${owner}: ${expected}, with a method "${method}", received ${received} without it.`,
  );
}
