import { expect, test } from 'vitest';
import { setUp } from '../support/bench.ts';

// Requests that are held up after their slots came must not leave together: a bucket that leaks
// would overflow.

const count = 150;
const tickets = Array.from({ length: count }, (_, index) => ({ ticketId: `T-${index}` }));
const seeded = () => {
  let state = 7;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
};

test.each([['paced'], ['even']] as const)(
  'a slow key function or a slow guard breaks no pace: %s',
  async (policy) => {
    for (const slow of ['apiKey', 'beforeSend'] as const) {
      const random = seeded();
      const { clock, client } = setUp(
        {},
        (_, forward, __, time) => time.sleep(20).then(forward),
        { tickets, limit: 'leaky-bucket' },
        {
          policy,
          apiKey: async () => {
            if (slow === 'apiKey') await clock.sleep(random() * 300);
            return 'key';
          },
        },
      );
      const beforeSend = async () => {
        if (slow === 'beforeSend') await clock.sleep(random() * 300);
      };
      const from = clock.now();
      const changes = tickets.map(({ ticketId }) =>
        client.changeStatus({ ticketId, status: 'closed', staffUserId: 1 }, { beforeSend }),
      );
      await clock.run(Promise.all(changes));
      expect(client.rateLimiter.describe(client.keyId).limited).toBe(0);
      // The whole budget would take 40 ms for each.
      expect(clock.now() - from).toBeLessThan(count * 60);
    }
  },
);
