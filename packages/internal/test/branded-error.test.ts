import { expect, test } from 'vitest';
import { createErrorBrand } from '../src/branded-error.ts';

/** As each copy of a package makes its class. */
function copy() {
  const brand = createErrorBrand('@ticket-lifecycle/internal/test/MadeError');
  return class MadeError extends Error {
    constructor(message: string) {
      super(message);
      brand.mark(this);
    }
    static is(this: void, value: unknown): value is MadeError {
      return brand.isOn(value);
    }
  };
}

test('an error of another copy of the package is recognised', () => {
  const [One, Other] = [copy(), copy()];
  const error = new One('Not so.');
  expect(error instanceof Other).toBe(false);
  expect(Other.is(error)).toBe(true);
  // The brand is not in the way where an error is printed or copied.
  expect(Object.keys(error)).toEqual([]);
});

test('nothing else is recognised', () => {
  const { is } = copy();
  expect([new Error('Not so.'), {}, null, undefined, 'MadeError'].some(is)).toBe(false);
  expect(createErrorBrand('another').isOn(new (copy())('Not so.'))).toBe(false);
});
