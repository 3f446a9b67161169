import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { lockFile } from '../../src/journal/lock.ts';
import { sandboxWith, serverThat } from '../support/api.ts';
import { file, folder, ndjson, runHere } from '../support/cli.ts';
import { begunJournal, intentOf, outcomeOf, triage } from '../support/journals.ts';

const quick = ['--requests-per-second', '500'];
const resume = (journal: string, ...more: readonly string[]) =>
  runHere(['apply', '--resume', journal, '--json', ...quick, ...more]);
const start = { ticketId: 'T-1', event: 'START', from: 'open', staffUserId: 7 };
const methodsOf = ({ requests }: { requests: readonly { method: string }[] }) =>
  requests.map(({ method }) => method);

test('a change behind a step of the lifecycle is read before it is sent again', async () => {
  const methods: string[] = [];
  const headers = { 'content-type': 'application/json' };
  const url = await serverThat(({ method = '' }, response) => {
    methods.push(method);
    // The lost request arrives after the first look.
    const Status = methods.length === 1 ? 'open' : 'in-progress';
    const CreatedAt = new Date(Date.now() - 60_000).toISOString();
    const UpdatedAt = methods.length === 1 ? CreatedAt : new Date().toISOString();
    const data = {
      Ticket: { Status, CreatedAt, UpdatedAt },
      message: `Status changed to ${Status}`,
    };
    response.writeHead(200, headers).end(JSON.stringify({ success: true, data }));
  });
  const line = { ticketId: 'T-1', to: 'in-progress', from: 'new', staffUserId: 7 };
  const journal = await begunJournal(file('changes.ndjson', ndjson(line)), url, {
    args: ['--plan', '--definition', file('own.json', triage)],
    entries: [
      intentOf('START', 'triaged', 'in-progress', { last: true }),
      outcomeOf('confirmed', 'TRIAGE', 'new', 'triaged', { by: 'lifecycle' }),
      outcomeOf('unknown', 'START', 'triaged', 'in-progress', { last: true }),
    ],
  });
  const { code, objects, stderr } = await resume(journal);
  expect([code, methods.filter((method) => method !== 'GET')]).toEqual([0, []]);
  expect(objects()[0]).toMatchObject({ line: 1, kind: 'confirmed', by: 'observation' });
  expect(stderr).toContain('may have sent 1 change');
});

test.each(['new', undefined])(
  'a line from %s whose first sent step did not arrive goes on behind the steps of the lifecycle',
  async (from) => {
    const { url, sandbox } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
    const line = { ticketId: 'T-1', to: 'resolved', from, staffUserId: 7 };
    const journal = await begunJournal(file('changes.ndjson', ndjson(line)), url, {
      args: ['--plan', '--definition', file('own.json', triage)],
      entries: [intentOf('START', 'triaged', 'in-progress')],
    });
    const { code } = await resume(journal);
    expect([code, sandbox.systemMessages.map(({ to }) => to)]).toEqual([
      0,
      ['in-progress', 'resolved'],
    ]);
  },
);

test('a run that was stopped after a refusal reads the ticket, as it would have without the stop', async () => {
  const tickets = ['T-1', 'T-2'].map((ticketId) => ({ ticketId }));
  const { url, sandbox } = await sandboxWith({ limit: 'none', tickets });
  sandbox.faults.next(1, '409');
  const changes = file(
    'changes.ndjson',
    ndjson(
      start,
      { ...start, ticketId: 'T-2' },
      { ...start, event: 'RESOLVE', from: 'in-progress' },
    ),
  );
  const args = ['apply', changes, '--base-url', url, '--concurrency', '1', '--max-errors', '1'];
  const { code, stderr } = await runHere([...args, ...quick]);
  expect(code).toBe(5);
  const [, journal = ''] = /--resume (\S+)/.exec(stderr) ?? [];
  const resumed = await resume(journal);
  expect(resumed.objects()).toContainEqual(
    expect.objectContaining({ line: 3, kind: 'blocked', from: 'open' }),
  );
  expect(sandbox.systemMessages.map(({ ticketId }) => ticketId)).toEqual(['T-2']);
});

test.each(['refused', 'blocked', 'unreadable'])(
  'the line behind one that ended as %s is not believed, until another has arrived',
  async (kind) => {
    const { url, sandbox } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
    const changes = file(
      'changes.ndjson',
      ndjson(start, start, { ...start, event: 'RESOLVE', from: 'in-progress' }),
    );
    const ended = outcomeOf(kind, 'START', 'open', 'in-progress', { last: true });
    const journal = await begunJournal(changes, url, {
      entries: [ended, { ...ended, line: 2 }],
    });
    await resume(journal);
    expect(methodsOf(sandbox)).toEqual(['GET']);

    const arrived = await begunJournal(changes, url, {
      entries: [
        ended,
        outcomeOf('unchanged', 'START', 'open', 'in-progress', { line: 2, last: true }),
      ],
    });
    await resume(arrived, '--again');
    expect(methodsOf(sandbox)).toEqual(['GET', 'POST']);
  },
);

test('a run that began earlier and went on later has made what a resumed run would repeat', async () => {
  const tickets = ['T-1', 'T-2'].map((ticketId) => ({ ticketId }));
  const { url, sandbox } = await sandboxWith({ limit: 'none', tickets });
  const one = file('one.ndjson', ndjson(start));
  const other = join(dirname(one), 'other.ndjson');
  writeFileSync(other, ndjson({ ...start, ticketId: 'T-2' }, start), { mode: 0o600 });
  const beside = (name: string) => ({ journal: join(dirname(one), name) });
  const first = await begunJournal(one, url, beside('first.journal'));
  const second = await begunJournal(other, url, beside('second.journal'));
  expect((await resume(first)).code).toBe(0);
  const { code, stderr } = await resume(second);
  expect([code, stderr]).toEqual([2, expect.stringContaining('1 of its lines was carried out')]);
  expect(sandbox.record().statusWrites).toBe(1);
  // The run itself has made nothing that it would repeat.
  expect((await resume(first)).code).toBe(0);
});

test('one journal is one journal, through its own name and through a link', async () => {
  const { url, sandbox } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const changes = file('changes.ndjson', ndjson(start));
  const journal = await begunJournal(changes, url);
  const link = join(folder(), 'changes.ndjson.20260101-000000.journal');
  symlinkSync(journal, link);
  const unlock = lockFile(journal, 'writing');
  const copy = file('changes.ndjson', ndjson(start));
  const { code, stderr } = await runHere(['apply', copy, '--resume', link]);
  expect([code, stderr]).toEqual([75, expect.stringContaining(`${journal} is in use by`)]);
  expect(sandbox.record().requests).toBe(0);
  unlock();
  expect((await resume(link)).code).toBe(0);
  expect(readdirSync(dirname(link))).toEqual(['changes.ndjson.20260101-000000.journal']);
});

test.each([
  ['its second step was not sent', [intentOf('START', 'open', 'in-progress')]],
  [
    'its second step was in doubt, and was not made',
    [intentOf('START', 'open', 'in-progress'), intentOf('RESOLVE', 'in-progress', 'resolved')],
  ],
])('a line that is resumed twice goes on behind its first step: %s', async (_, entries) => {
  const { url, sandbox } = await sandboxWith({
    limit: 'none',
    tickets: [{ ticketId: 'T-1', status: 'in-progress' }],
  });
  const line = { ticketId: 'T-1', to: 'closed', from: 'open', staffUserId: 7 };
  const journal = await begunJournal(file('changes.ndjson', ndjson(line)), url, {
    args: ['--plan'],
    entries: entries.map((entry) => ({ ...entry, at: Date.now() })),
  });
  const isWell = sandbox.faults.when(({ method }) => (method === 'POST' ? '401' : undefined));
  expect((await resume(journal)).code).toBe(4);
  expect(readFileSync(journal, 'utf8')).toMatch(
    /"kind":"confirmed".*"event":"START".*"last":false/,
  );
  isWell();
  const { code, objects } = await resume(journal);
  expect([code, objects().at(-1)]).toMatchObject([
    0,
    { lines: 1, outcomes: { confirmed: 3, blocked: 0 } },
  ]);
  expect(sandbox.systemMessages.map(({ to }) => to)).toEqual(['resolved', 'closed']);
});
