/** One value for each key that is in use. */
export interface ValuesByKey<Value> {
  /** The value of a key; a new one if it has none. */
  of(key: string): Value;
  /** The value of a key, if it has one. */
  get(key: string): Value | undefined;
  entries(): Iterable<readonly [string, Value]>;
}

const fewKeys = 100;

/**
 * Keeps a value for each key, and forgets idle ones without a timer: one key too many starts a sweep
 * through the others.
 *
 * @param isForgettable - whether a new value in its place would behave the same
 */
export function createValuesByKey<Value>(
  create: (key: string) => Value,
  isForgettable: (value: Value) => boolean,
): ValuesByKey<Value> {
  const values = new Map<string, Value>();
  let most = fewKeys;

  function forgetIdle(): void {
    for (const [key, value] of values) if (isForgettable(value)) values.delete(key);
    // Twice as many may come before the next sweep, so a sweep costs little per key.
    most = Math.max(fewKeys, 2 * values.size);
  }

  return {
    of(key) {
      const known = values.get(key);
      if (known !== undefined) return known;
      if (values.size >= most) forgetIdle();
      const value = create(key);
      values.set(key, value);
      return value;
    },
    get: (key) => values.get(key),
    entries: () => values,
  };
}
