import { expect, test } from 'vitest';
import { createMemoryOutbox } from '../../src/index.ts';
import { byHandContract } from '../support/by-hand-contract.ts';
import { circuitContract } from '../support/circuit-contract.ts';
import { contract } from '../support/contract.ts';
import { identityContract } from '../support/identity-contract.ts';
import { change } from '../support/trial.ts';

contract('in memory', async (options) => createMemoryOutbox({ pace: 'burst', ...options }));
identityContract('in memory', async (options) => createMemoryOutbox({ pace: 'burst', ...options }));
byHandContract('in memory', async (options) => createMemoryOutbox({ pace: 'burst', ...options }));
circuitContract('in memory', async (options) => createMemoryOutbox({ pace: 'burst', ...options }));

test('promises no more than memory can keep', async () => {
  const outbox = createMemoryOutbox();
  expect(outbox.capabilities).toEqual({
    transactional: false,
    scope: 'process',
    survives: 'nothing',
    liveness: 'none',
  });
  await expect(outbox.accept(change('TICKET-1'), { tx: {} as never })).rejects.toThrow(
    'no transactions',
  );
  await outbox.close();
});

test.each<[options: object, message: string]>([
  [
    { requestsPerSecond: 0 },
    'option "requestsPerSecond" must be a whole number above 0, received 0',
  ],
  [
    { requestsPerSecond: 100_000 },
    'option "requestsPerSecond" must be at most 10000, received 100000',
  ],
  [{ timeoutMs: Infinity }, 'option "timeoutMs"'],
  [{ requestPerSecond: 5 }, 'unknown option "requestPerSecond". Expected one of'],
  [{ pace: 'fast' as 'even' }, 'option "pace" must be one of "even", "burst", "measured"'],
])('refuses options that make no sense: %o', (options, message) => {
  expect(() => createMemoryOutbox(options)).toThrow(message);
});

test.each([[undefined], [null], [''], ['  '], [7]])(
  'whoever pauses a key or skips a change tells why: %o is no reason',
  async (reason) => {
    const outbox = createMemoryOutbox();
    const id = await outbox.accept(change('TICKET-1'));
    await expect(outbox.pause('default', reason as never)).rejects.toThrow('a text that tells why');
    await expect(outbox.skip(id, reason as never)).rejects.toThrow('a text that tells why');
    expect(await outbox.inspect.paused()).toEqual([]);
    await outbox.close();
  },
);
