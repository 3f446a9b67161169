import { DatabaseError, OutboxError } from '../model/errors.ts';
import type { Call } from './call.ts';
import { notFreeCode } from './names.ts';

// The transaction had no effect, and may succeed when it is repeated: it could not be serialized, was
// chosen to end a deadlock, or waited too long for a lock.
const passing: ReadonlySet<unknown> = new Set(['40001', '40P01', notFreeCode]);
const mostTries = 4;
const retryMs = 50;

/** Who keeps the lock that was waited for in vain, in sentences. */
export type Explain = (input: object) => Promise<readonly Error[]>;

/**
 * Enters a worker. All that fails there is the database or the connection, except for a `TypeError`: it
 * says that the pool or its library can't be used, which no further try would change.
 */
export async function entering<Result>(
  work: () => Promise<Result>,
  explain: Explain,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (OutboxError.is(error) || error instanceof TypeError) throw error;
    throw await asOurs('start the worker', error, () => explain({}));
  }
}

/**
 * Does what opens an outbox. An error of the database or of the connection becomes a `DatabaseError`;
 * others, which have no code, are thrown as they are.
 */
export async function opening<Result>(
  work: () => Promise<Result>,
  explain: Explain = async () => [],
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    throw await asOurs('open the outbox', error, () => explain({}));
  }
}

/** How a call for people is made. */
export interface Patience {
  readonly explain: Explain;
  /**
   * How often a call that failed for a passing reason is made.
   *
   * @defaultValue 4
   */
  readonly tries?: number | undefined;
  /**
   * What the database was to do, as an error says it.
   *
   * @defaultValue the name of the function
   */
  readonly wanted?: string | undefined;
}

/**
 * Calls functions for people and services. A call that failed for a passing reason is repeated; any
 * other error of the database becomes a `DatabaseError`.
 */
export function patientCall(call: Call, { explain, tries = mostTries, wanted }: Patience): Call {
  return async <Result>(name: string, input: object) => {
    for (let made = 1; ; made += 1) {
      try {
        return await call<Result>(name, input);
      } catch (error) {
        if (OutboxError.is(error)) throw error;
        if (!passing.has(codeOf(error)) || made >= tries) {
          throw await asOurs(wanted ?? name.replaceAll('_', ' '), error, () => explain(input));
        }
        await new Promise((resolve) => setTimeout(resolve, retryMs * made));
      }
    }
  };
}

/** A SQLSTATE, or that of a connection such as ECONNREFUSED. */
function codeOf(error: unknown): string | undefined {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

async function asOurs(
  wanted: string,
  cause: unknown,
  explain: () => Promise<readonly Error[]>,
): Promise<DatabaseError> {
  const code = codeOf(cause);
  const keepers = code === notFreeCode ? await explain() : [];
  const reason = reasonOf(cause).replace(/\.$/, '');
  const cure = keepers.map((one) => one.message).join(' ') || cureOf(cause, code);
  const message = `The database could not ${wanted}: ${reason}. ${cure}`.trimEnd();
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

function cureOf(cause: unknown, code: string | undefined): string {
  // It names its cure itself.
  if (cause instanceof TypeError) return '';
  if (notReached.has(code)) return 'Check that Postgres is running where the pool connects to.';
  if (notLetIn.has(code)) return 'Check the user, the password and the database of the pool.';
  if (code === '42501') return "Give that right to the pool's role.";
  if (code === '25006') {
    return 'Connect the pool to the primary, and turn default_transaction_read_only off for its role.';
  }
  if (code === '57014') return "Raise statement_timeout for the pool's role, or turn it off.";
  return 'Try again.';
}
