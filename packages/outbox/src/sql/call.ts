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
      const { rows } = await client.executeSql(
        `select ${schema}.outbox_${name}($1::text::jsonb)::text as result`,
        [JSON.stringify(input)],
      );
      // A function that found nothing gives null.
      const { result } = rows[0] as { readonly result: string | null };
      return (result === null ? undefined : JSON.parse(result)) as Result;
    } catch (error) {
      throw ours(error);
    }
  };
}

/** What our functions raise, as an error of this package. */
function ours(error: unknown): unknown {
  const { code, message } = error as { readonly code?: unknown; readonly message?: string };
  if (code === fencedCode) {
    return new FencedError('Other workers declared this one dead.', { cause: error });
  }
  if (code === idTakenCode) {
    return new InvalidChangeError(`accept: ${message ?? 'another change has this id.'}`, {
      cause: error,
    });
  }
  return error;
}
