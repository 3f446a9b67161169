import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { sandboxWith } from '../support/api.ts';
import { file, folder, ndjson, run, runHere, start } from '../support/cli.ts';

const change = { ticketId: 'T-1', event: 'START', from: 'open', staffUserId: 7 };
const changes = () => file('changes.ndjson', ndjson(change));
const quick = ['--requests-per-second', '500'];
const journalsBeside = (path: string) =>
  readdirSync(dirname(path)).filter((name) => name.endsWith('.journal'));

async function appliedOnce() {
  const { url, sandbox } = await sandboxWith({ limit: 'none', tickets: [{ ticketId: 'T-1' }] });
  const path = changes();
  const args = ['apply', path, '--base-url', url, ...quick];
  expect((await runHere(args)).code).toBe(0);
  return { url, sandbox, path, args };
}

test('a finished file is not applied once more, not even with --yes, but with --again', async () => {
  const { sandbox, path, args } = await appliedOnce();
  const [journal = ''] = journalsBeside(path);
  for (const more of [[], ['--yes'], ['--no-journal'], ['--json']]) {
    const { code, stderr } = await runHere([...args, ...more]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`is finished (`)]);
    expect(stderr).toContain(journal);
    expect(stderr).toContain('Nothing was sent. Add --again to apply it once more.');
  }
  expect([sandbox.record().statusWrites, journalsBeside(path)]).toEqual([1, [journal]]);

  const { code, stderr } = await runHere([...args, '--again', '--read', 'always']);
  // A read shows that it is there already.
  expect([code, sandbox.record().statusWrites]).toEqual([0, 1]);
  expect(stderr).toContain('Written down in');
  expect(journalsBeside(path)).toHaveLength(2);
});

test('a run of some lines stands for those, and not for the whole file', async () => {
  const ids = ['T-1', 'T-2', 'T-3'];
  const tickets = ids.map((ticketId) => ({ ticketId }));
  const { url, sandbox } = await sandboxWith({ limit: 'none', tickets });
  const path = file('changes.ndjson', ndjson(...ids.map((ticketId) => ({ ...change, ticketId }))));
  const args = ['apply', path, '--base-url', url, ...quick];
  for (const only of ['T-1', 'T-2']) {
    expect((await runHere([...args, '--only', only])).code).toBe(0);
  }
  const whole = await runHere(args);
  expect([whole.code, sandbox.record().statusWrites]).toEqual([2, 2]);
  expect(whole.stderr).toMatch(/2 of its lines were carried out already.*Add --read always to/s);
  const { code } = await runHere([...args, '--read', 'always']);
  expect([code, sandbox.record().statusWrites]).toEqual([0, 3]);
});

test.each([
  [['--only', 'T-*'], []],
  [[], ['--only', 'T-1']],
])(
  'lines of a run with %j are not made once more with %j, though their event is',
  async (first, then) => {
    const definition = file(
      'cycle.json',
      JSON.stringify({
        initial: 'open',
        states: {
          open: { on: { NEXT: 'in-progress' } },
          'in-progress': { on: { NEXT: 'resolved' } },
          resolved: { on: { NEXT: 'open' } },
        },
      }),
    );
    const ids = ['T-1', 'T-2'];
    const tickets = ids.map((ticketId) => ({ ticketId }));
    const { url, sandbox } = await sandboxWith({ limit: 'none', tickets });
    const lines = ids.map((ticketId) => ({ ticketId, event: 'NEXT', staffUserId: 7 }));
    const path = file('changes.ndjson', ndjson(...lines));
    const args = ['apply', path, '--base-url', url, '--definition', definition, ...quick];
    expect((await run([...args, ...first])).code).toBe(0);
    const again = await run([...args, ...then]);
    expect([again.code, sandbox.record().statusWrites]).toEqual([2, 2]);
  },
);

test('it is the content that counts, and the server, not the name of the file', async () => {
  const { path, args } = await appliedOnce();
  const other = join(dirname(path), 'renamed.ndjson');
  renameSync(path, other);
  expect((await runHere(args.map((word) => (word === path ? other : word)))).code).toBe(2);

  const { url } = await sandboxWith({ limit: 'none', tickets: [{ ticketId: 'T-1' }] });
  expect((await runHere(['apply', other, '--base-url', url])).code).toBe(0);
});

test('wherever the next journal is to lie, the one beside the file is found', async () => {
  const { sandbox, path, args } = await appliedOnce();
  const link = join(folder(), 'link.ndjson');
  symlinkSync(path, link);
  const elsewhere = ['--journal', join(folder(), 'new.journal')];
  const linked = args.map((word) => (word === path ? link : word));
  for (const again of [[...args, ...elsewhere], linked, [...linked, ...elsewhere]]) {
    const { code, stderr } = await runHere(again);
    expect([code, stderr]).toEqual([2, expect.stringContaining('is finished (')]);
  }
  expect(sandbox.record().statusWrites).toBe(1);
});

test('a journal that lies elsewhere is found from the file, finished or cut off', async () => {
  const tickets = ['T-1', 'T-2'].map((ticketId) => ({ ticketId }));
  const { url, sandbox } = await sandboxWith({ limit: 'none', tickets });
  const path = changes();
  const journal = join(folder(), 'run.journal');
  const args = ['apply', path, '--base-url', url, ...quick];
  expect((await runHere([...args, '--journal', journal])).code).toBe(0);
  for (const more of [[], ['--no-journal'], ['--journal', join(folder(), 'other.journal')]]) {
    const { code, stderr } = await runHere([...args, ...more]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`is finished (${journal})`)]);
  }
  expect(sandbox.record().statusWrites).toBe(1);

  // One line of a run that was cut off has no outcome.
  const [head = '', intent = ''] = readFileSync(journal, 'utf8').split('\n');
  writeFileSync(journal, `${head}\n${intent}\n`);
  const cut = await runHere(args);
  expect([cut.code, cut.stderr]).toEqual([2, expect.stringContaining(`--resume ${journal}`)]);

  // A journal that is gone is none, and stands in no way.
  rmSync(journal);
  const anew = await runHere([...args, '--read', 'always']);
  expect([anew.code, anew.stderr]).toEqual([0, expect.any(String)]);
  expect(sandbox.record().statusWrites).toBe(1);
});

test('a link whose journal is gone does not stand in the way of the journal of the same second', async () => {
  const { url } = await sandboxWith({ limit: 'none', tickets: [{ ticketId: 'T-1' }] });
  const path = changes();
  const links = Array.from({ length: 60 }, (_, second) => {
    const moment = new Date(Date.now() + 1000 * second).toISOString();
    const stamp = moment.replaceAll(/[-:]|\..*/g, '').replace('T', '-');
    return `${path}.${stamp}.journal`;
  });
  for (const link of links) symlinkSync(join(folder(), 'gone.journal'), link);
  const { code, stderr } = await runHere(['apply', path, '--base-url', url, ...quick]);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/-2\.journal/)]);
});

test('a run that never began leaves nothing beside the file of a journal elsewhere', async () => {
  const path = file('changes.ndjson', ndjson({ ...change, ticketId: '..' }));
  const { url } = await sandboxWith({ tickets: [] });
  const journal = join(folder(), 'run.journal');
  await runHere([
    'apply',
    path,
    '--base-url',
    url,
    '--journal',
    join(folder(), 'no', 'run.journal'),
  ]);
  expect(readdirSync(dirname(path))).toEqual(['changes.ndjson']);
  await runHere(['apply', path, '--base-url', url, '--journal', journal]);
  const isThere = existsSync(journal);
  expect(readdirSync(dirname(path))).toHaveLength(isThere ? 2 : 1);
});

test.each(['--journal', '--resume'])(
  'the file of changes is no journal of its own: %s',
  async (option) => {
    const { url } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
    const path = changes();
    const { code, stderr } = await runHere(['apply', path, '--base-url', url, option, path]);
    expect(code).toBe(option === '--journal' ? 2 : 65);
    expect(stderr).not.toContain('in use by');
  },
);

test('the same server is known by each of its names', async () => {
  const { sandbox, path, url } = await appliedOnce();
  for (const same of [`${url}/`, url.replace('127.0.0.1', 'localhost')]) {
    const { code, stderr } = await runHere(['apply', path, '--base-url', same, ...quick]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('is finished (')]);
  }
  expect(sandbox.record().statusWrites).toBe(1);
});

test('a file whose run was cut off is not begun anew: the command that goes on is printed', async () => {
  const tickets = Array.from({ length: 150 }, (_, index) => ({ ticketId: `T-${index}` }));
  const { url, sandbox } = await sandboxWith({ limit: 'none', tickets });
  const path = file(
    'changes.ndjson',
    ndjson(...tickets.map((ticket) => ({ ...change, ...ticket }))),
  );
  const args = ['apply', path, '--base-url', url];
  const { child, ended, untilSaid } = start([...args, '--json']);
  await untilSaid(/confirmed/);
  child.kill('SIGKILL');
  await ended;
  const before = sandbox.record().requests;
  const [journal = ''] = journalsBeside(path);
  const { code, stderr } = await runHere([...args, '--yes']);
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining('is not finished. Nothing was sent.'),
  ]);
  expect(stderr).toContain(`apply ${path} --resume ${join(dirname(path), journal)} --yes`);
  expect(sandbox.record().requests).toBe(before);

  const resume = ['apply', '--resume', join(dirname(path), journal), ...quick];
  expect((await runHere(resume)).code).toBe(0);
  expect(sandbox.record()).toMatchObject({ statusWrites: 150, systemMessages: 150 });
  expect((await runHere(args)).stderr).toContain('is finished (');
});

test('a folder of other files, journals of others and broken ones stands in no way', async () => {
  const { url } = await sandboxWith({ limit: 'none', tickets: [{ ticketId: 'T-1' }] });
  const path = changes();
  writeFileSync(join(dirname(path), 'a.journal'), '{"type":"journal","ver');
  writeFileSync(join(dirname(path), 'b.journal'), '');
  writeFileSync(join(dirname(path), 'c.journal'), '{"type":"journal"}\n');
  expect((await runHere(['apply', path, '--base-url', url])).code).toBe(0);
});

test('--read always compares what a line says with the ticket', async () => {
  const tickets = [
    { ticketId: 'T-1', status: 'closed' as const },
    { ticketId: 'T-2', status: 'open' as const },
  ];
  const { url, sandbox } = await sandboxWith({ tickets });
  const path = file('changes.ndjson', ndjson(change, { ...change, ticketId: 'T-2' }));
  const args = ['apply', path, '--read', 'always', '--base-url', url, '--json'];
  const { code, objects } = await runHere(args);
  expect(code).toBe(3);
  const byLine = objects().toSorted((a, b) => Number(a['line']) - Number(b['line']));
  expect(byLine.filter(({ type }) => type === 'outcome')).toMatchObject([
    { line: 1, kind: 'blocked', blockers: [{ code: 'stale' }, {}] },
    { line: 2, kind: 'confirmed' },
  ]);
  expect(sandbox.systemMessages.map(({ ticketId }) => ticketId)).toEqual(['T-2']);
});

test.each([
  ['401', {}],
  ['403', { subscription: 'none' }],
] as const)(
  'lines that met a bad key (%s) are sent by the run that goes on',
  async (fault, bad) => {
    const lines = [change, { ...change, ticketId: 'T-2' }];
    const tickets = lines.map(({ ticketId }) => ({ ticketId }));
    const refusing = await sandboxWith({ tickets, ...bad });
    const { port } = new URL(refusing.url);
    if (fault === '401') refusing.sandbox.faults.rate(1, { faults: [fault] });
    const journal = join(folder(), 'j');
    const path = file('changes.ndjson', ndjson(...lines));
    const args = ['apply', path, '--journal', journal, '--base-url', refusing.url];
    const { code, stderr } = await runHere(args);
    expect([code, stderr]).toEqual([4, expect.stringContaining(`--resume ${journal}`)]);
    await refusing.close();

    const { sandbox } = await sandboxWith({ tickets, port: Number(port) });
    const resumed = await runHere(['apply', '--resume', journal, '--json']);
    expect([resumed.code, resumed.objects().at(-1)]).toMatchObject([
      0,
      { lines: 2, outcomes: { confirmed: 2, refused: 0 } },
    ]);
    expect(sandbox.record().statusWrites).toBe(2);
  },
);

test.each([
  ['--only', ''],
  ['--only', ' , '],
  ['--where', ''],
  ['--where', ' '],
])('%s %j selects nothing, and not everything', async (option, value) => {
  const { url, sandbox } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  for (const more of [['--base-url', url], ['--dry-run']]) {
    const { code, stderr } = await runHere(['apply', changes(), option, value, ...more]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`option '${option}`)]);
  }
  expect(sandbox.record().requests).toBe(0);
});

test('an empty ticket id is named', async () => {
  const { code, stderr } = await runHere(['observe', '', '--base-url', 'http://127.0.0.1:9']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('a ticket id must not be empty')]);
});
