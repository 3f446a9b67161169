import { runConformance } from '@ticket-lifecycle/sandbox/conformance';
import { expect, test } from 'vitest';
import { retryingClients } from '../src/faults/peers.ts';

// What docs/comparison.md says of each: whether it sends a POST again that the server has processed.
const sendsAgain = {
  'octokit + plugin-retry': true,
  openai: true,
  'axios + axios-retry': true,
  ky: false,
  got: false,
};

test.concurrent.for(Object.entries(sendsAgain))(
  '%s sends a change again that was processed: %s',

  async ([name, again], { expect: expectHere }) => {
    const { clients } = await runConformance(
      retryingClients.filter((client) => client.name === name),
      { faults: ['reset-after-applying'], changes: 0, timeoutMs: 10_000, watchMs: 200 },
    );
    expectHere(clients[0]?.faults[0]?.result === 'duplicated').toBe(again);
  },
);

test('every client whose retries are compared is here', () => {
  const others = retryingClients.filter(({ name }) => !name.startsWith('@ticket-lifecycle/'));
  expect(others.map(({ name }) => name).toSorted()).toEqual(Object.keys(sendsAgain).toSorted());
});
