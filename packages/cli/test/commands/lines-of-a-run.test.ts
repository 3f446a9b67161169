import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readJournal } from '../../src/journal/read-journal.ts';
import { sandboxWith, serverThat } from '../support/api.ts';
import { file, ndjson, run, runHere, start } from '../support/cli.ts';
import { begunJournal, intentOf, outcomeOf, triage } from '../support/journals.ts';

const lineOf = (ticketId: string, event = 'START') => ({ ticketId, event, staffUserId: 7 });
const ids = (count: number) => Array.from({ length: count }, (_, index) => `T-${index + 1}`);
const journalOf = (changes: string) => {
  const name = readdirSync(dirname(changes)).find((one) => one.endsWith('.journal'));
  return join(dirname(changes), name ?? '');
};

test('a journal says who made each change, by the line, by the option or after a resume', async () => {
  const { url } = await sandboxWith({ tickets: ids(3).map((ticketId) => ({ ticketId })) });
  const changes = file(
    'changes.ndjson',
    ndjson(
      { ...lineOf('T-1'), staffUserId: 11 },
      { ...lineOf('T-2'), staffUserId: undefined },
      { ...lineOf('T-3', 'CLOSE'), staffUserId: 13 },
      { ...lineOf('T-9'), staffUserId: 14 },
    ),
  );
  const args = ['apply', changes, '--base-url', url, '--staff-user-id', '12', '--json'];
  const { objects } = await runHere(args);
  const whoOf = (lines: readonly Record<string, unknown>[]) =>
    lines
      .filter(({ line }) => line !== undefined)
      .toSorted((one, other) => Number(one['line']) - Number(other['line']))
      .map(({ staffUserId }) => staffUserId);
  expect(whoOf(objects())).toEqual([11, 12, 13, 14]);
  const journal = journalOf(changes);
  const shown = await runHere(['journal', 'show', journal, '--json']);
  expect(whoOf(shown.objects())).toEqual([11, 12, 13, 14]);
  const why = await runHere(['journal', 'why', 'T-2', journal]);
  expect(why.stdout).toMatch(
    /staff member 12 about to send START: .*\n.*confirmed .* \(staff member 12\)\n$/,
  );
  const entries = await runHere(['journal', 'why', 'T-2', journal, '--json']);
  expect(entries.objects()).toMatchObject([
    { type: 'intent', staffUserId: 12 },
    { type: 'outcome', staffUserId: 12 },
  ]);

  // What is read of a ticket after a crash belongs to the one who was to make the change.
  const written = readFileSync(journal, 'utf8').split('\n');
  const cut = written.filter((entry) => !/"(outcome","line":2|finished")/.test(entry));
  writeFileSync(journal, cut.join('\n'));
  const resumed = await runHere(['apply', '--resume', journal, '--json']);
  expect(resumed.objects()).toContainEqual(
    expect.objectContaining({ line: 2, kind: 'confirmed', staffUserId: 12 }),
  );
});

test('a line that can not be read is found by its ticket: in the journal, the summary and a dry run', async () => {
  const { url } = await sandboxWith({ tickets: ids(3).map((ticketId) => ({ ticketId })) });
  const broken = [
    { ...lineOf('T-1'), event: 'STRAT' },
    { ...lineOf('T-2'), from: 'opne' },
    { ...lineOf('T-3'), staffUserId: 'x' },
    { ...lineOf('T-4'), event: undefined },
  ];
  const changes = file('changes.ndjson', `${ndjson(...broken)}{"ticketId":\n`);
  const args = ['apply', changes, '--base-url', url];
  const dry = await runHere([...args, '--dry-run']);
  const forecast = await runHere([...args, '--dry-run', '--json']);
  expect(forecast.objects().map(({ ticketId }) => ticketId)).toEqual([
    ...ids(4),
    undefined,
    undefined,
  ]);
  const { code, stdout } = await runHere(args);
  expect(code).toBe(65);
  const journal = journalOf(changes);
  for (const [at, ticketId] of ids(4).entries()) {
    for (const text of [dry.stdout, stdout])
      expect(text).toMatch(new RegExp(`line ${at + 1}: .* \\(${ticketId}\\)\\n`));
    const why = await runHere(['journal', 'why', ticketId, journal]);
    expect([why.code, why.stdout]).toEqual([0, expect.stringMatching(/unreadable .*T-/)]);
    const shown = await runHere(['journal', 'show', journal, '--only', ticketId]);
    expect([shown.code, shown.stderr]).toEqual([0, '']);
  }
  expect(stdout).toMatch(/line 5: /);
});

test('lines that are unreadable for one reason are named with their tickets', async () => {
  const changes = ndjson(...ids(7).map((id) => ({ ...lineOf(id), event: 'STRAT' })));
  const { stdout } = await runHere(['apply', '-', '--dry-run'], { input: changes });
  expect(stdout).toMatch(/7 × .*\(lines 1, 2, 3, 4, 5, …\): T-1, T-2, T-3, T-4, T-5\n/);
});

test('a journal in the place of the ticket is named as that', async () => {
  const journal = file('run.journal', '');
  const { code, stderr } = await runHere(['journal', 'why', journal, 'T-5']);
  expect([code, stderr]).toEqual([
    2,
    `error: ${journal} is a file. The ticket goes first: journal why T-5 ${journal}\n`,
  ]);
});

test('a run that was stopped after its last line says that, and a path counts its steps', async () => {
  const { url, sandbox } = await sandboxWith({
    limit: 'none',
    tickets: ids(3).map((ticketId) => ({ ticketId })),
  });
  const path = { ticketId: 'T-1', to: 'closed', from: 'open', staffUserId: 7 };
  const changes = file('changes.ndjson', ndjson(path, lineOf('T-2')));
  const done = await runHere(['apply', changes, '--plan', '--base-url', url]);
  expect(done.stdout).toContain('2 lines, 4 outcomes, in ');

  sandbox.faults.rate(1, { faults: ['500-before-applying'] });
  const refused = file('refused.ndjson', ndjson(lineOf('T-2'), lineOf('T-3')));
  const args = ['apply', refused, '--base-url', url, '--max-errors', '1', '--concurrency', '2'];
  const { stderr } = await runHere(args);
  expect(stderr).toMatch(
    /Stopped\. All 2 lines of the file were read, and \d of them (is|are) left/,
  );
  expect(stderr).not.toContain('was not read');
});

const steps: readonly (readonly [string, readonly object[], string | undefined])[] = [
  ['an intent', [intentOf('START', 'open', 'in-progress')], 'START'],
  [
    'a second that was taken back',
    [
      intentOf('START', 'open', 'in-progress'),
      intentOf('RESOLVE', 'in-progress', 'resolved'),
      { type: 'taken-back', line: 1, at: 0 },
    ],
    'START',
  ],
  [
    'one that was taken back',
    [intentOf('START', 'open', 'in-progress'), { type: 'taken-back', line: 1, at: 0 }],
    undefined,
  ],
  [
    'one that was sent once more, and taken back',
    [
      intentOf('START', 'open', 'in-progress'),
      intentOf('START', 'open', 'in-progress'),
      { type: 'taken-back', line: 1, at: 0 },
    ],
    undefined,
  ],
  [
    'a second whose first was made',
    [
      intentOf('START', 'open', 'in-progress'),
      intentOf('RESOLVE', 'in-progress', 'resolved'),
      outcomeOf('confirmed', 'START', 'open', 'in-progress', { by: 'response' }),
    ],
    'RESOLVE',
  ],
];

test.each(steps)(
  'a journal shows the same line as open that a resumed run settles: %s',
  async (_, entries, event) => {
    const { url } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
    const line = { ticketId: 'T-1', to: 'resolved', from: 'open', staffUserId: 7 };
    const changes = file('changes.ndjson', ndjson(line));
    const journal = await begunJournal(changes, url, { args: ['--plan'], entries });
    const { objects } = await runHere(['journal', 'show', journal, '--kind', 'open', '--json']);
    expect(objects().map((shown) => shown['event'])).toEqual(event === undefined ? [] : [event]);
    const { open } = await readJournal(journal, () => {});
    expect(open.get(1)?.intents.at(-1)?.event).toBe(event);
  },
);

test('of a file that is edited while it is applied, no new line is sent', async () => {
  const asked: string[] = [];
  const lines = ids(200).map((id) => ({ ...lineOf(id), from: 'open', note: 'x'.repeat(1000) }));
  const [before, after] = [ndjson(...lines), ndjson(...lines).replaceAll('"T-', '"NEW-')];
  const changes = file('changes.ndjson', before);
  const url = await serverThat((request, response) => {
    asked.push(request.url ?? '');
    if (asked.length === 3) writeFileSync(changes, after);
    response.setHeader('content-type', 'application/json');
    response.end('{"success":true,"data":{"message":"Status changed to in-progress"}}');
  });
  const fast = ['--requests-per-second', '1000', '--concurrency', '2', '--json'];
  const edited = await runHere(['apply', changes, '--base-url', url, ...fast]);
  expect([edited.code, edited.objects().at(-1)]).toEqual([
    65,
    expect.objectContaining({ type: 'summary', exitCode: 65 }),
  ]);
  expect(edited.stderr).toContain('was changed while it was applied');

  writeFileSync(changes, before);
  const { code } = await runHere(['apply', '--resume', journalOf(changes), ...fast]);
  expect(code).toBe(0);
  expect(asked.toSorted()).toEqual(
    ids(200)
      .map((id) => `/tickets/${id}/status`)
      .toSorted(),
  );
});

test('a run that a guard ends says what was done, and how to go on', async () => {
  const { url } = await sandboxWith({
    tickets: [{ ticketId: 'T-1' }, { ticketId: 'T-2', status: 'resolved' }],
  });
  const definition = file(
    'own.mjs',
    `export const guards = { lead: ({ context }) => context.user.role === 'lead' };
     export default { initial: 'open', states: { open: { on: { START: 'in-progress' } },
       'in-progress': { on: { RESOLVE: 'resolved' } },
       resolved: { on: { CLOSE: { target: 'closed', guard: 'lead' } } }, closed: { type: 'final' } } };`,
  );
  const changes = file('changes.ndjson', ndjson(lineOf('T-1'), lineOf('T-2', 'CLOSE')));
  const args = ['apply', changes, '--base-url', url, '--definition', definition];
  const { code, stdout, stderr } = await run(args);
  expect([code, stdout]).toEqual([65, expect.stringContaining('1  confirmed')]);
  expect(stderr).toContain(`--resume ${journalOf(changes)}`);
  expect(stderr).toContain('The guard "lead" threw');
});

test('lines of standard input that nobody reads any more were not sent, and that is no success', async () => {
  const { url } = await sandboxWith({ tickets: ids(2).map((ticketId) => ({ ticketId })) });
  const args = ['apply', '-', '--base-url', url, '--json'];
  const { child, untilSaid } = start(args, { isOpen: true });
  child.stdin?.write(ndjson(lineOf('T-1')));
  await untilSaid(/confirmed/);
  child.stdout?.destroy();
  child.stdin?.write(ndjson(lineOf('T-2')));
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(75);
});

test('Ctrl-C while a file is looked through ends with 130, and nothing more', async () => {
  const args = ['apply', '-', '--only', 'T-1', '--base-url', 'http://127.0.0.1:9'];
  const { child, ended } = start(args, { isOpen: true });
  // More than lies between two processes: it is taken once the reading has begun.
  const large = ndjson({ ...lineOf('T-1'), note: 'x'.repeat(2 ** 21) });
  await new Promise((taken) => child.stdin?.write(large, taken));
  child.kill('SIGINT');
  const { code, stderr } = await ended;
  expect([code, stderr]).toEqual([130, '']);
});

test.each(['', '--plan', '--dry-run', '--dry-run --plan'])(
  'a target to which no event leads is named as that: %s',
  async (more) => {
    const { url } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
    const line = { ticketId: 'T-1', to: 'new', from: 'triaged', staffUserId: 7 };
    const changes = file('changes.ndjson', ndjson(line));
    const definition = file('own.json', triage);
    const args = ['apply', changes, '--definition', definition, '--base-url', url, '--json'];
    const { code, objects } = await runHere([...args, ...more.split(' ').filter(Boolean)]);
    expect([code, objects()[0]]).toMatchObject([
      3,
      { blockers: [{ code: 'unreachable', message: 'No path leads from triaged to new.' }] },
    ]);
  },
);
