import { waitAtMost } from '@ticket-lifecycle/internal/wait-at-most';
import type { Clock } from '../clock.ts';

const inspect = Symbol.for('nodejs.util.inspect.custom');
const redacted = '[redacted]';

/** Holds a key so that printing it, in whatever way, shows `[redacted]`. */
export class ApiKey {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The key itself, for the one header that carries it. */
  reveal(): string {
    return this.#value;
  }

  /**
   * Takes the key out of a text that somebody else wrote: a server may echo what it was sent.
   * Call this before shortening the text, or half of a key could stay behind.
   */
  redact(text: string): string {
    return text
      .replaceAll(this.#value, redacted)
      .replaceAll(encodeURIComponent(this.#value), redacted);
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

/** What is wrong with a key, in words that never show it, or `undefined`. */
export function describeInvalidKey(key: unknown): string | undefined {
  if (key === undefined) return 'nothing';
  if (typeof key !== 'string') return typeof key === 'object' ? 'an object' : `a ${typeof key}`;
  if (key === '') return 'an empty string';
  // Anything else could end the header, and begin another.
  if (/^[\x21-\x7e]+$/.test(key)) return undefined;
  return 'a string with white space, control or non-ASCII characters';
}

/** A key, or what gives one: asked before each request, so that a key can be replaced. */
export type ApiKeySource = string | (() => string | Promise<string>);

/** No usable key was given. Says nothing of what was given instead, which may be half a key. */
class KeyUnavailable extends Error {
  override readonly name = 'KeyUnavailable';
}

// A server may echo a key for a while after it was replaced.
const mostRemembered = 4;

/** Gives the key for each request, and knows which texts to take it out of. */
export class KeyRing {
  readonly #source: ApiKeySource;
  #recent: readonly ApiKey[] = [];

  constructor(source: ApiKeySource) {
    this.#source = source;
    if (typeof source === 'string') this.#accept(source);
  }

  /**
   * The key of now. Waits only for a function that does.
   *
   * @throws KeyUnavailable when the function fails or gives no key
   */
  take(): ApiKey | Promise<ApiKey> {
    if (typeof this.#source === 'string') return this.#accept(this.#source);
    try {
      const given: unknown = this.#source();
      return isThenable(given)
        ? Promise.resolve(given).then((key: unknown) => this.#accept(key), failed)
        : this.#accept(given);
    } catch (error) {
      return failed(error);
    }
  }

  /** Takes every key of late out of a text. */
  redact(text: string): string {
    return this.#recent.reduce((cleaned, key) => key.redact(cleaned), text);
  }

  #accept(given: unknown): ApiKey {
    const fault = describeInvalidKey(given);
    if (fault !== undefined)
      throw new KeyUnavailable(`the apiKey function gave ${fault} for a key`);
    const known = this.#recent.find((key) => key.reveal() === given);
    if (known !== undefined) return known;
    const key = new ApiKey(String(given));
    this.#recent = [key, ...this.#recent].slice(0, mostRemembered);
    return key;
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function';

// What the function threw is not passed on: it belongs to whoever keeps the keys, and may show one.
function failed(error: unknown): never {
  throw error instanceof KeyUnavailable ? error : new KeyUnavailable('the apiKey function failed');
}

/** Takes a key, and waits for it no longer than for an answer: a slot must not be held for ever. */
export async function takeKeyInTime(
  keys: KeyRing,
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
): Promise<ApiKey> {
  const taken = keys.take();
  if (!(taken instanceof Promise)) return taken;
  const late = () => {
    throw new KeyUnavailable(`the apiKey function gave nothing within ${timeoutMs} ms`);
  };
  return waitAtMost(timeoutMs, taken, late, clock);
}
