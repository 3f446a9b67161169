import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { expect, test } from 'vitest';
import { listen } from '../../src/http/listener.ts';

/** A server that can't be bound, for a reason of the system. */
function unbound(code: string): Server {
  const server = new EventEmitter();
  const error = Object.assign(new Error(`listen ${code}`), { code });
  const listening = () => void setImmediate(() => server.emit('error', error));
  return Object.assign(server, { listen: listening }) as unknown as Server;
}

test.each([
  ['EADDRINUSE', 'port-in-use', 'port 80 on ::1 is already in use; choose another, or 0'],
  ['EACCES', 'port-not-allowed', 'you may not listen on port 80; choose another above 1023, or 0'],
  ['EADDRNOTAVAIL', 'no-such-host', 'this machine has no address ::1; choose 127.0.0.1.'],
  ['ENOTFOUND', 'no-such-host', 'this machine has no address ::1; choose 127.0.0.1.'],
])('%s is told with the cure', async (system, code, message) => {
  await expect(listen(unbound(system), { host: '::1', port: 80 })).rejects.toMatchObject({
    name: 'SandboxError',
    code,
    message: expect.stringContaining(message) as unknown,
    cause: { code: system },
  });
});

test('another fault of the system stays as it is', async () => {
  await expect(listen(unbound('EMFILE'), { host: '::1', port: 80 })).rejects.toMatchObject({
    name: 'Error',
    code: 'EMFILE',
  });
});
