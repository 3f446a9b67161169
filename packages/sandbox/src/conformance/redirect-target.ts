import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Another host on this machine, to which a redirect leads: whatever brings the key has lost it. */
export async function openTrap(apiKey: string) {
  let caught = 0;
  const server = createServer(({ headers }, response) => {
    if (Object.values(headers).flat().includes(apiKey)) caught += 1;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"success":true,"data":{"message":"Status changed"}}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caught: () => caught,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
