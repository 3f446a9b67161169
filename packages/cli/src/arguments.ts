import { InvalidArgumentError } from 'commander';
import { didYouMean } from './near.ts';

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

/** Reads a share, from 0 to 1. */
export function share(value: string): number {
  const number = /^(?:\d+\.?\d*|\.\d+)$/.test(value) ? Number(value) : Number.NaN;
  if (number >= 0 && number <= 1) return number;
  throw new InvalidArgumentError('It takes a share from 0 to 1, such as 0.05.');
}

/** Makes a parser that collects one of some names each time that an option is given. */
export const oneOf =
  <Name extends string>(names: readonly Name[]) =>
  (value: string, before: readonly Name[] = []): readonly Name[] => {
    const name = names.find((one) => one === value);
    if (name !== undefined) return [...before, name];
    throw new InvalidArgumentError(`There is no such name${didYouMean(value, names)}.`);
  };
