import { describe, expect, test } from 'vitest';
import { OneTicket } from '../support/one-ticket.ts';

const by = { staffUserId: 7 };
const refusal = (code: number, message: string) => ({ success: false, error: { code, message } });

/** How caches say that an answer is theirs. */
const signs: readonly (readonly [string, string])[] = [
  ['Age', '120'],
  ['AGE', '1'],
  ['age', '0, 7'],
  ['age', '0.5'],
  ['age', '-1'],
  ['age', 'yesterday'],
  ['x-cache', 'Hit from cloudfront'],
  ['x-cache', 'MISS, HIT'],
  ['x-cache-remote', 'TCP_IMS_HIT'],
  ['x-cache-hits', '0, 3'],
  ['x-proxy-cache', 'HIT'],
  ['x-cache-lookup', 'HIT from proxy:3128'],
  ['cf-cache-status', 'STALE'],
  ['cache-status', '"edge"; fwd=miss, "origin"; hit'],
  ['warning', '110 - "Response is stale"'],
  ['warning', '199 - "x", 111 proxy "Revalidation failed"'],
  ['x-varnish', '32774 32771'],
  ['server-timing', 'edge; dur=1, cdn-cache; desc=HIT'],
];

describe.each(signs)('an answer with %s: %s', (name, value) => {
  const old = { [name]: value };

  test('shows no ticket', async () => {
    const ticket = new OneTicket('closed');
    ticket.onRead = ({ show }) => show({ Status: 'open' }, old);
    const workflow = ticket.workflow({ read: 'always' });
    const outcome = await ticket.clock.run(workflow.apply('T-1', 'START', by));
    expect(outcome).toMatchObject({ kind: 'not-sent', error: { reason: 'could-not-read' } });
    expect(ticket.applied).toEqual([]);
  });

  test.each([
    [404, 'Ticket not found'],
    [401, 'Invalid API key'],
    [403, 'Tickets module requires a Premium or Enterprise subscription'],
  ])('refuses nothing with %i', async (status, message) => {
    const ticket = new OneTicket();
    ticket.onRead = ({ say }) => say(status, refusal(status, message), old);
    const client = ticket.client();
    const read = ticket.clock.run(client.getTicket('T-1'));
    await expect(read).rejects.toMatchObject({ delivery: 'unknown', reason: 'cached' });
    // A ticket that is there must not be reported as missing.
    const outcome = await ticket.clock.run(ticket.workflow().apply('T-1', 'START', by));
    expect(outcome).toMatchObject({ kind: 'not-sent', error: { reason: 'could-not-read' } });
  });

  test('ends no doubt', async () => {
    const ticket = new OneTicket();
    ticket.onWrite = ({ apply, lose }) => {
      apply();
      return lose();
    };
    ticket.onRead = ({ count, say, show }) =>
      count > 4 ? show() : say(404, refusal(404, 'Ticket not found'), old);
    const change = { ...by, from: 'open' };
    const outcome = await ticket.clock.run(ticket.workflow().apply('T-1', 'START', change));
    expect(outcome).toMatchObject({ kind: 'confirmed', by: 'observation' });
    expect(ticket.writes).toBe(1);
  });
});

test.each([
  ['age', '0'],
  ['x-cache', 'Miss from cloudfront'],
  ['x-cache', 'MISS, MISS'],
  ['x-cache-hits', '0, 0'],
  ['cf-cache-status', 'DYNAMIC'],
  ['cache-status', 'edge; fwd=uri-miss; stored'],
  ['cache-control', 'max-age=0, stale-while-revalidate=30, stale-if-error=60'],
  ['cdn-cache-control', 'max-age=0, stale-if-error=60'],
  ['warning', '214 - "Transformation applied"'],
  ['x-varnish', '32774'],
  ['server-timing', 'cdn-cache; desc=MISS, db; dur=3'],
])("an answer with %s: %s is the API's own", async (name, value) => {
  const ticket = new OneTicket();
  ticket.onRead = ({ show }) => show({}, { [name]: value });
  const outcome = await ticket.clock.run(ticket.workflow().apply('T-1', 'START', by));
  expect(outcome).toMatchObject({ kind: 'confirmed', by: 'response' });
});

test('an answer that a cache repeats without a word is known by its date', async () => {
  for (const read of ['always', 'when-unknown'] as const) {
    const ticket = new OneTicket('closed');
    let first: Response | undefined;
    ticket.onRead = ({ show }) => {
      first ??= show();
      return first.clone();
    };
    const workflow = ticket.workflow({ read });
    const reopen = () => ticket.clock.run(workflow.apply('T-1', 'REOPEN', by));
    expect(await reopen()).toMatchObject({ kind: 'confirmed' });
    await ticket.clock.advance(120_000);
    // The ticket is open: written once more, people would be told once more.
    expect(await reopen()).toMatchObject({ kind: 'not-sent', error: { reason: 'could-not-read' } });
    expect(ticket.applied).toEqual(['open']);
    first = undefined;
    expect(await reopen()).toMatchObject({ kind: 'unchanged' });
  }
});

test('a ticket goes by the date of its own answer, though another comes while that is read', async () => {
  const ticket = new OneTicket();
  const { clock } = ticket;
  const client = ticket.client();
  await clock.run(client.getTicket('T-1'));
  ticket.onRead = ({ count, show }) => {
    if (count > 2) return show();
    const old = show({}, { date: new Date(clock.now() - 4000).toUTCString() });
    const slow = new TransformStream<Uint8Array, Uint8Array>({
      transform: async (chunk, out) => {
        await clock.sleep(500);
        out.enqueue(chunk);
      },
    });
    return new Response(old.body?.pipeThrough(slow), old);
  };
  const first = client.getTicket('T-1');
  const second = clock.sleep(100).then(() => client.listTickets().catch(() => {}));
  const [{ clockOffset, hasOldDate }] = await clock.run(Promise.all([first, second]));
  expect(clockOffset?.atMostMs).toBeLessThan(-2000);
  expect(hasOldDate).toBe(true);
  expect(await clock.run(client.getTicket('T-1'))).not.toHaveProperty('hasOldDate');
});

test('a server whose clock is set back is believed again as soon as its clock is seen to go on', async () => {
  const ticket = new OneTicket();
  let backMs = 0;
  const date = () => new Date(ticket.clock.now() - backMs).toUTCString();
  ticket.onRead = ({ show }) => show({}, { date: date() });
  const workflow = ticket.workflow({ read: 'always' });
  const make = (event: string) => ticket.clock.run(workflow.apply('T-1', event, by));
  expect(await make('START')).toMatchObject({ kind: 'confirmed' });
  backMs = 3_600_000;
  await make('RESOLVE');
  await ticket.clock.advance(2000);
  await make('RESOLVE');
  expect(ticket.status).toBe('resolved');
  expect(await make('CLOSE')).toMatchObject({ kind: 'confirmed' });
});
