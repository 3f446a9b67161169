import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { faultKinds, startSandbox } from '../../src/index.ts';
import { contents, expectations } from '../support/fault-table.ts';
import { prepareSandbox } from '../support/prepare-sandbox.ts';
import { staffUserId } from '../support/request.ts';

// A bare socket: what a client library makes of a fault is no evidence of what was on the wire.
async function exchange(port: number) {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  const body = JSON.stringify({ status: 'resolved', staffUserId });
  const lines = [
    'POST /tickets/T-1/status HTTP/1.1',
    'host: localhost',
    'apikey: secret',
    `content-length: ${body.length}`,
  ];
  const seen = { text: '', failure: '' };
  let whole = 0;
  socket.on('data', (piece: string) => {
    whole += piece.length;
    if (seen.text.length < 100_000) seen.text += piece;
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    seen.failure = error.code ?? error.message;
  });
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  const closed = once(socket, 'close').catch(() => {});
  const length = () => Number(/content-length: (\d+)/.exec(seen.text)?.[1]);
  const bodyLength = () => whole - seen.text.indexOf('\r\n\r\n') - 4;
  return { socket, seen, closed, length, bodyLength, isOver: () => socket.destroyed };
}

async function startWith(kind: (typeof faultKinds)[number]) {
  const { sleeps, sandbox } = prepareSandbox();
  sandbox.faults.next(1, kind);
  return { sleeps, ...(await startSandbox({ sandbox, outageMs: 20 })) };
}

test.each(faultKinds)('%s is on the wire what it is said to be', async (kind) => {
  const { sandbox, port, close, sleeps } = await startWith(kind);
  const { seen, stands, applied, counted = true } = expectations[kind];
  const client = await exchange(port);
  const answered = () => client.length() <= client.bodyLength();

  switch (seen) {
    case 'refused':
    case 'reset':
      await client.closed;
      expect(client.seen).toEqual({
        text: '',
        failure: seen === 'reset' ? 'ECONNRESET' : 'ECONNREFUSED',
      });
      break;
    case 'silence':
      await expect.poll(() => sandbox.requests.length).toBe(1);
      expect([client.seen.text, client.isOver()]).toEqual(['', false]);
      break;
    case 'half a body':
    case 'half a body, open':
      if (seen === 'half a body') await client.closed;
      else await expect.poll(client.bodyLength).toBeGreaterThan(20);
      expect(client.seen.text).toContain('HTTP/1.1 200 OK\r\n');
      expect(client.bodyLength()).toBe(Math.floor(client.length() / 2));
      expect([client.isOver(), client.seen.failure]).toEqual([seen === 'half a body', '']);
      break;
    default:
      await expect.poll(answered).toBe(true);
      expect(client.seen.text).toMatch(new RegExp(`^HTTP/1.1 ${seen} `));
  }
  expect(client.seen.text).toMatch(contents[kind] ?? '');
  if (kind === 'slow-loris') expect(sleeps).toHaveLength(client.seen.text.length);
  if (kind === 'gigantic-body') expect(client.bodyLength()).toBeGreaterThan(64 * 1024 * 1024);

  // Nobody sees who was refused.
  const status = typeof seen === 'number' ? seen : seen.startsWith('half') ? 200 : 0;
  const record = [{ fault: kind, applied, counted, status, from: 'open' }];
  expect(sandbox.requests).toMatchObject(seen === 'refused' ? [] : record);
  expect(sandbox.tickets.get('T-1')?.status ?? 'deleted').toBe(stands);
  client.socket.destroy();
  await close();
});

test('after an outage the same port listens again, and idle connections were closed', async () => {
  const { sandbox, port, url, close } = await startSandbox({ outageMs: 20 });
  const idle = await exchange(port);
  await expect.poll(() => idle.seen.text).toContain('404');
  sandbox.faults.next(10_000, 'connection-refused');
  await idle.closed;
  const code = async () => {
    const client = await exchange(port);
    await expect.poll(() => client.isOver() || client.seen.text.includes('404')).toBe(true);
    client.socket.destroy();
    return client.seen.failure;
  };
  expect(await code()).toBe('ECONNREFUSED');
  sandbox.faults.clear();
  await expect.poll(code).toBe('');
  expect((await fetch(`${url}/sandbox/record`)).status).toBe(200);
  await close();
});

test('a sandbox that is closed during an outage does not come back', async () => {
  const { sandbox, port, close } = await startSandbox({ outageMs: 1 });
  sandbox.faults.next(2, 'connection-refused');
  await close();
  const client = await exchange(port);
  await client.closed;
  expect(client.seen.failure).toBe('ECONNREFUSED');
});

test('a refusal that is drawn when the request is there already is a reset', async () => {
  const { sandbox, port, close } = await startSandbox({ tickets: [{ ticketId: 'T-1' }] });
  sandbox.faults.when(() => 'connection-refused');
  const client = await exchange(port);
  await client.closed;
  expect(client.seen.failure).toBe('ECONNRESET');
  expect(sandbox.requests).toMatchObject([{ fault: 'connection-refused', status: 0 }]);
  await close();
});

test('a client that leaves early stops a slow and a gigantic answer', async () => {
  for (const kind of ['slow-loris', 'gigantic-body'] as const) {
    const { sandbox, port, close } = await startWith(kind);
    const client = await exchange(port);
    await expect.poll(() => client.seen.text.length).toBeGreaterThan(0);
    client.socket.destroy();
    await close();
    expect(sandbox.requests).toMatchObject([{ fault: kind, applied: true }]);
  }
});
