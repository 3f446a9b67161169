import { InvalidArgumentError } from 'commander';

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
