import { quote } from './blockers.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What guards see where neither the caller nor the machine has a context, and similar voids. */
export const noFields: Readonly<Record<string, never>> = Object.freeze({});

/** Whether a value from outside is an object with fields. */
export const isRecord = (value: unknown): value is Fields => kindOf(value) === 'an object';

/** Whether a value can be walked. A text could be too, letter by letter, and is no list. */
export const isList = (value: unknown): value is Iterable<unknown> =>
  typeof value !== 'string' &&
  typeof (value as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === 'function';

/** What a machine has under a name, as XState looks it up, but not what every object inherits. */
export const implementationOf = (all: object, name: string): unknown =>
  name in {} && !Object.hasOwn(all, name) ? undefined : (all as Fields)[name];

/** Whether a value is a Promise, or can be awaited like one. */
export const isThenable = (value: unknown): boolean =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function';

/** The facts of a place that holds something else than it should. */
export const mismatch = (expected: string, value: unknown) => ({
  expected,
  received: inWords(value),
});

/** Says what should stand in a place, and what does. */
export const expected = (what: string, value: unknown): string =>
  `Expected ${what}, received ${inWords(value)}.`;

/** What was received, in words: a text, a number or a boolean as it is, all else by its kind. */
export function inWords(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return quote(value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : kindOf(value);
}

/** What a value is, in words. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
