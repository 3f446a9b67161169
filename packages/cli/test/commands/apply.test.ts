import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { nobody, sandboxWith, serverThat } from '../support/api.ts';
import { file, folder, ndjson, runHere, start } from '../support/cli.ts';

const start7 = { ticketId: 'T-1', event: 'START', staffUserId: 7 };

test('a change that arrives ends with 0 and is counted', async () => {
  const { url, sandbox } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const { code, stdout, stderr } = await runHere(['apply', '-', '--base-url', url], {
    input: ndjson(start7),
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^1 line in .*: 2 requests( \(.*\))?, none answered 429$/m);
  expect(stdout).toMatch(/1 {2}confirmed/);
  expect(stderr).toBe('');
  expect(sandbox.tickets.get('T-1')?.status).toBe('in-progress');
});

test('a file of CSV does the same as one of NDJSON', async () => {
  const { url, sandbox } = await sandboxWith({
    tickets: [{ ticketId: 'T-1' }, { ticketId: 'T-2' }],
  });
  const changes = file(
    'changes.csv',
    '\u{FEFF}ticketId,event,to,from,staffUserId,note\r\nT-1,START,,open,7,"said ""now"",\r\nplease"\r\n\r\nT-2,,in-progress,,8,\r\n',
  );
  const { code, objects } = await runHere(['apply', changes, '--base-url', url, '--json']);
  expect(code).toBe(0);
  const lines = objects()
    .filter(({ kind }) => kind === 'confirmed')
    .map(({ line }) => Number(line));
  expect(lines.sort((a, b) => a - b)).toEqual([2, 5]);
  expect(
    sandbox.systemMessages.map(({ ticketId, staffUserId }) => `${ticketId} ${staffUserId}`),
  ).toEqual(expect.arrayContaining(['T-1 7', 'T-2 8']));
});

test('every outcome is one object with its line, and the summary is the last', async () => {
  const { url } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const input = ndjson(
    start7,
    start7,
    { ticketId: 'T-1', event: 'CLOSE', staffUserId: 7 },
    { ticketId: 'T-9', event: 'START', from: 'open', staffUserId: 7 },
    { ticketId: 'T-1', event: 'RESOLV', staffUserId: 7 },
  );
  const { code, objects } = await runHere(['apply', '-', '--base-url', url, '--json'], { input });
  const [summary, ...outcomes] = objects().toReversed();
  expect(code).toBe(5);
  const byLine = outcomes.sort((a, b) => Number(a['line']) - Number(b['line']));
  expect(byLine).toMatchObject([
    {
      line: 1,
      ticketId: 'T-1',
      kind: 'confirmed',
      from: 'open',
      to: 'in-progress',
      event: 'START',
      attempts: 1,
      by: 'response',
    },
    { line: 2, kind: 'unchanged', attempts: 0 },
    { line: 3, kind: 'blocked', blockers: [{ code: 'no-such-transition' }], enabled: ['RESOLVE'] },
    {
      line: 4,
      kind: 'refused',
      error: { name: 'SeriesApiError', code: 'ticket-not-found', status: 404 },
    },
    { line: 5, kind: 'unreadable', reason: expect.stringContaining('did you mean RESOLVE?') },
  ]);
  expect(byLine.every(({ type }) => type === 'outcome')).toBe(true);
  expect(summary).toMatchObject({
    type: 'summary',
    lines: 5,
    outcomes: { confirmed: 1, unchanged: 1, blocked: 1, refused: 1, 'not-sent': 0, unknown: 0 },
    unreadable: 1,
    limited: 0,
    exitCode: 5,
  });
});

test('the changes of a ticket are made in the order of the file', async () => {
  const { url, sandbox } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const events = ['START', 'RESOLVE', 'REOPEN', 'START', 'RESOLVE', 'CLOSE'];
  const input = ndjson(...events.map((event) => ({ ...start7, event })));
  expect((await runHere(['apply', '-', '--base-url', url], { input })).code).toBe(0);
  expect(sandbox.systemMessages.map(({ to }) => to).join(' ')).toBe(
    'in-progress resolved open in-progress resolved closed',
  );
});

test('a status that is several steps away is blocked, and walked to with --plan', async () => {
  const { url, sandbox } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const input = ndjson({ ticketId: 'T-1', to: 'closed', from: 'open' });
  const args = ['apply', '-', '--base-url', url, '--staff-user-id', '3'];
  const blocked = await runHere(args, { input });
  expect([blocked.code, sandbox.record().requests]).toEqual([3, 0]);
  expect(blocked.stdout).toContain(
    '1 × CLOSE is not possible in state "open". Possible events: START. (line 1)',
  );
  expect(blocked.stderr).toContain(
    '1 change would take several steps: --plan --again --read always makes them.',
  );

  const walked = await runHere([...args, '--plan', '--json'], { input });
  expect(walked.code).toBe(0);
  expect(walked.objects().map(({ event }) => event)).toEqual([
    'START',
    'RESOLVE',
    'CLOSE',
    undefined,
  ]);
  expect(sandbox.tickets.get('T-1')?.status).toBe('closed');
});

test('a step that builds on a blocked one is not believed to have happened', async () => {
  const { url, sandbox } = await sandboxWith({
    tickets: [{ ticketId: 'T-1' }, { ticketId: 'T-2' }],
  });
  const input = ndjson(
    { ticketId: 'T-1', to: 'resolved', from: 'open', staffUserId: 1 },
    { ticketId: 'T-1', to: 'closed', from: 'resolved', staffUserId: 1 },
    { ticketId: 'T-2', event: 'STRAT', from: 'open', staffUserId: 1 },
    { ticketId: 'T-2', event: 'RESOLVE', from: 'in-progress', staffUserId: 1 },
  );
  expect((await runHere(['apply', '-', '--base-url', url], { input })).code).toBe(65);
  expect(sandbox.record()).toMatchObject({ statusWrites: 0, ticketsByStatus: { open: 2 } });
});

test('a change to where the ticket stands already costs nothing', async () => {
  const { url, sandbox } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const input = ndjson({ ticketId: 'T-1', to: 'open', from: 'open', staffUserId: 1 });
  expect((await runHere(['apply', '-', '--base-url', url], { input })).code).toBe(0);
  expect(sandbox.record().requests).toBe(0);
});

test('lines that cannot be read are named, and the others are applied', async () => {
  const { url, sandbox } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const input = Buffer.concat([
    Buffer.from('\u{FEFF}{"ticketId":"T-1","event"\n[]\n{"ticketId":"T-1","event":"START"}\n\n'),
    Buffer.from([0x22, 0xff, 0x22, 0x0a]),
    Buffer.from('{"a":"\0"}\n'),
    Buffer.from(`{"a":"${'x'.repeat(1100 * 1024)}"}\n`),
    Buffer.from(ndjson(start7).replace('\n', '\r\n')),
    Buffer.from(ndjson({ ticketId: '..', to: 'dnoe', event: 'START', staffUserID: 1 })),
  ]);
  const { code, stdout } = await runHere(['apply', '-', '--base-url', url], { input });
  expect(code).toBe(65);
  expect(stdout).toContain('line 1: the line is not valid JSON');
  expect(stdout).toContain('line 2: the line is JSON, but not an object');
  expect(stdout).toContain(
    'line 3: staffUserId is missing: give it in the line or as --staff-user-id',
  );
  expect(stdout).toContain('line 5: the line is not valid UTF-8');
  expect(stdout).toContain('line 6: the line holds a NUL byte');
  expect(stdout).toContain('line 7: the line is longer than 1 MB');
  expect(stdout).toContain('there is no field "staffUserID" (did you mean staffUserId?)');
  expect(stdout).toContain('it has event and to: give one of them');
  expect(sandbox.record().statusWrites).toBe(1);
});

test.each([
  ['is empty', ''],
  ['holds a head alone', 'ticketId,event,staffUserId\n'],
  ['holds a byte order mark alone', '\u{FEFF}'],
  ['holds empty lines alone', '\n\n'],
])(
  'a file that %s is no mistake with --allow-empty, and leaves no journal, nor talk of one',
  async (_, content) => {
    const changes = file('changes.csv', content);
    const args = ['apply', changes, '--base-url', await nobody(), '--allow-empty'];
    const { code, stdout, stderr } = await runHere(args);
    expect([code, stdout.split('\n')[0]]).toEqual([0, expect.stringContaining('0 lines')]);
    expect(stderr).toBe('');
    expect((await runHere([...args, '--json'])).objects().at(-1)).not.toHaveProperty('journal');
    expect(readdirSync(dirname(changes))).toEqual(['changes.csv']);
  },
);

const hasPipes = process.platform !== 'win32';
if (!hasPipes) console.log('No named pipes here: how they are read is not tested.');

test.runIf(hasPipes)('a pipe is read to its end, whenever its writer comes', async () => {
  const tickets = [{ ticketId: 'T-1' }, { ticketId: 'T-2' }];
  const { url } = await sandboxWith({ tickets });
  const pipe = namedPipe();
  const { ended, untilSaid } = start(['apply', pipe, '--base-url', url, '--json']);
  const writer = await open(pipe, 'w');
  await writer.write(ndjson(start7));
  await untilSaid(/confirmed/);
  await writer.write(ndjson({ ...start7, ticketId: 'T-2' }));
  await writer.close();
  const { code, objects } = await ended;
  expect(code).toBe(0);
  expect(objects().at(-1)).toMatchObject({ lines: 2, outcomes: { confirmed: 2 } });
});

test.runIf(hasPipes)('one signal ends the waiting for a pipe in which nothing comes', async () => {
  const pipe = namedPipe();
  const { child, ended } = start(['apply', pipe, '--base-url', await nobody()]);
  // Open on both sides, from here on.
  const writer = await open(pipe, 'w');
  child.kill('SIGTERM');
  expect((await ended).code).toBe(143);
  await writer.close();
});

function namedPipe(): string {
  const tool = 'mkfifo';
  const pipe = join(folder(), 'pipe');
  execFileSync(tool, [pipe]);
  return pipe;
}

test.each([
  [['missing.csv'], 'missing.csv does not exist. Check the path.'],
  [['.'], '. is a directory.'],
  [[''], '"" does not exist.'],
])('%j cannot be opened, and says why', async (args, message) => {
  const { code, stderr } = await runHere(['apply', ...args, '--base-url', 'http://127.0.0.1:9']);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('a workspace without the tickets module ends with 4, and nothing more is tried', async () => {
  const { url, sandbox } = await sandboxWith({ subscription: 'none' });
  const lines = Array.from({ length: 200 }, (_, index) => ({ ...start7, ticketId: `T-${index}` }));
  const { code, stdout, stderr } = await runHere(['apply', '-', '--base-url', url], {
    input: ndjson(...lines),
  });
  expect(code).toBe(4);
  expect(stdout).toContain('403 Tickets module requires a Premium or Enterprise subscription');
  expect(stderr).toContain('The API refused the key or the workspace.');
  expect(sandbox.record().requests).toBeLessThan(10);
});

test('a change that nobody listened to ends with 75', async () => {
  const input = ndjson({ ...start7, from: 'open' });
  const { code, stdout } = await runHere(['apply', '-', '--base-url', await nobody()], { input });
  expect(code).toBe(75);
  expect(stdout).toContain('1 × Could not set <ticket> to in-progress: no connection');
});

test('a change that may have arrived ends with 6', async () => {
  const url = await serverThat(({ method, socket }, response) => {
    if (method === 'POST') socket.destroy();
    else response.end(JSON.stringify({ success: true, data: { Ticket: { Status: 'closed' } } }));
  });
  const { code, objects } = await runHere(['apply', '-', '--base-url', url, '--json'], {
    input: ndjson({ ...start7, from: 'open' }),
  });
  expect(code).toBe(6);
  expect(objects()[0]).toMatchObject({
    kind: 'unknown',
    observed: 'closed',
    error: { name: 'OutcomeUnknownError', reason: 'connection-lost' },
  });
});

test('Ctrl-C sees to its end what is under way, and says how far it came', async () => {
  const tickets = Array.from({ length: 500 }, (_, index) => ({ ticketId: `T-${index}` }));
  const { url, sandbox } = await sandboxWith({ tickets });
  const input = ndjson(...tickets.map((ticket) => ({ ...start7, ...ticket, from: 'open' })));
  const { child, ended, untilSaid } = start(['apply', '-', '--base-url', url, '--json'], { input });
  await untilSaid(/confirmed/);
  child.kill('SIGINT');
  const { code, stderr, objects } = await ended;
  expect(code).toBe(130);
  expect(stderr).toContain('Finishing what is under way.');
  const confirmed = objects().filter(({ kind }) => kind === 'confirmed').length;
  const { lines, ...summary } = objects().at(-1) ?? {};
  expect(stderr).toContain(
    `Stopped. The rest of the file, after these ${String(lines)} lines, was not read.`,
  );
  expect(lines).toBeLessThan(500);
  expect(summary).toMatchObject({
    type: 'summary',
    outcomes: { confirmed, 'not-sent': Number(lines) - confirmed, unknown: 0 },
    exitCode: 130,
  });
  expect(sandbox.record().statusWrites).toBe(confirmed);
});

test('a reader that goes away ends it quietly', async () => {
  const tickets = Array.from({ length: 500 }, (_, index) => ({ ticketId: `T-${index}` }));
  const { url, sandbox } = await sandboxWith({ tickets });
  const input = ndjson(...tickets.map((ticket) => ({ ...start7, ...ticket, from: 'open' })));
  const { child, untilSaid } = start(['apply', '-', '--base-url', url, '--json'], { input });
  await untilSaid(/confirmed/);
  child.stdout?.destroy();
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect(code).toBe(75);
  expect(sandbox.record().requests).toBeLessThan(100);
});
