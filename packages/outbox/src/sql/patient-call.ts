import { DatabaseError, OutboxError } from '../model/errors.ts';
import type { Call } from './call.ts';

// The transaction had no effect, and may succeed when it is repeated: it could not be serialized, was
// chosen to end a deadlock, or waited too long for a lock.
const passing: ReadonlySet<unknown> = new Set(['40001', '40P01', '55P03']);
const mostTries = 4;
const retryMs = 50;

/**
 * Calls for people and services, who are told no errors of a database: what passes is asked again, and
 * what does not is a `DatabaseError`.
 */
export function patientCall(call: Call): Call {
  return async <Result>(name: string, input: object) => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await call<Result>(name, input);
      } catch (error) {
        if (OutboxError.is(error)) throw error;
        const { code } = error as { readonly code?: unknown };
        if (!passing.has(code) || tries === mostTries) throw asOurs(name, error);
        await new Promise((resolve) => setTimeout(resolve, retryMs * tries));
      }
    }
  };
}

function asOurs(name: string, cause: unknown): DatabaseError {
  const { code } = cause as { readonly code?: unknown };
  const sqlState = typeof code === 'string' ? code : undefined;
  const said = cause instanceof Error ? cause.message : String(cause);
  const message = `The database could not ${name.replaceAll('_', ' ')}: ${said} Try again.`;
  return new DatabaseError(message.replace('.. Try', '. Try'), { code: sqlState, cause });
}
