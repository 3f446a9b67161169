import { textOf } from './blockers.ts';

/**
 * A value as JSON can hold it. What JSON has no form for is written as text, each for itself: one
 * BigInt does not cost the object around it.
 */
function jsonValue(value: unknown, around: readonly unknown[] = []): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value !== 'object') return textOf(value);
  if (around.includes(value)) return '[circular]';
  const inside = [...around, value];
  try {
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function') return jsonValue(toJSON.call(value), inside);
    if (Array.isArray(value)) return value.map((item) => jsonValue(item, inside));
    return jsonFields(value, inside);
  } catch {
    // A getter that throws, or a Date that is none.
    return textOf(value);
  }
}

/** The fields of an object as JSON can hold them. Those that are undefined are left out. */
export const jsonFields = (
  fields: object,
  around: readonly unknown[] = [],
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, jsonValue(value, around)]),
  );
