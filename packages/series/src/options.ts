import { longestTimerMs } from './clock.ts';

/** Says what is wrong with an option's value, as the words that follow "must be". */
export type OptionCheck = (value: unknown) => string | undefined;

/** Checks options, and names option, expected and received in one message. */
export function checkOptions<Options extends object>(
  owner: string,
  options: Options,
  checks: { readonly [Name in keyof Options]?: OptionCheck },
  required: readonly (keyof Options)[] = [],
): void {
  if (typeof options !== 'object' || options === null) {
    const received = describeValue(options);
    throw new TypeError(`${owner}: the options must be an object, received ${received}.`);
  }
  for (const [name, check] of Object.entries(checks) as [keyof Options & string, OptionCheck][]) {
    const value = options[name];
    if (value === undefined && !required.includes(name)) continue;
    const expected = check(value);
    if (expected !== undefined) throw invalidOption(owner, name, expected, describeValue(value));
  }
}

export function invalidOption(owner: string, name: string, expected: string, received: string) {
  return new TypeError(`${owner}: option "${name}" must be ${expected}, received ${received}.`);
}

/** Numbers are shown, everything else only by its type: it could be a secret in the wrong place. */
function describeValue(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (value === null || value === undefined) return String(value);
  return `a value of type ${typeof value}`;
}

export const wholeNumber: OptionCheck = (value) =>
  Number.isInteger(value) && Number(value) > 0 ? undefined : 'a whole number above 0';

export const milliseconds: OptionCheck = (value) =>
  typeof value === 'number' && value > 0 && value <= longestTimerMs
    ? undefined
    : `a number of milliseconds above 0 and at most ${longestTimerMs}`;

export const oneOf =
  (...allowed: readonly string[]): OptionCheck =>
  (value) =>
    typeof value === 'string' && allowed.includes(value)
      ? undefined
      : `one of ${allowed.map((name) => `"${name}"`).join(', ')}`;

// What fetch takes: also `null`, for none.
export const aSignal: OptionCheck = (value) =>
  value === null || isSignal(value) ? undefined : 'an AbortSignal';

function isSignal(value: unknown): boolean {
  const { addEventListener, aborted } = Object(value) as Partial<AbortSignal>;
  return typeof addEventListener === 'function' && typeof aborted === 'boolean';
}

export const aBoolean: OptionCheck = (value) =>
  typeof value === 'boolean' ? undefined : 'true or false';

export const aFunction: OptionCheck = (value) =>
  typeof value === 'function' ? undefined : 'a function';

export const hasMethod =
  (name: string, expected: string): OptionCheck =>
  (value) =>
    typeof (value as Readonly<Record<string, unknown>> | null | undefined)?.[name] === 'function'
      ? undefined
      : expected;
