/** Says what is wrong with an option's value, as the words that follow "must be". */
type OptionCheck = (value: unknown) => string | undefined;

/** Checks options, and names option, expected and received in one message. */
export function checkOptions<Options extends object>(
  owner: string,
  options: Options,
  checks: { readonly [Name in keyof Options]?: OptionCheck },
): void {
  for (const [name, check] of Object.entries(checks) as [keyof Options & string, OptionCheck][]) {
    const expected = check(options[name]);
    if (expected === undefined) continue;
    // Only numbers are shown: anything else could be a secret in the wrong place.
    const value: unknown = options[name];
    const received =
      typeof value === 'number' || value === undefined || value === null
        ? String(value)
        : `a value of type ${typeof value}`;
    throw new TypeError(`${owner}: option "${name}" must be ${expected}, received ${received}.`);
  }
}

export const wholeNumber: OptionCheck = (value) =>
  Number.isInteger(value) && Number(value) > 0 ? undefined : 'a whole number above 0';

// Longer delays overflow setTimeout, which then fires at once.
export const longestTimerMs = 2 ** 31 - 1;

export const milliseconds: OptionCheck = (value) =>
  typeof value === 'number' && value > 0 && value <= longestTimerMs
    ? undefined
    : `a number of milliseconds above 0 and at most ${longestTimerMs}`;

/** A time to wait, which may be none or without an end. */
export const patience: OptionCheck = (value) =>
  typeof value === 'number' && value >= 0 ? undefined : 'a number of milliseconds from 0';

export const aFunction: OptionCheck = (value) =>
  typeof value === 'function' ? undefined : 'a function';

export const listener: OptionCheck = (value) =>
  value === undefined || typeof value === 'function' ? undefined : 'a function';
