const brand = Symbol.for('@ticket-lifecycle/sandbox/error');

/** What the caller got wrong: an option, a ticket, or where the server is to listen. */
export type SandboxErrorCode =
  | 'invalid-option'
  | 'invalid-ticket'
  | 'port-in-use'
  | 'port-not-allowed'
  | 'no-such-host';

/**
 * Thrown for a mistake in setting up the sandbox. A mistake of an API client is never thrown: it
 * gets an answer.
 *
 * @example
 * ```ts
 * import { createSandbox, SandboxError } from '@ticket-lifecycle/sandbox';
 *
 * try {
 *   createSandbox({ requestsPerSecond: 0 });
 * } catch (error) {
 *   if (SandboxError.is(error)) console.log(error.code); // invalid-option
 * }
 * ```
 */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  readonly code: SandboxErrorCode;
  readonly [brand] = true;

  constructor(code: SandboxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Recognises the error even when two copies of the package are installed. */
  static is(value: unknown): value is SandboxError {
    return value instanceof Error && brand in value;
  }
}

/** For an option or argument with a wrong value; `subject` names it and who takes it. */
export function invalidOption(subject: string, expected: string, received: unknown): SandboxError {
  const message = `${subject} must be ${expected}; received ${describe(received)}.`;
  return new SandboxError('invalid-option', message);
}

/** Refuses an option that does not exist: it would be ignored without a word. */
export function checkOptionNames(owner: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const message = `${owner}: unknown option "${unknown}"; expected one of ${known.join(', ')}.`;
  throw new SandboxError('invalid-option', message);
}

/** What somebody passed, but not pages of it. */
export function describe(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  try {
    const text = JSON.stringify(value) ?? typeof value;
    return text.length > 60 ? `${text.slice(0, 60)}…` : text;
  } catch {
    return 'an object that JSON can not hold';
  }
}
