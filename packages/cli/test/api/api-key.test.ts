import { chmodSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nobody, sandboxWith, serverThat } from '../support/api.ts';
import { file, ndjson, runHere } from '../support/cli.ts';

const key = 'sk-planted-9f8e7d6c5b4a';
const env = { SERIES_API_KEY: key };
const input = ndjson(
  { ticketId: 'T-1', event: 'START', from: 'open', staffUserId: 7 },
  { ticketId: key, event: 'STRAT', staffUserId: 7 },
);

test('without key and base URL nothing is sent, and it says what to do', async () => {
  const { code, stderr } = await runHere(['apply', '-'], { input });
  expect(code).toBe(2);
  expect(stderr).toContain('Set SERIES_API_KEY or give --api-key-file FILE.');
  expect(stderr).toContain('run ticket-lifecycle sandbox');
});

test('another machine needs a key, and https', async () => {
  const elsewhere = await runHere(['apply', '-', '--base-url', 'https://api.example.com'], {
    input,
  });
  expect([elsewhere.code, elsewhere.stderr]).toEqual([2, expect.stringContaining('no API key')]);
  const plain = await runHere(['apply', '-', '--base-url', 'http://api.example.com'], {
    input,
    env,
  });
  expect([plain.code, plain.stderr]).toEqual([
    2,
    expect.stringContaining('--base-url must be an https URL'),
  ]);
});

test('the key of a file goes before that of the environment', async () => {
  const seen: unknown[] = [];
  const url = await serverThat((request, response) => {
    seen.push(request.headers['apikey']);
    response.writeHead(404).end();
  });
  const other = file('key', 'key-from-file\n');
  await runHere(['apply', '-', '--base-url', url, '--api-key-file', other], { input, env });
  await runHere(['apply', '-', '--base-url', url], { input, env });
  await runHere(['apply', '-', '--base-url', url], { input });
  expect(new Set(seen)).toEqual(new Set(['key-from-file', key, 'sandbox-key']));
});

test.each([
  ['', 'The file is empty.'],
  ['two words', 'The API key must be a non-empty string of visible ASCII characters, received'],
])('a key file with %j is no key', async (content, message) => {
  const args = ['apply', '-', '--api-key-file', file('key', content)];
  const { code, stderr } = await runHere(args, { input });
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('a key file that others can read is refused, and its key not said', async ({ skip }) => {
  if (process.platform === 'win32') skip('Windows has no such permissions');
  const shared = file('key', key);
  chmodSync(shared, 0o640);
  const { code, stdout, stderr } = await runHere(['apply', '-', '--api-key-file', shared], {
    input,
  });
  expect([code, stderr]).toEqual([2, expect.stringContaining('chmod 600')]);
  expect(stdout + stderr).not.toContain(key);
});

test('whatever goes wrong, the key is in no output', async () => {
  const { url: refusing } = await sandboxWith({ subscription: 'none' });
  const { url: knowing } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const echoing = await serverThat((request, response) => {
    const message = `Bad key ${String(request.headers['apikey'])}`;
    response.writeHead(401).end(JSON.stringify({ success: false, error: { code: 401, message } }));
  });
  const redirecting = await serverThat(({ method }, response) => {
    if (method === 'POST') response.writeHead(307, { location: `https://example.com/?key=${key}` });
    response.end(JSON.stringify({ success: true, data: { Ticket: { Status: key } } }));
  });
  const urls = [refusing, knowing, echoing, redirecting, await nobody()];
  const runs = [
    ...urls.flatMap((url) => [
      ['apply', '-', '--base-url', url],
      ['apply', '-', '--base-url', url, '--json'],
    ]),
    ['apply', '-', '--base-url', `http://${key}@api.example.com`],
    ['apply', '-', '--base-url', `ftp://127.0.0.1/${key}`],
    ['apply', key],
    ['replay', key, '--id', 'a', '--state', 'b'],
    ['sandbox', '--tickets', key],
  ];
  const clean = ndjson({ ticketId: 'T-1', event: 'START', from: 'open', staffUserId: 7 });
  const all = await Promise.all(runs.map((args) => runHere(args, { input: clean, env })));
  for (const { stdout, stderr, code } of all) {
    expect(stdout + stderr).not.toContain(key);
    expect(code).not.toBe(1);
  }
  expect(all.some(({ stdout }) => stdout.includes('Bad key [redacted]'))).toBe(true);
});
