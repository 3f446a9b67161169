import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { answerAsChild } from '../child.ts';

/** Puts a long way before a server, changes its length, or starts a server that takes few at once. */
export type PathQuestion =
  | { readonly kind: 'lengthen'; readonly url: string; readonly tripMs: number }
  | { readonly kind: 'change'; readonly port: number; readonly tripMs: number }
  | { readonly kind: 'at once'; readonly most: number; readonly workMs: number };

export interface PathAnswer {
  readonly port: number;
}

// The time there and back, by port.
const trips = new Map<number, number>();

answerAsChild(async (question: PathQuestion): Promise<PathAnswer> => {
  switch (question.kind) {
    case 'lengthen': {
      const server = createServer({ noDelay: true }, (near) => {
        const far = connect({ port: Number(new URL(question.url).port), noDelay: true });
        const delayMs = () => (trips.get(port) ?? 0) / 2;
        pass(near, far, delayMs);
        pass(far, near, delayMs);
      });
      const port = await listen(server);
      trips.set(port, question.tripMs);
      return { port };
    }
    case 'change':
      trips.set(question.port, question.tripMs);
      return { port: question.port };
    case 'at once':
      return { port: await listen(atOnce(question.most, question.workMs)) };
  }
});

/** Passes on what comes, later and in order. */
function pass(from: Socket, to: Socket, delayMs: () => number): void {
  let latest: NodeJS.Timeout | undefined;
  from.on('data', (data) => {
    latest = setTimeout(() => void to.write(data), delayMs());
  });
  from.on('close', () => setTimeout(() => to.destroy(), delayMs()));
  from.on('error', () => clearTimeout(latest));
}

/** Reads of tickets, so many at once. One more is answered 429. */
function atOnce(most: number, workMs: number): Server {
  let inWork = 0;
  return createHttpServer(({ url = '' }, response) => {
    if (inWork >= most) return response.writeHead(429).end();
    inWork += 1;
    const Ticket = { TicketId: url.split('/').at(-1), Status: 'open' };
    const body = JSON.stringify({ success: true, data: { Ticket } });
    setTimeout(() => {
      inWork -= 1;
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    }, workMs);
  });
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}
