import { secretPattern } from '@ticket-lifecycle/internal/secret-pattern';
import { isThenable, waitAtMost } from '@ticket-lifecycle/internal/wait-at-most';
import type { Clock } from '../clock.ts';

const inspect = Symbol.for('nodejs.util.inspect.custom');
const redacted = '[redacted]';

/** Holds a key so that printing it always shows `[redacted]`. */
export class ApiKey {
  readonly #value: string;
  readonly #pattern: RegExp;

  constructor(value: string) {
    this.#value = value;
    this.#pattern = secretPattern(value);
  }

  /** The key itself, for the one header that carries it. */
  reveal(): string {
    return this.#value;
  }

  /**
   * Removes the key from a text of somebody else: a server may echo what it was sent, in any form
   * that `secretPattern` knows. Call this before shortening the text, or half of a key could remain.
   */
  redact(text: string): string {
    return text.replaceAll(this.#pattern, redacted);
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  [inspect](): string {
    return redacted;
  }
}

/** Describes a value that is not a valid key, without showing it. `undefined` for a valid key. */
export function describeInvalidKey(key: unknown): string | undefined {
  if (key === undefined) return 'nothing';
  if (typeof key !== 'string') return typeof key === 'object' ? 'an object' : `a ${typeof key}`;
  if (key === '') return 'an empty string';
  // Anything else could end the header, and begin another.
  if (/^[\x21-\x7e]+$/.test(key)) return undefined;
  return 'a string with white space, control or non-ASCII characters';
}

/** A key, or a function that returns one: called before each request, so a key can be replaced. */
export type ApiKeySource = string | (() => string | Promise<string>);

/** No usable key was given. Never shows what was given instead: it may be half a key. */
class KeyUnavailable extends Error {
  override readonly name = 'KeyUnavailable';
}

// A server may echo a key for a while after it was replaced.
const mostRemembered = 4;

/** Gives the key for each request, and redacts all recent keys from texts. */
export class KeyRing {
  readonly #source: ApiKeySource;
  #recent: readonly ApiKey[] = [];

  constructor(source: ApiKeySource) {
    this.#source = source;
    if (typeof source === 'string') this.#accept(source);
  }

  /**
   * The current key; a promise only where the function returns one.
   *
   * @throws KeyUnavailable when the function fails or gives no key
   */
  take(): ApiKey | Promise<ApiKey> {
    if (typeof this.#source === 'string') return this.#accept(this.#source);
    try {
      const given: unknown = this.#source();
      return isThenable(given)
        ? Promise.resolve(given).then((key: unknown) => this.#accept(key), unavailable)
        : this.#accept(given);
    } catch (error) {
      return unavailable(error);
    }
  }

  /** Removes all recent keys from a text. */
  redact(text: string): string {
    return this.#recent.reduce((cleaned, key) => key.redact(cleaned), text);
  }

  #accept(given: unknown): ApiKey {
    const invalid = describeInvalidKey(given);
    if (invalid !== undefined)
      throw new KeyUnavailable(`the apiKey function gave ${invalid} for a key`);
    const key = this.#recent.find((known) => known.reveal() === given) ?? new ApiKey(String(given));
    const others = this.#recent.filter((known) => known !== key);
    this.#recent = [key, ...others].slice(0, mostRemembered);
    return key;
  }
}

// What the function threw is not passed on: it may show a key.
function unavailable(error: unknown): never {
  throw error instanceof KeyUnavailable ? error : new KeyUnavailable('the apiKey function failed');
}

/** Takes a key, and waits no longer than `timeoutMs`: a slot must not be held for ever. */
export function takeKeyInTime(
  keys: KeyRing,
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
): ApiKey | Promise<ApiKey> {
  const taken = keys.take();
  if (!(taken instanceof Promise)) return taken;
  const late = () => {
    throw new KeyUnavailable(`the apiKey function gave nothing within ${timeoutMs} ms`);
  };
  return waitAtMost(timeoutMs, taken, late, clock);
}
