import { testLimiter } from '../../../series/test/support/limiter-contract.ts';
import { createFleetLimiter } from '../../src/worker/fleet-limiter.ts';
import { createLedger } from '../../src/worker/ledger.ts';
import { createMemoryStore } from '../../src/memory/memory-store.ts';

testLimiter('a limiter of a fleet', {
  noticesWithinMs: 1000,
  lateMs: 10_000,
  open({ requestsPerSecond, maxQueue }) {
    const store = createMemoryStore({ requestsPerSecond, pace: 'burst', timeoutMs: 500 });
    const onError = (error: unknown) => {
      throw error;
    };
    const ledger = createLedger(store, onError);
    const own = { requestsPerSecond, maxQueue, pace: 'burst', onError } as const;
    const limiter = createFleetLimiter(store, ledger, own);
    const run = <Value>(promise: Promise<Value>) => promise;
    return { limiter, now: () => performance.now(), run, close: () => limiter.stop() };
  },
});
