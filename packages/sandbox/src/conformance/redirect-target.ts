import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Starts another host on this machine, the target of a redirect: no client may send it the key. */
export async function startRedirectTarget(apiKey: string) {
  let keysReceived = 0;
  const server = createServer(({ headers }, response) => {
    if (Object.values(headers).flat().includes(apiKey)) keysReceived += 1;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"success":true,"data":{"message":"Status changed"}}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keysReceived: () => keysReceived,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
