import { FencedError, InvalidChangeError } from '../model/errors.ts';
import type { Queryable } from './database.ts';
import { fencedCode, idTakenCode } from './names.ts';

/** Calls a function of our schema by its name, with one value and for one: as JSON in both ways. */
export type Call = <Result>(name: string, input: object) => Promise<Result>;

/**
 * Calls functions on a client. All goes as text, so that nothing depends on how a client writes and
 * reads other types, nor on which types it can read at all.
 */
export function callOn(client: Queryable, schema: string): Call {
  return async <Result>(name: string, input: object) => {
    try {
      const answer: unknown = await client.executeSql(
        `select ${schema}.outbox_${name}($1::text::jsonb)::text as result`,
        [JSON.stringify(input)],
      );
      const result = resultOf(answer);
      // A function that found nothing gives null.
      return (result === null ? undefined : JSON.parse(result)) as Result;
    } catch (error) {
      throw ours(error);
    }
  };
}

/** The text that was read: clients of other databases answer otherwise, and some change it. */
function resultOf(answer: unknown): string | null {
  const { rows } = Object(answer) as { readonly rows?: unknown };
  const row: unknown = Array.isArray(rows) ? rows[0] : undefined;
  const { result } = Object(row) as { readonly result?: unknown };
  if (typeof result === 'string' || result === null) return result;
  throw new TypeError(
    'The answer to a statement must be one row with a text in the column "result". Check that your database library is connected to Postgres, and that it does not rename or parse what it reads.',
  );
}

/** What our functions raise, as an error of this package. */
function ours(error: unknown): unknown {
  for (const { code, message = '' } of chainOf(error)) {
    if (code === fencedCode) {
      return new FencedError('Other workers declared this one dead.', { cause: error });
    }
    if (code === idTakenCode) {
      // Knex writes its statement before it.
      const [said = 'Another change has this id.'] = /Another change .*/.exec(message) ?? [];
      return new InvalidChangeError(`accept: ${said}`, { cause: error });
    }
  }
  return error;
}

interface Raised {
  readonly code?: unknown;
  readonly message?: string;
  readonly cause?: unknown;
}

/** An error and its causes: some libraries wrap the error of the database in one of theirs. */
function chainOf(error: unknown): Set<Raised> {
  const chain = new Set<Raised>();
  for (let next = error; isObject(next) && !chain.has(next); next = next.cause) chain.add(next);
  return chain;
}

const isObject = (value: unknown): value is Raised => typeof value === 'object' && value !== null;
