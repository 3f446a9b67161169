import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { startSandbox, type StartSandboxOptions } from '@ticket-lifecycle/sandbox';
import { onTestFinished } from 'vitest';

const minute = 60_000;

/**
 * A sandbox that is closed after the test. Its tickets are a minute old: one that was made a moment
 * ago may have been changed by a request of a run that was killed, for all that its date proves.
 */
export async function sandboxWith(options: StartSandboxOptions) {
  let passed = 0;
  const running = await startSandbox({
    clock: { now: () => performance.now() + passed },
    startedAt: new Date(Date.now() - minute),
    ...options,
  });
  passed = minute;
  onTestFinished(running.close);
  return running;
}

/** A server that answers as it likes, closed after the test. */
export async function serverThat(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address on which nobody listens. */
export async function nobody(): Promise<string> {
  const { url, close } = await startSandbox();
  await close();
  return url;
}
