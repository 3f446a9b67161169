import { DatabaseSync } from 'node:sqlite';
import { createSandbox } from '@ticket-lifecycle/sandbox';
import { createSeriesClient, type TicketWorkflow } from '@ticket-lifecycle/series';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { closeWhatIsDue } from '../recipes/close-what-is-due/close-due.ts';
import { createService } from '../recipes/fastify-sqlite/service.ts';

describe('the service with Fastify and SQLite', () => {
  function open() {
    const sandbox = createSandbox({ tickets: [{ ticketId: 'T-1' }] });
    const client = createSeriesClient({ apiKey: 'key', fetch: sandbox.fetch });
    const service = createService(client, new DatabaseSync(':memory:'));
    onTestFinished(() => service.close());
    async function ask(
      method: 'GET' | 'POST',
      url: string,
      body?: object | string,
      role = 'agent',
    ) {
      const headers = { 'x-role': role, 'x-staff': '7', 'content-type': 'application/json' };
      const payload = body === undefined ? {} : { payload: body };
      const { statusCode, ...answer } = await service.inject({ method, url, headers, ...payload });
      return { statusCode, type: answer.headers['content-type'], body: answer.json<unknown>() };
    }
    return { sandbox, ask };
  }

  test('takes a ticket through its whole life, with a waiting state, a payload and a role', async () => {
    const { sandbox, ask } = open();
    const steps = [
      [{ type: 'START' }, 200],
      [{ type: 'ASK' }, 200],
      [{ type: 'ANSWER' }, 200],
      [{ type: 'RESOLVE' }, 422],
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

  test('says where a ticket stands, and what may be done', async () => {
    const { ask } = open();
    await ask('POST', '/tickets/T-1/events', { type: 'START' });
    await ask('POST', '/tickets/T-1/events', { type: 'ASK' });
    expect((await ask('GET', '/tickets/T-1')).body).toMatchObject({
      state: 'waiting',
      status: 'in-progress',
    });
    const { body } = await ask('GET', '/tickets/T-1/events');
    const choices = body as { event: string; allowed: boolean }[];
    const allowed = choices.filter((choice) => choice.allowed);
    expect(allowed.map(({ event }) => event)).toEqual(['ANSWER']);
  });

  test.each([
    ['POST', '/tickets/T-9/events', { type: 'START' }, 404],
    ['GET', '/tickets/T-9', undefined, 404],
    ['GET', '/tickets/T-9/events', undefined, 404],
    ['POST', '/tickets/T-1/events', { type: 'RESLOVE' }, 422],
    ['POST', '/tickets/T-1/events', {}, 422],
    ['POST', '/tickets/T-1/events', 'null', 422],
    ['POST', '/tickets/T-1/events', '{', 400],
    ['POST', '/tickets/..%2Fx/events', { type: 'START' }, 422],
  ] as const)('answers %s %s with %o: %i', async (method, url, body, statusCode) => {
    const { ask } = open();
    expect((await ask(method, url, body)).statusCode).toBe(statusCode);
  });
});

test('what is due is made again and again, until the signal aborts', async () => {
  const runDue = vi.fn<TicketWorkflow['runDue']>().mockResolvedValue([]);
  const stop = new AbortController();
  const running = closeWhatIsDue({ runDue }, stop.signal, 5);
  await vi.waitFor(() => expect(runDue.mock.calls.length).toBeGreaterThan(1));
  stop.abort();
  await expect(running).rejects.toThrow('aborted');
});
