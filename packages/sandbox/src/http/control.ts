import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { parseBody } from '../api/body.ts';
import type { Engine } from '../engine/engine.ts';
import { SandboxError } from '../error.ts';
import { faultKinds, faultMeanings } from '../faults/fault-kinds.ts';
import { ticketStatuses } from '../tickets/ticket.ts';
import { streamEvents } from './events.ts';
import { sendPageFile } from './page.ts';
import { readText } from './send.ts';

const fault = z.enum(faultKinds);

const commands: Readonly<Record<string, Command>> = {
  '/sandbox/faults/next': command(
    z.strictObject({ count: z.int().min(1).max(10_000).default(1), fault }),
    ({ faults }, { count, fault: kind }) => faults.next(count, kind),
  ),
  '/sandbox/faults/rate': command(
    z.strictObject({
      share: z.number().min(0).max(1),
      seed: z.int().optional(),
      faults: z.array(fault).min(1).optional(),
    }),
    ({ faults }, { share, ...rest }) => faults.rate(share, rest),
  ),
  '/sandbox/faults/clear': command(z.strictObject({}), ({ faults }) => faults.clear()),
  '/sandbox/tickets': command(
    z.strictObject({ ticketId: z.string(), status: z.enum(ticketStatuses) }),
    ({ tickets }, ticket) => {
      if (tickets.has(ticket.ticketId)) tickets.setStatus(ticket.ticketId, ticket.status);
      else tickets.add(ticket);
    },
  ),
};

/** Carries out what a body asks for, or says what is wrong with it. */
type Command = (engine: Engine, json: unknown) => string | undefined;

function command<Data>(
  schema: z.ZodType<Data>,
  carryOut: (engine: Engine, data: Data) => void,
): Command {
  return (engine, json) => {
    const { data, error } = schema.safeParse(json);
    if (error) return z.prettifyError(error);
    try {
      carryOut(engine, data);
      return undefined;
    } catch (cause) {
      if (SandboxError.is(cause)) return cause.message;
      throw cause;
    }
  };
}

/**
 * Answers what belongs to the sandbox and not to the API: its page, its record, its switches.
 * Answers `false` for everything else.
 */
export function control(
  engine: Engine,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): boolean | Promise<boolean> {
  if (path !== '/' && !path.startsWith('/sandbox/')) return false;
  // A page of any site can let its own name lead to this machine, and then read and write here.
  if (!isLocal(request.headers.host)) return refuse(response, 403, 'Not under this host name');
  return request.method === 'POST'
    ? answerPost(engine, path, request, response)
    : answerGet(engine, path, request, response);
}

function answerGet(
  engine: Engine,
  path: string,
  { method }: IncomingMessage,
  response: ServerResponse,
): boolean | Promise<boolean> {
  if (Object.hasOwn(commands, path))
    return refuse(response, 405, 'Only by POST', { allow: 'POST' });
  if (method !== 'GET') return refuse(response, 405, 'Only by GET', { allow: 'GET' });
  switch (path) {
    case '/sandbox/record':
      return sendJson(response, engine.record.summary(engine.tickets, engine.requestsPerSecond));
    case '/sandbox/fault-meanings':
      return sendJson(
        response,
        faultKinds.map((kind) => [kind, faultMeanings[kind]]),
      );
    case '/sandbox/events':
      streamEvents(engine, response);
      return true;
    default:
      return sendPageFile(path, response).then(
        (isSent) => isSent || refuse(response, 404, 'Not found'),
      );
  }
}

async function answerPost(
  engine: Engine,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const { 'content-type': type = '', origin, host } = request.headers;
  // Browsers let any site post a form here; JSON they only let pass from our own page.
  if (origin !== undefined && origin !== `http://${host}`) {
    return refuse(response, 403, 'Not from another site');
  }
  const carryOut = Object.hasOwn(commands, path) ? commands[path] : undefined;
  if (carryOut === undefined) return refuse(response, 404, 'Not found');
  if (type.split(';')[0]?.trim() !== 'application/json') {
    return refuse(response, 415, 'Only as application/json');
  }
  const mistake = carryOut(engine, parseBody(await readText(request)).json);
  return mistake === undefined
    ? sendJson(response, engine.faults.state())
    : refuse(response, 400, mistake);
}

function isLocal(host = ''): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i.test(host);
}

function sendJson(response: ServerResponse, value: object): true {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  response.writeHead(200, headers).end(JSON.stringify(value));
  return true;
}

function refuse(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): true {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
  response.end(`${message}\n`);
  return true;
}
