import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Starts another host on this machine, the target of a redirect: no client may send it the key. */
export async function startRedirectTarget(apiKey: string) {
  // The key may be anywhere: in the address, within a header, in the body.
  const received: string[] = [];
  const server = createServer((request, response) => {
    received.push(request.url ?? '', ...request.rawHeaders);
    request.setEncoding('utf8').on('data', (piece: string) => received.push(piece));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"success":true,"data":{"message":"Status changed"}}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hasReceivedKey: () => received.join('').includes(apiKey),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
