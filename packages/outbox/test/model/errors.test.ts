import { expect, test } from 'vitest';
import {
  DirectoryInUseError,
  FencedError,
  InvalidChangeError,
  OutboxError,
  createMemoryOutbox,
} from '../../src/index.ts';

test('each error knows its own, and the base knows all', () => {
  const classes = [InvalidChangeError, FencedError, DirectoryInUseError];
  for (const one of classes) {
    const error = new one('Not so.');
    expect(OutboxError.is(error)).toBe(true);
    expect(classes.filter((other) => other.is(error))).toEqual([one]);
  }
  for (const other of [new Error('Not so.'), { name: 'FencedError' }, null, undefined]) {
    expect([OutboxError, ...classes].some((one) => one.is(other))).toBe(false);
  }
});

test('a change that could never be delivered says what is wrong with it', async () => {
  const outbox = createMemoryOutbox();
  const error: unknown = await outbox
    .accept({ ticketId: 'TICKET-1', event: 'START', staffUserId: 0 })
    .catch((reason: unknown) => reason);
  expect(InvalidChangeError.is(error) && error.message).toBe(
    'accept: "staffUserId" must be a whole number above 0.',
  );
  await outbox.close();
});
