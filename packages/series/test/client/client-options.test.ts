import { describe, expect, test } from 'vitest';
import { createRateLimiter, createSeriesClient, createTicketWorkflow } from '../../src/index.ts';

describe('an option that makes no sense is refused at once, with what was expected', () => {
  test.each([
    [
      {},
      '"apiKey" must be a non-empty string of visible ASCII characters, or a function that gives one, received nothing',
    ],
    [{ apiKey: '' }, 'received an empty string'],
    [{ apiKey: 7 }, 'received a number'],
    [{ apiKey: 'a\r\nx-evil: 1' }, 'received a string with white space, control or non-ASCII'],
    [undefined, 'the options must be an object, received undefined'],
    [null, 'the options must be an object, received null'],
    [{ apiKey: 'k', baseUrl: 'nonsense' }, '"baseUrl" must be a URL'],
    [{ apiKey: 'k', baseUrl: Object.create(null) }, '"baseUrl" must be a URL'],
    [{ apiKey: 'k', baseUrl: 'http://api.series.hr' }, '"baseUrl" must be an https URL'],
    [{ apiKey: 'k', baseUrl: 'http://127.0.0.1.evil.example' }, '"baseUrl" must be an https URL'],
    [{ apiKey: 'k', baseUrl: 'http://localhost.evil.example' }, '"baseUrl" must be an https URL'],
    [{ apiKey: 'k', baseUrl: 'ftp://api.series.hr' }, '"baseUrl" must be an https URL'],
    [{ apiKey: 'k', baseUrl: 'https://u:p@api.series.hr' }, 'without user name and password'],
    [{ apiKey: 'k', baseUrl: 'https://api.series.hr/?a=1' }, 'without query and fragment'],
    [
      { apiKey: 'k', authHeader: 'authorization' },
      '"authHeader" must be one of "apikey", "x-api-key"',
    ],
    [{ apiKey: 'k', timeoutMs: -5 }, '"timeoutMs" must be a number of milliseconds above 0'],
    [{ apiKey: 'k', timeoutMs: Number.NaN }, 'received NaN'],
    [{ apiKey: 'k', maxWaitMs: 2 ** 31 }, '"maxWaitMs"'],
    [{ apiKey: 'k', requestsPerSecond: 2.5 }, '"requestsPerSecond" must be a whole number above 0'],
    [{ apiKey: 'k', fetch: 'fetch' }, '"fetch" must be a function'],
    [{ apiKey: 'k', rateLimiter: {} }, '"rateLimiter" must be a RateLimiter'],
    [
      { apiKey: 'k', rateLimiter: createRateLimiter(), requestsPerSecond: 6 },
      '"requestsPerSecond" must be left out beside "rateLimiter": give it to the limiter, received 6.',
    ],
    [{ apiKey: 'k', clock: null }, '"clock" must be a Clock, received null'],
    [{ apiKey: 'k', keyId: '' }, '"keyId" must be a name'],
    [{ apikey: 'k' }, 'unknown option "apikey". Expected one of apiKey, baseUrl,'],
  ])('%j', (options, message) => {
    expect(() => createSeriesClient(options as never)).toThrow(message);
  });

  test('of a workflow as well', () => {
    const client = createSeriesClient({ apiKey: 'k' });
    expect(() => createTicketWorkflow({ client } as never)).toThrow('"lifecycle" must be');
    expect(() =>
      createTicketWorkflow({ lifecycle: { explain() {} }, client, read: 'often' } as never),
    ).toThrow('"read"');
  });
});

test.each([
  [{ signal: new AbortController() }, 'get-ticket: option "signal" must be an AbortSignal'],
  [{ priority: 'urgent' }, '"priority"'],
  [{ maxWaitMs: 'long' }, '"maxWaitMs"'],
  [{ onEvent: {} }, '"onEvent" must be a function'],
])('of a call as well: %o', async (options, message) => {
  const client = createSeriesClient({ apiKey: 'k', baseUrl: 'http://127.0.0.1:1' });
  await expect(client.getTicket('T-1', options as never)).rejects.toThrow(message);
});

test('plain HTTP is accepted on the own machine', () => {
  for (const baseUrl of [
    'http://127.0.0.1:4010',
    'http://127.9.9.9',
    'http://localhost:1',
    'http://[::1]:80/x',
    new URL('https://h.example'),
  ]) {
    expect(() => createSeriesClient({ apiKey: 'k', baseUrl })).not.toThrow();
  }
});
