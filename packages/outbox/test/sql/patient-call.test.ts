import { describe, expect, test } from 'vitest';
import { DatabaseError, InvalidChangeError } from '../../src/index.ts';
import { isLasting } from '../../src/model/errors.ts';
import { callOn } from '../../src/sql/call.ts';
import { entering, opening, patientCall } from '../../src/sql/patient-call.ts';

const patience = { explain: async () => [] };

const failing = (code: string | undefined, times: number) => {
  let calls = 0;
  const call = patientCall(async () => {
    calls += 1;
    if (calls <= times) throw Object.assign(new Error('The database said no.'), { code });
    return true as never;
  }, patience);
  return { call: () => call('cancel', {}), count: () => calls };
};

test.each(['40001', '40P01', '55P03'])('asks again what passes: %s', async (code) => {
  const { call, count } = failing(code, 3);
  expect(await call()).toBe(true);
  expect(count()).toBe(4);
});

test.each([
  ['40001', 4, 'Try again.'],
  ['40P01', 4, 'Try again.'],
  ['55P03', 4, 'Try again.'],
  ['57P01', 1, 'Try again.'],
  ['08006', 1, 'Try again.'],
  ['53100', 1, 'Try again.'],
  ['42501', 1, "Give that right to the pool's role."],
  ['28P01', 1, 'Check the user, the password and the database of the pool.'],
  ['ECONNREFUSED', 1, 'Check that Postgres is running where the pool connects to.'],
  [
    '25006',
    1,
    'Connect the pool to the primary, and turn default_transaction_read_only off for its role.',
  ],
  ['57014', 1, "Raise statement_timeout for the pool's role, or turn it off."],
  [undefined, 1, 'Try again.'],
])('tells an error of its own where it does not: %s', async (code, calls, cure) => {
  const { call, count } = failing(code, Infinity);
  const error: unknown = await call().catch((reason: unknown) => reason);
  expect(DatabaseError.is(error)).toBe(true);
  expect(error).toMatchObject({
    code,
    message: `The database could not cancel: The database said no. ${cure}`,
    cause: { message: 'The database said no.' },
  });
  expect(count()).toBe(calls);
});

test('names who keeps the lock that it waited for in vain', async () => {
  const refuse = async () => {
    throw Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' });
  };
  const explain = async () => [new Error('Session 12 keeps the outbox waiting.')];
  await expect(
    patientCall(refuse, { explain, tries: 1, wanted: 'read the outbox' })('blocked', {}),
  ).rejects.toMatchObject({
    name: 'DatabaseError',
    code: '55P03',
    message:
      'The database could not read the outbox: canceling statement due to lock timeout. Session 12 keeps the outbox waiting.',
  });
});

test('leaves errors of this package as they are', async () => {
  const invalid = new InvalidChangeError('accept: no.');
  await expect(
    patientCall(async () => Promise.reject(invalid), patience)('accept', {}),
  ).rejects.toBe(invalid);
});

describe('a library that renames what it reads', () => {
  const renaming = callOn({ executeSql: async () => ({ rows: [{ RESULT: 'true' }] }) }, 'ours');

  test('keeps a worker from starting, which is not tried again', async () => {
    const error: unknown = await entering(() => renaming('enter', {}), patience.explain).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(isLasting(error)).toBe(true);
  });

  test('is the cure that is told, and no further try', async () => {
    await expect(patientCall(renaming, patience)('cancel', {})).rejects.toMatchObject({
      name: 'DatabaseError',
      message: expect.stringMatching(
        /^The database could not cancel: The answer to a statement must be .* parse what it reads\.$/,
      ) as string,
    });
  });
});

test('an outbox that cannot be opened says why, whatever the addresses that were tried', async () => {
  const refused = (address: string) =>
    Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: 'ECONNREFUSED' });
  const cause = Object.assign(
    new AggregateError([refused('::1:5432'), refused('127.0.0.1:5432')]),
    { code: 'ECONNREFUSED' },
  );
  await expect(opening(() => Promise.reject(cause))).rejects.toMatchObject({
    name: 'DatabaseError',
    message:
      'The database could not open the outbox: connect ECONNREFUSED ::1:5432, connect ECONNREFUSED 127.0.0.1:5432. Check that Postgres is running where the pool connects to.',
    code: 'ECONNREFUSED',
    cause,
  });
  const ours = new Error('The outbox needs Postgres 14 or newer, found 130000.');
  await expect(opening(() => Promise.reject(ours))).rejects.toBe(ours);
});
