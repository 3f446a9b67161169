import { longestTimerMs } from './wait-at-most.ts';

/** Says what is wrong with an option's value, as the words that follow "must be". */
export type OptionCheck = (value: unknown) => string | undefined;

/** One check for each option that there is. */
export type OptionChecks<Options> = {
  readonly [Name in keyof Options]-?: OptionCheck;
};

/** How options are checked. */
export interface CheckSettings<Options> {
  /**
   * Options that have to be given.
   *
   * @defaultValue none
   */
  readonly required?: readonly (keyof Options & string)[];
  /**
   * Shows a value in a message.
   *
   * @defaultValue numbers as they are, everything else by its type: it may be a secret
   */
  readonly show?: (value: unknown) => string;
  /**
   * Makes the error.
   *
   * @defaultValue a TypeError
   */
  readonly failWith?: (message: string) => Error;
}

/**
 * Checks options. The error names the option, what is expected and what was received; the name of
 * an option that does not exist is an error as well.
 */
export function checkOptions<Options extends object>(
  owner: string,
  options: Options,
  checks: OptionChecks<Options>,
  { required = [], show = showType, failWith = typeError }: CheckSettings<Options> = {},
): void {
  if (typeof options !== 'object' || options === null) {
    throw failWith(`${owner}: the options must be an object, received ${show(options)}.`);
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(checks, name)) continue;
    const known = Object.keys(checks).join(', ');
    throw failWith(`${owner}: unknown option ${shorten(name)}. Expected one of ${known}.`);
  }
  for (const [name, check] of Object.entries(checks) as [keyof Options & string, OptionCheck][]) {
    const value = options[name];
    if (value === undefined && !required.includes(name)) continue;
    const expected = check(value);
    if (expected !== undefined) throw failWith(optionFault(owner, name, expected, show(value)));
  }
}

const typeError = (message: string) => new TypeError(message);

/** The sentence about a wrong option, for a check that needs more than its value. */
export const optionFault = (owner: string, name: string, expected: string, received: string) =>
  `${owner}: option "${name}" must be ${expected}, received ${received}${received.endsWith('?') ? '' : '.'}`;

const shorten = (name: string) => JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);

function showType(value: unknown): string {
  if (typeof value === 'number' || value === null || value === undefined) return String(value);
  return `a value of type ${typeof value}`;
}

/** For an option that is checked elsewhere, or may be anything. */
export const anything: OptionCheck = () => undefined;

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
      : `one of ${allowed.map((name) => JSON.stringify(name)).join(', ')}`;

export const aText: OptionCheck = (value) => (typeof value === 'string' ? undefined : 'a text');

export const aFunction: OptionCheck = (value) =>
  typeof value === 'function' ? undefined : 'a function';

export const hasMethod =
  (name: string, expected: string): OptionCheck =>
  (value) =>
    typeof (value as Readonly<Record<string, unknown>> | null | undefined)?.[name] === 'function'
      ? undefined
      : expected;
