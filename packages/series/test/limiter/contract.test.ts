import { createRateLimiter } from '../../src/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { testLimiter } from '../support/limiter-contract.ts';

testLimiter('a limiter of one process', {
  noticesWithinMs: 10,
  lateMs: 0,
  open(options) {
    const clock = new FakeClock();
    const limiter = createRateLimiter({ clock, policy: 'burst', ...options });
    const run = <Value>(promise: Promise<Value>) => clock.run(promise);
    return { limiter, now: clock.now, run, close: () => limiter.close() };
  },
});
