import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { TicketStatus } from '@ticket-lifecycle/core';
import type { HandClock } from './hand-clock.ts';

/** A request as its bytes said it. */
export interface WireRequest {
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly at: number;
  /** Whether an answer was sent on this connection before. */
  readonly isReused: boolean;
  /** What the request asks for; `undefined` for anything that is no documented call. */
  readonly call: Call | undefined;
}

export interface Call {
  readonly kind: 'read' | 'status' | 'claim';
  readonly ticketId: string;
  readonly staffUserId: number;
  readonly status: TicketStatus;
}

/** A ticket, as the server holds it. Times are by the server's own clock. */
export interface ServerTicket {
  readonly ticketId: string;
  status: TicketStatus;
  readonly createdAt: number;
  updatedAt: number;
  claimedBy: number | null;
}

/** A write that was applied. */
export interface Applied {
  readonly by: 'us' | 'colleague';
  readonly ticketId: string;
  readonly staffUserId: number;
  readonly from: TicketStatus;
  readonly to: TicketStatus;
  readonly at: number;
  /** The request's number; 0 for a colleague. */
  readonly request: number;
  /** Names the client's call where a fetch of the caller's may have sent it more than once. */
  readonly callId: string;
}

/** What to send as an answer, and how to end. */
export interface Answer {
  /** Sent one after another; between two of them `gapMs` pass. */
  readonly pieces: readonly Buffer[];
  readonly gapMs?: number;
  readonly end: Ending;
  /** For `close-soon`: turns of the event loop until the connection is closed. */
  readonly turns?: number;
}

export type Ending = 'keep' | 'close' | 'close-soon' | 'reset' | 'half-close' | 'hang';

/** What becomes of a request. */
export interface Reply {
  /** `before` the answer, `after` it, `never`, or so many milliseconds after the request came. */
  readonly apply: 'before' | 'after' | 'never' | number;
  /** The server itself processes the one request twice. */
  readonly twice?: boolean;
  /** How long the answer takes. */
  readonly answerAfterMs?: number;
  readonly answer: (server: RawServer, request: WireRequest) => Answer;
  /** After the answer nobody listens for so long. */
  readonly downForMs?: number;
}

/** Says what becomes of each request. */
export type Script = (request: WireRequest) => Reply;

/** Is told what happens, so that colleagues can act in the middle of it. */
export type Hook = (moment: Moment, request: WireRequest) => void;
export type Moment = 'arrives' | 'applied' | 'answered';

interface ServerSetup {
  readonly clock: HandClock;
  readonly tickets: readonly ServerTicket[];
  readonly script: Script;
  readonly hook: Hook;
  /** By how much the server's clock is ahead. */
  readonly skewMs: number;
}

const host = '127.0.0.1';

// Below those that systems hand out by themselves: while a server is down, nobody gets its port.
const ports = { from: 10_240, count: 20_000 };
let port = (process.pid * 97) % ports.count;

function nextPort(): number {
  port = (port + 1) % ports.count;
  return ports.from + port;
}

/** A server on bare sockets that does what it is told, and keeps the only record that counts. */
export class RawServer {
  readonly tickets = new Map<string, ServerTicket>();
  readonly requests: WireRequest[] = [];
  readonly applied: Applied[] = [];
  /** Requests whose answer waits for the clock, or will never come. */
  held = 0;
  /** Grows with everything that happens on a socket. */
  activity = 0;
  readonly #setup: ServerSetup;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  constructor(setup: ServerSetup) {
    this.#setup = setup;
    for (const ticket of setup.tickets) this.tickets.set(ticket.ticketId, { ...ticket });
  }

  get url(): string {
    return `http://${host}:${this.#port}`;
  }

  /** The server's own time. */
  now(): number {
    return this.#setup.clock.now() + this.#setup.skewMs;
  }

  async listen(): Promise<void> {
    for (;;) {
      const isAgain = this.#port > 0;
      if (!isAgain) this.#port = nextPort();
      const server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
      server.listen(this.#port, host);
      const isUp = await once(server, 'listening').then(
        () => true,
        () => false,
      );
      if (isUp) {
        this.#server = server;
        this.activity += 1;
        return;
      }
      if (!isAgain) this.#port = 0;
    }
  }

  /** Nobody listens for a while, and every connection is reset. */
  goDown(forMs: number): void {
    this.close();
    this.#setup.clock.setTimeout(() => void this.listen(), forMs);
  }

  close(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Somebody else changes a ticket. */
  colleague(ticketId: string, change: { status?: TicketStatus; claimedBy?: number | null }): void {
    const ticket = this.tickets.get(ticketId);
    if (ticket === undefined) return;
    if (change.claimedBy !== undefined) ticket.claimedBy = change.claimedBy;
    this.#set(ticket, change.status ?? ticket.status, {
      by: 'colleague',
      staffUserId: 1,
      request: 0,
      callId: '',
    });
  }

  #set(
    ticket: ServerTicket,
    to: TicketStatus,
    who: Pick<Applied, 'by' | 'staffUserId' | 'request' | 'callId'>,
  ): void {
    const { ticketId, status: from } = ticket;
    ticket.status = to;
    ticket.updatedAt = this.now();
    this.applied.push({ ...who, ticketId, from, to, at: this.#setup.clock.now() });
  }

  #apply(request: WireRequest): void {
    const { call, number, headers } = request;
    const ticket = call && this.tickets.get(call.ticketId);
    if (call === undefined || ticket === undefined || call.kind === 'read') return;
    if (call.kind === 'claim') {
      if (ticket.claimedBy !== null) return;
      ticket.claimedBy = call.staffUserId;
    }
    const callId = headers.get('x-call') ?? `request ${number}`;
    const { staffUserId } = call;
    this.#set(ticket, call.status, { by: 'us', staffUserId, request: number, callId });
    this.#setup.hook('applied', request);
  }

  #accept(socket: Socket): void {
    this.activity += 1;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    const parser = createParser();
    let answered = 0;
    socket.on('data', (bytes: Buffer) => {
      this.activity += 1;
      for (const { call, ...parsed } of parser(bytes)) {
        const request: WireRequest = {
          ...parsed,
          call,
          number: this.requests.length + 1,
          at: this.#setup.clock.now(),
          isReused: answered > 0,
        };
        answered += 1;
        this.requests.push(request);
        void this.#serve(socket, request);
      }
    });
    socket.on('end', () => {
      this.activity += 1;
      socket.end();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.activity += 1;
      this.#sockets.delete(socket);
    });
  }

  async #serve(socket: Socket, request: WireRequest): Promise<void> {
    const { clock, hook, script } = this.#setup;
    hook('arrives', request);
    const reply = script(request);
    const { apply, answerAfterMs = 0 } = reply;
    const takeIn = () => {
      this.#apply(request);
      if (reply.twice === true) this.#apply(request);
    };
    if (apply === 'before') takeIn();
    else if (typeof apply === 'number') clock.setTimeout(takeIn, apply);
    if (answerAfterMs > 0) await this.#hold(socket, answerAfterMs);
    await this.#answer(socket, reply.answer(this, request));
    if (apply === 'after') takeIn();
    hook('answered', request);
    if (reply.downForMs !== undefined) this.goDown(reply.downForMs);
  }

  async #answer(socket: Socket, { pieces, gapMs = 0, end, turns = 0 }: Answer): Promise<void> {
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) await this.#hold(socket, gapMs);
      if (!socket.destroyed && piece.length > 0) socket.write(piece);
      this.activity += 1;
    }
    switch (end) {
      case 'keep':
        return;
      case 'close':
        socket.destroySoon();
        return;
      case 'half-close':
        socket.end();
        return;
      case 'close-soon':
        for (let turn = 0; turn < turns; turn += 1) await nextTurn();
        socket.destroySoon();
        return;
      case 'reset':
        // What was written before gets a moment to arrive: a reset throws away what was not read.
        if (pieces.length > 0) for (let turn = 0; turn < 3; turn += 1) await nextTurn();
        socket.resetAndDestroy();
        return;
      case 'hang': {
        this.held += 1;
        if (socket.destroyed) this.held -= 1;
        else socket.once('close', () => (this.held -= 1));
      }
    }
  }

  /** Waits on the clock, as long as the other side is there to wait for it. */
  async #hold(socket: Socket, delayMs: number): Promise<void> {
    let isHeld = !socket.destroyed;
    const letGo = () => {
      if (isHeld) this.held -= 1;
      isHeld = false;
    };
    if (isHeld) this.held += 1;
    socket.once('close', letGo);
    await this.#setup.clock.sleep(delayMs);
    letGo();
    socket.removeListener('close', letGo);
  }
}

export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

type Parsed = Pick<WireRequest, 'method' | 'path' | 'headers' | 'body' | 'call'>;

/** Takes bytes as they come and gives the requests that are complete. */
function createParser(): (bytes: Buffer) => Parsed[] {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    const requests: Parsed[] = [];
    for (;;) {
      const headEnd = rest.indexOf('\r\n\r\n');
      if (headEnd < 0) return requests;
      const [first = '', ...lines] = rest.toString('latin1', 0, headEnd).split('\r\n');
      const [method = '', path = ''] = first.split(' ');
      const headers = new Map<string, string>();
      for (const line of lines) {
        const colon = line.indexOf(':');
        headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
      }
      const found = bodyOf(rest.subarray(headEnd + 4), headers);
      if (found === undefined) return requests;
      const { body } = found;
      rest = rest.subarray(headEnd + 4 + found.length);
      requests.push({ method, path, headers, body, call: callOf(method, path, body) });
    }
  };
}

function bodyOf(
  bytes: Buffer,
  headers: ReadonlyMap<string, string>,
): { body: string; length: number } | undefined {
  if (headers.get('transfer-encoding')?.toLowerCase() !== 'chunked') {
    const length = Number(headers.get('content-length') ?? 0);
    return bytes.length < length ? undefined : { body: bytes.toString('utf8', 0, length), length };
  }
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (bytes.length < next) return undefined;
    if (size === 0) return { body: Buffer.concat(chunks).toString('utf8'), length: next };
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = next;
  }
}

function callOf(method: string, path: string, body: string): Call | undefined {
  const read = /^\/tickets\/get\/([^/?]+)$/.exec(path)?.[1];
  if (method === 'GET' && read !== undefined) {
    const ticketId = decodeURIComponent(read);
    return { kind: 'read', ticketId, staffUserId: 0, status: 'open' };
  }
  const [, name, verb] = /^\/tickets\/([^/?]+)\/(status|claim)$/.exec(path) ?? [];
  if (method !== 'POST' || name === undefined) return undefined;
  const sent = JSON.parse(body) as { status?: TicketStatus; staffUserId: number };
  return {
    kind: verb === 'claim' ? 'claim' : 'status',
    ticketId: decodeURIComponent(name),
    staffUserId: sent.staffUserId,
    status: sent.status ?? 'in-progress',
  };
}
