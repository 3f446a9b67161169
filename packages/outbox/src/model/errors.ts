import { createErrorBrand } from '@ticket-lifecycle/internal/branded-error';

const brand = createErrorBrand('@ticket-lifecycle/outbox/OutboxError');

/**
 * Base of the errors of this package.
 *
 * @example
 * ```ts
 * import { createMemoryOutbox, OutboxError } from '@ticket-lifecycle/outbox';
 *
 * const outbox = createMemoryOutbox();
 * try {
 *   await outbox.accept({ ticketId: '..', event: 'START', staffUserId: 7 });
 * } catch (error) {
 *   if (OutboxError.is(error)) console.log(error.name); // InvalidChangeError
 * }
 * await outbox.close();
 * ```
 */
export class OutboxError extends Error {
  override readonly name: string = 'OutboxError';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    brand.mark(this);
  }

  /**
   * Recognises the error also when two copies of this package are installed. That of a subclass
   * recognises its own alone.
   */
  static is(value: unknown): value is OutboxError {
    return brand.isOn(value);
  }
}

/** Thrown by `accept` for a change that could never be delivered. */
export class InvalidChangeError extends OutboxError {
  override readonly name = 'InvalidChangeError';

  static override is(value: unknown): value is InvalidChangeError {
    return OutboxError.is(value) && value.name === 'InvalidChangeError';
  }
}

/** Thrown when this worker no longer holds what it wanted to send. */
export class FencedError extends OutboxError {
  override readonly name = 'FencedError';

  static override is(value: unknown): value is FencedError {
    return OutboxError.is(value) && value.name === 'FencedError';
  }
}

/**
 * Thrown where the database did not do what it was asked to, although it was asked several times
 * where that could help. Nothing is half done, but the answer to what was done may have been lost:
 * look, or accept again with the same `id`.
 */
export class DatabaseError extends OutboxError {
  override readonly name = 'DatabaseError';
  /** The SQLSTATE, or the code of a connection that failed, such as `ECONNREFUSED`. */
  readonly code: string | undefined;

  constructor(
    message: string,
    { code, cause }: { readonly code: string | undefined; readonly cause: unknown },
  ) {
    super(message, { cause });
    this.code = code;
  }

  static override is(value: unknown): value is DatabaseError {
    return OutboxError.is(value) && value.name === 'DatabaseError';
  }
}

// No such table, function, schema or database; no such role, or no right: somebody has to mend that.
const lastingCode = /^(42|3D|3F|28|0A)/;

/** Whether to try again would not help. All but the database and the way to it works or fails for good. */
export const isLasting = (error: unknown): boolean =>
  !DatabaseError.is(error) || lastingCode.test(error.code ?? '');

/**
 * Told by the event `error`: a session of the database keeps the outbox waiting. It is the one that has
 * to end, and waits for no lock itself.
 */
export class DatabaseBlockedError extends OutboxError {
  override readonly name = 'DatabaseBlockedError';
  /** The process of the database, as `pg_terminate_backend` takes it. */
  readonly pid: number;

  constructor(message: string, { pid }: { readonly pid: number }) {
    super(message);
    this.pid = pid;
  }

  static override is(value: unknown): value is DatabaseBlockedError {
    return OutboxError.is(value) && value.name === 'DatabaseBlockedError';
  }
}

/** Thrown when another process has the directory. Two at once would destroy it. */
export class DirectoryInUseError extends OutboxError {
  override readonly name = 'DirectoryInUseError';

  static override is(value: unknown): value is DirectoryInUseError {
    return OutboxError.is(value) && value.name === 'DirectoryInUseError';
  }
}
