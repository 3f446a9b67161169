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
export function faultOfKey(key: unknown): string | undefined {
  if (key === undefined) return 'nothing';
  if (typeof key !== 'string') return typeof key === 'object' ? 'an object' : `a ${typeof key}`;
  if (key === '') return 'an empty string';
  // Anything else could end the header, and begin another.
  if (/^[\x21-\x7e]+$/.test(key)) return undefined;
  return 'a string with white space, control or non-ASCII characters';
}
