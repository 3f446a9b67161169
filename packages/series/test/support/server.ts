import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came over the wire. */
export interface SeenRequest {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answer = (response: ServerResponse, request: SeenRequest, count: number) => void;

/** A real server on this machine that notes what arrives and answers as it is told. */
export async function startServer(answer: Answer, onPort = 0) {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const { method, url: path, headers } = request;
      seen.push({ method, path, headers, body });
      answer(response, { method, path, headers, body }, seen.length);
    });
  });
  server.listen(onPort, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    seen,
    http: server,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers with JSON. */
export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

export const success = (message: string) => json(200, { success: true, data: { message } });

export const failure = (code: number, message: string) =>
  json(code, { success: false, error: { code, message } });

/** A ticket as `GET /tickets/get/{id}` answers it. */
export const ticket = (status: string, ticketId = 'TICKET-1') =>
  json(200, { success: true, data: { Ticket: { TicketId: ticketId, Status: status } } });
