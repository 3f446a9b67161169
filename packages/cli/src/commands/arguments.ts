import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../histories/durations.ts';
import { DuplicateKeyError, parseJson } from '@ticket-lifecycle/internal/histories/json/parse-json';

/** Makes a parser of whole numbers for an option. */
export const wholeNumber =
  (least: number, most: number = Number.MAX_SAFE_INTEGER) =>
  (value: string): number => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    const upTo =
      most === Number.MAX_SAFE_INTEGER ? ` of at least ${least}` : ` from ${least} to ${most}`;
    throw new InvalidArgumentError(`It takes a whole number${upTo}.`);
  };

/** Makes a parser of a length of time, in milliseconds: `10s`, and never a number alone. */
export const duration =
  (most: string) =>
  (value: string): number => {
    const given = parseDuration(value) ?? Number.NaN;
    if (given >= 1 && given <= (parseDuration(most) ?? 0)) return Math.round(given);
    throw new InvalidArgumentError(`It takes a duration up to ${most}, such as 10s or 500ms.`);
  };

/** Parses a share of something: above 0, at most 1. */
export function share(value: string): number {
  const number = /^(0?\.\d+|[01](\.0*)?)$/.test(value) ? Number(value) : Number.NaN;
  if (number > 0 && number <= 1) return number;
  throw new InvalidArgumentError('It takes a number above 0 and at most 1, such as 0.5.');
}

/** Parses a list with commas; repeated, it adds to what was given before. */
export function list(value: string, before: readonly string[] = []): readonly string[] {
  const parts = value.split(',').map((part) => part.trim());
  if (!parts.includes('')) return [...before, ...parts];
  throw new InvalidArgumentError('A part between its commas is empty. Is a variable unset?');
}

/** Takes an option that may be repeated as it is. */
export const repeated = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

/** Whether what a parser makes of an option adds to what was given before. */
export const addsUp = (parser: unknown): boolean => parser === list || parser === repeated;

/** Parses an option that holds JSON. Its value is not repeated: it may hold anything. */
export function json(value: string): unknown {
  try {
    return parseJson(value);
  } catch (error) {
    if (error instanceof DuplicateKeyError) throw new InvalidArgumentError(`It ${error.message}`);
    throw new InvalidArgumentError(`It takes JSON, such as '{"role":"lead"}'.`);
  }
}
