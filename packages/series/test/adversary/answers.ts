import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { Answer, Ending, RawServer, ServerTicket, WireRequest } from './server.ts';

/** Makes the bytes of an answer to a request. */
export type AnswerMaker = (server: RawServer, request: WireRequest) => Answer;

/** How the body is framed; the last three don't tell the truth. */
export type Framing = 'length' | 'chunked' | 'until-close' | 'too-long' | 'too-short' | 'both';

export interface Parts {
  readonly status?: number;
  readonly reason?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string | Buffer | undefined;
  readonly framing?: Framing;
  readonly type?: string | undefined;
  readonly isDated?: boolean;
  /** Goes out before the status line, after the body. */
  readonly before?: string;
  readonly after?: string;
  readonly end?: Ending;
}

/** The date as HTTP writes it, by the server's own clock. */
export const httpDate = (at: number): string => new Date(at).toUTCString();

/** Writes an answer. */
export function write(server: RawServer, parts: Parts): Answer {
  const { status = 200, reason = 'Said So', headers = [], body = '', framing = 'length' } = parts;
  const { type = 'application/json', isDated = true, before = '', after = '' } = parts;
  const bytes = Buffer.from(body);
  const lines = [`HTTP/1.1 ${status} ${reason}`];
  if (type !== '') lines.push(`content-type: ${type}`);
  if (isDated) lines.push(`date: ${httpDate(server.now())}`);
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  const { line, framed } = frame(bytes, framing);
  const head = Buffer.from(`${before}${[...lines, ...line].join('\r\n')}\r\n\r\n`, 'latin1');
  const end = parts.end ?? (framing === 'length' || framing === 'chunked' ? 'keep' : 'close');
  return { pieces: [Buffer.concat([head, framed, Buffer.from(after)])], end };
}

function frame(bytes: Buffer, framing: Framing): { line: string[]; framed: Buffer } {
  const chunked = () => {
    const middle = Math.ceil(bytes.length / 2);
    const chunk = (part: Buffer) =>
      Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]);
    const parts = [bytes.subarray(0, middle), bytes.subarray(middle)].filter((p) => p.length > 0);
    return Buffer.concat([...parts.map(chunk), Buffer.from('0\r\n\r\n')]);
  };
  switch (framing) {
    case 'length':
      return { line: [`content-length: ${bytes.length}`], framed: bytes };
    case 'too-long':
      return { line: [`content-length: ${bytes.length + 9}`], framed: bytes };
    case 'too-short':
      return { line: [`content-length: ${Math.max(0, bytes.length - 9)}`], framed: bytes };
    case 'until-close':
      return { line: ['connection: close'], framed: bytes };
    case 'chunked':
      return { line: ['transfer-encoding: chunked'], framed: chunked() };
    case 'both':
      return {
        line: [`content-length: ${bytes.length}`, 'transfer-encoding: chunked'],
        framed: chunked(),
      };
  }
}

/** The API's documented body of a success. */
export const successBody = ({ call }: WireRequest): string =>
  JSON.stringify({
    success: true,
    data: {
      message:
        call?.kind === 'claim'
          ? 'Ticket claimed successfully'
          : `Status changed to ${call?.status}`,
    },
  });

/** The API's documented body of a refusal. */
export const failureBody = (code: number, message: string): string =>
  JSON.stringify({ success: false, error: { code, message } });

/** The documented message of a refusal, or one in the same spirit. */
export const messageOf = (status: number): string =>
  ({
    400: 'Invalid status. Must be one of: open, in-progress, resolved, closed',
    401: 'Invalid API key',
    403: 'Tickets module requires a Premium or Enterprise subscription',
    404: 'Ticket not found',
  })[status] ?? 'Something else';

/** Answers as documented: yes to a write, no to a second claim, the ticket to a read. */
export const honest: AnswerMaker = (server, request) => {
  const { call, number } = request;
  if (call?.kind === 'read') return write(server, { body: ticketBody(server, request) });
  const claimedBy = server.tickets.get(call?.ticketId ?? '')?.claimedBy ?? null;
  const isTaken =
    call?.kind === 'claim' &&
    claimedBy !== null &&
    !server.applied.some((applied) => applied.request === number);
  return isTaken
    ? write(server, { status: 400, body: failureBody(400, 'Ticket already claimed') })
    : write(server, { body: successBody(request) });
};

export type TicketFields = Record<string, unknown>;

/** How exactly the server tells times. */
export type Precision = 'ms' | 'second' | 'none';

export const timeText = (at: number, precision: Precision): string | undefined => {
  const text = new Date(at).toISOString();
  return precision === 'none' ? undefined : precision === 'ms' ? text : text.replace(/\.\d+/, '');
};

const blank: ServerTicket = {
  ticketId: 'T-1',
  status: 'open',
  createdAt: 0,
  updatedAt: 0,
  claimedBy: null,
};

/** The body of a ticket; `change` takes it into its hands before it is written. */
export function ticketBody(
  server: RawServer,
  request: WireRequest,
  {
    precision = 'ms',
    change = (fields) => fields,
    ticket = server.tickets.get(request.call?.ticketId ?? '') ?? blank,
  }: {
    readonly precision?: Precision;
    readonly change?: (fields: TicketFields) => unknown;
    readonly ticket?: ServerTicket;
  } = {},
): string {
  const { ticketId, status, createdAt, updatedAt, claimedBy } = ticket;
  const user = { UserId: claimedBy, DisplayName: 'Somebody', Username: 'somebody' };
  const fields: TicketFields = {
    _id: '65f0c0ffee',
    TicketId: ticketId,
    Subject: 'The printer is on fire',
    Status: status,
    ClaimedBy: claimedBy === null ? null : 'somebody',
    ClaimedByUser: claimedBy === null ? null : user,
    CreatedAt: timeText(createdAt, precision),
    UpdatedAt: timeText(updatedAt, precision),
  };
  return JSON.stringify({ success: true, data: { Ticket: change(fields) } });
}

/** Cuts an answer off after so many bytes. */
export const cut =
  (maker: AnswerMaker, at: number, end: Ending): AnswerMaker =>
  (server, request) => {
    const bytes = Buffer.concat(maker(server, request).pieces);
    return { pieces: at === 0 ? [] : [bytes.subarray(0, at)], end };
  };

/** Sends an answer in drops. */
export const trickle =
  (maker: AnswerMaker, drops: number, gapMs: number): AnswerMaker =>
  (server, request) => {
    const { pieces, end } = maker(server, request);
    const bytes = Buffer.concat(pieces);
    const size = Math.ceil(bytes.length / drops);
    const count = Math.ceil(bytes.length / size);
    const dropped = Array.from({ length: count }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    return { pieces: dropped, gapMs, end };
  };

/** Ends without a word. */
export const silent =
  (end: Ending): AnswerMaker =>
  () => ({ pieces: [], end });

/** Any answer of fixed parts. */
export const says =
  (parts: Parts): AnswerMaker =>
  (server) =>
    write(server, parts);

/** The honest body of whatever is asked, sent in another form. */
export const inForm =
  (parts: Omit<Parts, 'body'>, encode: (body: Buffer) => Buffer = (body) => body): AnswerMaker =>
  (server, request) => {
    const isRead = request.call?.kind === 'read';
    const body = isRead ? ticketBody(server, request) : successBody(request);
    return write(server, { ...parts, body: encode(Buffer.from(body)) });
  };

/** Ways to encode a body, by the name that the header bears. */
export const encodings = {
  gzip: (body: Buffer) => gzipSync(body),
  br: (body: Buffer) => brotliCompressSync(body),
  deflate: (body: Buffer) => deflateSync(body),
} as const;

type Encodings = Readonly<Record<string, readonly [string, (body: Buffer) => Buffer]>>;

/** Encodings against the rules that fetch reads all the same, to the end. */
export const unusual: Encodings = {
  'deflate without its head': ['deflate', (body) => deflateRawSync(body)],
  'an encoding that nobody knows': ['made-up', (body) => body],
};

/** Encodings that are spoilt. */
export const spoilt: Encodings = {
  'gzip that is no gzip': ['gzip', (body) => body],
  'gzip without its end': ['gzip', (body) => gzipSync(body).subarray(0, -12)],
  'gzip with a wrong checksum': [
    'gzip',
    (body) => {
      const bytes = gzipSync(body);
      bytes.writeUInt32LE(0xdeadbeef, bytes.length - 8);
      return bytes;
    },
  ],
  'brotli that is no brotli': ['br', (body) => body],
  'brotli without its end': ['br', (body) => brotliCompressSync(body).subarray(0, -6)],
  'deflate that is no deflate': ['deflate', (body) => body],
};
