import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { serverThat } from '../support/api.ts';
import { bin, file, folder, ndjson, runHere, start } from '../support/cli.ts';
import { lateWrites } from '../support/late-writes.ts';

const line = { ticketId: 'T-1', event: 'START', from: 'open', staffUserId: 7 };
const json = (body: object) => JSON.stringify(body);
const ticket = (Status: string, more = {}) =>
  json({ success: true, data: { Ticket: { Status, ...more } } });

test.each([0, 300])(
  'a run killed six times before a server that takes %d ms writes each change once',
  async (delayMs) => {
    const { writes, twice, kills, lastCode } = await lateWrites({
      command: [process.execPath, bin],
      folder: folder(),
      lines: 40,
      kills: 6,
      delayMs,
      random: Math.random,
    });
    expect({ writes, twice, kills, lastCode }).toEqual({
      writes: 40,
      twice: 0,
      kills: 6,
      lastCode: 0,
    });
  },
);

test('a line that only waits after a 429 is not in doubt when its run is killed', async () => {
  const requests: string[] = [];
  let isLimited = true;
  const url = await serverThat(({ method = '' }, response) => {
    requests.push(method);
    const headers = { 'content-type': 'application/json' };
    if (isLimited) {
      response.writeHead(429, { ...headers, 'retry-after': '60' });
      return response.end(json({ success: false, error: { code: 429 } }));
    }
    response.writeHead(200, headers);
    return response.end(
      json({ success: true, data: { message: 'Status changed to in-progress' } }),
    );
  });
  const journal = join(folder(), 'j');
  const args = ['apply', file('changes.ndjson', ndjson(line)), '--journal', journal];
  const { child, ended } = start([...args, '--base-url', url]);
  const text = () => (existsSync(journal) ? readFileSync(journal, 'utf8') : '');
  await vi.waitFor(() => expect(text()).toContain('"taken-back"'), { timeout: 60_000 });
  child.kill('SIGKILL');
  await ended;

  isLimited = false;
  const resumed = await runHere(['apply', '--resume', journal]);
  expect([resumed.code, requests]).toEqual([0, ['POST', 'POST']]);
  expect(resumed.stderr).not.toContain('may have sent');
});

test('the intent says when the request leaves, not when it was queued', async () => {
  let posts = 0;
  const url = await serverThat((_, response) => {
    posts += 1;
    const headers = { 'content-type': 'application/json' };
    if (posts === 1) {
      response.writeHead(429, { ...headers, 'retry-after': '2' });
      return response.end(json({ success: false, error: { code: 429 } }));
    }
    response.writeHead(200, headers);
    return response.end(
      json({ success: true, data: { message: 'Status changed to in-progress' } }),
    );
  });
  const journal = join(folder(), 'j');
  const changes = file('changes.ndjson', ndjson(line));
  expect((await runHere(['apply', changes, '--journal', journal, '--base-url', url])).code).toBe(0);
  const entries = readFileSync(journal, 'utf8')
    .trimEnd()
    .split('\n')
    .map((entry) => JSON.parse(entry) as { type: string; at: number });
  expect(entries.map(({ type }) => type)).toEqual([
    'journal',
    'intent',
    'taken-back',
    'intent',
    'outcome',
    'finished',
  ]);
  const [first, second] = entries.filter(({ type }) => type === 'intent');
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(1500);
});

test('an old status without a proof stays unknown: it is named, and nothing is sent', async () => {
  const requests: string[] = [];
  const url = await serverThat(({ method = '' }, response) => {
    requests.push(method);
    response.end(ticket('open'));
  });
  const journal = join(folder(), 'j');
  const changes = file('changes.ndjson', ndjson(line, { ...line, event: 'RESOLVE' }));
  // Killed with the change under way: the same run, with its outcomes taken out.
  const never = await serverThat(() => {});
  const { child, ended } = start(['apply', changes, '--journal', journal, '--base-url', never]);
  const text = () => (existsSync(journal) ? readFileSync(journal, 'utf8') : '');
  await vi.waitFor(() => expect(text()).toContain('"intent"'), { timeout: 60_000 });
  child.kill('SIGKILL');
  await ended;
  const other = join(folder(), 'j');
  appendFileSync(other, text().replace(never, url));

  const { code, stderr, objects } = await runHere(['apply', '--resume', other, '--json']);
  expect(code).toBe(6);
  expect(stderr).toContain('The run before may have sent 1 change.');
  expect(stderr).toContain('T-1 is open (line 1: open → in-progress)');
  expect(stderr).toContain('apply a file with its line');
  expect(objects()).toMatchObject([
    { line: 1, kind: 'unknown', observed: 'open' },
    { line: 2, kind: 'not-sent', error: { reason: 'held-back' } },
    { type: 'summary', exitCode: 6 },
  ]);
  expect(new Set(requests)).toEqual(new Set(['GET']));
});

test('a change that was sent once more says so, and that a late server makes it twice', async () => {
  let posts = 0;
  const url = await serverThat((request, response) => {
    const headers = { 'content-type': 'application/json' };
    const answer = (body: string) => response.writeHead(200, headers).end(body);
    if (request.method === 'GET') {
      return answer(ticket('open', { TicketId: 'T-1', UpdatedAt: '2026-01-01T00:00:00.000Z' }));
    }
    posts += 1;
    if (posts > 1) {
      return answer(json({ success: true, data: { message: 'Status changed to in-progress' } }));
    }
    // It may be at work on it for hours.
    return request.resume();
  });
  const { from: _, ...withoutFrom } = line;
  const changes = file('changes.ndjson', ndjson(withoutFrom));
  const args = ['apply', changes, '--base-url', url, '--timeout', '3s'];
  const { code, objects } = await runHere([...args, '--json']);
  expect([code, posts]).toEqual([0, 2]);
  const [outcome, summary] = objects();
  expect(outcome).toMatchObject({ kind: 'confirmed', attempts: 2, resent: true });
  const reason = expect.stringContaining(
    'A server that acts later makes the change twice',
  ) as string;
  expect(summary).toMatchObject({
    reasons: [{ kind: 'confirmed', reason, count: 1, tickets: ['T-1'] }],
  });
});
