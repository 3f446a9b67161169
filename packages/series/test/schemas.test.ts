import { describe, expect, test } from 'vitest';
import { createSeriesClient, ticketIdSchema } from '../src/index.ts';
import { startServer, success } from './support/server.ts';

const hostile = [
  '..',
  '.',
  '...',
  '',
  'a/b',
  'a\\b',
  'a?b',
  'a#b',
  '%2e%2e',
  'a b',
  'a\nb',
  'a\0b',
  '\ud800',
  // Path parameters, which a server may cut off.
  '..;',
  '..;x=1',
  '.;',
  ';',
  // What a server may take for dots, slashes and the like after normalising.
  '\uFF0E\uFF0E',
  '\u2025',
  '\uFF0E.;',
  'a\uFF0Fb',
  'a\uFF3Cb',
  'a\uFF05b',
  'a\uFF1Fb',
  // Not seen, or seen in another place than they are.
  'a\u202Eb',
  'a\u200Bb',
  'a\u2066b',
  'a\uFEFFb',
  'a\u00ADb',
  'a\u0085b',
  'a\u2028b',
  'a\u3164b',
  'a\u115Fb',
  'a\u034Fb',
  'a\uFE0Fb',
  'a\u{E0041}b',
  'x'.repeat(10_000),
];

describe('an id that could leave its place in the path', () => {
  test.each(hostile.map((id) => [JSON.stringify(id).slice(0, 20), id]))(
    'such as %s sends nothing and says why',
    async (_, ticketId) => {
      await using server = await startServer(success(''));
      const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
      const change = client.changeStatus({ ticketId, status: 'open', staffUserId: 1 });
      await expect(change).rejects.toMatchObject({
        delivery: 'not-sent',
        reason: 'invalid-request',
        message: expect.stringMatching(/^ticketId: a ticket id /),
      });
      await expect(client.getTicket(ticketId)).rejects.toThrow('ticketId');
      expect(server.seen).toEqual([]);
    },
  );

  test('is no string at all', async () => {
    const client = createSeriesClient({ apiKey: 'key' });
    for (const ticketId of [undefined, null, 7, {}, ['a']] as never[]) {
      await expect(client.getTicket(ticketId)).rejects.toThrow('a ticket id must be a string');
    }
  });
});

test('an id with unusual letters reaches its own path, encoded', async () => {
  await using server = await startServer(success(''));
  const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
  await client.changeStatus({ ticketId: 'Tïcket:1&2=ß…', status: 'open', staffUserId: 1 });
  const [, , id] = server.seen[0]?.path?.split('/') ?? [];
  expect(decodeURIComponent(id ?? '')).toBe('Tïcket:1&2=ß…');
});

test.each([
  'TICKET-1234567890-ABCD',
  '65f0c0ffee65f0c0ffee65f0',
  'a.b',
  '..a',
  'v1..2',
  'a;b',
  'T-ä',
  'チケット1',
  'T_1:2@x+y=z~',
])('an id such as %s is fine', (id) => {
  expect(ticketIdSchema.safeParse(id).success).toBe(true);
});

test('the documented id is fine', () => {
  expect(ticketIdSchema.safeParse('TICKET-1234567890-ABCD').success).toBe(true);
  expect(ticketIdSchema.safeParse('65f0c2a9e4b0a1b2c3d4e5f6').success).toBe(true);
});

test('what is sent besides the id is checked as strictly', async () => {
  const client = createSeriesClient({ apiKey: 'key' });
  const send = (status: unknown, staffUserId: unknown) =>
    client.changeStatus({ ticketId: 'T', status, staffUserId } as never);
  await expect(send('Open', 1)).rejects.toThrow('received "Open"');
  for (const staffUserId of [1.5, '1', Number.NaN, 0, -1, undefined, 2 ** 60]) {
    await expect(send('open', staffUserId)).rejects.toThrow('staffUserId:');
  }
});
