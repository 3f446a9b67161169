import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startServer, success } from '../support/server.ts';

const script = fileURLToPath(new URL('../support/behind-a-proxy.process.ts', import.meta.url));

type Proxy = (socket: Duplex, port: number) => void;

/** Two changes behind a proxy, in a process of its own: `fetch` looks for a proxy as a process starts. */
async function changesBehind(proxy: Proxy) {
  await using server = await startServer(success('ok'));
  const listener = createServer();
  listener.on('connect', (_, socket) =>
    proxy(
      socket.on('error', () => {}),
      server.port,
    ),
  );
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => void listener.close());
  const { port } = listener.address() as AddressInfo;
  const environment = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: `http://127.0.0.1:${port}` };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions', '@ticket-lifecycle/source', script, server.url],
    { env: { ...process.env, NO_PROXY: '', no_proxy: '', ...environment } },
  );
  return { ends: JSON.parse(stdout) as unknown, arrived: server.seen.length };
}

const tunnel: Proxy = (socket, port) => {
  const server = connect(port, '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    socket.pipe(server).pipe(socket);
  });
  server.on('error', () => socket.destroy());
};

test('behind a tunnel, a change is made, or was not sent where it may not be written', async () => {
  const { ends, arrived } = await changesBehind(tunnel);
  expect(ends).toEqual(['not-sent: stopped', 'made']);
  expect(arrived).toBe(1);
});

test.each<[string, Proxy]>([
  ['wants a password', (socket) => socket.end('HTTP/1.1 407 Who are you?\r\n\r\n')],
  ['never answers', () => {}],
])('where a proxy %s, nothing was sent', async (_, proxy) => {
  const { ends, arrived } = await changesBehind(proxy);
  expect(ends).toEqual(['not-sent: could-not-connect', 'not-sent: could-not-connect']);
  expect(arrived).toBe(0);
});
