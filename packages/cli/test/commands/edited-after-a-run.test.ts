import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { sandboxWith } from '../support/api.ts';
import { file, folder, ndjson, runHere } from '../support/cli.ts';

type Line = Readonly<Record<string, unknown>>;

const quick = ['--requests-per-second', '500'];
const ids = Array.from({ length: 8 }, (_, index) => `T-${index + 1}`);
const lineOf = (ticketId: string): Line => ({
  ticketId,
  event: 'START',
  from: 'open',
  staffUserId: 7,
});
/** The fourth is misspelt: that is why the run is stopped. */
const lines = ids.map((id) => (id === 'T-4' ? { ...lineOf(id), event: 'STRAT' } : lineOf(id)));
const corrected = ids.map(lineOf);
const journalsBeside = (path: string) =>
  readdirSync(dirname(path))
    .filter((name) => name.endsWith('.journal'))
    .map((name) => join(dirname(path), name));

/** A run that ended after three confirmed lines: the journal has no more. */
async function cutOff({ journal = [] as readonly string[] } = {}) {
  const { url, sandbox } = await sandboxWith({
    limit: 'none',
    tickets: ids.map((ticketId) => ({ ticketId })),
  });
  const path = file('changes.ndjson', ndjson(...lines.slice(0, 3)));
  const args = ['apply', path, '--base-url', url, ...quick, ...journal];
  expect((await runHere(args)).code).toBe(0);
  // As if Ctrl-C had come then: of the whole file, three lines were made, and the run has no end.
  writeFileSync(path, ndjson(...lines));
  const [written = ''] = journal.length > 0 ? [journal[1] ?? ''] : journalsBeside(path);
  const entries = readFileSync(written, 'utf8').split('\n').slice(0, -2);
  const whole = await wholeOf(path);
  entries[0] = JSON.stringify({ ...(JSON.parse(entries[0] ?? '') as object), input: whole });
  writeFileSync(written, `${entries.join('\n')}\n`);
  return { url, sandbox, path, journal: written, args };
}

async function wholeOf(path: string) {
  const { createHash } = await import('node:crypto');
  const content = readFileSync(path);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { file: path, bytes: content.length, sha256 };
}

const edits: readonly [what: string, edited: readonly Line[], repeated: number][] = [
  ['a typo corrected', corrected, 3],
  ['lines in another order', corrected.toReversed(), 3],
  ['a part of the lines', corrected.slice(2, 5), 1],
  ['other lines before them', [{ ...lineOf('T-9'), event: 'CLOSE' }, ...corrected], 3],
  [
    'a target for an event',
    ids.map((id) => ({ ...lineOf(id), event: undefined, to: 'in-progress' })),
    3,
  ],
  ['lines without from', ids.map((id) => ({ ...lineOf(id), from: undefined })), 3],
  [
    'another change from a state that was left',
    [{ ...lineOf('T-1'), event: undefined, to: 'closed' }],
    1,
  ],
];

const everyWay = [[], ['--yes'], ['--no-journal'], ['--json']];

test.each(edits)(
  'a file that was edited after its run was cut off is not sent once more: %s',
  async (_, edited, repeated) => {
    const { url, sandbox, path, journal } = await cutOff();
    const before = sandbox.record().requests;
    const renamed = join(dirname(path), 'renamed.ndjson');
    for (const name of [path, renamed]) {
      writeFileSync(name, ndjson(...edited));
      const args = ['apply', name, '--base-url', url, ...quick];
      const said = `${repeated} of its lines ${repeated === 1 ? 'was' : 'were'} carried out already.`;
      const variants = edited === corrected && name === path ? everyWay : [[]];
      for (const more of variants) {
        const { code, stderr } = await runHere([...args, ...more]);
        expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
        for (const way of [
          '--read always',
          '--again',
          `--resume ${journal}`,
          'Nothing was sent.',
        ]) {
          expect(stderr).toContain(way);
        }
      }
      const dry = await runHere([...args, '--dry-run']);
      expect([dry.code, dry.stderr]).toEqual([2, expect.stringContaining(said)]);
      expect(dry.stdout).toContain('nothing sent');
      const counted = await runHere([...args, '--dry-run', '--json']);
      expect(counted.objects().at(-1)).toMatchObject({ type: 'summary', exitCode: 2 });
      expect(counted.stderr).toContain(said);
    }
    expect(sandbox.record().requests).toBe(before);
    expect(journalsBeside(path)).toEqual([journal]);
  },
);

test('the ways on: --read always sends the rest, --again all of it, --resume the file as it was', async () => {
  const read = await cutOff();
  writeFileSync(read.path, ndjson(...corrected));
  for (const more of [['--dry-run'], []]) {
    const { code, stderr } = await runHere([...read.args, '--read', 'always', ...more]);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('repeats')]);
  }
  expect(read.sandbox.record()).toMatchObject({ statusWrites: 8, systemMessages: 8 });

  const again = await cutOff();
  writeFileSync(again.path, ndjson(...corrected));
  await runHere([...again.args, '--again']);
  expect(again.sandbox.record().statusWrites).toBe(11);

  const resumed = await cutOff();
  writeFileSync(resumed.path, ndjson(...corrected));
  const resume = ['apply', '--resume', resumed.journal, ...quick];
  const refused = await runHere(resume);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--read always')]);
  expect(refused.stderr).toContain('Resume with the file as it was.');
  writeFileSync(resumed.path, ndjson(...lines));
  expect((await runHere(resume)).code).toBe(65);
  expect(resumed.sandbox.record()).toMatchObject({ statusWrites: 7, systemMessages: 7 });
});

test('a journal that lies elsewhere is found beside the file, also after the file was edited', async () => {
  const elsewhere = join(folder(), 'run.journal');
  const { url, sandbox, path } = await cutOff({ journal: ['--journal', elsewhere] });
  writeFileSync(path, ndjson(...corrected));
  const other = join(folder(), 'moved.ndjson');
  renameSync(path, other);
  const before = sandbox.record().requests;
  // Moved to another folder, it is found where the next journal is to lie.
  for (const [name, more] of [
    [other, ['--journal', join(dirname(elsewhere), 'next.journal')]],
    [path, []],
  ] as const) {
    if (name === path) renameSync(other, path);
    for (const dry of [[], ['--dry-run']]) {
      const { stderr } = await runHere(['apply', name, '--base-url', url, ...more, ...dry]);
      expect(stderr).toContain('3 of its lines were carried out already');
      expect(stderr).toContain(elsewhere);
    }
  }
  expect(sandbox.record().requests).toBe(before);
});

test('lines of a ticket that was left in doubt are named, and wait for a request that may still arrive', async () => {
  const { url, sandbox, path, journal, args } = await cutOff();
  const entries = readFileSync(journal, 'utf8').trimEnd().split('\n');
  // The third line has an intent, and no outcome.
  const open = entries.filter((entry) => !/"outcome","line":3/.test(entry));
  const at = Date.now() - 3_600_000;
  const old = open.map((entry) => entry.replace(/"at":\d+/, `"at":${at}`));
  writeFileSync(journal, `${old.join('\n')}\n`);
  // Any line of that ticket, whatever it asks for.
  const edited = corrected.map((line) =>
    line['ticketId'] === 'T-3' ? { ...line, event: 'RESOLVE', from: 'in-progress' } : line,
  );
  writeFileSync(path, ndjson(...edited));
  const { code, stderr } = await runHere(args);
  const said = '2 of its lines were carried out already, and 1 is in doubt.';
  expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
  const before = sandbox.record().statusWrites;
  const read = await runHere([...args, '--read', 'always']);
  expect([read.code, read.stderr]).toEqual([0, expect.not.stringContaining('may still arrive')]);
  expect(sandbox.record().statusWrites).toBe(before + 6);

  const soon = open.map((entry) =>
    entry.replace(/"at":\d+/, `"at":${Date.now()}`).replace(/"openForMs":\d+/, '"openForMs":5000'),
  );
  const late = file('late.ndjson', ndjson(lineOf('T-3')));
  writeFileSync(join(dirname(late), 'run.journal'), `${soon.join('\n')}\n`, { mode: 0o600 });
  const waited = await runHere(['apply', late, '--base-url', url, '--read', 'always']);
  expect([waited.code, waited.stderr]).toEqual([3, expect.stringContaining('may still arrive')]);
});

test('after a finished run, lines that failed pass without a question, and repeated ones raise it', async () => {
  const { url, sandbox } = await sandboxWith({
    limit: 'none',
    tickets: ids.map((ticketId) => ({ ticketId, status: ticketId === 'T-5' ? 'closed' : 'open' })),
  });
  const path = file(
    'changes.ndjson',
    ndjson(...lines.filter((line) => line['ticketId'] !== 'T-5'), {
      ...lineOf('T-5'),
      from: 'closed',
    }),
  );
  const args = ['apply', path, '--base-url', url, ...quick];
  expect((await runHere(args)).code).toBe(65);
  expect(sandbox.record().statusWrites).toBe(6);

  writeFileSync(path, ndjson(...corrected.filter(({ ticketId }) => ticketId !== 'T-5')));
  const repeated = await runHere(args);
  expect(repeated.code).toBe(2);
  expect(repeated.stderr).toMatch(
    /6 of its lines were carried out already\. The run of .* is finished/,
  );
  expect(repeated.stderr).toContain('--read always');
  expect(repeated.stderr).toContain('--again');
  expect((await runHere([...args, '--dry-run'])).stderr).toContain('6 of its lines');

  const rest = [lineOf('T-4'), { ...lineOf('T-5'), event: 'REOPEN', from: 'closed' }];
  writeFileSync(path, ndjson(...rest));
  expect((await runHere([...args, '--dry-run'])).stderr).toBe('');
  expect((await runHere(args)).code).toBe(0);
  // What comes after a change is another change.
  writeFileSync(path, ndjson({ ...lineOf('T-1'), event: 'RESOLVE', from: 'in-progress' }));
  expect((await runHere(args)).code).toBe(0);
  expect(sandbox.record()).toMatchObject({ statusWrites: 9, systemMessages: 9 });
  // A ticket that came back starts again: the journals themselves say that it is open.
  for (const step of [
    { ...lineOf('T-1'), event: 'REOPEN', from: 'resolved' },
    { ...lineOf('T-1'), event: 'START', from: 'open' },
  ]) {
    writeFileSync(path, ndjson(step));
    expect((await runHere(args)).code).toBe(0);
  }
  // Without "from" the ticket itself is asked, and it is there already.
  const { from: _, ...unplaced } = lineOf('T-1');
  writeFileSync(path, ndjson({ ...unplaced, event: 'START' }));
  expect((await runHere(args)).code).toBe(0);
  expect(sandbox.record()).toMatchObject({ statusWrites: 11, systemMessages: 11 });
});

test('runs at other servers and of other tickets raise no question', async () => {
  const { path } = await cutOff();
  const other = await sandboxWith({
    limit: 'none',
    tickets: ids.map((ticketId) => ({ ticketId })),
  });
  writeFileSync(path, ndjson(...corrected));
  expect((await runHere(['apply', path, '--base-url', other.url, ...quick])).code).toBe(0);

  const mine = await cutOff();
  writeFileSync(mine.path, ndjson(lineOf('T-7'), lineOf('T-8')));
  expect((await runHere(mine.args)).code).toBe(0);
});

test('a run does not go on with lines that another run has made meanwhile', async () => {
  const { url, sandbox, path, journal } = await cutOff();
  const copy = join(dirname(path), 'copy.ndjson');
  writeFileSync(copy, ndjson(...corrected.slice(0, 6)));
  const args = ['apply', copy, '--read', 'always', '--base-url', url, ...quick];
  expect((await runHere(args)).code).toBe(0);
  expect(sandbox.record().statusWrites).toBe(6);
  const resume = ['apply', '--resume', journal, ...quick];
  for (const more of [[], ['--yes']]) {
    const { code, stderr } = await runHere([...resume, ...more]);
    // The fourth line of this file is the one that is misspelt.
    const said = '2 of its lines were carried out already.';
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
    expect(stderr).toContain('--again');
    expect(stderr).toContain('--read always');
  }
  expect(sandbox.record().statusWrites).toBe(6);
  await runHere([...resume, '--again']);
  expect(sandbox.record().statusWrites).toBe(10);
});
