const brand = Symbol.for('@ticket-lifecycle/sandbox/error');

/**
 * Names what the caller got wrong: an option, a ticket, or a port that is taken.
 *
 * @example
 * ```ts
 * import type { SandboxErrorCode } from '@ticket-lifecycle/sandbox';
 *
 * const advice: Record<SandboxErrorCode, string> = {
 *   'invalid-option': 'read the message',
 *   'invalid-ticket': 'look at the id',
 *   'port-in-use': 'use port 0',
 * };
 * console.log(advice['port-in-use']); // use port 0
 * ```
 */
export type SandboxErrorCode = 'invalid-option' | 'invalid-ticket' | 'port-in-use';

/**
 * Is thrown for a mistake of the person who sets the sandbox up. What a client of the API does
 * wrong is never thrown: it gets an answer.
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
