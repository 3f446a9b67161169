import { afterEach, describe, expect, test } from 'vitest';
import { createSandbox, type Sandbox, type SandboxOptions, startSandbox } from '../../src/index.ts';
import { checkedByDescription } from '../support/description.ts';
import {
  createFakeClock,
  failure,
  getTicket,
  listTickets,
  postClaim,
  postStatus,
  seen,
  staffUserId,
} from '../support/request.ts';

const startedAt = new Date('2026-01-05T09:00:00.000Z');
const ticketId = 'TICKET-1234567890-ABCD';
const invalidStatus = failure(
  400,
  'Invalid status. Must be one of: open, in-progress, resolved, closed',
);

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

function prepare(options: SandboxOptions) {
  const clock = createFakeClock(5000);
  const tickets = [{ ticketId, mongoId: '65f000000000000000000001', subject: 'Cannot log in' }];
  return { clock, sandbox: createSandbox({ clock, startedAt, tickets, ...options }) };
}

async function overHandler(options: SandboxOptions = {}) {
  const { clock, sandbox } = prepare(options);
  return { clock, sandbox, fetch: checkedByDescription(sandbox.fetch) };
}

async function overHttp(options: SandboxOptions = {}) {
  const { clock, sandbox } = prepare(options);
  const { url, close } = await startSandbox({ sandbox });
  open.push(close);
  const fetch: Sandbox['fetch'] = (input, init) => {
    const { pathname, search } = new URL(input instanceof Request ? input.url : input);
    return globalThis.fetch(url + pathname + search, init);
  };
  return { clock, sandbox, fetch: checkedByDescription(fetch) };
}

describe.each([
  ['the fetch handler', overHandler],
  ['real HTTP', overHttp],
])('over %s', (_name, start) => {
  test('changes the status and answers as the documentation shows', async () => {
    const { fetch } = await start();
    const response = await postStatus(fetch, ticketId, 'resolved');
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await seen(response)).toEqual({
      status: 200,
      body: { success: true, data: { message: 'Status changed to resolved' } },
    });
  });

  test('a status change is seen on the ticket and adds one system message', async () => {
    const { fetch, clock, sandbox } = await start();
    clock.pass(2000);
    await postStatus(fetch, ticketId, 'in-progress');
    expect(sandbox.tickets.get(ticketId)).toMatchObject({
      status: 'in-progress',
      createdAt: startedAt,
      updatedAt: new Date('2026-01-05T09:00:02.000Z'),
    });
    expect(sandbox.systemMessages).toEqual([
      {
        ticketId,
        at: 7000,
        staffUserId,
        from: 'open',
        to: 'in-progress',
        text: `Status changed from open to in-progress by staff member ${staffUserId}`,
      },
    ]);
  });

  test('refuses no order of statuses, as the documentation promises none', async () => {
    const { fetch } = await start();
    for (const status of ['closed', 'in-progress', 'open', 'resolved', 'open']) {
      expect((await postStatus(fetch, ticketId, status)).status).toBe(200);
    }
  });

  test('shows a ticket with every documented field', async () => {
    const { fetch } = await start();
    const author = {
      UserId: 1001,
      Username: 'customer',
      DisplayName: 'Customer',
      AvatarUrl: 'https://example.com/avatar.png',
    };
    expect(await seen(await getTicket(fetch, ticketId))).toEqual({
      status: 200,
      body: {
        success: true,
        data: {
          Ticket: {
            _id: '65f000000000000000000001',
            TicketId: ticketId,
            Subject: 'Cannot log in',
            Category: 'general',
            Department: 'support',
            Status: 'open',
            Priority: 'normal',
            Author: author,
            Content: {
              msj_65f000000000000000000001: {
                Content: 'Hello, I need help.',
                Author: author,
                Type: 'author_message',
                Timestamp: '2026-01-05T09:00:00.000Z',
              },
            },
            ClaimedBy: null,
            ClaimedByUser: null,
            GameReport: null,
            CreatedAt: '2026-01-05T09:00:00.000Z',
            UpdatedAt: '2026-01-05T09:00:00.000Z',
          },
        },
      },
    });
  });

  test('a ticket can be read, but not changed, by its database id', async () => {
    const { fetch } = await start();
    expect((await getTicket(fetch, '65f000000000000000000001')).status).toBe(200);
    expect((await postStatus(fetch, '65f000000000000000000001', 'closed')).status).toBe(404);
  });

  test.each([['Resolved'], ['done'], [''], [null], [undefined], [1]])(
    'refuses %j as a status',
    async (status) => {
      const { fetch, sandbox } = await start();
      expect(await seen(await postStatus(fetch, ticketId, status))).toEqual(invalidStatus);
      expect(sandbox.tickets.get(ticketId)?.status).toBe('open');
      expect(sandbox.systemMessages).toEqual([]);
    },
  );

  test.each([['7'], [1.5], [null], [undefined]])('refuses %j as a staff member', async (id) => {
    const { fetch, sandbox } = await start();
    const body = JSON.stringify({ status: 'resolved', staffUserId: id });
    expect(await seen(await postStatus(fetch, ticketId, 'resolved', { body }))).toEqual(
      failure(400, 'Invalid staffUserId. Must be an integer'),
    );
    expect(sandbox.systemMessages).toEqual([]);
  });

  test.each([['{"status":'], ['status=resolved'], ['[]'], ['null'], ['']])(
    'refuses the body %j',
    async (body) => {
      const { fetch } = await start();
      expect(await seen(await postStatus(fetch, ticketId, 'resolved', { body }))).toEqual(
        failure(400, 'Invalid body. Must be a JSON object'),
      );
    },
  );

  test('knows only its own tickets', async () => {
    const { fetch } = await start();
    const notFound = failure(404, 'Ticket not found');
    expect(await seen(await postStatus(fetch, 'TICKET-0', 'resolved'))).toEqual(notFound);
    expect(await seen(await getTicket(fetch, 'TICKET-0'))).toEqual(notFound);
  });

  test('a workspace without a subscription, or without tickets, may do nothing', async () => {
    const { fetch } = await start({ subscription: 'none' });
    const subscription = 'Tickets module requires a Premium or Enterprise subscription';
    expect(await seen(await postStatus(fetch, ticketId, 'resolved'))).toEqual(
      failure(403, subscription),
    );
    expect(await seen(await getTicket(fetch, ticketId))).toEqual(failure(403, subscription));

    const { fetch: fetchDisabled } = await start({ ticketsModule: 'disabled' });
    expect(await seen(await getTicket(fetchDisabled, ticketId))).toEqual(
      failure(403, 'Tickets module is not enabled for this workspace'),
    );
  });

  test('takes the key in either header, and needs one', async () => {
    const { fetch } = await start();
    const url = `https://api.series.hr/tickets/get/${ticketId}`;
    expect((await fetch(url, { headers: { 'x-api-key': 'secret' } })).status).toBe(200);
    expect((await fetch(url, { headers: { apikey: 'secret' } })).status).toBe(200);
    expect(await seen(await fetch(url))).toEqual(failure(401, 'Missing API key'));

    const { fetch: fetch403 } = await start({ missingKey: 403 });
    expect(await seen(await fetch403(url))).toEqual(failure(403, 'Missing API key'));
  });

  test('an unknown address is 404, a known one with another method is 405', async () => {
    const { fetch } = await start();
    const init = { headers: { apikey: 'secret' } };
    for (const path of [
      '/ticket',
      '/tickets',
      '/tickets//status',
      `/tickets/${ticketId}/status/`,
    ]) {
      const response = await fetch(`https://api.series.hr${path}`, init);
      expect(await seen(response)).toEqual(failure(404, 'Not found'));
    }
    const response = await fetch(`https://api.series.hr/tickets/${ticketId}/status`, init);
    expect(response.headers.get('allow')).toBe('POST');
    expect(await seen(response)).toEqual(failure(405, 'Method not allowed'));
  });

  test('a path id is decoded exactly once, and a broken one is taken as it is', async () => {
    const ids = ['a/b', 'a%2Fb', 'é ü', '100%', '?#&', 'get'];
    const { fetch, sandbox } = await start({ tickets: ids.map((id) => ({ ticketId: id })) });
    for (const id of ids) expect((await postStatus(fetch, id, 'closed')).status).toBe(200);
    expect(sandbox.record().ticketsByStatus.closed).toBe(ids.length);

    const broken = 'https://api.series.hr/tickets/get/100%?from=mail';
    expect((await fetch(broken, { headers: { apikey: 'secret' } })).status).toBe(200);
    expect(sandbox.requests.at(-1)?.path).toBe('/tickets/get/100%?from=mail');
  });

  test('writing the current status again adds a message, unless set up otherwise', async () => {
    const adding = await start();
    await postStatus(adding.fetch, ticketId, 'open');
    expect(adding.sandbox.systemMessages).toMatchObject([{ from: 'open', to: 'open' }]);

    const silent = await start({ sameStatus: 'no-message' });
    silent.clock.pass(1000);
    expect((await postStatus(silent.fetch, ticketId, 'open')).status).toBe(200);
    expect(silent.sandbox.systemMessages).toEqual([]);
    expect(silent.sandbox.tickets.get(ticketId)?.updatedAt).toEqual(startedAt);
  });

  test('the 26th request of a key within a second is refused, reads included', async () => {
    const { fetch, clock, sandbox } = await start();
    for (let sent = 0; sent < 13; sent += 1) await postStatus(fetch, ticketId, 'open');
    for (let sent = 0; sent < 12; sent += 1) await getTicket(fetch, ticketId);
    const refused = await getTicket(fetch, ticketId);
    expect(refused.headers.get('retry-after')).toBeNull();
    expect(await seen(refused)).toEqual(failure(429, 'Too Many Requests'));
    expect((await getTicket(fetch, ticketId, 'another key')).status).toBe(200);

    clock.pass(999);
    expect((await getTicket(fetch, ticketId)).status).toBe(429);
    clock.pass(1);
    expect((await getTicket(fetch, ticketId)).status).toBe(200);
    expect(sandbox.record()).toMatchObject({ limited: 2, mostAdmittedInOneSecond: 25 });
  });

  test('a refused request changes nothing', async () => {
    const { fetch, sandbox } = await start({ requestsPerSecond: 1 });
    await postStatus(fetch, ticketId, 'resolved');
    expect((await postStatus(fetch, ticketId, 'closed')).status).toBe(429);
    expect(sandbox.tickets.get(ticketId)?.status).toBe('resolved');
    expect(sandbox.systemMessages).toHaveLength(1);
  });

  test('a 429 says when to come back in the form that was chosen, rounded up', async () => {
    const seconds = await start({
      requestsPerSecond: 1,
      retryAfter: 'seconds',
      limitedBody: 'none',
    });
    await getTicket(seconds.fetch, ticketId);
    seconds.clock.pass(300);
    const inSeconds = await getTicket(seconds.fetch, ticketId);
    expect(inSeconds.headers.get('retry-after')).toBe('1');
    expect(await inSeconds.text()).toBe('');

    const date = await start({ requestsPerSecond: 1, retryAfter: 'date', limitedBody: 'text' });
    date.clock.pass(300);
    await getTicket(date.fetch, ticketId);
    const onDate = await getTicket(date.fetch, ticketId);
    expect(onDate.headers.get('retry-after')).toBe('Mon, 05 Jan 2026 09:00:02 GMT');
    expect(await onDate.text()).toBe('Too Many Requests');
  });

  test('the limit can be switched off', async () => {
    const { fetch, sandbox } = await start({ limit: 'none' });
    for (let sent = 0; sent < 60; sent += 1) await getTicket(fetch, ticketId);
    expect(sandbox.record()).toMatchObject({ limited: 0, mostAdmittedInOneSecond: 60 });
  });

  test('a colleague can change or delete a ticket meanwhile', async () => {
    const { fetch, sandbox } = await start();
    sandbox.tickets.setStatus(ticketId, 'closed', { staffUserId: 8 });
    expect(await seen(await getTicket(fetch, ticketId))).toMatchObject({
      body: { data: { Ticket: { Status: 'closed' } } },
    });
    expect(sandbox.systemMessages).toMatchObject([{ staffUserId: 8, to: 'closed' }]);
    expect(sandbox.record()).toMatchObject({ statusWrites: 0, systemMessages: 1 });
    sandbox.tickets.delete(ticketId);
    expect((await getTicket(fetch, ticketId)).status).toBe(404);
  });

  test('claiming a ticket sets it to in-progress and adds one system message', async () => {
    const { fetch, clock, sandbox } = await start({
      tickets: [{ ticketId, status: 'resolved' }],
    });
    clock.pass(1000);
    expect(await seen(await postClaim(fetch, ticketId))).toEqual({
      status: 200,
      body: { success: true, data: { message: 'Ticket claimed successfully' } },
    });
    expect(sandbox.systemMessages).toMatchObject([
      {
        from: 'resolved',
        to: 'in-progress',
        text: `Ticket claimed by staff member ${staffUserId}`,
      },
    ]);
    expect(await seen(await getTicket(fetch, ticketId))).toMatchObject({
      body: {
        data: {
          Ticket: {
            Status: 'in-progress',
            ClaimedBy: staffUserId,
            ClaimedByUser: { UserId: staffUserId },
            UpdatedAt: '2026-01-05T09:00:01.000Z',
          },
        },
      },
    });
    expect(sandbox.record()).toMatchObject({ statusWrites: 1, systemMessages: 1 });
    expect(await seen(await postClaim(fetch, ticketId))).toEqual(
      failure(400, 'Ticket already claimed'),
    );
  });

  test('giving a claimed ticket back leaves its status', async () => {
    const { fetch, sandbox } = await start();
    expect(await seen(await postClaim(fetch, ticketId, 'unclaim'))).toEqual(
      failure(400, 'Ticket is not claimed'),
    );
    await postClaim(fetch, ticketId);
    expect((await postClaim(fetch, ticketId, 'unclaim')).status).toBe(200);
    expect(sandbox.tickets.get(ticketId)).toMatchObject({
      status: 'in-progress',
      claimedBy: undefined,
    });
    expect(sandbox.record()).toMatchObject({ statusWrites: 1, systemMessages: 2 });

    const silent = await start({ unclaim: 'no-message', tickets: [{ ticketId, claimedBy: 8 }] });
    expect((await postClaim(silent.fetch, ticketId, 'unclaim')).status).toBe(200);
    expect(silent.sandbox.systemMessages).toEqual([]);
  });

  test.each(['claim', 'unclaim'] as const)(
    '%s needs a staff member and a ticket',
    async (action) => {
      const { fetch, sandbox } = await start({ unclaimBody: 'staffUserId' });
      const post = (id: string, body: unknown) =>
        postClaim(fetch, id, action, { body: JSON.stringify(body) });
      const invalid = failure(400, 'Invalid staffUserId. Must be an integer');
      expect(await seen(await post(ticketId, {}))).toEqual(invalid);
      expect(await seen(await post(ticketId, { staffUserId: '7' }))).toEqual(invalid);
      expect(await seen(await post(ticketId, []))).toEqual(
        failure(400, 'Invalid body. Must be a JSON object'),
      );
      expect(await seen(await post('TICKET-0', { staffUserId }))).toEqual(
        failure(404, 'Ticket not found'),
      );
      expect((await post('65f000000000000000000001', { staffUserId })).status).toBe(404);
      expect(sandbox.systemMessages).toEqual([]);
    },
  );

  test.each(['{}', '', '{"staffUserId":9}'])(
    'an unclaim wants nothing in its body, unless set up otherwise: %s',
    async (body) => {
      const { fetch, sandbox } = await start({ tickets: [{ ticketId, claimedBy: 8 }] });
      const by = body.includes('9') ? 9 : 8;
      expect(await seen(await postClaim(fetch, ticketId, 'unclaim', { body }))).toEqual({
        status: 200,
        body: { success: true, data: { message: 'Ticket unclaimed successfully' } },
      });
      expect(sandbox.systemMessages).toMatchObject([{ staffUserId: by }]);
      expect(sandbox.tickets.get(ticketId)?.claimedBy).toBeUndefined();
    },
  );

  test.each(['[]', '7', '{"staffUserId":"7"}', '{'])(
    'an unclaim refuses a body that is no JSON object, or names no staff member: %s',
    async (body) => {
      const { fetch } = await start({ tickets: [{ ticketId, claimedBy: 8 }] });
      expect((await postClaim(fetch, ticketId, 'unclaim', { body })).status).toBe(400);
    },
  );

  test('lists ten tickets to a page', async () => {
    const tickets = Array.from({ length: 23 }, (_, index) => ({ ticketId: `T-${index + 1}` }));
    const { fetch } = await start({ tickets });
    const page = async (query: string) => {
      const { body } = await seen(await listTickets(fetch, query));
      const { data } = body as { data: { Tickets: { TicketId: string }[]; Pagination: object } };
      return { ids: data.Tickets.map(({ TicketId }) => TicketId), pagination: data.Pagination };
    };
    expect(await page('')).toEqual({
      ids: tickets.slice(0, 10).map((ticket) => ticket.ticketId),
      pagination: {
        CurrentPage: 1,
        TotalPages: 3,
        TotalCount: 23,
        TicketsPerPage: 10,
        HasNextPage: true,
        HasPreviousPage: false,
      },
    });
    expect(await page('?page=3')).toMatchObject({
      ids: ['T-21', 'T-22', 'T-23'],
      pagination: { HasNextPage: false, HasPreviousPage: true },
    });
    expect((await page('?page=4')).ids).toEqual([]);
    expect((await page('?status=closed')).pagination).toMatchObject({
      TotalCount: 0,
      TotalPages: 0,
      HasNextPage: false,
      HasPreviousPage: false,
    });
  });

  test('lists the tickets that fit every filter', async () => {
    const author = { userId: 5, username: 'ada', displayName: 'Ada', avatarUrl: 'https://a.test' };
    const { fetch } = await start({
      tickets: [
        { ticketId: 'A', status: 'closed', author },
        { ticketId: 'B', department: 'billing', claimedBy: 7 },
        { ticketId: 'C', department: 'billing', status: 'closed' },
      ],
    });
    const idsOf = async (query: string) =>
      JSON.stringify((await seen(await listTickets(fetch, query))).body).match(
        /(?<="TicketId":")\w/g,
      );
    expect(await idsOf('?status=closed')).toEqual(['A', 'C']);
    expect(await idsOf('?status=closed&department=billing')).toEqual(['C']);
    expect(await idsOf('?author=5')).toEqual(['A']);
    expect(await idsOf('?author=ada')).toEqual(['A']);
    expect(await idsOf('?staffUserId=7')).toEqual(['B']);
    expect(await idsOf('?nothing=known')).toEqual(['A', 'B', 'C']);
  });

  test.each([
    ['?page=0', 'Invalid page. Must be an integer of at least 1'],
    ['?page=two', 'Invalid page. Must be an integer of at least 1'],
    ['?status=done', 'Invalid status. Must be one of: open, in-progress, resolved, closed'],
    ['?staffUserId=me', 'Invalid staffUserId. Must be an integer'],
  ])('does not list %s', async (query, message) => {
    const { fetch } = await start();
    expect(await seen(await listTickets(fetch, query))).toEqual(failure(400, message));
  });

  test('a request without a key carries what was chosen', async () => {
    const without = async (missingKeyBody: 'json' | 'text' | 'none') => {
      const { fetch } = await start({ missingKeyBody });
      const response = await fetch('https://api.series.hr/tickets/list');
      return [response.status, await response.text()];
    };
    expect(await without('text')).toEqual([401, 'Missing API key']);
    expect(await without('none')).toEqual([401, '']);
  });

  test('a reply and an unclaim renew UpdatedAt, unless set up otherwise', async () => {
    for (const updatedAt of ['every-change', 'status-changes'] as const) {
      const { fetch, clock, sandbox } = await start({
        updatedAt,
        tickets: [{ ticketId, claimedBy: 8 }],
      });
      const age = () => Number(sandbox.tickets.get(ticketId)?.updatedAt) - Number(startedAt);
      const renewed = updatedAt === 'every-change';
      clock.pass(1000);
      sandbox.tickets.reply(ticketId, 'Any news?');
      expect(age()).toBe(renewed ? 1000 : 0);
      clock.pass(1000);
      await postClaim(fetch, ticketId, 'unclaim');
      expect(age()).toBe(renewed ? 2000 : 0);
      clock.pass(1000);
      await postClaim(fetch, ticketId);
      expect(age()).toBe(3000);
      expect(await (await getTicket(fetch, ticketId)).text()).toContain('"Content":"Any news?"');
    }
  });

  test('describes itself, without a key and without counting that', async () => {
    const { fetch, sandbox } = await start();
    const response = await fetch('https://api.series.hr/openapi.json');
    expect(await seen(response)).toMatchObject({ status: 200, body: { openapi: '3.1.1' } });
    expect(sandbox.requests).toEqual([]);
  });
});
