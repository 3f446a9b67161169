import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { EncodedAnswer } from '../api/answer.ts';
import { cutOff } from '../api/body.ts';
import type { Engine } from '../engine/engine.ts';
import type { SentAnswer } from '../engine/handle-request.ts';
import { dribbleMs, firstHalf, giganticPadding, giganticPieces } from '../faults/damage.ts';

// Beyond this no request of the API makes sense; what is kept of it cannot be parsed.
const mostCharacters = 1_048_576;

/** Reads the body of a request; never rejects, as a client that hung up has sent nothing. */
export async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  try {
    request.setEncoding('utf8');
    for await (const piece of request as AsyncIterable<string>) {
      if (text.length < mostCharacters) text += piece;
    }
    return text;
  } catch {
    return cutOff;
  }
}

/** Sends an answer over HTTP, whole or damaged, or breaks the connection. */
export function send(
  sent: SentAnswer,
  response: ServerResponse,
  sleep: Engine['sleep'],
): void | Promise<void> {
  const { socket } = response;
  // The client has left.
  if (socket === null || socket.destroyed) return;
  if (!('answer' in sent)) {
    if (sent.how !== 'silent') socket.resetAndDestroy();
    return;
  }
  const { how, answer } = sent;
  const { status, headers, body } = answer;
  const head = (length: number) =>
    response.writeHead(status, { ...headers, 'content-length': length });
  switch (how) {
    case 'whole':
      head(body.length).end(body);
      return;
    case 'cut':
      head(body.length).write(firstHalf(body), () => socket.destroySoon());
      return;
    case 'stalled':
      head(body.length).write(firstHalf(body));
      return;
    case 'gigantic':
      return sendPieces(head(body.length + giganticPadding), giganticPieces(body));
    case 'dribbled':
      return dribble(socket, answer, sleep);
    default:
      how satisfies never;
  }
}

async function sendPieces(response: ServerResponse, pieces: Iterable<Uint8Array>): Promise<void> {
  try {
    await pipeline(pieces, response);
  } catch {
    // The client has had enough.
  }
}

// Byte by byte is below what a ServerResponse can do: it writes the head in one piece.
async function dribble(
  socket: Socket,
  { status, headers, body }: EncodedAnswer,
  sleep: Engine['sleep'],
): Promise<void> {
  const lines = Object.entries({
    ...headers,
    'content-length': body.length,
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`;
  const bytes = Buffer.concat([Buffer.from(head), body]);
  for (let at = 0; at < bytes.length; at += 1) {
    await sleep(dribbleMs);
    if (socket.destroyed) return;
    socket.write(bytes.subarray(at, at + 1));
  }
  socket.destroySoon();
}
