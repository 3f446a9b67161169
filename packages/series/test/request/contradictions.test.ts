import { describe, expect, test } from 'vitest';
import { OneTicket } from '../support/one-ticket.ts';

const by = { staffUserId: 7 };
const saying = (message: string) => ({ success: true, data: { message } });

describe('an answer confirms nothing that contradicts what was asked', () => {
  test.each<[string, unknown]>([
    ['names another status', saying('Status changed to closed')],
    ['names a status that nobody knows', saying('Status changed to waiting')],
    ['names the way to another status', saying('Status changed from resolved to closed')],
    ['says what is still so', saying('The ticket is still open')],
    ['denies it', saying('Status not changed')],
    ['denies it in short', saying("Status wasn't changed to in-progress")],
    ['says that it failed', saying('Change to in-progress failed')],
    ['says that it will come', saying('Change to in-progress is queued')],
    ['is of another ticket', { success: true, data: { TicketId: 'T-2' } }],
    ['is of a ticket whose id is a number', { success: true, data: { ticketId: 2 } }],
    ['shows another ticket', { success: true, data: { Ticket: { TicketId: 't-1' } } }],
    ['shows the old status', { success: true, data: { Ticket: { Status: 'open' } } }],
    ['has another status beside the message', { success: true, data: { status: 'closed' } }],
    ['says both', '{"success":false,"success":true}'],
    ['says both, one of them escaped', '{"success":false,"\\u0073uccess" : true}'],
    ['has two messages', '{"success":true,"data":{"message":"No","message":"Status changed"}}'],
    ['has two errors', '{"success":true,"error":{"code":1},"error":null}'],
    ['names the way back', saying('Status changed from in-progress to open')],
    ['names the way back with an arrow', saying('Status: in-progress → open')],
    ['names the status before the one that is set', saying('Was in-progress, now open')],
    ['has its message outside the data', { success: true, message: 'Status not changed' }],
    ['has another status outside the data', { success: true, status: 'open' }],
    ['has its message for the data', { success: true, data: 'Status changed to open' }],
    ['says that there was nothing to do', saying('Nothing to do')],
    ['says that nothing was made', saying('No changes made')],
    ['was ignored', saying('Change to in-progress ignored')],
    ['was rejected', saying('The workflow rejected in-progress')],
    ['is going to be made', saying('The status will be in-progress')],
    ['says no inside the data', { success: true, data: { success: false } }],
    ['has an error inside the data', { success: true, data: { error: 'Ticket locked' } }],
    ['has a list of errors', { success: true, errors: [{ message: 'Ticket locked' }] }],
    ['has the code of a failure', { success: true, code: 403 }],
    ['has the status of a failure', { success: true, status: 'error' }],
    ['says that nothing was modified', { success: true, data: { modifiedCount: 0 } }],
    ['says that it was not changed', { success: true, data: { changed: false } }],
    ['is of another ticket, spelt otherwise', { success: true, data: { ticket_id: 'T-2' } }],
    ['is of another ticket, outside the data', { success: true, ticketId: 'T-2' }],
    ['names its new status otherwise', { success: true, data: { new_status: 'open' } }],
  ])('and %s', async (_, body) => {
    const ticket = new OneTicket();
    ticket.onWrite = ({ say }) => say(200, body);
    const outcome = await ticket.clock.run(ticket.workflow().apply('T-1', 'START', by));
    expect(outcome.kind).not.toBe('confirmed');
    expect(ticket.reads).toBeGreaterThan(1);
  });

  test.each<[string, unknown]>([
    ['says it in other letters', saying('Status changed to In Progress')],
    ['says it in another sentence', saying('"IN_PROGRESS" it is.')],
    ['names the way', saying('Status changed from open to in-progress')],
    ['says nothing', { success: true }],
    ['speaks of something else', saying('Done')],
    ['has the code of a success', { success: true, code: 200, status: 'ok', errors: [] }],
    ['has an id of its own', { success: true, id: 'req-7', data: { id: 'm-1', changed: true } }],
    ['names the status before', { success: true, data: { old_status: 'open', error: null } }],
    ['shows the ticket', { success: true, data: { Ticket: { TicketId: 'T-1', _id: 'x' } } }],
    [
      'repeats a name far inside',
      '{"success":true,"data":{"a":{"b":{"c":1,"c":2}}},"more":[{"d":1},{"d":2}]}',
    ],
    [
      'has a name for a text',
      '{"success":true,"data":{"message":"success\\": \\"","a":"message"}}',
    ],
  ])('one that %s does', async (_, body) => {
    const ticket = new OneTicket();
    ticket.onWrite = ({ say, apply }) => {
      apply();
      return say(200, body);
    };
    const outcome = await ticket.clock.run(ticket.workflow().apply('T-1', 'START', by));
    expect(outcome).toMatchObject({ kind: 'confirmed', by: 'response' });
  });

  test('and comes from where another fetch was redirected to', async () => {
    const ticket = new OneTicket();
    ticket.onWrite = ({ say }) =>
      Object.defineProperty(say(200, saying('Status changed to in-progress')), 'redirected', {
        value: true,
      });
    const outcome = await ticket.clock.run(ticket.workflow().apply('T-1', 'START', by));
    expect(outcome.kind).not.toBe('confirmed');
  });
});

describe.each([400, 401, 403, 404, 409, 422, 429])('an answer of %i says no', (status) => {
  const no = { success: false, error: { code: status, message: 'Not today' } };
  const yes = { success: true, data: { message: 'Status changed to in-progress' } };
  test.each<[string, unknown, Record<string, string>]>([
    ['says success', yes, {}],
    ['says success and an error', { ...no, success: true }, {}],
    ['says success in its data', { ...no, data: { success: true } }, {}],
    ['says success in words', { data: { message: 'Status changed to in-progress' } }, {}],
    ['says both', `{"success":true,"success":false}`, {}],
    ['is cut after it said success', `{"success":true,"data":{"mess`, {}],
    ['is cached', no, { age: '5' }],
    ['comes from a cache', no, { 'x-cache': 'HIT' }],
  ])('and nothing where it %s: the ticket is read', async (_, body, headers) => {
    const ticket = new OneTicket();
    ticket.onWrite = ({ apply, say }) => {
      apply();
      return say(status, body, headers);
    };
    const outcome = await ticket.clock.run(ticket.workflow().apply('T-1', 'START', by));
    expect(outcome).toMatchObject({ kind: 'confirmed', by: 'observation', attempts: 1 });
    expect(ticket.applied).toEqual(['in-progress']);
  });

  test.each<[string, unknown]>([
    ['as documented', no],
    ['in a form of its own', { message: 'Unauthorized' }],
    ['denies a change in words', { message: 'Status changed to in-progress? Not allowed' }],
    ['is a page', '<html>Too many</html>'],
    ['has no body', ''],
  ])('where it %s', async (_, body) => {
    const ticket = new OneTicket();
    ticket.onWrite = ({ count, say, succeed }) => (count === 1 ? say(status, body) : succeed());
    const outcome = await ticket.clock.run(ticket.workflow().apply('T-1', 'START', by));
    expect(outcome.kind).toBe(status === 429 ? 'confirmed' : 'refused');
    expect(outcome).not.toHaveProperty('reads');
  });
});

test.each<[string, unknown, Record<string, string>]>([
  ['says success', saying('Status changed to in-progress'), {}],
  ['is cached', { success: false }, { age: '5' }],
])('a 429 that %s pauses its key all the same', async (_, body, headers) => {
  const ticket = new OneTicket();
  ticket.onWrite = ({ say }) => say(429, body, { ...headers, 'retry-after': '7' });
  const workflow = ticket.workflow();
  const paused: unknown[] = [];
  workflow.on((event) => void (event.type === 'paused' && paused.push(event)));
  await ticket.clock.run(workflow.apply('T-1', 'START', by));
  expect(paused[0]).toMatchObject({ retryAfterMs: 7000 });
});

describe('a read shows a ticket only if the ticket is the one that was asked for', () => {
  test.each([
    ['another id', { TicketId: 'T-2' }],
    ['the id in other letters', { TicketId: 't-1' }],
    ['an empty id', { TicketId: '' }],
  ])('and not with %s', async (_, fields) => {
    const ticket = new OneTicket();
    ticket.onRead = ({ show }) => show(fields);
    const outcome = await ticket.clock.run(ticket.workflow().apply('T-1', 'START', by));
    expect(outcome).toMatchObject({ kind: 'not-sent', error: { reason: 'could-not-read' } });
    expect(ticket.applied).toEqual([]);
  });

  test.each([
    ['7', { TicketId: 7 }, 'confirmed'],
    ['007', { TicketId: 7 }, 'not-sent'],
    ['7', { TicketId: 8 }, 'not-sent'],
    ['7', { TicketId: undefined, _id: 8 }, 'not-sent'],
    ['65f0c0ffee', { TicketId: 'T-1', _id: '65f0c0ffee' }, 'confirmed'],
  ])('%s, shown as %o: %s', async (ticketId, fields, kind) => {
    const ticket = new OneTicket();
    ticket.onRead = ({ show }) => show(fields);
    const outcome = await ticket.clock.run(ticket.workflow().apply(ticketId, 'START', by));
    expect(outcome.kind).toBe(kind);
  });

  test('and not where it has two statuses', async () => {
    const ticket = new OneTicket('closed');
    ticket.onRead = ({ say }) =>
      say(200, '{"data":{"Ticket":{"TicketId":"T-1","Status":"closed","Status":"open"}}}');
    const outcome = await ticket.clock.run(ticket.workflow().apply('T-1', 'START', by));
    expect(outcome).toMatchObject({ kind: 'not-sent', error: { reason: 'could-not-read' } });
  });
});

describe('an error quotes the message of an answer that confirms nothing', () => {
  const no = { success: false, error: { code: 404, message: 'Ticket "T-1" not found' } };
  test.each([
    [200, no, 'the answer does not confirm it (200 "Ticket \\"T-1\\" not found").'],
    [200, saying('Status not changed'), 'does not confirm it (200 "Status not changed").'],
    [500, no, 'the server failed (500 "Ticket \\"T-1\\" not found").'],
  ])('%i %j', async (status, body, text) => {
    const ticket = new OneTicket();
    const answers: typeof ticket.onRead = ({ say }) => say(status, body);
    ticket.onWrite = answers;
    const client = ticket.client();
    const change = { ticketId: 'T-1', status: 'in-progress', staffUserId: 7 } as const;
    const failed = (call: Promise<unknown>) =>
      ticket.clock.run(call.catch((error: unknown) => (error as Error).message));
    expect(await failed(client.changeStatus(change))).toContain(text);
    if (body !== no) return;
    ticket.onRead = answers;
    expect(await failed(client.getTicket('T-1'))).toContain(text);
  });
});

describe('a key that a server repeats is not shown', () => {
  const escapes: readonly [string, (key: string) => string][] = [
    ['as it is', (key) => key],
    ['as PHP writes JSON', (key) => key.replaceAll('/', '\\/')],
    ['in JSON in JSON', (key) => key.replaceAll('/', '\\\\\\/')],
    ['in JSON by numbers', (key) => key.replaceAll('/', '\\u002f').replaceAll('+', '\\u002B')],
    ['in a URL', (key) => encodeURIComponent(key)],
    [
      'in a URL in small letters',
      (key) => encodeURIComponent(key).replace(/%../g, (a) => a.toLowerCase()),
    ],
    ['in a URL in a URL', (key) => encodeURIComponent(encodeURIComponent(key))],
    [
      'in HTML',
      (key) => key.replaceAll('/', '&#x2F;').replaceAll('+', '&#43;').replaceAll('&', '&amp;'),
    ],
    ['in Base64', (key) => Buffer.from(key).toString('base64')],
    ['in HTML by name', (key) => key.replaceAll('&', '&amp;').replaceAll('<', '&lt;')],
  ];
  test.each(escapes)('%s', async (_, escape) => {
    const apiKey = 'sk_live/a+b<c&d==.x';
    const ticket = new OneTicket();
    ticket.onWrite = ({ say }) => say(200, `<p>${escape(apiKey)}</p>`);
    const client = ticket.client({ apiKey });
    const change = { ticketId: 'T-1', status: 'in-progress', ...by } as const;
    const error: unknown = await ticket.clock.run(
      client.changeStatus(change).catch((reason: unknown) => reason),
    );
    expect(error).toMatchObject({
      excerpt: expect.stringMatching(/^<p>\[redacted\](?:\w==)?<\/p>$/),
    });
  });

  test('and a text like it is', async () => {
    const ticket = new OneTicket();
    ticket.onWrite = ({ say }) => say(200, '<p>sk-liveXa</p>');
    const client = ticket.client({ apiKey: 'sk-live.a' });
    const change = { ticketId: 'T-1', status: 'in-progress', ...by } as const;
    const error: unknown = await ticket.clock.run(
      client.changeStatus(change).catch((reason: unknown) => reason),
    );
    expect(error).toMatchObject({ excerpt: '<p>sk-liveXa</p>' });
  });
});

test('an answer that has begun and never ends is given up, whatever fetch does about it', async () => {
  const ticket = new OneTicket();
  // Some make a body of their own, which nothing ends.
  const endless = { read: () => new Promise(() => {}), cancel: () => Promise.resolve() };
  ticket.onWrite = ({ say }) =>
    Object.defineProperty(say(200, ''), 'body', { value: { getReader: () => endless } });
  const outcome = await ticket.clock.run(ticket.workflow().apply('T-1', 'START', by));
  expect(outcome).toMatchObject({ kind: 'not-sent', error: { reason: 'not-processed' } });
});
