import { textOf } from './blockers.ts';

/**
 * A value as JSON can hold it. What JSON has no form for is written as text, each for itself: one
 * BigInt does not cost the object around it. A Map or Set becomes a list, and what is inside itself
 * `[circular]`.
 *
 * @example
 * ```ts
 * import { jsonValue } from '@ticket-lifecycle/core/journal';
 *
 * console.log(jsonValue({ most: 10n, of: new Set([1, 2]) })); // { most: '10', of: [ 1, 2 ] }
 * ```
 */
export const jsonValue = (value: unknown): unknown => valueIn(value, []);

function valueIn(value: unknown, around: readonly unknown[]): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value !== 'object') return textOf(value);
  if (around.includes(value)) return '[circular]';
  const inside = [...around, value];
  try {
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function') return valueIn(toJSON.call(value), inside);
    if (value instanceof Error || value instanceof RegExp) return textOf(value);
    const isList = Array.isArray(value) || value instanceof Map || value instanceof Set;
    return isList
      ? Array.from(value as Iterable<unknown>, (item) => valueIn(item, inside))
      : jsonFields(value, inside);
  } catch {
    // A proxy, or a toJSON that throws.
    return textOf(value);
  }
}

/**
 * The fields of an object as JSON can hold them. Those that are undefined are left out, and one
 * whose getter throws does not cost the others.
 */
export const jsonFields = (
  fields: object,
  around: readonly unknown[] = [],
): Record<string, unknown> =>
  Object.fromEntries(
    Object.keys(fields).flatMap((name) => {
      const value = readField(fields, name);
      return value === undefined ? [] : [[name, valueIn(value, around)]];
    }),
  );

function readField(fields: object, name: string): unknown {
  try {
    return (fields as Readonly<Record<string, unknown>>)[name];
  } catch {
    return '[unreadable]';
  }
}
