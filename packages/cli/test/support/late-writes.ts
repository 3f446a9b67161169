import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

// A server that makes each change a while after it came in, whoever still waits for the answer, and
// a run before it that is killed again and again and goes on at once.

/** How to do it. */
export interface LateWritesOptions {
  /** The program and its first arguments. */
  readonly command: readonly string[];
  /** An empty folder of our own. */
  readonly folder: string;
  readonly lines: number;
  readonly kills: number;
  /** How long the server takes to make a change. */
  readonly delayMs: number;
  /** The first change of every life is answered with 429, and a `Retry-After` of so many seconds. */
  readonly pauseSeconds?: number;
  /** From 0 to 1, random or not. */
  readonly random: () => number;
  readonly progress?: (text: string) => void;
}

/** What the server has seen. */
export interface LateWrites {
  readonly lines: number;
  readonly kills: number;
  readonly lives: number;
  readonly writes: number;
  /** Tickets that were changed more than once. */
  readonly twice: number;
  readonly lastCode: number | null;
  readonly lastStderr: string;
}

/** Kills and resumes until every line is done. Each life is killed while a change is under way. */
export async function lateWrites(options: LateWritesOptions): Promise<LateWrites> {
  const { delayMs, pauseSeconds, kills, random, folder, progress = () => {} } = options;
  const ids = Array.from({ length: options.lines }, (_, index) => `TICKET-${index + 1}`);
  const createdAt = new Date(Date.now() - 60_000).toISOString();
  const tickets = new Map(
    ids.map((id) => [id, { status: 'open', updatedAt: createdAt, writes: 0 }]),
  );
  let mayLimit = false;
  let posts = 0;
  let written = 0;
  let news = Promise.withResolvers<void>();

  const server = createServer((request, response) => {
    const ticket = tickets.get(/TICKET-\d+/.exec(request.url ?? '')?.[0] ?? '');
    if (ticket === undefined) return answer(response, 404, { success: false });
    if (request.method === 'GET') {
      const { status: Status, updatedAt: UpdatedAt } = ticket;
      const Ticket = { Status, CreatedAt: createdAt, UpdatedAt };
      return answer(response, 200, { success: true, data: { Ticket } });
    }
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.once('end', () => void change(ticket, text, response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const file = join(folder, 'changes.ndjson');
  const journal = join(folder, 'changes.journal');
  const line = { event: 'START', from: 'open', staffUserId: 7 };
  writeFileSync(file, ids.map((ticketId) => `${JSON.stringify({ ticketId, ...line })}\n`).join(''));

  let lives = 0;
  let killed = 0;
  let end: { code: number | null; stderr: string };
  try {
    for (;;) {
      const started = lives === 0 ? [file, '--journal', journal] : ['--resume', journal];
      mayLimit = pauseSeconds !== undefined;
      end = await live(['apply', ...started, '--base-url', url, '--concurrency', '3'], lives);
      lives += 1;
      if (end.code === null) killed += 1;
      progress(`life ${lives}: ${written} of ${ids.length} changes made, ${killed} kills`);
      if (/it is empty|does not exist/.test(end.stderr)) lives = 0;
      if (end.code === 0 || lives > kills * 2 + 5) break;
    }
    // What is still under way would be a change too many.
    if (delayMs > 0) await sleep(delayMs);
  } finally {
    server.close();
    server.closeAllConnections();
  }
  const twice = [...tickets.values()].filter(({ writes }) => writes > 1).length;
  const last = { lastCode: end.code, lastStderr: end.stderr };
  return { lines: ids.length, kills: killed, lives, writes: written, twice, ...last };

  async function change(
    ticket: { status: string; updatedAt: string; writes: number },
    text: string,
    response: ServerResponse,
  ): Promise<void> {
    posts += 1;
    if (mayLimit) {
      mayLimit = false;
      tell();
      const headers = { 'retry-after': String(pauseSeconds) };
      return answer(response, 429, { success: false, error: { code: 429 } }, headers);
    }
    tell();
    if (delayMs > 0) await sleep(delayMs);
    const { status } = JSON.parse(text) as { status: string };
    ticket.status = status;
    ticket.updatedAt = new Date().toISOString();
    ticket.writes += 1;
    written += 1;
    tell();
    answer(response, 200, { success: true, data: { message: `Status changed to ${status}` } });
  }

  function tell(): void {
    news.resolve();
    news = Promise.withResolvers();
  }

  async function live(args: readonly string[], life: number) {
    const [program = '', ...first] = options.command;
    const child = spawn(program, [...first, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (said: string) => (stderr += said));
    const state = { isOver: false };
    const closed = (once(child, 'close') as Promise<[number | null]>).finally(() => {
      state.isOver = true;
      tell();
    });
    if (killed < kills) {
      // By turns when a change has come in, and when one was made: its answer is on its way.
      const [postsWanted, writesWanted] = life % 2 === 0 ? [1, 0] : [0, 1];
      const wanted = { posts: posts + postsWanted, written: written + writesWanted };
      while (!state.isOver && (posts < wanted.posts || written < wanted.written))
        await news.promise;
      if (random() < 0.5) await sleep(random() * 10);
      child.kill('SIGKILL');
    }
    const [code] = await closed;
    return { code, stderr };
  }
}

function answer(
  response: ServerResponse,
  code: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  if (response.destroyed) return;
  const type = { 'content-type': 'application/json' };
  response.writeHead(code, { ...type, ...headers }).end(JSON.stringify(body));
}
