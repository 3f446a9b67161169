import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { createSandbox, startSandbox } from '@ticket-lifecycle/sandbox';
import { createSeriesClient } from '@ticket-lifecycle/series';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createApp as createExpressApp } from '../recipes/express/app.ts';
import { createApp as createHonoApp } from '../recipes/hono-node/app.ts';

type Ask = (url: string, init?: RequestInit) => Promise<Response>;

/** Each recipe, as something that answers requests for a sandbox with one ticket. */
const services: Readonly<Record<string, () => Promise<Ask>>> = {
  async Express() {
    const server = createExpressApp(openClient()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    return over(server.address() as AddressInfo);
  },
  async 'Hono on Node'() {
    const { fetch } = createHonoApp(openClient());
    const server = serve({ fetch, port: 0, hostname: '127.0.0.1' });
    if (!server.listening) await once(server, 'listening');
    onTestFinished(() => void server.close());
    return over(server.address() as AddressInfo);
  },
  async 'a route of Next.js'() {
    // Its handlers are plain functions of the web, called as Next.js calls them.
    const { url, close } = await startSandbox({ tickets: [{ ticketId: 'T-1' }] });
    onTestFinished(close);
    vi.stubEnv('SERIES_API_KEY', 'key');
    vi.stubEnv('SERIES_BASE_URL', url);
    vi.resetModules();
    onTestFinished(() => void vi.unstubAllEnvs());
    const handlers = await import('../recipes/nextjs/route.ts');
    return async (path, init) => {
      const id = decodeURIComponent(path.split('/')[2] ?? '');
      const request = new Request(`http://localhost${path}`, init);
      const handle = request.method === 'POST' ? handlers.POST : handlers.GET;
      return handle(request, { params: Promise.resolve({ id }) });
    };
  },
};

function openClient() {
  const { fetch } = createSandbox({ tickets: [{ ticketId: 'T-1' }] });
  return createSeriesClient({ apiKey: 'key', fetch });
}

const over =
  ({ port }: AddressInfo): Ask =>
  (path, init) =>
    fetch(`http://127.0.0.1:${port}${path}`, init);

describe.each(Object.entries(services))('the recipe for %s', (_, open) => {
  const post = (body: string): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-staff': '7' },
    body,
  });

  test('says what may be done, does it, and says why not', async () => {
    const ask = await open();
    const choices: unknown = await (await ask('/tickets/T-1/events')).json();
    expect(choices).toContainEqual(expect.objectContaining({ event: 'START', allowed: true }));
    const started = await ask('/tickets/T-1/events', post('{"type":"START"}'));
    expect(started.status).toBe(200);
    expect(await started.json()).toMatchObject({ kind: 'confirmed', to: 'in-progress' });
    const blocked = await ask('/tickets/T-1/events', post('{"type":"CLOSE"}'));
    expect(blocked.status).toBe(409);
    expect(blocked.headers.get('content-type')).toContain('application/problem+json');
    expect(await blocked.json()).toMatchObject({
      detail: 'CLOSE is not possible in state "in-progress". Possible events: RESOLVE.',
      blockers: [{ code: 'no-such-transition' }],
    });
  });

  test.each([
    ['a ticket that does not exist', '/tickets/T-9/events', undefined, 404],
    ['a change of it', '/tickets/T-9/events', '{"type":"START"}', 404],
    ['an event that does not exist', '/tickets/T-1/events', '{"type":"STRAT"}', 422],
    ['an event without a name', '/tickets/T-1/events', '{}', 422],
    ['a list', '/tickets/T-1/events', '[]', 422],
  ] as const)('answers %s by its problem', async (_title, path, body, status) => {
    const ask = await open();
    const response = await ask(path, body === undefined ? undefined : post(body));
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status });
  });

  test('answers a body that is no JSON with a 4xx', async () => {
    const ask = await open();
    const { status } = await ask('/tickets/T-1/events', post('{'));
    expect([400, 422]).toContain(status);
  });
});
