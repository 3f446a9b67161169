import { shorten } from '../blockers.ts';
import { kindOf } from '../values.ts';

/**
 * Prepares telling values apart without loss. Equal texts mean equal values: what a text gives
 * back exactly is compared by that text, as people would write it, and all else (functions,
 * instances of classes, symbols, a RegExp that remembers its last match) by identity.
 *
 * @param identity - names a value that no text gives back
 */
export function createIdentifier(
  identity: (value: unknown) => string = identityIn(new Map()),
): (value: unknown) => string {
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
        // A proxy, a getter that throws, or a Date that is none.
        return identity(value);
      }
    }

    function textOfObject(value: object): string | undefined {
      const prototype: unknown = Object.getPrototypeOf(value);
      const fields = fieldsOf(value);
      if (fields === undefined) return undefined;
      const listOf = (items: Iterable<unknown>) => Array.from(items, textOfValue).join(', ');
      const isList = prototype === Array.prototype && fields.length === (value as []).length;
      if (isList) return `[${listOf(value as [])}]`;
      if (prototype === Object.prototype || prototype === null) {
        const entries = fields
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, one]) => `${nameOf(key)}: ${textOfValue(one)}`);
        const text = entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
        return prototype === null ? `bare${text}` : text;
      }
      if (fields.length > 0) return undefined;
      if (prototype === Set.prototype) return `Set(${listOf(value as Set<unknown>)})`;
      if (prototype === Map.prototype) {
        return `Map(${listOf(value as Map<unknown, unknown>)})`;
      }
      if (prototype === Date.prototype) return (value as Date).toISOString();
      if (prototype !== RegExp.prototype) return undefined;
      return `${value as RegExp}${/[gy]/.test((value as RegExp).flags) ? identity(value) : ''}`;
    }
  };
}

const nameOf = (key: string) => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key));

const identityIn = (known: Map<unknown, number>) => (value: unknown) => {
  const index = known.get(value) ?? known.size;
  known.set(value, index);
  return `identity ${index}`;
};

/** The own fields of an object, unless it has some that are not plain. */
function fieldsOf(value: object): [string, unknown][] | undefined {
  const fields: [string, unknown][] = [];
  for (const key of Reflect.ownKeys(value)) {
    const field = Object.getOwnPropertyDescriptor(value, key);
    if (key === (Array.isArray(value) ? 'length' : value instanceof RegExp && 'lastIndex'))
      continue;
    if (typeof key === 'symbol' || field?.enumerable !== true || !('value' in field))
      return undefined;
    fields.push([key, field.value]);
  }
  return fields;
}

/**
 * Plain data that nobody can change, to keep a lifecycle as it was made: frozen copies of objects and
 * lists, and copies of Maps, Sets and Dates. What is frozen whole stays what it is, so that a guard
 * may find it by identity, as in XState; so do functions and instances of classes, which can't be
 * copied without loss.
 */
export function frozenCopy<Value>(root: Value): Value {
  const copies = new Map<unknown, unknown>();
  return copy(root) as Value;

  function copy(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    try {
      return copies.get(value) ?? (isFixed(value) ? value : copyOf(value));
    } catch {
      // A proxy that throws.
      return value;
    }
  }

  function copyOf(value: object): unknown {
    const prototype: unknown = Object.getPrototypeOf(value);
    const fields = fieldsOf(value);
    if (fields === undefined) return value;
    const isList = prototype === Array.prototype && fields.length === (value as []).length;
    if (isList || prototype === Object.prototype || prototype === null) {
      const made = isList ? [] : (Object.create(prototype) as object);
      copies.set(value, made);
      for (const [key, one] of fields) {
        Object.defineProperty(made, key, { value: copy(one), enumerable: true });
      }
      return Object.freeze(made);
    }
    const Kind = [Set, Map, Date].find((one) => one.prototype === prototype);
    if (Kind === undefined || fields.length > 0) return value;
    // What a Set holds and a Map is asked for is found by identity, which a copy has not.
    const given =
      Kind === Map
        ? Array.from(value as Map<unknown, unknown>, ([key, one]) => [key, copy(one)])
        : value;
    return new (Kind as new (given: unknown) => object)(given);
  }
}

/** Whether a copy would hold the same for ever: of plain data all is frozen, the rest is not copied. */
function isFixed(value: unknown, seen = new Set<unknown>()): boolean {
  if (typeof value !== 'object' || value === null || seen.has(value)) return true;
  seen.add(value);
  const fields = fieldsOf(value);
  if (fields === undefined) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  if ([Set, Map, Date].some((one) => one.prototype === prototype)) return false;
  const isPlain = [Array.prototype, Object.prototype, null].includes(prototype as null);
  return !isPlain || (Object.isFrozen(value) && fields.every(([, one]) => isFixed(one, seen)));
}

const inWords = createIdentifier((value) => {
  if (value instanceof RegExp) return '';
  // A module's namespace has no constructor.
  const made = (Object(value) as { constructor?: { name: string } }).constructor;
  return typeof value === 'object' && made !== undefined ? `a ${made.name}` : kindOf(value);
});

/** What a guard is asked with, for people: `field: "replies", n: 1`. */
export function describeParams(params: unknown): string {
  if (typeof params === 'function') return 'computed';
  const text = inWords(params);
  return shorten(text.startsWith('{ ') ? text.slice(2, -2) : text);
}
