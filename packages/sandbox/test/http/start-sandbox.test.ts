import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createSandbox, type SandboxOptions, startSandbox } from '../../src/index.ts';
import { postStatus } from '../support/request.ts';

const tickets = [{ ticketId: 'T-1' }];
const headers = { apikey: 'secret' };

// Clients tidy a path before they send it; only a bare socket shows what an untidy one does.
async function send(port: number, target: string, method = 'GET'): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: localhost',
    'apikey: secret',
    'Connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n`);
  return text(socket);
}

test('the record shows the path as it came over the wire', async () => {
  const { port, sandbox, close } = await startSandbox({
    tickets: [...tickets, { ticketId: '..' }],
  });
  await send(port, '/tickets/../status', 'POST');
  await send(port, '/tickets/get/%2e%2e?a=1');
  await send(port, `http://127.0.0.1:${port}/tickets/get/T-1`);
  await close();
  expect(sandbox.requests.map(({ path, ticketId, status }) => [path, ticketId, status])).toEqual([
    ['/tickets/../status', '..', 400],
    ['/tickets/get/%2e%2e?a=1', '..', 200],
    ['/tickets/get/T-1', 'T-1', 200],
  ]);
});

test('carries out nothing of a client that hangs up within its body', async () => {
  const claimed = { ticketId: 'T-2', claimedBy: 7 };
  const { port, sandbox, close } = await startSandbox({ tickets: [claimed] });
  for (const part of ['', '{}']) {
    const socket = connect(port, '127.0.0.1');
    const head = 'POST /tickets/T-2/unclaim HTTP/1.1\r\nHost: x\r\napikey: any\r\n';
    socket.write(`${head}Content-Length: 17\r\n\r\n${part}`, () => socket.destroySoon());
    await once(socket.resume(), 'close');
  }
  await expect.poll(() => sandbox.requests.length).toBe(2);
  expect(sandbox.requests.map(({ applied }) => applied)).toEqual([false, false]);
  expect(sandbox.tickets.get('T-2')?.claimedBy).toBe(7);
  await close();
});

test('serves the record without a key, and neither counts nor records that', async () => {
  const { url, sandbox, close } = await startSandbox({ tickets });
  await fetch(`${url}/tickets/get/T-1`, { headers });
  const response = await fetch(`${url}/sandbox/record`);
  expect(await response.json()).toEqual(JSON.parse(JSON.stringify(sandbox.record())));
  expect(sandbox.record().requests).toBe(1);
  expect((await fetch(`${url}/sandbox/record`, { method: 'POST' })).status).toBe(404);
  await close();
});

test('closing ends idle connections and open requests, and can be repeated', async () => {
  const reached = Promise.withResolvers<void>();
  const { url, port, close } = await startSandbox({
    tickets,
    delayMs: { beforeAnswering: [1, 1] },
    sleep: () => {
      reached.resolve();
      return new Promise(() => {});
    },
  });
  const idle = connect(port, '127.0.0.1');
  await once(idle, 'connect');
  const unanswered = fetch(`${url}/tickets/get/T-1`, { headers });
  const ending = Promise.allSettled([unanswered]);
  await reached.promise;
  await Promise.all([close(), once(idle, 'close')]);
  await close();
  expect((await ending)[0].status).toBe('rejected');
  await expect(fetch(url)).rejects.toThrow();
});

test('leaves the globals of the process alone', async () => {
  const before = [globalThis.Request, globalThis.Response];
  const { close } = await startSandbox();
  expect([globalThis.Request, globalThis.Response]).toEqual(before);
  await close();
});

test('a port that is taken is named', async () => {
  const { port, close } = await startSandbox();
  await expect(startSandbox({ port })).rejects.toMatchObject({
    code: 'port-in-use',
    message: `startSandbox: port ${port} on 127.0.0.1 is already in use; choose another, or 0 for any free one.`,
  });
  await close();
});

test.each(['0.0.0.0', '192.168.0.1', 'example.com', '::', '127.0.0.1.example.com'])(
  'does not listen on %s, which other machines could reach',
  async (host) => {
    await expect(startSandbox({ host })).rejects.toThrow(
      `startSandbox: option "host" must be one of 127.0.0.1, ::1, localhost; received "${host}".`,
    );
  },
);

test('listens on localhost by name', async () => {
  const { url, sandbox, close } = await startSandbox({ host: 'localhost', tickets });
  const response = await postStatus(
    (_, init) => fetch(`${url}/tickets/T-1/status`, init),
    'T-1',
    'closed',
  );
  expect([response.status, sandbox.tickets.get('T-1')?.status]).toEqual([200, 'closed']);
  await close();
});

test.each([[-1], [65_536], [1.5]])('does not take %s as a port', async (port) => {
  await expect(startSandbox({ port })).rejects.toThrow('"port" must be an integer from 0 to 65535');
});

test('takes either a sandbox or options for a new one', async () => {
  const options: SandboxOptions = { seed: 1 };
  await expect(startSandbox({ sandbox: createSandbox(), ...options })).rejects.toThrow(
    'option "sandbox" must be given without options for a new one; received ["seed"]',
  );
});
