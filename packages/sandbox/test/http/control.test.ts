import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { faultKinds, type RunningSandbox, startSandbox } from '../../src/index.ts';

let running: RunningSandbox;
beforeAll(async () => {
  running = await startSandbox({ tickets: [{ ticketId: 'T-1' }] });
});
afterAll(() => running.close());
beforeEach(() => running.sandbox.faults.clear());

const order = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${running.url}/sandbox/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

// A browser sets Host and Origin itself; only a bare socket can pretend.
async function bare(lines: readonly string[], body = '') {
  const socket = connect(running.port, '127.0.0.1');
  socket.end(
    `${[...lines, `Content-Length: ${body.length}`, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`,
  );
  return text(socket);
}

test.each(faultKinds.filter((kind) => kind !== 'connection-refused'))(
  '%s can be switched on over HTTP',
  async (fault) => {
    const response = await order('faults/next', { fault });
    expect(await response.json()).toEqual({ next: [{ count: 1, fault }], rules: 0 });
    expect(running.sandbox.faults.state().next).toEqual([{ count: 1, fault }]);
  },
);

test('connections are refused for a moment when that is switched on over HTTP', async () => {
  const refused = { fault: 'connection-refused', count: 10_000 };
  expect((await order('faults/next', refused)).status).toBe(200);
  const [error] = (await once(connect(running.port, '127.0.0.1'), 'error')) as [{ code: string }];
  expect(error.code).toBe('ECONNREFUSED');
  running.sandbox.faults.clear();
  const isBack = () =>
    fetch(running.url).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(isBack).toBe(true);
});

test('a rate can be set, narrowed down, and taken away', async () => {
  const rate = { share: 0.05, faults: ['401', 'cut-body'] };
  expect(await (await order('faults/rate', { ...rate, seed: 7 })).json()).toMatchObject({ rate });
  await order('faults/clear', {});
  expect(running.sandbox.faults.state()).toEqual({ next: [], rules: 0, rate: undefined });
});

test('a colleague can change a ticket, or add one', async () => {
  await order('tickets', { ticketId: 'T-1', status: 'closed' });
  await order('tickets', { ticketId: 'T-new', status: 'resolved' });
  const { tickets } = running.sandbox;
  expect([tickets.get('T-1')?.status, tickets.get('T-new')?.status]).toEqual([
    'closed',
    'resolved',
  ]);
});

test.each([
  ['faults/next', { fault: '402' }, 'Invalid option'],
  ['faults/next', { fault: '401', count: 0 }, 'expected number to be >=1'],
  ['faults/next', [], 'expected object'],
  ['faults/rate', { share: 2 }, 'expected number to be <=1'],
  ['faults/rate', { share: 0.1, faults: [] }, 'expected array to have >=1'],
  ['faults/clear', { all: true }, 'Unrecognized key'],
  ['tickets', { ticketId: ' ', status: 'open' }, 'must be a string that is not empty'],
])('says what is wrong with %s %j', async (path, body, message) => {
  const response = await order(path, body);
  expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(message)]);
  expect(running.sandbox.faults.state()).toEqual({ next: [], rules: 0, rate: undefined });
});

test('a stream shows the state, and each request as it comes', async () => {
  const response = await fetch(`${running.url}/sandbox/events`);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let seen = '';
  const readUntil = async (what: RegExp) => {
    while (!what.test(seen)) seen += (await reader?.read())?.value ?? '';
  };
  await readUntil(/^event: state\ndata: \{"requestsPerSecond":25,"limit":"sliding-log",/m);
  await fetch(`${running.url}/tickets/get/T-stream`, { headers: { apikey: 'secret' } });
  await readUntil(/^event: requests\ndata: .*"path":"\/tickets\/get\/T-stream","status":404/m);
  expect(seen).not.toContain('secret');
  await reader?.cancel();
});

test('the page comes with its parts, and lets nothing in from elsewhere', async () => {
  for (const [path, type] of [
    ['/', 'text/html'],
    ['/sandbox/page.css', 'text/css'],
    ['/sandbox/page.js', 'text/javascript'],
  ] as const) {
    const response = await fetch(running.url + path);
    expect(response.headers.get('content-type')).toContain(type);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await response.text()).not.toMatch(/https?:\/\/(?!127)/);
  }
});

test('what is not there is not there, and what is there takes its own method', async () => {
  const statusOf = async (path: string, method: string) =>
    (await fetch(running.url + path, { method })).status;
  expect(await statusOf('/sandbox/nothing', 'GET')).toBe(404);
  expect(await statusOf('/sandbox/../package.json', 'GET')).not.toBe(200);
  expect(await statusOf('/sandbox/nothing', 'POST')).toBe(404);
  expect(await statusOf('/sandbox/faults/clear', 'GET')).toBe(405);
  expect(await statusOf('/sandbox/record', 'DELETE')).toBe(405);
  expect(await statusOf('/', 'PUT')).toBe(405);
});

describe('another site that is open in the same browser', () => {
  const json = 'Content-Type: application/json';
  const next = '{"fault":"401"}';

  test('cannot switch a fault on by a form or a script of its own', async () => {
    const local = `Host: 127.0.0.1:${running.port}`;
    const post = 'POST /sandbox/faults/next HTTP/1.1';
    expect(await bare([post, local, json, 'Origin: https://evil.example'], next)).toContain(
      ' 403 ',
    );
    expect(await bare([post, local, json, 'Origin: null'], next)).toContain(' 403 ');
    expect(await bare([post, local, 'Content-Type: text/plain'], next)).toContain(' 415 ');
    expect(running.sandbox.faults.state().next).toEqual([]);
    const own = `Origin: http://127.0.0.1:${running.port}`;
    expect(await bare([post, local, json, own], next)).toContain(' 200 ');
  });

  test('cannot reach it under a name of its own', async () => {
    for (const host of [
      'evil.example',
      '127.0.0.1.evil.example',
      'localhost.evil.example:80',
      '',
    ]) {
      const lines = [`Host: ${host}`, json];
      expect(await bare(['POST /sandbox/faults/next HTTP/1.1', ...lines], next)).toContain(' 403 ');
      expect(await bare(['GET /sandbox/record HTTP/1.1', ...lines])).toContain(' 403 ');
      expect(await bare(['GET / HTTP/1.1', ...lines])).toContain(' 403 ');
    }
    expect(running.sandbox.faults.state().next).toEqual([]);
    expect(await bare(['GET /sandbox/record HTTP/1.1', 'Host: localhost'])).toContain(' 200 ');
  });
});
