import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { ticketLifecycle } from '@ticket-lifecycle/core';
import { createPgliteOutbox, deliverToSeries } from '@ticket-lifecycle/outbox';
import { createSandbox, startSandbox } from '@ticket-lifecycle/sandbox';
import {
  createSeriesClient,
  type SeriesClient,
  type TicketWorkflow,
} from '@ticket-lifecycle/series';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { closeWhatIsDue } from '../recipes/close-what-is-due/close-due.ts';
import { serve } from '../recipes/fastify-sqlite/service.ts';
import { openShards, shardOf } from '../recipes/shard-keys/shards.ts';

describe('the service with Fastify and SQLite', () => {
  function open() {
    const sandbox = createSandbox({ tickets: [{ ticketId: 'T-1' }] });
    const client = createSeriesClient({ apiKey: 'key', fetch: sandbox.fetch });
    return { sandbox, ask: askerOf(client, new DatabaseSync(':memory:')) };
  }

  function askerOf(client: SeriesClient, db: DatabaseSync) {
    const service = serve(client, db);
    onTestFinished(() => service.close());
    return async (method: 'GET' | 'POST', url: string, body?: object | string, role = 'agent') => {
      const headers = { 'x-role': role, 'x-staff': '7', 'content-type': 'application/json' };
      const payload = body === undefined ? {} : { payload: body };
      const { statusCode, ...answer } = await service.inject({ method, url, headers, ...payload });
      return { statusCode, type: answer.headers['content-type'], body: answer.json<unknown>() };
    };
  }

  const historyOf = async (ask: ReturnType<typeof askerOf>) => {
    const { body } = await ask('GET', '/tickets/T-1');
    return body as readonly { kind: string; by: number; asked: { event: string } }[];
  };

  test('has at most 40 lines of code', () => {
    const path = new URL('../recipes/fastify-sqlite/service.ts', import.meta.url);
    const lines = readFileSync(path, 'utf8').split('\n');
    const code = lines.filter((line) => !/^\s*(\/\/.*)?$/.test(line));
    expect(code.length).toBeLessThanOrEqual(40);
    expect(lines.filter((line) => line.length > 72)).toEqual([]);
  });

  test('takes a ticket through its whole life, with a waiting state, a payload and a role', async () => {
    const { sandbox, ask } = open();
    const steps = [
      [{ type: 'ASK' }, 200],
      [{ type: 'START' }, 409],
      [{ type: 'ANSWER' }, 200],
      [{ type: 'START' }, 200],
      [{ type: 'RESOLVE' }, 422],
      [{ type: 'RESOLVE', resolution: '' }, 422],
      [{ type: 'RESOLVE', resolution: 'Restarted.' }, 200],
      [{ type: 'CLOSE' }, 409],
    ] as const;
    for (const [event, statusCode] of steps) {
      expect([event, (await ask('POST', '/tickets/T-1/events', event)).statusCode]).toEqual([
        event,
        statusCode,
      ]);
    }
    const refused = await ask('POST', '/tickets/T-1/events', { type: 'CLOSE' });
    expect(refused).toMatchObject({
      type: expect.stringContaining('application/problem+json'),
      body: { detail: 'Only a lead closes a ticket.', blockers: [{ code: 'guard' }] },
    });
    const closed = await ask('POST', '/tickets/T-1/events', { type: 'CLOSE' }, 'lead');
    expect(closed).toMatchObject({ statusCode: 200, body: { kind: 'confirmed', to: 'closed' } });
    const seen = sandbox.systemMessages.map(({ to }) => to);
    expect(seen).toEqual(['in-progress', 'resolved', 'closed']);
  });

  test('says what may be done, for whom, and what an event has to carry', async () => {
    const { ask } = open();
    const allowed = async (role?: string) => {
      const { body } = await ask('GET', '/tickets/T-1/events', undefined, role);
      const choices = body as { event: string; allowed: boolean; needs?: string[] }[];
      return choices.filter((choice) => choice.allowed).map(({ event, needs }) => [event, needs]);
    };
    await ask('POST', '/tickets/T-1/events', { type: 'ASK' });
    expect(await allowed()).toEqual([['ANSWER', undefined]]);
    await ask('POST', '/tickets/T-1/events', { type: 'ANSWER' });
    await ask('POST', '/tickets/T-1/events', { type: 'START' });
    expect(await allowed()).toEqual([
      ['STOP', undefined],
      ['RESOLVE', ['resolution']],
    ]);
    await ask('POST', '/tickets/T-1/events', { type: 'RESOLVE', resolution: 'Done.' });
    expect(await allowed()).toEqual([]);
    expect(await allowed('lead')).toEqual([['CLOSE', undefined]]);
  });

  test('says what happened: by us, by others, and what was blocked', async () => {
    const { sandbox, ask } = open();
    await ask('POST', '/tickets/T-1/events', { type: 'START' });
    await ask('POST', '/tickets/T-1/events', { type: 'CLOSE' });
    sandbox.tickets.setStatus('T-1', 'resolved');
    await ask('POST', '/tickets/T-1/events', { type: 'CLOSE' }, 'lead');
    await ask('POST', '/tickets/T-2/events', { type: 'CLOSE' }, 'lead');
    await expect.poll(() => historyOf(ask)).toHaveLength(4);
    const shown = (await historyOf(ask)).map(({ kind, by, asked }) => [kind, by, asked.event]);
    expect(shown).toEqual([
      ['confirmed', 7, 'START'],
      ['blocked', 7, 'CLOSE'],
      ['observed', 'somebody else', 'RESOLVE'],
      ['confirmed', 7, 'CLOSE'],
    ]);
  });

  test.each([
    ['POST', '/tickets/T-9/events', { type: 'START' }, 404],
    ['GET', '/tickets/T-9/events', undefined, 404],
    ['GET', '/tickets/T-9', undefined, 200],
    ['POST', '/tickets/T-1/events', { type: 'RESLOVE' }, 422],
    ['POST', '/tickets/T-1/events', { type: 'RESOLVE', resolution: 7 }, 409],
    ['POST', '/tickets/T-1/events', {}, 422],
    ['POST', '/tickets/T-1/events', [], 422],
    ['POST', '/tickets/T-1/events', 'null', 422],
    ['POST', '/tickets/T-1/events', '"START"', 200],
    ['POST', '/tickets/T-1/events', '{', 400],
    ['POST', '/tickets/..%2Fx/events', { type: 'START' }, 422],
  ] as const)('answers %s %s with %o: %i', async (method, url, body, statusCode) => {
    const { ask } = open();
    expect((await ask(method, url, body)).statusCode).toBe(statusCode);
  });

  // Between the answer and the store: nothing of the change is on the disk.
  test.skipIf(process.platform === 'win32')('is right after kill -9', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'recipe-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'tickets.db');
    const { url, sandbox, close } = await startSandbox({ tickets: [{ ticketId: 'T-1' }] });
    onTestFinished(close);
    const script = fileURLToPath(new URL('support/killed-service.process.ts', import.meta.url));
    const flags = ['--conditions', '@ticket-lifecycle/source', script, url, path];
    const child = spawn(process.execPath, flags, { stdio: ['ignore', 'ignore', 'inherit'] });
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
    expect(sandbox.tickets.get('T-1')?.status).toBe('in-progress');

    const ask = askerOf(
      createSeriesClient({ apiKey: 'key', baseUrl: url }),
      new DatabaseSync(path),
    );
    const again = await ask('POST', '/tickets/T-1/events', { type: 'START' });
    expect(again).toMatchObject({ statusCode: 200, body: { kind: 'unchanged' } });
    const resolve = { type: 'RESOLVE', resolution: 'Done.' };
    const next = await ask('POST', '/tickets/T-1/events', resolve);
    expect(next.body).toMatchObject({ kind: 'confirmed', from: 'in-progress', to: 'resolved' });
    expect(sandbox.systemMessages.map(({ to }) => to)).toEqual(['in-progress', 'resolved']);
  });
});

test('what is due is made again and again, until the signal aborts', async () => {
  const log = vi.spyOn(console, 'error').mockReturnValue();
  onTestFinished(() => log.mockRestore());
  const runDue = vi.fn<TicketWorkflow['runDue']>().mockResolvedValue([]);
  // Also after a round in which the database was away.
  runDue.mockRejectedValueOnce(new Error('away'));
  const stop = new AbortController();
  const running = closeWhatIsDue({ runDue }, stop.signal, 5);
  await expect.poll(() => runDue.mock.calls.length).toBeGreaterThan(1);
  stop.abort();
  await running;
});

describe('keys that are spread over two databases', () => {
  const keys = Array.from({ length: 12 }, (_, at) => `tenant-${at}`);

  test('are each delivered from one of them, by one fleet', async () => {
    const done = Promise.withResolvers<void>();
    let ended = 0;
    const onEvent = ({ type }: { readonly type: string }) => {
      ended += type === 'ended' ? 1 : 0;
      if (ended === keys.length) done.resolve();
    };
    const open = (name: string) => {
      const directory = mkdtempSync(join(tmpdir(), `shard-${name}-`));
      onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
      return createPgliteOutbox({ directory, onEvent });
    };
    const shards = openShards({ north: await open('north'), south: await open('south') });
    const tickets = keys.map((key) => ({ ticketId: `T-${key}` }));
    const { fetch, systemMessages } = createSandbox({ tickets });
    for (const { ticketId } of tickets) {
      const change = { ticketId, event: 'START', staffUserId: 7, key: ticketId.slice(2) };
      await shards.accept(change);
    }
    for (const key of keys) {
      expect(await shards.of(key).inspect.depth(key)).toMatchObject({ waiting: 1 });
    }
    const used = new Set(keys.map((key) => shardOf(key, ['north', 'south'])));
    expect(used.size).toBe(2);
    await shards.run(
      deliverToSeries({ lifecycle: ticketLifecycle, apiKey: (name) => `key-of-${name}`, fetch }),
    );
    await done.promise;
    expect(systemMessages.map(({ ticketId }) => ticketId).toSorted()).toEqual(
      tickets.map(({ ticketId }) => ticketId).toSorted(),
    );
    expect(await shards.blocked()).toEqual([]);
    await shards.close();
  });

  test('move to a further database, and to no other', () => {
    const many = Array.from({ length: 1000 }, (_, at) => `key-${at}`);
    const moved = many.filter((key) => {
      const [before, after] = [shardOf(key, ['a', 'b']), shardOf(key, ['a', 'b', 'c'])];
      if (after !== 'c') expect(after).toBe(before);
      return after === 'c';
    });
    expect(moved.length).toBeGreaterThan(250);
    expect(moved.length).toBeLessThan(420);
  });
});
