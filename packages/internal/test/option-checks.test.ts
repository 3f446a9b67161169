import { expect, test } from 'vitest';
import {
  aFunction,
  anything,
  checkOptions,
  hasMethod,
  milliseconds,
  oneOf,
  wholeNumber,
  type OptionChecks,
} from '../src/option-checks.ts';

interface Options {
  readonly apiKey?: string | undefined;
  readonly size?: number | undefined;
  readonly pace?: 'even' | 'burst' | undefined;
}
const checks: OptionChecks<Options> = {
  apiKey: anything,
  size: wholeNumber,
  pace: oneOf('even', 'burst'),
};
const check = (options: unknown, settings?: Parameters<typeof checkOptions<Options>>[3]) =>
  checkOptions('make', options as Options, checks, settings);

test('options that are right, or left out, pass', () => {
  check({});
  check({ size: 1, pace: 'even', apiKey: undefined });
  expect(() => check({ size: undefined })).not.toThrow();
});

test.each<[options: unknown, message: string]>([
  [{ size: 0 }, 'make: option "size" must be a whole number above 0, received 0.'],
  [{ pace: null }, 'make: option "pace" must be one of "even", "burst", received null.'],
  // It could be a key in the wrong place.
  [
    { size: 'secret' },
    'make: option "size" must be a whole number above 0, received a value of type string.',
  ],
  [{ sise: 1 }, 'make: unknown option "sise". Expected one of apiKey, size, pace.'],
  [{ toString: 1 }, 'make: unknown option "toString". Expected one of apiKey, size, pace.'],
  [null, 'make: the options must be an object, received null.'],
  ['secret', 'make: the options must be an object, received a value of type string.'],
])('%j is a TypeError that names option, expected and received', (options, message) => {
  expect(() => check(options)).toThrow(new TypeError(message));
});

test('an option can be required', () => {
  expect(() => check({}, { required: ['size'] })).toThrow('received undefined.');
});

test('a package can show values and throw errors of its own', () => {
  const settings = { show: String, failWith: (message: string) => new RangeError(message) };
  expect(() => check({ pace: 'fast' }, settings)).toThrow(
    new RangeError('make: option "pace" must be one of "even", "burst", received fast.'),
  );
});

test.each([
  [milliseconds, [1, 0.5, 2 ** 31 - 1], [0, -1, 2 ** 31, Infinity, Number.NaN, '1']],
  [wholeNumber, [1, 25], [0, 1.5, -1, '1', Infinity]],
  [aFunction, [() => {}], [{}, 'f']],
  [hasMethod('now', 'a clock'), [{ now: () => 1 }], [{ now: 1 }, null, undefined]],
])('the values that a check takes', (one, good, bad) => {
  expect(good.map(one)).toEqual(good.map(() => undefined));
  for (const value of bad) expect(one(value)).toBeTypeOf('string');
});
