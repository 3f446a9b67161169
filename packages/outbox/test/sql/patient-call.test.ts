import { expect, test } from 'vitest';
import { DatabaseError, InvalidChangeError } from '../../src/index.ts';
import { patientCall } from '../../src/sql/patient-call.ts';

const failing = (code: string | undefined, times: number) => {
  let calls = 0;
  const call = patientCall(async () => {
    calls += 1;
    if (calls <= times) throw Object.assign(new Error('The database said no.'), { code });
    return true as never;
  });
  return { call: () => call('cancel', {}), count: () => calls };
};

test.each(['40001', '40P01', '55P03'])('asks again what passes: %s', async (code) => {
  const { call, count } = failing(code, 3);
  expect(await call()).toBe(true);
  expect(count()).toBe(4);
});

test.each([
  ['40001', 4],
  ['40P01', 4],
  ['55P03', 4],
  ['57P01', 1],
  ['08006', 1],
  ['53100', 1],
  ['42501', 1],
  ['ECONNREFUSED', 1],
  [undefined, 1],
])('tells an error of its own where it does not: %s', async (code, calls) => {
  const { call, count } = failing(code, Infinity);
  const error: unknown = await call().catch((reason: unknown) => reason);
  expect(DatabaseError.is(error)).toBe(true);
  expect(error).toMatchObject({
    code,
    message: 'The database could not cancel: The database said no. Try again.',
    cause: { message: 'The database said no.' },
  });
  expect(count()).toBe(calls);
});

test('leaves errors of this package as they are', async () => {
  const invalid = new InvalidChangeError('accept: no.');
  await expect(patientCall(async () => Promise.reject(invalid))('accept', {})).rejects.toBe(
    invalid,
  );
});
