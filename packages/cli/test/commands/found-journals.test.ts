import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { sandboxWith } from '../support/api.ts';
import { file, folder, ndjson, runHere } from '../support/cli.ts';
import { begunJournal, intentOf } from '../support/journals.ts';

// Nobody: the other user of this machine.
const nobody = 65534;
const isRoot = process.getuid?.() === 0;

const quick = ['--requests-per-second', '500'];
const ids = ['T-1', 'T-2', 'T-3'];
const lineOf = (ticketId: string) => ({ ticketId, event: 'START', from: 'open', staffUserId: 7 });
const edited = (path: string) => writeFileSync(path, ndjson(...ids.slice(0, 2).map(lineOf)));
const own = '20260101-000000';

/** A file that was applied: its journal, and the same command once more. */
async function applied(more: readonly string[] = []) {
  const { url, sandbox } = await sandboxWith({
    limit: 'none',
    tickets: ids.map((ticketId) => ({ ticketId })),
  });
  const path = file('changes.ndjson', ndjson(...ids.map(lineOf)));
  const args = ['apply', path, '--base-url', url, ...quick, ...more];
  expect((await runHere(args)).code).toBe(0);
  const name = readdirSync(dirname(path)).find((one) => one.endsWith('.journal')) ?? '';
  return { url, sandbox, path, args, journal: join(dirname(path), name) };
}

test.each([
  ['many names', ['--only', Array.from({ length: 20_000 }, () => 'T-*').join()]],
  ['a long context', ['--context', JSON.stringify({ note: 'x'.repeat(80_000) })]],
])('a run is found again whose options are long: %s', async (_, more) => {
  const { args, sandbox } = await applied(more);
  const { code, stderr } = await runHere(args);
  expect([code, stderr]).toEqual([2, expect.stringContaining('is finished (')]);
  expect(sandbox.record().statusWrites).toBe(3);
});

test('a run is found again among the journals of very many others', async () => {
  const { args, path, sandbox } = await applied();
  for (let count = 0; count < 1100; count += 1) {
    const stamp = `20990101-${String(count).padStart(6, '0')}`;
    writeFileSync(join(dirname(path), `tickets-${count}.ndjson.${stamp}.journal`), 'x', {
      mode: 0o600,
    });
  }
  const { code, stderr } = await runHere(args);
  expect([code, stderr]).toEqual([2, expect.stringContaining('is finished (')]);
  expect(sandbox.record().statusWrites).toBe(3);
});

test('of other names, the latest runs are found', async () => {
  const { url, path, journal, sandbox } = await applied();
  const elsewhere = folder();
  const entries = readFileSync(journal, 'utf8');
  // By their names alone, the old ones would go first.
  const late = join(elsewhere, `a.ndjson.20270101-000000.journal`);
  writeFileSync(late, entries, { mode: 0o600 });
  for (let count = 0; count < 1100; count += 1) {
    const stamp = `20200101-${String(count).padStart(6, '0')}`;
    writeFileSync(join(elsewhere, `z-${count}.ndjson.${stamp}.journal`), 'x', { mode: 0o600 });
  }
  const moved = join(elsewhere, 'moved.ndjson');
  writeFileSync(moved, readFileSync(path), { mode: 0o600 });
  const { code, stderr } = await runHere(['apply', moved, '--base-url', url]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(`is finished (${late})`)]);
  expect(sandbox.record().statusWrites).toBe(3);
});

const damage: readonly (readonly [string, (journal: string) => void, string])[] = [
  [
    'garbage in its middle',
    (journal) => {
      const lines = readFileSync(journal, 'utf8').split('\n');
      writeFileSync(journal, lines.with(2, '\u0000\u0000').join('\n'));
    },
    "can't be read.",
  ],
  [
    'a head of a later version',
    (journal) => {
      const text = readFileSync(journal, 'utf8');
      writeFileSync(journal, text.replace('"version":1', '"version":2'));
    },
    "can't be read.",
  ],
  [
    'garbage for a head',
    (journal) => {
      writeFileSync(journal, `garbage${readFileSync(journal, 'utf8')}`);
    },
    "can't be read.",
  ],
  [
    'a group that may write it',
    (journal) => chmodSync(journal, 0o660),
    'is not trusted. Others may',
  ],
  ...(isRoot
    ? [
        [
          'another owner',
          (journal: string) => chownSync(journal, nobody, nobody),
          'is not trusted. ',
        ] as const,
      ]
    : []),
];

test.each(damage)(
  'a journal of the file is named, and nothing is sent: %s',
  async (_, give, said) => {
    const { args, path, journal, sandbox } = await applied();
    edited(path);
    give(journal);
    const before = sandbox.record().requests;
    for (const more of [[], ['--yes'], ['--no-journal']]) {
      const { code, stderr } = await runHere([...args, ...more]);
      expect([code, stderr]).toEqual([65, expect.stringContaining(`${journal} ${said}`)]);
      expect(stderr).toMatch(
        /Nothing was sent\. (?:Put .* place, or move|Move) it to another folder/,
      );
    }
    const dry = await runHere([...args, '--dry-run']);
    expect([dry.code, dry.stderr]).toEqual([65, expect.stringContaining(`${journal} ${said}`)]);
    expect(dry.stderr).toContain('Without --dry-run, this would stop.');
    expect(sandbox.record().requests).toBe(before);
    const read = await runHere([...args, '--read', 'always']);
    expect([read.code, sandbox.record().statusWrites]).toEqual([0, 3]);
    expect((await runHere([...args, '--again'])).code).toBe(0);
  },
);

test('a resumed run stops for a journal that may hold what another has made since', async () => {
  const { url, sandbox } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const path = file('changes.ndjson', ndjson(lineOf('T-1')));
  const journal = await begunJournal(path, url);
  writeFileSync(`${path}.${own}.journal`, 'garbage\n', { mode: 0o600 });
  const { code, stderr } = await runHere(['apply', '--resume', journal]);
  expect([code, stderr]).toEqual([65, expect.stringContaining(`${path}.${own}.journal can't be`)]);
  expect(stderr).toContain('without --resume');
  expect(sandbox.record().requests).toBe(0);
  expect((await runHere(['apply', '--resume', journal, '--again'])).code).toBe(0);
});

test('a run that is not finished is named before a journal that can not be read', async () => {
  const { url, sandbox } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const path = file('changes.ndjson', ndjson(lineOf('T-1')));
  const journal = await begunJournal(path, url, { journal: join(dirname(path), 'run.journal') });
  writeFileSync(`${path}.${own}.journal`, 'garbage\n', { mode: 0o600 });
  const { code, stderr } = await runHere(['apply', path, '--base-url', url]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(`--resume ${journal}`)]);
  expect(sandbox.record().requests).toBe(0);
});

test('a copy of a journal beside it keeps nobody from going on', async () => {
  const { url, sandbox } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const path = file('changes.ndjson', ndjson(lineOf('T-1')));
  const journal = await begunJournal(path, url, {
    journal: join(dirname(path), 'run.journal'),
    entries: [intentOf('START', 'open', 'in-progress', { last: true, at: Date.now() - 60_000 })],
  });
  writeFileSync(`${journal}.bak`, readFileSync(journal), { mode: 0o600 });
  expect((await runHere(['apply', '--resume', journal])).code).toBe(0);
  expect(sandbox.record().statusWrites).toBe(1);
});

test('several are counted, and each counts once', async () => {
  const { url } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const path = file('changes.ndjson', ndjson(lineOf('T-1')));
  const target = file('run.journal', 'garbage\n');
  for (const stamp of [own, '20260102-000000']) symlinkSync(target, `${path}.${stamp}.journal`);
  const args = ['apply', path, '--base-url', url];
  expect((await runHere(args)).stderr).toContain(`${target} can't be read. Changes`);
  writeFileSync(`${path}.20260103-000000.journal`, 'garbage\n');
  expect((await runHere(args)).stderr).toContain('1 other is not usable either.');
});

const harmless: readonly (readonly [string, (path: string) => void])[] = [
  ['an empty one', (path) => writeFileSync(`${path}.${own}.journal`, '')],
  ['one whose head is torn', (path) => writeFileSync(`${path}.${own}.journal`, '{"type":"jour')],
  [
    'a longer one whose head is torn',
    (path) => writeFileSync(`${path}.${own}.journal`, '{"type":"journal","version":1,"sta'),
  ],
  ['a folder', (path) => mkdirSync(`${path}.${own}.journal`)],
  ['a link to nothing', (path) => symlinkSync(join(folder(), 'no'), `${path}.${own}.journal`)],
  ['one of a longer name', (path) => writeFileSync(`${path}.csv.${own}.journal`, 'garbage\n')],
  ['one of another name', (path) => writeFileSync(`${path}x.${own}.journal`, 'garbage\n')],
  ['a file of another kind', (path) => writeFileSync(`${path}.${own}.log`, 'garbage\n')],
];

test.each(harmless)('%s stands in no way', async (_, plant) => {
  const { url } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const path = file('changes', ndjson(lineOf('T-1')));
  plant(path);
  const { code, stderr } = await runHere(['apply', path, '--base-url', url]);
  expect([code, stderr]).toEqual([0, expect.stringContaining('Written down in')]);
});

test('a damaged journal of another file at the same server counts, and at another it does not', async () => {
  const { url, journal } = await applied();
  appendFileSync(journal, 'garbage\n{}\n');
  const other = join(dirname(journal), 'other.ndjson');
  writeFileSync(other, ndjson(lineOf('T-9')), { mode: 0o600 });
  const { code, stderr } = await runHere(['apply', other, '--base-url', url]);
  expect([code, stderr]).toEqual([65, expect.stringContaining(`${journal} can't be read.`)]);
  const elsewhere = await sandboxWith({ tickets: [{ ticketId: 'T-9' }] });
  expect((await runHere(['apply', other, '--base-url', elsewhere.url])).code).toBe(0);
});

test('a journal to which an editor has given a byte order mark is found', async () => {
  const { args, journal, sandbox } = await applied();
  writeFileSync(journal, `\u{FEFF}${readFileSync(journal, 'utf8')}`);
  const { code, stderr } = await runHere(args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(`is finished (${journal})`)]);
  expect(sandbox.record().statusWrites).toBe(3);
});

test('where a name leaves no room for that of a journal, another place has', async () => {
  const { url } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const path = file(`${'n'.repeat(240)}.ndjson`, ndjson(lineOf('T-1')));
  const args = ['apply', path, '--base-url', url];
  const { code, stderr } = await runHere(args);
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining("can't be written: its name is too long. Give it another place with"),
  ]);
  expect((await runHere([...args, '--journal', join(folder(), 'j')])).code).toBe(0);
});
