import { quote } from './blockers.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Whether a value from outside is an object with fields. */
export const isRecord = (value: unknown): value is Fields => kindOf(value) === 'an object';

/** Whether a value is a Promise, or can be awaited like one. */
export const isThenable = (value: unknown): boolean =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function';

/** Says what should stand in a place, and what does. */
export const expected = (what: string, value: unknown): string =>
  `Expected ${what}, received ${typeof value === 'string' ? quote(value) : kindOf(value)}.`;

/** What a value is, in words. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
