import { InvalidChangeError } from './errors.ts';
import { isStorable } from './storable.ts';

// The latest step of a way into a change (a name with its dot, or an index), and the way before it.
type Path = { readonly step: string; readonly before: Path } | undefined;

/**
 * A copy of a value as it is stored and read back. Throws for all that would come back as something
 * else, with its place: the guards would decide by that. A property that is `undefined` is as if absent.
 */
export function plainCopy(value: unknown): unknown {
  const within = new Set<object>();

  function refuse(path: Path, found: string, cure = ''): never {
    const way = textOf(path).replace(/^\./, '');
    const place = way === '' ? 'It' : inShort(way);
    const message = `accept: the change must be plain JSON. ${place} is ${found}.${cure}`;
    throw new InvalidChangeError(message);
  }

  function demandStorable(text: string, path: Path): void {
    if (isStorable(text)) return;
    refuse(path, 'a text with a NUL or half of a surrogate pair', ' Postgres keeps neither.');
  }

  function copyOf(one: unknown, path: Path): unknown {
    switch (typeof one) {
      case 'string':
        demandStorable(one, path);
        return one;
      case 'boolean':
        return one;
      case 'number':
        // JSON has one zero.
        if (Number.isFinite(one)) return one === 0 ? 0 : one;
        return refuse(path, String(one), ' Leave it out, or pass null or a text.');
      case 'object':
        return one === null ? null : copyOfObject(one, path);
      default:
        return refuse(path, cures[typeof one]?.[0] ?? typeof one, cures[typeof one]?.[1]);
    }
  }

  function copyOfObject(one: object, path: Path): unknown {
    if (within.has(one)) refuse(path, 'an object that contains itself');
    within.add(one);
    const copy = Array.isArray(one) ? copyOfList(one, path) : copyOfFields(one, path);
    within.delete(one);
    return copy;
  }

  function copyOfList(list: readonly unknown[], path: Path): unknown[] {
    if (Object.keys(list).length > list.length) {
      refuse(path, 'an array with fields of its own', ' Pass a plain array.');
    }
    // A hole counts as undefined.
    return Array.from(list, (item, at) => copyOf(item, { step: `[${at}]`, before: path }));
  }

  function copyOfFields(one: object, path: Path): object {
    const prototype: unknown = Object.getPrototypeOf(one);
    // That of another realm has none above it, either.
    const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
    if (!isPlain) refuse(path, `of the class ${classOf(one)}`, cureOf(one));
    const symbol = Object.getOwnPropertySymbols(one).find((name) => isVisible(one, name));
    if (symbol !== undefined) refuse(path, `a holder of ${String(symbol)}`, ' Name it by a text.');
    const fields = Object.entries(one).filter(([, field]) => field !== undefined);
    return Object.fromEntries(
      fields.map(([name, field]) => {
        const place = { step: `.${name}`, before: path };
        demandStorable(name, place);
        return [name, copyOf(field, place)];
      }),
    );
  }

  return copyOf(value, undefined);
}

const cures: Partial<Record<string, readonly [found: string, cure: string]>> = {
  undefined: ['undefined', ' Pass null instead.'],
  bigint: ['a bigint', ' Pass a number or a text.'],
  function: ['a function', ' Pass what it gives.'],
  symbol: ['a symbol', ' Pass a text.'],
};

function textOf(path: Path): string {
  const steps: string[] = [];
  for (let last = path; last !== undefined; last = last.before) steps.unshift(last.step);
  return steps.join('');
}

const isVisible = (one: object, name: symbol) =>
  Object.prototype.propertyIsEnumerable.call(one, name);

/** A name as a message shows it. */
export const inShort = (name: string) =>
  JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);

function classOf(one: object): string {
  const { constructor } = one as { readonly constructor?: unknown };
  return typeof constructor === 'function' ? constructor.name : 'unknown';
}

function cureOf(one: object): string {
  if (one instanceof Date) return ' Pass its toISOString().';
  if (one instanceof Map) return ' Pass Object.fromEntries(…) of it.';
  if (one instanceof Set) return ' Pass an array: [...set].';
  return ' Pass a plain object or an array with its values.';
}
