import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { sandboxWith, serverThat } from '../support/api.ts';
import { bin, file, run, start } from '../support/cli.ts';

const key = 'sk-planted-for-the-assistant';

/** A client of the protocol that speaks with the command line, as an assistant does. */
async function assistant(...args: string[]): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [bin, 'mcp', ...args],
    env: { SERIES_API_KEY: key },
    stderr: 'ignore',
  });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return client;
}

async function call(client: Client, name: string, given: Record<string, unknown>) {
  const { structuredContent, isError, content } = await client.callTool({ name, arguments: given });
  expect(JSON.stringify(content)).not.toContain(key);
  const answer: Record<string, unknown> = { ...(structuredContent as object | undefined), isError };
  return answer;
}

test('an assistant may ask, but not change: there is no such tool', async () => {
  const { url, sandbox } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const client = await assistant('--base-url', url);
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(['explain', 'plan', 'observe', 'tickets']);
  expect(await call(client, 'explain', { from: 'closed', event: 'RESOLVE' })).toMatchObject({
    verdicts: [{ allowed: false, blockers: [{ code: 'no-such-transition' }], enabled: ['REOPEN'] }],
  });
  expect(await call(client, 'plan', { from: 'open', to: 'closed' })).toMatchObject({
    kind: 'plan',
    requests: 3,
  });
  expect(await call(client, 'observe', { ticketId: 'T-1', from: 'closed' })).toMatchObject({
    status: 'open',
    enabled: ['START'],
    change: { kind: 'edge', events: ['REOPEN'] },
  });
  const refused = await client.callTool({
    name: 'apply',
    arguments: { ticketId: 'T-1', event: 'START', staffUserId: 1 },
  });
  expect(refused.isError).toBe(true);
  expect(sandbox.record().statusWrites).toBe(0);
});

test('what is possible is judged with the context, by each tool alike', async () => {
  const { url } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const definition = file(
    'desk.mjs',
    `export default { initial: 'open', states: {
      open: { on: { CLOSE: { target: 'closed', guard: 'isLead' } } },
      closed: { on: { REOPEN: 'open' } },
    } };
    export const guards = { isLead: ({ context }) => context?.role === 'lead' };`,
  );
  const about = ['--base-url', url, '--definition', definition];
  const client = await assistant(...about, '--context', '{"role":"lead"}');
  expect(await call(client, 'observe', { ticketId: 'T-1' })).toMatchObject({ enabled: ['CLOSE'] });
  expect(await call(client, 'explain', { from: 'open', event: 'CLOSE' })).toMatchObject({
    verdicts: [{ allowed: true }],
  });
});

test('with the switch it makes legal changes, and can make no illegal one', async () => {
  const { url, sandbox } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const client = await assistant('--base-url', url, '--allow-apply', '--staff-user-id', '7');
  const illegal = await call(client, 'apply', { ticketId: 'T-1', event: 'CLOSE' });
  expect(illegal).toMatchObject({ isError: true, outcomes: [{ kind: 'blocked' }] });
  // Whatever it believes of the ticket, the ticket itself is read.
  const lied = await call(client, 'apply', { ticketId: 'T-1', event: 'CLOSE', from: 'resolved' });
  expect(lied).toMatchObject({ isError: true, outcomes: [{ kind: 'blocked' }] });
  expect(sandbox.record().statusWrites).toBe(0);

  const legal = await call(client, 'apply', { ticketId: 'T-1', to: 'resolved', plan: true });
  expect(legal).toMatchObject({
    isError: false,
    outcomes: [
      { kind: 'confirmed', event: 'START' },
      { kind: 'confirmed', event: 'RESOLVE' },
    ],
  });
  expect(sandbox.systemMessages.map(({ to, staffUserId }) => [to, staffUserId])).toEqual([
    ['in-progress', 7],
    ['resolved', 7],
  ]);
  for (const wrong of [{ event: 'CLOSE', to: 'closed' }, {}, { event: 'DELETE' }]) {
    const { isError } = await call(client, 'apply', { ticketId: 'T-1', ...wrong });
    expect(isError).toBe(true);
  }
  const elsewhere = await call(client, 'apply', { ticketId: '../admin', event: 'CLOSE' });
  expect(elsewhere.isError).toBe(true);
  expect(sandbox.record().statusWrites).toBe(2);
});

test('a change that may have arrived is said to be unknown, without the key', async () => {
  let writes = 0;
  const url = await serverThat(({ method, socket }, response) => {
    if (method === 'POST') {
      writes += 1;
      socket.destroy();
      return;
    }
    const status = writes === 0 ? 'open' : 'closed';
    response.end(
      JSON.stringify({
        success: true,
        data: { Ticket: { TicketId: 'T-1', Status: status, Subject: key } },
      }),
    );
  });
  const client = await assistant('--base-url', url, '--allow-apply');
  const change = { ticketId: 'T-1', event: 'START', staffUserId: 3 };
  expect(await call(client, 'apply', change)).toMatchObject({
    isError: true,
    outcomes: [{ kind: 'unknown', observed: 'closed' }],
  });
  expect(await call(client, 'observe', { ticketId: 'T-1' })).toMatchObject({
    subject: '[redacted]',
  });
});

test('without a key it can still explain, and says what is missing', async () => {
  const client = new Client({ name: 'test', version: '1.0.0' });
  const args = [bin, 'mcp'];
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args, stderr: 'ignore' }),
  );
  onTestFinished(() => client.close());
  expect(await call(client, 'explain', { from: 'open' })).toMatchObject({ isError: false });
  const { isError, error } = await call(client, 'observe', { ticketId: 'T-1' });
  expect([isError, error]).toMatchObject([
    true,
    { message: expect.stringContaining('no API key') },
  ]);
});

test('it ends when the assistant goes away', async () => {
  const { code, stdout } = await run(['mcp', '--base-url', 'http://127.0.0.1:9']);
  expect([code, stdout]).toEqual([0, '']);
});

test('every tool says what it answers, and answers so', async () => {
  const tickets = Array.from({ length: 23 }, (_, at) => ({
    ticketId: `T-${at + 1}`,
    status: at < 3 ? ('closed' as const) : ('open' as const),
  }));
  const { url } = await sandboxWith({ tickets });
  const client = await assistant('--base-url', url, '--allow-apply', '--staff-user-id', '7');
  const { tools } = await client.listTools();
  // The client of the protocol checks each answer against this.
  expect(tools.filter(({ outputSchema }) => outputSchema === undefined)).toEqual([]);
  const calls: readonly (readonly [string, Record<string, unknown>])[] = [
    ['explain', { from: 'open' }],
    ['plan', { from: 'open', to: 'closed' }],
    ['plan', { from: 'open', to: 'open' }],
    ['observe', { ticketId: 'T-1', from: 'open' }],
    ['observe', { ticketId: 'T-99' }],
    ['apply', { ticketId: 'T-1', event: 'CLOSE' }],
    ['apply', { ticketId: 'T-4', event: 'START' }],
    ['apply', { ticketId: 'T-4' }],
  ];
  for (const [name, given] of calls) expect(await call(client, name, given)).toBeDefined();
  const all = await call(client, 'tickets', { limit: 50 });
  expect([(all['tickets'] as object[]).length, all['isComplete']]).toEqual([23, true]);
  const some = await call(client, 'tickets', { status: 'closed', limit: 2 });
  expect([(some['tickets'] as object[]).length, some['isComplete']]).toEqual([2, false]);
  const closed = await call(client, 'tickets', { status: 'closed', limit: 3 });
  expect([(closed['tickets'] as object[]).length, closed['isComplete']]).toEqual([3, true]);
});

test('an argument that a tool does not have is refused: what it was to prevent would happen', async () => {
  const { url, sandbox } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const client = await assistant('--base-url', url, '--allow-apply', '--staff-user-id', '7');
  const apply = { ticketId: 'T-1', event: 'START' };
  const asked: [string, Record<string, unknown>, string][] = [
    ['apply', { ...apply, dryRun: true }, 'dryRun'],
    ['apply', { ...apply, form: 'open' }, 'form'],
    ['apply', { ...apply, staffUserId: 9 }, 'staffUserId'],
    ['tickets', { stauts: 'closed' }, 'stauts'],
    ['explain', { from: 'open', evnet: 'START' }, 'evnet'],
    ['plan', { from: 'open', to: 'closed', prefer: ['START'] }, 'prefer'],
    ['observe', { ticketId: 'T-1', previous: 'open' }, 'previous'],
  ];
  for (const [name, given, unknown] of asked) {
    const { isError, content } = await client.callTool({ name, arguments: given });
    expect([name, isError, JSON.stringify(content)]).toEqual([
      name,
      true,
      expect.stringContaining(unknown),
    ]);
  }
  expect(sandbox.requests).toEqual([]);
  const { tools } = await client.listTools();
  for (const { inputSchema } of tools)
    expect(inputSchema).toHaveProperty('additionalProperties', false);
});

test('it ends in order when the reader of its answers has gone', async () => {
  const child = spawn(process.execPath, [bin, 'mcp', '--base-url', 'http://127.0.0.1:9'], {
    env: { PATH: process.env['PATH'] },
  });
  const closed = once(child, 'close');
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await once(child.stderr, 'data');
  child.stdout.destroy();
  await once(child.stdout, 'close');
  // It goes on to read: only its answer meets nobody.
  const params = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 't', version: '1' },
  };
  const request = { jsonrpc: '2.0', id: 1, method: 'initialize', params };
  child.stdin.write(`${JSON.stringify(request)}\n`);
  const [code] = (await closed) as [number];
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('EPIPE')]);
});

test('a message that it cannot read is told in one line, and one that is too long ends it', async () => {
  const { untilSaid, ended, child } = start(['mcp', '--base-url', 'http://127.0.0.1:9'], {
    isOpen: true,
  });
  await untilSaid(/Serving the Model Context Protocol/);
  child.stdin?.write('{"jsonrpc":\n');
  await untilSaid(/The connection to the assistant reports: .*JSON/);
  child.stdin?.write('{"id":1}\n');
  await untilSaid(/assistant reports: \[ \{.*/);
  child.stdin?.write('x'.repeat(11 * 1024 * 1024));
  const { code, stderr } = await ended;
  expect([code, stderr]).toEqual([65, expect.stringContaining('The connection was closed.')]);
});

test.each([
  [['--base-url', 'nonsense'], {}, '--base-url'],
  [['--api-key-file', 'no-such-file'], {}, '--api-key-file: The file does not exist.'],
  [[], { SERIES_API_KEY: 'two words\n' }, 'The API key'],
])('settings that make no sense are refused at the start: %j', async (args, env, message) => {
  const { code, stderr } = await run(['mcp', ...args], { env });
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  expect(stderr).not.toContain('two words');
});

test('what a guard has thrown reaches the assistant without the key', async () => {
  const definition = file(
    'own.mjs',
    `export const guards = { lead() { throw new Error(process.env.SERIES_API_KEY); } };
     export default { initial: 'open', states: {
       open: { on: { CLOSE: { target: 'closed', guard: 'lead' } } }, closed: { type: 'final' } } };`,
  );
  const client = await assistant('--definition', definition, '--base-url', 'http://127.0.0.1:9');
  const asked = { explain: { from: 'open' }, plan: { from: 'open', to: 'closed' } };
  for (const [tool, given] of Object.entries(asked)) {
    const message = expect.stringContaining('[redacted]') as unknown;
    expect(await call(client, tool, given)).toMatchObject({ isError: true, error: { message } });
  }
});
