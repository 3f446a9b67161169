import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { lockFile } from '../../src/journal/lock.ts';
import { sandboxWith, serverThat } from '../support/api.ts';
import { bin, file, folder, ndjson, run, runHere, start } from '../support/cli.ts';
import { crash } from '../support/crash.ts';
import { begunJournal as journalOf } from '../support/journals.ts';

const fullDisk = fileURLToPath(new URL('../support/full-disk.mjs', import.meta.url));

const ids = (count: number) => Array.from({ length: count }, (_, index) => `T-${index}`);
const starts = (count: number) =>
  ndjson(...ids(count).map((ticketId) => ({ ticketId, event: 'START', staffUserId: 7 })));
const quick = ['--requests-per-second', '500'];
async function sandboxOf(count: number) {
  return sandboxWith({ limit: 'none', tickets: ids(count).map((ticketId) => ({ ticketId })) });
}

const entries = (journal: string) =>
  readFileSync(journal, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('every outcome stands in a journal beside the file, behind what was intended', async () => {
  const { url } = await sandboxOf(1);
  const changes = file('changes.ndjson', starts(1));
  const { code, stderr } = await runHere(['apply', changes, '--base-url', url]);
  expect(code).toBe(0);
  const [name = ''] = readdirSync(dirname(changes)).filter((other) => other.endsWith('.journal'));
  expect(name).toMatch(/^changes\.ndjson\.\d{8}-\d{6}\.journal$/);
  expect(stderr).toContain(`Written down in ${join(dirname(changes), name)}`);
  expect(entries(join(dirname(changes), name))).toMatchObject([
    { type: 'journal', version: 1, input: { bytes: 51 }, baseUrl: `${url}/` },
    {
      type: 'intent',
      line: 1,
      from: 'open',
      to: 'in-progress',
      toStatus: 'in-progress',
      last: true,
    },
    { type: 'outcome', line: 1, kind: 'confirmed', last: true },
    { type: 'finished' },
  ]);
  expect(readdirSync(dirname(changes)).filter((other) => other.includes('lock'))).toEqual([]);
});

test('Ctrl-C gives the command that goes on, and that does the rest, each once', async () => {
  const { url, sandbox } = await sandboxOf(150);
  const changes = file('changes.ndjson', starts(150));
  const journal = join(folder(), 'j');
  const args = ['apply', changes, '--journal', journal, '--base-url', url, '--json'];
  const { child, ended, untilSaid } = start(args);
  await untilSaid(/confirmed/);
  child.kill('SIGINT');
  const { code, stderr } = await ended;
  expect(code).toBe(130);
  expect(stderr).toContain(`ticket-lifecycle apply ${changes} --resume ${journal} --json`);

  const resumed = await runHere(['apply', '--resume', journal, '--json', ...quick]);
  expect(resumed.code).toBe(0);
  expect(resumed.objects().at(-1)).toMatchObject({ lines: 150, outcomes: { confirmed: 150 } });
  expect(sandbox.record()).toMatchObject({ statusWrites: 150, systemMessages: 150 });
  const again = await runHere(['apply', '--resume', journal, '--json', ...quick]);
  expect([again.code, sandbox.record().statusWrites]).toEqual([0, 150]);
});

test('a second Ctrl-C stops at once', async () => {
  const arrival = Promise.withResolvers<void>();
  // A server that never answers: only a second wish ends the waiting for it.
  const url = await serverThat(() => arrival.resolve());
  const changes = file('changes.ndjson', starts(1));
  const { child, ended, untilSaid } = start(['apply', changes, '--base-url', url]);
  await arrival.promise;
  child.kill('SIGINT');
  await untilSaid(/once more stops at once/);
  child.kill('SIGINT');
  await ended;
  expect(child.signalCode).toBe('SIGINT');
});

test('a run that is killed again and again makes every change exactly once', async () => {
  const { wrongTickets, wrongLines, tornLines, lastCode, kills } = await crash({
    command: [process.execPath, bin],
    folder: folder(),
    tickets: 40,
    kills: 3,
    random: Math.random,
  });
  expect({ wrongTickets, wrongLines, tornLines, lastCode, kills }).toEqual({
    wrongTickets: [],
    wrongLines: [],
    tornLines: 0,
    lastCode: 0,
    kills: 3,
  });
});

test('a full disk stops the run, and what it has left whole goes on elsewhere', async () => {
  const { url, sandbox } = await sandboxOf(200);
  const changes = file('changes.ndjson', starts(200));
  const journal = join(folder(), 'j');
  const args = ['apply', changes, '--journal', journal, '--base-url', url, ...quick];
  const env = { NODE_OPTIONS: `--import ${fullDisk}`, DISK_BYTES: '20000' };
  const { code, stderr, stdout } = await run(args, { env });
  expect(code).toBe(75);
  expect(stderr).toContain(`The journal ${journal} can't be written: the disk is full.`);
  expect(stderr).toContain(`--resume ${journal}`);
  expect(stdout).toMatch(/confirmed/);
  // Whole: every line of it can be read, to its end.
  expect(readFileSync(journal, 'utf8').endsWith('\n')).toBe(true);
  expect(entries(journal).length).toBeGreaterThan(10);
  expect(sandbox.record().statusWrites).toBeLessThan(200);

  expect((await runHere(['apply', '--resume', journal, ...quick])).code).toBe(0);
  expect(sandbox.record()).toMatchObject({ statusWrites: 200, systemMessages: 200 });
});

test('a disk that is full from the start sends nothing', async () => {
  const { url, sandbox } = await sandboxOf(1);
  const changes = file('changes.ndjson', starts(1));
  const env = { NODE_OPTIONS: `--import ${fullDisk}`, DISK_BYTES: '10' };
  const { code, stderr } = await run(['apply', changes, '--base-url', url], { env });
  expect([code, sandbox.record().requests]).toEqual([75, 0]);
  expect(stderr).toContain('the disk is full');
  expect(readdirSync(dirname(changes))).toEqual(['changes.ndjson']);
});

test('a change that may have been sent is settled by reading before anything is sent', async () => {
  const { url, sandbox } = await sandboxWith({
    limit: 'none',
    tickets: [
      { ticketId: 'T-0', status: 'in-progress' },
      { ticketId: 'T-1', status: 'open' },
      { ticketId: 'T-2', status: 'closed' },
      { ticketId: 'T-3', status: 'open' },
    ],
  });
  const changes = file('changes.ndjson', starts(4));
  const journal = await journalOf(changes, url);
  const at = Date.now();
  const intent = (line: number, ticketId: string) => ({
    type: 'intent',
    line,
    ticketId,
    from: 'open',
    to: 'in-progress',
    event: 'START',
    fromStatus: 'open',
    toStatus: 'in-progress',
    last: true,
    at,
  });
  appendFileSync(journal, ndjson(intent(1, 'T-0'), intent(2, 'T-1'), intent(3, 'T-2')));
  // The last line is torn, as a crash leaves it.
  appendFileSync(journal, '{"type":"intent","line":4,"ticketId":"T-');

  const { code, objects } = await runHere(['apply', '--resume', journal, '--json', ...quick]);
  expect(code).toBe(6);
  const outcomes = objects()
    .filter(({ type }) => type === 'outcome')
    .sort((a, b) => Number(a['line']) - Number(b['line']));
  expect(outcomes).toMatchObject([
    { line: 1, kind: 'confirmed', by: 'observation' },
    { line: 2, kind: 'confirmed', by: 'response' },
    { line: 3, kind: 'unknown', observed: 'closed' },
    { line: 4, kind: 'confirmed', by: 'response' },
  ]);
  expect(sandbox.systemMessages.map(({ ticketId }) => ticketId).sort()).toEqual(['T-1', 'T-3']);
  const firstWrite = sandbox.requests.findIndex(({ method }) => method === 'POST');
  expect(sandbox.requests.slice(0, firstWrite).map(({ ticketId }) => ticketId)).toEqual(
    expect.arrayContaining(['T-0', 'T-1', 'T-2']),
  );
});

test('an intent that has lost its line end to an editor is settled all the same', async () => {
  const { url, sandbox } = await sandboxWith({
    tickets: [{ ticketId: 'T-0', status: 'in-progress' }],
  });
  const line = { ticketId: 'T-0', event: 'START', from: 'open', staffUserId: 7 };
  const journal = await journalOf(file('changes.ndjson', ndjson(line)), url);
  const steps = { from: 'open', to: 'in-progress', fromStatus: 'open', toStatus: 'in-progress' };
  const about = { type: 'intent', line: 1, ticketId: 'T-0', event: 'START' };
  const intent = { ...about, ...steps, last: true, at: 0 };
  appendFileSync(journal, JSON.stringify(intent));
  expect((await runHere(['apply', '--resume', journal, ...quick])).code).toBe(0);
  expect(sandbox.requests.map(({ method }) => method)).toEqual(['GET']);
  expect(entries(journal).slice(1)).toMatchObject([
    intent,
    { type: 'resumed' },
    { type: 'outcome', line: 1, kind: 'confirmed', by: 'observation' },
    { type: 'finished' },
  ]);
});

test('a resumed run that cannot look first sends nothing', async () => {
  const { url, sandbox } = await sandboxWith({ subscription: 'none' });
  const changes = file('changes.ndjson', starts(2));
  const journal = await journalOf(changes, url);
  appendFileSync(
    journal,
    ndjson({
      type: 'intent',
      line: 1,
      ticketId: 'T-0',
      event: 'START',
      from: 'open',
      to: 'in-progress',
      fromStatus: 'open',
      toStatus: 'in-progress',
      last: true,
      at: Date.now() - 60_000,
    }),
  );
  const { code, stderr } = await runHere(['apply', '--resume', journal, ...quick]);
  expect(code).toBe(4);
  expect(stderr).toContain('The tickets that an earlier run left in doubt could not be read');
  expect(sandbox.requests.map(({ method }) => method)).toEqual(['GET']);
});

test.each([
  ['another file', (changes: string) => appendFileSync(changes, '\n'), [], 'is not the same'],
  ['another lifecycle', () => {}, ['--definition', 'OWN'], 'its lifecycle was the default'],
  ['another server', () => {}, ['--base-url', 'http://127.0.0.1:9'], 'its changes went to'],
  ['another way to walk', () => {}, ['--plan'], 'it began with another --plan'],
])('goes on with no run of %s', async (_, change, args, message) => {
  const { url, sandbox } = await sandboxOf(1);
  const changes = file('changes.ndjson', starts(1));
  const journal = await journalOf(changes, url);
  change(changes);
  const own = file(
    'own.json',
    JSON.stringify({
      initial: 'open',
      states: { open: { on: { START: 'in-progress' } }, 'in-progress': { type: 'final' } },
    }),
  );
  const given = args.map((word) => (word === 'OWN' ? own : word));
  const { code, stderr } = await runHere(['apply', '--resume', journal, ...given]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  expect(sandbox.record().requests).toBe(0);
});

test('two processes do not write one journal, but a dead one does not stand in the way', async () => {
  const { url } = await sandboxOf(1);
  const changes = file('changes.ndjson', starts(1));
  const journal = await journalOf(changes, url);
  const unlock = lockFile(journal, 'writing');
  const { code, stderr } = await runHere(['apply', '--resume', journal]);
  expect([code, stderr]).toEqual([
    75,
    expect.stringContaining(`${journal} is in use by process ${process.pid} (writing it)`),
  ]);
  unlock();
  // What a process that was killed leaves behind.
  writeFileSync(`${journal}.lock`, '');
  expect((await runHere(['apply', '--resume', journal])).code).toBe(0);
});

test('a run that begins in the same second as another has a journal of its own', async () => {
  const { url } = await sandboxOf(1);
  const changes = file('changes.ndjson', starts(1));
  for (let second = 0; second < 60; second += 1) {
    const moment = new Date(Date.now() + second * 1000).toISOString();
    const stamp = moment.replace(/[-:]|\..*/g, '').replace('T', '-');
    writeFileSync(`${changes}.${stamp}.journal`, '');
  }
  const { code, objects } = await runHere(['apply', changes, '--base-url', url, '--json']);
  expect(code).toBe(0);
  expect(objects().at(-1)?.['journal']).toMatch(/ndjson\.\d{8}-\d{6}-2\.journal$/);
});

test.each([['--no-journal'], ['--journal', 'other.journal'], ['--dry-run']])(
  'a journal is gone on with, or it is not: %s',
  async (...options) => {
    const { url, sandbox } = await sandboxOf(1);
    const changes = file('changes.ndjson', starts(1));
    const journal = await journalOf(changes, url);
    const before = sandbox.record().requests;
    const { code, stderr } = await runHere(['apply', changes, '--resume', journal, ...options]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('cannot be used with')]);
    expect(sandbox.record().requests).toBe(before);
  },
);

test.each([
  ['CSV', 'ticketId,event\nT-1,START\n7,CLOSE\n'],
  ['CSV of one column', 'ticketId\n7\n'],
  ['NDJSON', ndjson({ ticketId: 'T-1', event: 'START' })],
  ['text', 'nonsense\n'],
])('the file of the changes is no journal, and those beside it are named: %s', async (_, text) => {
  const changes = file('changes', text);
  const none = await runHere(['apply', '--resume', changes]);
  expect([none.code, none.stderr]).toEqual([65, expect.stringContaining('FILE.DATE.journal')]);
  writeFileSync(join(dirname(changes), 'other.journal'), '');
  const other = await runHere(['journal', 'show', changes]);
  expect([other.code, other.stderr]).toEqual([65, expect.stringMatching(/beside it: .*other\./)]);
  const own = `${changes}.20260101-000000.journal`;
  writeFileSync(own, '');
  for (const args of [
    ['apply', '--resume', changes],
    ['apply', changes, '--resume', changes],
    ['journal', 'show', changes],
    ['journal', 'why', 'T-1', changes],
  ]) {
    const { code, stderr } = await runHere(args);
    expect([code, stderr]).toEqual([
      65,
      `error: ${changes} is not a journal of apply. Its journals: ${own}\n`,
    ]);
  }
});

test('of the journals of other files, the latest comes first', async () => {
  const changes = file('changes', 'nonsense\n');
  for (const name of ['z.csv.20250101-000000', 'a.csv.20260101-000000']) {
    writeFileSync(join(dirname(changes), `${name}.journal`), '');
  }
  const { stderr } = await runHere(['journal', 'show', changes]);
  expect(stderr).toMatch(/beside it: .*a\.csv\.20260101.*, .*z\.csv\.20250101/);
});

const first = {
  type: 'journal',
  version: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  input: { file: 'changes.ndjson', bytes: 51, sha256: '0' },
  definition: { fingerprint: '0' },
  baseUrl: 'http://127.0.0.1:9/',
  options: { plan: false, only: [], where: [] },
};
const done = { type: 'outcome', line: 1, kind: 'confirmed', last: true, at: 0 };

test.each([
  ['', 'it is empty. Delete it, and apply the file anew.'],
  ['nonsense\n', 'its line 1 is damaged: it is not JSON'],
  [ndjson(done), 'its line 1 is out of place'],
  [`nonsense\n${ndjson(first)}`, "its line 1 can't be read, and others follow"],
  [
    ndjson({ type: 'journal', version: 2 }),
    'a later version of this tool has written it. Use that. Nothing',
  ],
  [ndjson({ type: 'journal', version: 1 }), `its line 1 is damaged: "startedAt" can't be missing`],
  [
    ndjson({ ...first, definition: { file: 7 } }),
    `line 1 is damaged: "definition.file" can't be 7`,
  ],
  [ndjson(first, []), 'its line 2 is damaged: [] is not an entry'],
  [ndjson(first, { type: 'bogus' }), `its line 2 is damaged: "type" can't be "bogus"`],
  [ndjson(first, { ...done, kind: 'bogus' }), `its line 2 is damaged: "kind" can't be "bogus"`],
  [ndjson(first, { ...done, line: 1e15 }), `line 2 is damaged: "line" can't be 1000000000000000`],
  [ndjson(first, { type: 'outcome' }), `its line 2 is damaged: "line" can't be missing`],
  [ndjson(first, done, { type: 'intent' }), `its line 3 is damaged: "line" can't be missing`],
  [ndjson(first, first), 'its line 2 is out of place'],
])('what is no journal is not gone on with, and stays as it is (%#)', async (content, message) => {
  const journal = file('changes.csv.journal', content);
  const { code, stderr } = await runHere(['apply', '--resume', journal]);
  expect([code, stderr]).toEqual([65, expect.stringContaining(message)]);
  expect(stderr).toContain(`error: ${journal} can't be resumed`);
  expect(readFileSync(journal, 'utf8')).toBe(content);
});

test.each([
  ['line ends of Windows', (text: string) => text.replaceAll('\n', '\r\n')],
  ['a byte order mark', (text: string) => `\u{FEFF}${text}`],
])(
  'a journal that an editor has given %s loses nothing, and nothing is sent twice',
  async (_, edit) => {
    const { url, sandbox } = await sandboxOf(40);
    const changes = file('changes.ndjson', starts(40));
    const journal = join(folder(), 'j');
    await runHere(['apply', changes, '--journal', journal, '--base-url', url, ...quick]);
    const [begun = '', ...rest] = readFileSync(journal, 'utf8').split('\n').slice(0, -1);
    // The last lines are missing, and one is torn.
    const kept = [begun, ...rest.filter((line) => !line.includes('"T-39"'))];
    const whole = edit(`${kept.join('\n')}\n`);
    writeFileSync(journal, `${whole}{"type":"int\u{0}\n{"ty`);
    const before = sandbox.requests.length;

    const { code } = await runHere(['apply', '--resume', journal, ...quick]);
    expect(code).toBe(0);
    expect(sandbox.requests.slice(before).map(({ ticketId }) => ticketId)).toEqual(['T-39']);
    const text = readFileSync(journal, 'utf8');
    expect(text.startsWith(whole)).toBe(true);
    expect(
      text
        .slice(whole.length)
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([
      { type: 'resumed' },
      { type: 'outcome', line: 40, kind: 'unchanged' },
      { type: 'finished' },
    ]);
  },
);

test('a journal that exists is not written over', async () => {
  const { url } = await sandboxOf(1);
  const changes = file('changes.ndjson', starts(1));
  const journal = file('j', 'something');
  const { code, stderr } = await runHere([
    'apply',
    changes,
    '--journal',
    journal,
    '--base-url',
    url,
  ]);
  expect([code, stderr]).toEqual([2, expect.stringContaining('exists already. --resume goes on')]);
  expect(readFileSync(journal, 'utf8')).toBe('something');
});

test('a journal without a name is not started', async () => {
  const { url } = await sandboxOf(1);
  const args = ['apply', file('changes.ndjson', starts(1)), '--journal', '-', '--base-url', url];
  const { code, stderr } = await runHere(args);
  expect([code, stderr]).toEqual([2, expect.stringContaining('--journal: "-" is not a file name')]);
});

test('standard input cannot be gone on with, so it is asked for as a file', async () => {
  const args = ['apply', '-', '--journal', 'j', '--base-url', 'http://127.0.0.1:9'];
  const { code, stderr } = await runHere(args, { input: starts(1) });
  expect([code, stderr]).toEqual([2, expect.stringContaining('save standard input to a file')]);
});
