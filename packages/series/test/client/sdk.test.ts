import { ticketStatuses } from '@ticket-lifecycle/core';
import { createSandbox } from '@ticket-lifecycle/sandbox';
import { describe, expect, test } from 'vitest';
import {
  createSeriesClient,
  SeriesError,
  type AttemptEnded,
  type CallOptions,
  type SeriesClientOptions,
  type TicketListQuery,
} from '../../src/index.ts';
import { statusSchema } from '../../src/schemas.ts';
import { failure, json, startServer, ticket, type Answer } from '../support/server.ts';

const apiKey = 'sk-live-1234';
const change = { ticketId: 'TICKET-1', status: 'open', staffUserId: 7 } as const;
const done = { success: true, data: { message: 'ok' } };

async function open(answer: Answer, options: Partial<SeriesClientOptions> = {}) {
  const server = await startServer(answer);
  const client = createSeriesClient({ apiKey, baseUrl: server.url, ...options });
  return { server, client, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const errorOf = async (call: Promise<unknown>): Promise<SeriesError> => {
  const error: unknown = await call.catch((reason: unknown) => reason);
  if (!SeriesError.is(error)) throw new Error('It did not fail.', { cause: error });
  return error;
};

describe('unclaim', () => {
  test('gives a claimed ticket back, and its status stays', async () => {
    const { fetch, tickets } = createSandbox({ tickets: [{ ticketId: 'T-1', claimedBy: 7 }] });
    const client = createSeriesClient({ apiKey, fetch });
    const { attempts } = await client.unclaim({ ticketId: 'T-1', staffUserId: 7 });
    expect([attempts, tickets.get('T-1')?.claimedBy, tickets.get('T-1')?.status]).toEqual([
      1,
      undefined,
      'open',
    ]);
    const error = await errorOf(client.unclaim({ ticketId: 'T-1', staffUserId: 7 }));
    expect(error).toMatchObject({ code: 'not-claimed', delivery: 'refused' });
  });

  test('is sent once where the answer is lost: it may add a message that people see', async () => {
    await using bench = await open((response) => response.destroy());
    const error = await errorOf(bench.client.unclaim({ ticketId: 'T-1', staffUserId: 7 }));
    expect(error).toMatchObject({ delivery: 'unknown', attempts: 1 });
    expect(bench.server.seen.map(({ path, body }) => [path, body])).toEqual([
      ['/tickets/T-1/unclaim', '{"staffUserId":7}'],
    ]);
  });

  test.each([{ ticketId: '..' }, { staffUserId: 0 }])('checks what it sends: %o', async (wrong) => {
    const client = createSeriesClient({ apiKey });
    const error = await errorOf(client.unclaim({ ticketId: 'T-1', staffUserId: 7, ...wrong }));
    expect(error).toMatchObject({ reason: 'invalid-request', attempts: 0 });
  });
});

describe('all tickets', () => {
  const sandboxOf = (count: number) =>
    createSandbox({
      limit: 'none',
      tickets: Array.from({ length: count }, (_, index) => ({ ticketId: `T-${index}` })),
    });

  test.each([0, 1, 10, 11, 35])('come each once: %i of them', async (count) => {
    const { fetch } = sandboxOf(count);
    const client = createSeriesClient({ apiKey, fetch });
    const ids: string[] = [];
    for await (const { ticketId } of client.tickets({ status: 'open' })) ids.push(ticketId);
    expect(ids.toSorted()).toEqual(Array.from({ length: count }, (_, at) => `T-${at}`).toSorted());
  });

  test('come each once though what is done with them takes them off the list', async () => {
    const { fetch, tickets } = sandboxOf(35);
    const client = createSeriesClient({ apiKey, fetch });
    for await (const { ticketId } of client.tickets({ status: 'open' })) {
      tickets.setStatus(ticketId, 'in-progress');
    }
    expect(tickets.list().filter(({ status }) => status === 'open')).toEqual([]);
  });

  test('end where the server gives the same page for ever', async () => {
    const page = {
      success: true,
      data: { Tickets: [{ TicketId: 'T-1', Status: 'open' }], Pagination: { HasNextPage: true } },
    };
    await using bench = await open(json(200, page), { requestsPerSecond: 25 });
    const ids: string[] = [];
    for await (const { ticketId } of bench.client.tickets()) ids.push(ticketId);
    expect(ids).toEqual(['T-1']);
    expect(bench.server.seen.length).toBeLessThan(6);
  });

  const page = (...ids: string[]) => ids.map((TicketId) => ({ TicketId, Status: 'open' }));

  test.each([
    ['the pages do not say how many there are', [page('T-1'), [{}], page('T-3')], {}],
    ['one holds nothing readable', [page('T-1'), [{}], page('T-3')], { HasNextPage: true }],
  ])('come all though %s', async (_, pages, Pagination) => {
    const client = createSeriesClient({
      apiKey,
      fetch: async (input) => {
        const asked = Number(new URL(new Request(input).url).searchParams.get('page'));
        const Tickets = pages[asked - 1] ?? [];
        return Response.json({ success: true, data: { Tickets, Pagination } });
      },
    });
    const ids: string[] = [];
    for await (const { ticketId } of client.tickets()) ids.push(ticketId);
    expect(ids).toEqual(['T-1', 'T-3']);
  });

  /** What a list of so many tickets yields, whose server answers each page as it is told. */
  async function listed(
    count: number,
    answer: (page: {
      readonly asked: number;
      readonly reading: number;
      readonly ids: (page: number) => readonly string[];
    }) => { readonly Tickets?: readonly unknown[]; readonly Pagination?: object },
  ) {
    let reading = 0;
    const asked: number[] = [];
    const client = createSeriesClient({
      apiKey,
      requestsPerSecond: 1000,
      fetch: async (input) => {
        const number = Number(new URL(new Request(input).url).searchParams.get('page'));
        asked.push(number);
        if (number === 1) reading += 1;
        const ids = (of: number) =>
          Array.from({ length: count }, (_, index) => `T-${index}`).slice(10 * of - 10, 10 * of);
        const { Tickets = page(...ids(number)), Pagination } = answer({
          asked: number,
          reading,
          ids,
        });
        const TotalPages = Math.ceil(count / 10);
        const told = { TotalPages, TotalCount: count, HasNextPage: number < TotalPages };
        const data = { Tickets, Pagination: { ...told, ...Pagination } };
        return Response.json({ success: true, data });
      },
    });
    const ids: string[] = [];
    const all = async () => {
      for await (const { ticketId } of client.tickets()) ids.push(ticketId);
    };
    const error = await all().catch((reason: unknown) => reason);
    return { error, ids, asked };
  }

  test('come all though a page comes twice, or empty, the first time', async () => {
    const repeated = await listed(35, ({ asked, reading, ids }) =>
      asked === 2 && reading === 1 ? { Tickets: page(...ids(1)) } : {},
    );
    expect(repeated.error).toBeUndefined();
    expect(new Set(repeated.ids).size).toBe(35);
    expect(repeated.ids).toHaveLength(35);
    const empty = await listed(35, ({ asked, reading }) =>
      asked === 2 && reading === 1 ? { Tickets: [] } : {},
    );
    expect([empty.error, empty.ids.length]).toEqual([undefined, 35]);
  });

  test.each<[string, number, Parameters<typeof listed>[1]]>([
    [
      'a page always repeats another',
      25,
      ({ asked, ids }) => (asked === 2 ? { Tickets: page(...ids(1)) } : {}),
    ],
    ['every page is the first', 10, ({ ids }) => ({ Tickets: page(...ids(1)) })],
    ['a page is always empty', 25, ({ asked }) => (asked === 2 ? { Tickets: [] } : {})],
    ['there is said to be no next page', 10, () => ({ Pagination: { HasNextPage: false } })],
    ['all pages are empty', 0, () => ({ Tickets: [], Pagination: { HasNextPage: true } })],
  ])('end with an error where %s, and with what was found before it', async (_, found, answer) => {
    const { error, ids, asked } = await listed(35, answer);
    expect(ids).toHaveLength(found);
    expect(error).toMatchObject({ delivery: 'unknown', reason: 'contradiction' });
    expect(String(error)).toContain(`${found} of 35`);
    expect(asked.filter((one) => one === 1)).toHaveLength(2);
  });

  test('are as many as the total, with those that are left out, or that come meanwhile', async () => {
    const unreadable = await listed(35, ({ asked, ids }) =>
      asked === 2 ? { Tickets: [{}, ...page(...ids(2)).slice(1)] } : {},
    );
    expect([unreadable.error, unreadable.ids.length]).toEqual([undefined, 34]);
    const grown = await listed(35, ({ asked }) => ({ Pagination: { TotalCount: 34 + asked } }));
    expect([grown.error, grown.ids.length]).toEqual([undefined, 35]);
    for (const { asked } of [unreadable, grown]) expect(asked).toEqual([1, 2, 3, 4]);
  });

  test('come all though one moves up late in a long list', async () => {
    const { fetch, tickets } = sandboxOf(60);
    let pages = 0;
    const client = createSeriesClient({
      apiKey,
      fetch: async (...call) => {
        const answer = await fetch(...call);
        if ((pages += 1) === 5) tickets.setStatus(first, 'in-progress');
        return answer;
      },
    });
    const [{ ticketId: first } = { ticketId: '' }] = (await client.listTickets({ status: 'open' }))
      .tickets;
    pages = 0;
    const ids = new Set<string>();
    for await (const { ticketId } of client.tickets({ status: 'open' })) ids.add(ticketId);
    expect(ids.size).toBe(60);
  });

  test('end with the signal, and with what a page fails with', async () => {
    const { fetch } = sandboxOf(35);
    const client = createSeriesClient({ apiKey, fetch });
    const stop = new AbortController();
    const all = async () => {
      for await (const _ of client.tickets({}, { signal: stop.signal })) stop.abort();
    };
    expect(await errorOf(all())).toMatchObject({ reason: 'aborted' });
  });
});

describe('a ticket', () => {
  test('comes whole, with names as the other calls have them', async () => {
    const sandbox = createSandbox({
      tickets: [{ ticketId: 'T-1', category: 'bug', department: 'it', priority: 'high' }],
    });
    sandbox.tickets.claim('T-1', { staffUserId: 7 });
    sandbox.tickets.reply('T-1', 'Thanks!');
    const client = createSeriesClient({ apiKey, fetch: sandbox.fetch });
    const read = await client.getTicket('T-1');
    expect(read).toMatchObject({
      category: 'bug',
      department: 'it',
      priority: 'high',
      author: { userId: 1001, username: 'customer', displayName: 'Customer' },
      claimedBy: 7,
      claimedByUser: { userId: 7, username: 'staff-7', displayName: 'Staff member 7' },
      messages: [
        { content: 'Hello, I need help.', type: 'author_message', author: { userId: 1001 } },
        { content: 'Thanks!' },
      ],
      raw: { TicketId: 'T-1', GameReport: null },
    });
    const [listed] = (await client.listTickets()).tickets;
    expect({ ...listed, response: read.response, clockOffset: read.clockOffset }).toEqual(read);
  });

  test('keeps the fields that we do not know, and bears those that are broken', async () => {
    const raw = {
      TicketId: 'TICKET-1',
      Status: 'open',
      Mood: 'sad',
      Category: 7,
      Author: 'somebody',
      Content: { msj_1: { Content: 'Hi', Author: null }, msj_2: 'broken', msj_3: null },
      ClaimedByUser: { UserId: 'x' },
    };
    await using bench = await open(json(200, { success: true, data: { Ticket: raw } }));
    const read = await bench.client.getTicket('TICKET-1');
    expect(read.raw).toEqual(raw);
    expect(read).toMatchObject({
      category: undefined,
      author: undefined,
      claimedBy: undefined,
      messages: [{ id: 'msj_1', content: 'Hi', author: undefined, type: undefined }],
    });
  });
});

describe('the answer behind a result or an error', () => {
  const headers = { 'x-request-id': 'r-1', 'x-echo': `a ${apiKey} b`, 'set-cookie': 'secret=1' };
  const cases: [string, Answer, string][] = [
    ['a refusal', json(403, { success: false }, headers), 'SeriesApiError'],
    ['a server error', json(500, 'Oops', headers), 'OutcomeUnknownError'],
    ['a redirect', json(307, '', { ...headers, location: '/x' }), 'OutcomeUnknownError'],
    ['a success that is none', json(200, 'Hello', headers), 'OutcomeUnknownError'],
    ['429s', json(429, '', headers), 'RateLimitedError'],
  ];

  test.each(cases)('shows status, request id and headers: %s', async (_, answer, name) => {
    await using bench = await open(answer, { maxWaitMs: 3000 });
    const error = await errorOf(bench.client.changeStatus(change));
    expect(error).toMatchObject({ name, response: { requestId: 'r-1' } });
    expect(error.response?.headers.get('x-echo')).toBe('a [redacted] b');
    expect(error.response?.headers.get('set-cookie')).toBeNull();
  });

  test('comes with results, too', async () => {
    await using bench = await open(json(200, done, headers));
    const { response } = await bench.client.changeStatus(change);
    expect([response?.httpStatus, response?.requestId]).toEqual([200, 'r-1']);
  });

  test('is missing where none came', async () => {
    await using bench = await open((response) => response.destroy());
    expect((await errorOf(bench.client.changeStatus(change))).response).toBeUndefined();
  });
});

describe('options of one call', () => {
  test('timeoutMs: as long as this call may wait for its answer', async () => {
    await using bench = await open(() => {});
    const error = await errorOf(bench.client.changeStatus(change, { timeoutMs: 2000 }));
    expect(error).toMatchObject({ delivery: 'unknown', reason: 'timeout' });
  });

  test('headers: sent along, under whatever case, and the key stays', async () => {
    await using bench = await open(json(200, done));
    await bench.client.changeStatus(change, { headers: { 'X-Tenant': 'a', traceparent: 'b' } });
    const [seen] = bench.server.seen;
    expect(seen?.headers).toMatchObject({ 'x-tenant': 'a', traceparent: 'b', apikey: apiKey });
  });

  const wrong: [string, unknown, string][] = [
    ['the header of the key', { ApiKey: 'x' }, 'without "ApiKey", which the client writes itself'],
    ['the other header of the key', { 'x-api-key': 'x' }, 'without "x-api-key"'],
    ['the length of the body', { 'Content-Length': '9' }, 'without "Content-Length"'],
    ['the host', { host: 'elsewhere' }, 'without "host"'],
    ['a line break', { 'x-a': 'b\r\nx-c: d' }, '"x-a" is none'],
    ['a number', { 'x-a': 7 }, '"x-a" is none'],
    ['a name that is none', { 'x a': 'b' }, 'names of headers'],
    ['a list', [['x-a', 'b']], 'an object of header names and values'],
    ['an object whose names do not show', new Headers({ 'x-a': 'b' }), 'an object of header names'],
  ];
  test.each(wrong)('headers can not hold %s', async (_, headers, text) => {
    const client = createSeriesClient({ apiKey });
    const call = client.changeStatus(change, { headers } as CallOptions);
    await expect(call).rejects.toThrow(text);
  });
});

describe('a list of tickets is refused', () => {
  const wrong: [string, unknown, string][] = [
    ['a filter that does not exist', { stauts: 'closed' }, 'unknown option "stauts". Expected one'],
    ['a name that every object has', { toString: 'closed' }, 'unknown option "toString"'],
    ['an option of the call', { signal: AbortSignal.abort() }, 'unknown option "signal"'],
    ['a wrong filter beside a right one', { page: 2, perPage: 9 }, 'unknown option "perPage"'],
    ['a text', 'closed', 'the options must be an object'],
    ['a list', ['closed'], 'unknown option "0"'],
    ['null', null, 'the options must be an object, received null'],
    ['a filter of nothing', { author: null }, 'option "author" must be a text, received null'],
    ['a filter that is no text', { department: {} }, 'option "department" must be a text'],
  ];
  test.each(wrong)('for %s: it would hold all tickets', async (_, query, text) => {
    await using bench = await open(json(200, done));
    const { client, server } = bench;
    const filter = query as TicketListQuery;
    await expect(client.listTickets(filter)).rejects.toThrow(`list-tickets: ${text}`);
    const all = client.tickets(filter)[Symbol.asyncIterator]();
    await expect(all.next()).rejects.toThrow(`list-tickets: ${text}`);
    expect(server.seen).toEqual([]);
  });
});

describe('a wrapper of attempts', () => {
  const wrappers: [string, CallOptions['wrapAttempt']][] = [
    ['that does not send', () => {}],
    ['that sends later', (_, send) => setTimeout(send, 1)],
    ['that sends twice', (_, send) => [send(), send()]],
    [
      'that fails',
      () => {
        throw new Error('broken');
      },
    ],
    [
      'that fails after it has sent',
      (_, send) => {
        send();
        throw new Error('broken');
      },
    ],
  ];

  test.each(wrappers)('%s changes nothing: the request is sent once', async (_, wrapAttempt) => {
    await using bench = await open(json(200, done));
    const { attempts } = await bench.client.changeStatus(change, { wrapAttempt });
    await bench.client.changeStatus(change);
    expect([attempts, bench.server.seen.length]).toEqual([1, 2]);
  });

  test('may add headers, but not ours, and a broken one stops nothing', async () => {
    await using bench = await open(json(200, done));
    await bench.client.changeStatus(change, {
      wrapAttempt: (_, send) => send({ Traceparent: 't', apikey: 'other', 'x-bad': 'a\nb' }),
    });
    expect(bench.server.seen[0]?.headers).toMatchObject({ traceparent: 't', apikey: apiKey });
    expect(bench.server.seen[0]?.headers).not.toHaveProperty('x-bad');
  });
});

describe('who asks', () => {
  test.each([
    [{}, /^ticket-lifecycle-series\/\d\S*$/],
    [{ appInfo: { name: 'desk' } }, /^ticket-lifecycle-series\/\S+ desk$/],
    [
      { appInfo: { name: 'desk', version: '1.2', url: 'https://desk.example' } },
      /^ticket-lifecycle-series\/\S+ desk\/1\.2 \(https:\/\/desk\.example\)$/,
    ],
    [{ userAgent: 'mine/1' }, /^mine\/1$/],
    [{ userAgent: 'mine/1', appInfo: { name: 'desk' } }, /^mine\/1 desk$/],
  ])('%o', async (options, expected) => {
    await using bench = await open(json(200, done), options);
    await bench.client.changeStatus(change);
    expect(bench.server.seen[0]?.headers['user-agent']).toMatch(expected);
  });

  test.each([
    [{ appInfo: { name: 'a\r\nb' } }, 'appInfo'],
    [{ appInfo: {} }, 'appInfo'],
    [{ userAgent: '' }, 'userAgent'],
    [{ logger: {} }, 'logger'],
    [{ beforeAttempt: true }, 'beforeAttempt'],
  ])('and what makes no sense is refused: %o', (options, name) => {
    expect(() => createSeriesClient({ apiKey, ...options } as SeriesClientOptions)).toThrow(
      `option "${name}" must be`,
    );
  });
});

// The test runner reports a rejection that nobody handles.
const failures: [string, () => void][] = [
  [
    'throws',
    () => {
      throw new Error('disk full');
    },
  ],
  ['rejects', () => Promise.reject(new Error('disk full'))],
];

describe('a logger', () => {
  test('is told of each step, and warned of what may need a person', async () => {
    const lines: [string, string][] = [];
    const logger = {
      debug: (message: string) => void lines.push(['debug', message]),
      warn: (message: string) => void lines.push(['warn', message]),
    };
    const answers = [json(429, ''), failure(503, apiKey), ticket('open')];
    await using bench = await open((...call) => answers[call[2] - 1]?.(...call), { logger });
    await bench.client.getTicket('TICKET-1');
    const text = lines.map((line) => line.join(': ')).join('\n');
    expect(text).toContain('warn: GET /tickets/get/{ticketId} ended as limited: 429 rate-limited.');
    expect(text).toContain('warn: The rate limiter reports: paused.');
    expect(text).toContain('warn: GET /tickets/get/{ticketId} ended as unknown: 503 server-error.');
    expect(text).toContain('is tried again in');
    expect(text).toContain('debug: GET /tickets/get/{ticketId} ended as applied: 200.');
    expect(text).not.toContain(apiKey);
  });

  test.each(failures)('that %s breaks nothing, and keeps nothing from others', async (_, fail) => {
    const seen: string[] = [];
    const answers = [json(429, ''), json(200, done)];
    await using bench = await open((...call) => answers[call[2] - 1]?.(...call), {
      logger: { debug: fail, warn: fail },
    });
    bench.client.rateLimiter.on?.(fail);
    const onEvent: CallOptions['onEvent'] = ({ type }) => {
      seen.push(type);
      return fail();
    };
    await bench.client.changeStatus(change, { onEvent });
    expect(seen.slice(0, 4)).toEqual(['queued', 'slot', 'sent', 'answered']);
  });
});

describe('hooks around each attempt', () => {
  test('see what is sent and what comes back', async () => {
    const before: number[] = [];
    const after: AttemptEnded[] = [];
    const answers = [failure(503, 'Down'), ticket('open')];
    await using bench = await open((...call) => answers[call[2] - 1]?.(...call), {
      beforeAttempt: ({ attempt }) => before.push(attempt),
      afterAttempt: (ended) => after.push(ended),
    });
    await bench.client.getTicket('TICKET-1');
    expect(before).toEqual([1, 2]);
    expect(after).toMatchObject([
      { attempt: 1, evidence: 'unknown', reason: 'server-error', response: { httpStatus: 503 } },
      { attempt: 2, evidence: 'applied', reason: undefined, response: { httpStatus: 200 } },
    ]);
  });

  test('before: what fails there sends nothing, and is the cause', async () => {
    const cause = new Error('not today');
    await using bench = await open(json(200, done), {
      beforeAttempt: () => Promise.reject(cause),
    });
    const error = await errorOf(bench.client.changeStatus(change));
    expect(error).toMatchObject({ delivery: 'not-sent', reason: 'stopped', cause, attempts: 0 });
    expect(bench.server.seen).toEqual([]);
  });

  test.each(failures)('after: what %s there is ignored', async (_, afterAttempt) => {
    await using bench = await open(json(200, done), { afterAttempt });
    expect((await bench.client.changeStatus(change)).attempts).toBe(1);
  });
});

test.each([
  ['api.series.hr', 'received "api.series.hr". Did you mean "https://api.series.hr"?'],
  ['localhost:4010', 'Did you mean "http://localhost:4010"?'],
  ['127.0.0.1:4010', 'Did you mean "http://127.0.0.1:4010"?'],
  ['', 'received an empty text'],
  ['/tickets', 'received "/tickets".'],
  ['user:pw@x', 'must be'],
  [7, 'received a value of type number'],
])('a baseUrl that is none is shown where that is safe: %s', (baseUrl, text) => {
  const make = () => createSeriesClient({ apiKey, baseUrl: baseUrl as string });
  expect(make).toThrow(text);
  expect(make).not.toThrow('pw');
  expect(make).not.toThrow('?.');
});

test('the statuses that the client takes are those of core', () => {
  expect(statusSchema.options).toEqual([...ticketStatuses]);
});
