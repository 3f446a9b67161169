import { createSandbox } from '@ticket-lifecycle/sandbox';
import {
  createRateLimiter,
  createSeriesClient,
  type SeriesClientOptions,
} from '../../src/index.ts';

// Prints each warning that two clients cause, for one of the cases.

const warnings: unknown[] = [];
process.on('warning', (warning) => {
  const { code } = warning as { code?: string };
  warnings.push({ code, message: warning.message, all: JSON.stringify(warning) });
});

const tickets = [{ ticketId: 'A' }, { ticketId: 'B' }];
const sandbox = createSandbox({ tickets });
const otherSandbox = createSandbox({ tickets });
const shared = createRateLimiter();

const cases: Readonly<Record<string, readonly [Options, Options]>> = {
  'two limiters': [{}, {}],
  'two key functions': [{ apiKey: () => 'sk-first' }, { apiKey: async () => 'sk-first' }],
  'two names of the key in one limiter': [
    { rateLimiter: shared, keyId: 'one' },
    { rateLimiter: shared, keyId: 'two' },
  ],
  'one limiter': [{ rateLimiter: shared }, { rateLimiter: shared }],
  'two keys': [{}, { apiKey: 'sk-second' }],
  'two servers': [{}, { fetch: otherSandbox.fetch }],
  'a limiter of their own each': [{ rateLimiter: { ...shared } }, { rateLimiter: { ...shared } }],
};
type Options = Partial<SeriesClientOptions>;

const clients = (cases[process.argv[2] ?? ''] ?? []).map((options) =>
  createSeriesClient({ apiKey: 'sk-first', fetch: sandbox.fetch, ...options }),
);
for (const _ of tickets) {
  await Promise.allSettled(clients.map((client) => client.getTicket('A')));
}
await new Promise((resolve) => {
  setImmediate(resolve);
});
console.log(JSON.stringify(warnings));
