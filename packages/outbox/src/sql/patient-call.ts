import { DatabaseError, OutboxError } from '../model/errors.ts';
import type { Call } from './call.ts';

// The transaction had no effect, and may succeed when it is repeated: it could not be serialized, was
// chosen to end a deadlock, or waited too long for a lock.
const passing: ReadonlySet<unknown> = new Set(['40001', '40P01', '55P03']);
const mostTries = 4;
const retryMs = 50;

/**
 * Does what opens an outbox. An error of the database or of the connection becomes a `DatabaseError`;
 * others, which have no code, are thrown as they are.
 */
export async function opening<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    throw asOurs('open the outbox', error);
  }
}

/**
 * Calls functions for people and services. A call that failed for a passing reason is repeated; any
 * other error of the database becomes a `DatabaseError`.
 */
export function patientCall(call: Call): Call {
  return async <Result>(name: string, input: object) => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await call<Result>(name, input);
      } catch (error) {
        if (OutboxError.is(error)) throw error;
        if (!passing.has(codeOf(error)) || tries === mostTries) {
          throw asOurs(name.replaceAll('_', ' '), error);
        }
        await new Promise((resolve) => setTimeout(resolve, retryMs * tries));
      }
    }
  };
}

/** A SQLSTATE, or that of a connection such as ECONNREFUSED. */
function codeOf(error: unknown): string | undefined {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

function asOurs(wanted: string, cause: unknown): DatabaseError {
  const code = codeOf(cause);
  const reason = reasonOf(cause).replace(/\.$/, '');
  const message = `The database could not ${wanted}: ${reason}. ${cureOf(code)}`;
  return new DatabaseError(message, { code, cause });
}

/** A name with several addresses fails with an error of each, and no message of its own. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') {
    return cause.errors.map(reasonOf).join(', ');
  }
  return cause instanceof Error ? cause.message : String(cause);
}

// Nothing listens there, or there is no such host or socket.
const notReached: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'ENOENT']);
// The role, the password or the database is wrong.
const notLetIn: ReadonlySet<unknown> = new Set(['28000', '28P01', '3D000']);

function cureOf(code: string | undefined): string {
  if (notReached.has(code)) return 'Check that Postgres is running where the pool connects to.';
  if (notLetIn.has(code)) return 'Check the user, the password and the database of the pool.';
  if (code === '42501') return "Give that right to the pool's role.";
  return 'Try again.';
}
