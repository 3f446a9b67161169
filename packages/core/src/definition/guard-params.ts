import { textOf } from '../blockers.ts';

/**
 * Prepares telling values apart without loss. Equal texts mean equal values: what a text gives
 * back exactly is compared by that text, and all else (functions, instances of classes, symbols,
 * a RegExp that remembers its last match) by identity.
 */
export function createIdentifier(): (value: unknown) => string {
  const known = new Map<unknown, number>();
  const identity = (value: unknown): string => {
    const index = known.get(value) ?? known.size;
    known.set(value, index);
    return `identity ${index}`;
  };

  return (root) => {
    const seen = new Map<object, number>();
    return textOfValue(root);

    function textOfValue(value: unknown): string {
      if (typeof value === 'string') return JSON.stringify(value);
      if (typeof value === 'bigint') return `${value}n`;
      if (typeof value === 'symbol' || typeof value === 'function') return identity(value);
      if (typeof value !== 'object' || value === null)
        return Object.is(value, -0) ? '-0' : String(value);
      const before = seen.get(value);
      if (before !== undefined) return `again ${before}`;
      seen.set(value, seen.size);
      try {
        return textOfObject(value) ?? identity(value);
      } catch {
        // A proxy, or a getter that throws.
        return identity(value);
      }
    }

    function textOfObject(value: object): string | undefined {
      const prototype: unknown = Object.getPrototypeOf(value);
      const fields = fieldsOf(value);
      if (fields === undefined) return undefined;
      if (Array.isArray(value)) {
        const isList = prototype === Array.prototype && fields.length === value.length;
        return isList ? `[${value.map(textOfValue).join()}]` : undefined;
      }
      if (prototype === Object.prototype || prototype === null) {
        const entries = fields
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, one]) => `${JSON.stringify(key)}:${textOfValue(one)}`);
        return `${prototype === null ? 'bare' : ''}{${entries.join()}}`;
      }
      if (fields.length > 0) return undefined;
      if (prototype === Set.prototype) {
        return `Set(${[...(value as Set<unknown>)].map(textOfValue).join()})`;
      }
      if (prototype === Map.prototype) {
        const entries = [...(value as Map<unknown, unknown>)].flat().map(textOfValue);
        return `Map(${entries.join()})`;
      }
      if (prototype === Date.prototype) return `Date(${(value as Date).getTime()})`;
      if (prototype === RegExp.prototype) {
        const { source, flags } = value as RegExp;
        return `RegExp(${JSON.stringify([source, flags])})${/[gy]/.test(flags) ? identity(value) : ''}`;
      }
      return undefined;
    }
  };
}

/** The own fields of an object, unless it has some that are not plain. */
function fieldsOf(value: object): [string, unknown][] | undefined {
  const fields: [string, unknown][] = [];
  for (const key of Reflect.ownKeys(value)) {
    const field = Object.getOwnPropertyDescriptor(value, key);
    const isInner =
      (key === 'length' && Array.isArray(value)) ||
      (key === 'lastIndex' && value instanceof RegExp);
    if (isInner) continue;
    if (typeof key === 'symbol' || field?.enumerable !== true || !('value' in field))
      return undefined;
    fields.push([key, field.value]);
  }
  return fields;
}

const longestText = 80;

/** What a guard is asked with, for people: `n: 1, field: "replies"`. */
export function describeParams(params: unknown): string {
  if (typeof params === 'function') return 'computed';
  const text = describe(params, 0);
  const inner = text.startsWith('{ ') ? text.slice(2, -2) : text;
  return inner.length > longestText ? `${inner.slice(0, longestText)}…` : inner;
}

// Deeper than this nobody reads.
const mostDepth = 3;

function describe(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth > mostDepth) return '…';
  try {
    const list = (items: Iterable<unknown>): string =>
      Array.from(items, (item) => describe(item, depth + 1)).join(', ');
    if (Array.isArray(value)) return `[${list(value)}]`;
    if (value instanceof Date) return value.toISOString();
    if (value instanceof RegExp) return String(value);
    if (value instanceof Set) return `Set(${list(value)})`;
    if (value instanceof Map) return `Map(${list(value)})`;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return `a ${value.constructor.name}`;
    const fields = Object.entries(value).map(([key, one]) => `${key}: ${describe(one, depth + 1)}`);
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
  } catch {
    return textOf(value);
  }
}
