import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { nobody, sandboxWith, serverThat } from '../support/api.ts';
import { file, folder, ndjson, runHere, start } from '../support/cli.ts';
import { begunJournal } from '../support/journals.ts';

const lineOf = (ticketId: string, event = 'START') => ({ ticketId, event, staffUserId: 7 });
const ids = (count: number) => Array.from({ length: count }, (_, index) => `T-${index + 1}`);
const failedIn = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const journalOf = (changes: string) => {
  const name = readdirSync(dirname(changes)).find((one) => one.endsWith('.journal'));
  return join(dirname(changes), name ?? '');
};

test('what did not arrive is written to be run again, of every kind, with ticket and reason', async () => {
  const { url, sandbox } = await sandboxWith({
    tickets: [{ ticketId: 'T-1' }, { ticketId: 'T-2' }, { ticketId: 'T-3', status: 'closed' }],
  });
  const changes = file(
    'changes.ndjson',
    `${ndjson(lineOf('T-1'), lineOf('T-2', 'CLOSE'), lineOf('T-9'), lineOf('T-3'))}broken\n`,
  );
  const failed = join(folder(), 'failed.ndjson');
  const { stderr } = await runHere(['apply', changes, '--base-url', url, '--failed', failed]);
  expect(stderr).toContain(`3 lines that did not arrive: ${failed}. 1 unreadable line left out.`);
  // Windows has no such bits.
  if (process.platform !== 'win32') expect(statSync(failed).mode & 0o077).toBe(0);
  expect(failedIn(failed)).toMatchObject([
    { ticketId: 'T-2', event: 'CLOSE', staffUserId: 7, line: 2, kind: 'blocked' },
    { ticketId: 'T-9', event: 'START', line: 3 },
    { ticketId: 'T-3', event: 'START', line: 4, kind: 'blocked' },
  ]);
  for (const { reason } of failedIn(failed)) {
    expect(reason).toMatch(/\w{4}/);
    // A line is about one ticket, so it names it. A sum of many lines does not.
    expect(reason).not.toContain('<ticket>');
  }
  expect(failedIn(failed)[1]).toMatchObject({ reason: 'Series knows no ticket T-9.' });
  const before = sandbox.record().statusWrites;
  const again = await runHere(['apply', failed, '--base-url', url, '--json']);
  expect(again.objects().at(-1)).toMatchObject({ lines: 3, unreadable: 0 });
  expect(sandbox.record().statusWrites).toBe(before);
});

test.each<[string, string, string[]]>([
  ['changes.ndjson', ndjson(lineOf('T-1', 'CLOSE')), []],
  ['cells.ndjson', 'ticketId,event,staffUserId\nT-1,CLOSE,7\n', ['--format', 'csv']],
])(
  'a resumed run writes what earlier runs could not do, too: %s',
  async (name, content, format) => {
    const { url } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
    const changes = file(name, content);
    await runHere(['apply', changes, '--base-url', url, ...format]);
    const failed = join(folder(), 'failed.ndjson');
    await runHere(['apply', '--resume', journalOf(changes), '--failed', failed]);
    expect(failedIn(failed)).toMatchObject([{ ticketId: 'T-1', event: 'CLOSE', staffUserId: 7 }]);
  },
);

test('the file of what failed takes the place of nothing', async () => {
  const changes = file('changes.ndjson', ndjson(lineOf('T-1')));
  const { url, sandbox } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const earlier = await begunJournal(file('other.ndjson', ndjson(lineOf('T-2'))), url);
  for (const [name, said] of [
    [changes, 'itself'],
    [earlier, 'is a journal'],
    ['/nowhere/failed', "can't be written"],
    ['-', 'is not a file name'],
  ] as const) {
    const { code, stderr } = await runHere(['apply', changes, '--base-url', url, '--failed', name]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
  }
  expect(sandbox.record().requests).toBe(0);
});

test('a report or a list that can not be written does not end with 0', async () => {
  const { url } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  for (const option of ['--report', '--failed']) {
    const changes = file('changes.ndjson', ndjson(lineOf('T-1'), lineOf('T-1', 'CLOSE')));
    const args = ['apply', changes, '--base-url', url, option, '/dev/full'];
    expect((await runHere(args)).stderr).toContain("/dev/full can't be written: the disk is full");
  }
  const sound = file('changes.ndjson', ndjson(lineOf('T-1')));
  const { code } = await runHere(['apply', sound, '--base-url', url, '--report', '/dev/full']);
  expect(code).toBe(1);
});

test('changes in doubt are named with their tickets, and the journal shows them', async () => {
  const { url, sandbox } = await sandboxWith({ tickets: ids(3).map((ticketId) => ({ ticketId })) });
  sandbox.faults.rate(1, { faults: ['reset-after-applying'] });
  const changes = file(
    'changes.ndjson',
    ndjson(...ids(3).map((id) => ({ ...lineOf(id), from: 'open' }))),
  );
  const { code, stdout } = await runHere(['apply', changes, '--base-url', url, '--timeout', '5s']);
  expect(code).toBe(6);
  expect(stdout).toMatch(/\(lines? .*\): .*T-2/);
  const journal = journalOf(changes);
  const shown = await runHere(['journal', 'show', journal, '--kind', 'unknown', '--json']);
  expect(shown.objects().map(({ ticketId }) => ticketId)).toEqual(ids(3));
  const one = await runHere(['journal', 'show', journal, '--only', 'T-2']);
  expect(one.stdout).toMatch(/^line 2 {2}unknown +T-2 {2}START {2}open → in-progress: .*T-2.*\n$/);
  const why = await runHere(['journal', 'why', 'T-2', journal]);
  expect(why.stdout).toMatch(/about to send START: open → in-progress\n.*line 2 {2}unknown/);
  const nothing = await runHere(['journal', 'why', 'T-7', journal]);
  expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining('T-7')]);
});

test('a journal that has nothing of what was asked for says so, and names the file', async () => {
  const { url } = await sandboxWith({ tickets: ids(3).map((ticketId) => ({ ticketId })) });
  const changes = file('changes.ndjson', ndjson(...ids(3).map((id) => lineOf(id))));
  expect((await runHere(['apply', changes, '--base-url', url])).code).toBe(0);
  const journal = journalOf(changes);
  const asked: [options: string[], hits: number, said: string][] = [
    [['--only', 'T-7'], 0, 'no entries of T-7.'],
    [['--only', 'X-*,T-7'], 0, 'no entries of X-*, T-7.'],
    [['--only', 'T-2,T-7'], 1, 'no entries of T-7.'],
    [['--kind', 'unknown'], 0, 'no unknown entries.'],
    [['--kind', 'open', '--only', 'T-2'], 0, 'no open entries of T-2.'],
  ];
  for (const [options, hits, said] of asked) {
    const args = ['journal', 'show', journal, ...options];
    const text = await runHere(args);
    expect([text.code, text.stdout.split('\n').length - 1]).toEqual([0, hits]);
    expect(text.stderr).toBe(`${journal}: There are ${said} The journal has 3 lines.\n`);
    const json = await runHere([...args, '--json']);
    expect([json.code, json.objects().length, json.stderr]).toEqual([0, hits, text.stderr]);
  }
  expect((await runHere(['journal', 'show', journal])).stderr).toBe('');
});

test.each([
  ['nothing', ''],
  ['another file', 'ticketId,event\n'],
  ['JSON of another kind', '{"type":"intent"}\n'],
])('%s is shown as no journal', async (_, content) => {
  for (const args of [['show'], ['why', 'T-1']]) {
    const { code, stdout } = await runHere(['journal', ...args, file('x.journal', content)]);
    expect([code === 0, stdout]).toEqual([false, '']);
  }
});

test('the same file is applied by one process at a time, with a journal or without', async () => {
  const options = [['--no-journal'], []];
  const pairs = options.flatMap((first) => options.map((later) => ({ first, later })));
  const runs = pairs.map(async ({ first, later }, at) => {
    const tickets = ids(60).map((ticketId) => ({ ticketId }));
    // Of some 120 answers the last come when the second run has ended.
    const second = Promise.withResolvers<void>();
    let answers = 0;
    const { url, sandbox } = await sandboxWith({
      limit: 'none',
      tickets,
      delayMs: { beforeAnswering: [1, 1] },
      sleep: async () => {
        answers += 1;
        if (answers > 90) await second.promise;
      },
    });
    const changes = file(`changes-${at}.ndjson`, ndjson(...ids(60).map((id) => lineOf(id))));
    const args = ['apply', changes, '--base-url', url];
    const running = start([...args, ...first, '--json', '--timeout', '10min']);
    await running.untilSaid(/"type":"outcome"/);
    const { code, stderr } = await runHere([...args, ...later]);
    second.resolve();
    const said = `${changes} is in use by process ${running.child.pid} (applying it)`;
    expect([code, stderr]).toEqual([75, expect.stringContaining(said)]);
    expect((await running.ended).code).toBe(0);
    expect(sandbox.record().statusWrites).toBe(60);
  });
  await Promise.all(runs);
});

test('a run stops by itself when nobody listens any more, and says how to go on', async () => {
  const changes = file('changes.ndjson', ndjson(...ids(300).map((id) => lineOf(id))));
  const { code, stdout, stderr } = await runHere([
    'apply',
    changes,
    '--base-url',
    await nobody(),
    '--concurrency',
    '5',
  ]);
  expect(code).toBe(75);
  expect(stderr).toContain('so the run stopped');
  expect(Number(/^(\d+) lines/.exec(stdout)?.[1])).toBeLessThan(60);
});

test('a run stops by itself when the key is gone, whatever the API calls it', async () => {
  let posts = 0;
  const url = await serverThat((request, response) => {
    if (request.method === 'POST') posts += 1;
    response.writeHead(403, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ success: false, error: { code: 403, message: 'No.' } }));
  });
  const changes = file(
    'changes.ndjson',
    ndjson(...ids(200).map((id) => ({ ...lineOf(id), from: 'open' }))),
  );
  const { code, stderr } = await runHere([
    'apply',
    changes,
    '--base-url',
    url,
    '--concurrency',
    '5',
  ]);
  expect([code, stderr]).toEqual([4, expect.stringContaining('--resume')]);
  expect(posts).toBeLessThan(60);
});

test.each([
  [402, 'Payment required'],
  [404, 'Cannot POST'],
  [405, 'Method not allowed'],
  [410, 'Gone'],
  [421, 'Misdirected request'],
  [426, 'Upgrade required'],
])('what a %i of the way refused goes again once it lets through', async (status, message) => {
  const seen = { posts: 0, isOpen: false };
  const url = await serverThat((request, response) => {
    if (request.method === 'POST') seen.posts += 1;
    response.writeHead(seen.isOpen ? 200 : status, { 'content-type': 'application/json' });
    const TicketId = request.url?.split('/').at(-1);
    const isRead = request.method === 'GET';
    const data = isRead ? { Ticket: { TicketId, Status: 'open' } } : {};
    const yes = { success: true, data };
    const no = { success: false, error: { code: status, message } };
    response.end(JSON.stringify(seen.isOpen ? yes : no));
  });
  const stated = (id: string) => ({ ...lineOf(id), from: 'open' });
  const changes = file('changes.ndjson', ndjson(...ids(200).map(stated)));
  const refused = await runHere(['apply', changes, '--base-url', url, '--concurrency', '5']);
  expect([refused.code, refused.stderr]).toEqual([
    5,
    expect.stringContaining('so the run stopped'),
  ]);
  expect(refused.stderr).toContain('--resume');
  expect(seen.posts).toBeLessThan(60);
  const again = await runHere(['apply', changes, '--base-url', url]);
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('not finished')]);
  const few = file('few.ndjson', ndjson(stated('T-1'), stated('T-2')));
  await runHere(['apply', few, '--base-url', url]);
  seen.isOpen = true;
  const resumed = await runHere(['apply', '--resume', journalOf(few), '--json']);
  expect(resumed.objects().at(-1)).toMatchObject({ exitCode: 0, outcomes: { confirmed: 2 } });
});

test.each([
  [400, 'Invalid status'],
  [404, 'Ticket not found'],
  [409, 'Conflict'],
  [422, 'Unprocessable'],
])('a %i that concerns one change stops no run, and is not sent again', async (status, message) => {
  let posts = 0;
  const url = await serverThat((request, response) => {
    if (request.method === 'POST') posts += 1;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ success: false, error: { code: status, message } }));
  });
  const stated = (id: string) => ({ ...lineOf(id), from: 'open' });
  const changes = file('changes.ndjson', ndjson(...ids(30).map(stated)));
  const { stderr } = await runHere(['apply', changes, '--base-url', url]);
  expect(stderr).not.toContain('so the run stopped');
  expect(posts).toBe(30);
  await runHere(['apply', '--resume', journalOf(changes)]);
  expect(posts).toBe(30);
});

test('a lost connection ends a run as Ctrl-C does, with the command that goes on', async () => {
  const tickets = ids(200).map((ticketId) => ({ ticketId }));
  const { url } = await sandboxWith({ limit: 'none', tickets });
  const changes = file('changes.ndjson', ndjson(...ids(200).map((id) => lineOf(id))));
  const running = start(['apply', changes, '--base-url', url, '--json']);
  await running.untilSaid(/"type":"outcome"/);
  running.child.kill('SIGHUP');
  const { code, stderr } = await running.ended;
  expect([code, stderr]).toEqual([129, expect.stringContaining('--resume')]);
});

test('a lost connection ends a sandbox with its record', async () => {
  const running = start(['sandbox', '--port', '0']);
  await running.untilSaid(/listens on/);
  running.child.kill('SIGHUP');
  expect((await running.ended).stdout).toContain('status writes');
});

test.each([
  [['apply', 'nosuch.csv'], 'nosuch.csv does not exist'],
  [['apply', '.'], '. is a directory'],
  [['apply', '-', '--base-url', '127.0.0.1:4010'], '--base-url'],
  [['observe', 'T-1', '--base-url', '127.0.0.1:4010'], '--base-url'],
])('what is wrong is named before the key that is missing: %j', async (args, said) => {
  const { code, stderr } = await runHere(args, { input: ndjson(lineOf('T-1')) });
  expect([code === 0, stderr]).toEqual([false, expect.stringContaining(said)]);
  expect(stderr).not.toContain('API key');
});

test('a share of less than one request a second is refused, and not rounded up', async () => {
  for (const [share, perSecond] of [
    ['0.001', '25'],
    ['0.039', '25'],
    ['0.5', '1'],
  ] as const) {
    const args = ['--rate-share', share, '--requests-per-second', perSecond];
    for (const more of [['--dry-run'], ['--base-url', 'http://127.0.0.1:9']]) {
      const { code, stderr } = await runHere(['apply', '-', ...args, ...more], {
        input: ndjson(lineOf('T-1')),
      });
      expect([code, stderr]).toEqual([2, expect.stringContaining('is less than one')]);
    }
  }
  const { stdout } = await runHere(['apply', '-', '--dry-run', '--rate-share', '0.04'], {
    input: ndjson(lineOf('T-1')),
  });
  expect(stdout).toContain('at most 1 a second');
});
