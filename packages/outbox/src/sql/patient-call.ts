import { DatabaseError, OutboxError } from '../model/errors.ts';
import type { Call } from './call.ts';

// The transaction had no effect, and may succeed when it is repeated: it could not be serialized, was
// chosen to end a deadlock, or waited too long for a lock.
const passing: ReadonlySet<unknown> = new Set(['40001', '40P01', '55P03']);
const mostTries = 4;
const retryMs = 50;

/** Opens an outbox for the same people: they are told no errors of a database either. */
export async function opening<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    // What has no code was said by us.
    const { code } = error as { readonly code?: unknown };
    throw typeof code === 'string' ? asOurs('open the outbox', error) : error;
  }
}

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
        if (!passing.has(code) || tries === mostTries)
          throw asOurs(name.replaceAll('_', ' '), error);
        await new Promise((resolve) => setTimeout(resolve, retryMs * tries));
      }
    }
  };
}

/** The error for somebody who wanted this of the database. */
function asOurs(wanted: string, cause: unknown): DatabaseError {
  const { code } = cause as { readonly code?: unknown };
  const known = typeof code === 'string' ? code : undefined;
  const said = saidBy(cause).replace(/\.$/, '');
  return new DatabaseError(`The database could not ${wanted}: ${said}. ${cureOf(known)}`, {
    code: known,
    cause,
  });
}

/** An attempt at several addresses has a message in each of its errors alone. */
function saidBy(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') {
    return cause.errors.map(saidBy).join(', ');
  }
  return cause instanceof Error ? cause.message : String(cause);
}

// A connection that was refused or not found, a wrong role, password or database.
const notReached: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'ENOENT']);
const notLetIn: ReadonlySet<unknown> = new Set(['28000', '28P01', '3D000']);

function cureOf(code: string | undefined): string {
  if (notReached.has(code)) return 'Check that Postgres is running where the pool connects to.';
  if (notLetIn.has(code)) return 'Check the user, the password and the database of the pool.';
  if (code === '42501') return "Give that right to the pool's role.";
  return 'Try again.';
}
