import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sandboxWith } from '../support/api.ts';
import { file, folder, ndjson, runHere } from '../support/cli.ts';

const lines = ['T-1', 'T-2', 'T-3'].map((ticketId) => ({
  ticketId,
  event: 'START',
  staffUserId: 7,
  from: 'open',
  team: 'billing',
}));
const contents = {
  NDJSON: ndjson(...lines),
  CSV: `ticketId,event,staffUserId,from,team\n${lines.map((line) => Object.values(line).join()).join('\n')}\n`,
} as const;

const wrong: readonly (readonly [readonly string[], string])[] = [
  [['--only', 'T-9'], '"T-9"'],
  [['--only', 'T-1,T-9'], '"T-9"'],
  [['--only', 'T-1', '--only', 'X*'], '"X*"'],
  [['--where', 'team=support'], 'No line fits'],
  [['--where', 'team!=*'], 'No line fits'],
  [['--where', 'taem!=support'], 'did you mean team?'],
  [['--where', 'taem=billing'], 'did you mean team?'],
  [['--only', 'T-1', '--where', 'staffUserId=8'], 'No line fits'],
];
const ways = [
  'a file',
  'standard input',
  'a dry run of a file',
  'a dry run of standard input',
] as const;
const formats = ['CSV', 'NDJSON'] as const;
const table = formats.flatMap((format) =>
  ways.flatMap((way) => wrong.map(([args, said]) => [format, way, args, said] as const)),
);

test.each(table)(
  'a choice that nothing fits sends nothing: %s, %s, %j',
  async (format, way, args, said) => {
    const { url, sandbox } = await sandboxWith({
      tickets: lines.map(({ ticketId }) => ({ ticketId })),
    });
    const input = contents[format];
    const name = way.endsWith('input') ? '-' : file('changes', input);
    const more = way.startsWith('a dry') ? ['--dry-run'] : ['--base-url', url];
    const { code, stderr } = await runHere(['apply', name, ...more, ...args], { input });
    // A CSV says in its header what it lacks.
    expect([[2, 65].includes(code ?? 0), stderr]).toEqual([true, expect.stringContaining(said)]);
    expect(sandbox.record().requests).toBe(0);
  },
);

test.each(formats)('chosen lines of standard input are sent, and no others: %s', async (format) => {
  const { url, sandbox } = await sandboxWith({
    tickets: lines.map(({ ticketId }) => ({ ticketId })),
  });
  const args = ['apply', '-', '--base-url', url, '--only', 'T-2', '--where', 'team=billing'];
  const { code } = await runHere(args, { input: contents[format] });
  expect([code, sandbox.record().statusWrites]).toEqual([0, 1]);
});

test('an empty field is chosen by two quotes', async () => {
  const input = 'ticketId,event,staffUserId,team\nT-1,START,7,\nT-2,START,7,billing\n';
  const args = ['apply', '-', '--dry-run', '--json', '--where', 'team=""'];
  const { code, objects } = await runHere(args, { input });
  expect([code, objects()[0]]).toMatchObject([0, { ticketId: 'T-1' }]);
});

const empties = {
  nothing: '',
  'empty lines': '\n\n',
  'a header alone': 'ticketId,event,staffUserId\n',
};

test.each(Object.entries(empties))(
  'a file of %s is an error, unless it may be',
  async (_, input) => {
    const { url } = await sandboxWith({});
    const commands = [
      ['apply', '-', '--base-url', url],
      ['apply', file('changes.csv', input), '--base-url', url],
      ['apply', '-', '--dry-run'],
      ['replay', '-', '--id', 'ticketId', '--state', 'event'],
    ];
    for (const args of commands) {
      const { code, stdout, stderr } = await runHere(args, { input });
      expect([code, stdout]).toEqual([65, '']);
      expect(stderr).toContain('--allow-empty');
      expect((await runHere([...args, '--allow-empty'], { input })).code).toBe(0);
    }
  },
);

test('two tickets whose numbers differ in the last digit stay two', async () => {
  for (const [one, other] of [
    ['9007199254740993', '9007199254740992'],
    ['1.10', '1.1'],
    ['1e3', '1000'],
    ['-0', '0'],
    ['123456789012345678901234567890', '123456789012345678901234567891'],
  ]) {
    const input = `{"id":${one},"s":"open"}\n{"id":${other},"s":"closed"}\n`;
    const args = ['replay', '-', '--id', 'id', '--state', 's', '--json'];
    const { objects } = await runHere(args, { input });
    expect(objects().at(-1)).toMatchObject({ tickets: 2, changes: 0 });
  }
});

test('a staff member is not rounded', async () => {
  for (const staffUserId of ['7.0000000000000001', '9007199254740993', '7.0', '7e0']) {
    const input = `{"ticketId":"T-1","event":"START","staffUserId":${staffUserId}}\n`;
    const { code, objects } = await runHere(['apply', '-', '--dry-run', '--json'], { input });
    expect([code, objects()[0]]).toMatchObject([65, { kind: 'unreadable' }]);
  }
});

test('a key that stands twice makes a line unreadable, for every command', async () => {
  const line =
    '{"ticketId":"T-1","ticketId":"T-2","event":"START","staffUserId":7,"status":"open"}\n';
  const { url, sandbox } = await sandboxWith({
    tickets: [{ ticketId: 'T-1' }, { ticketId: 'T-2' }],
  });
  for (const args of [
    ['apply', '-', '--base-url', url],
    ['apply', '-', '--dry-run'],
    ['replay', '-', '--id', 'ticketId', '--state', 'status'],
  ]) {
    const { code, stdout } = await runHere(args, { input: line });
    expect([code, stdout]).toEqual([65, expect.stringContaining('has the key "ticketId" twice')]);
  }
  expect(sandbox.record().requests).toBe(0);
});

test.each(['--context', '--payload'])(
  'a key that stands twice in %s is refused',
  async (option) => {
    const args = ['explain', '--from', 'open', '--event', 'START', option, '{"a":1,"a":2}'];
    const { code, stderr } = await runHere(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining('has the key "a" twice')]);
  },
);

test('a dry run writes the page that it was asked for, and says if it can not', async () => {
  const changes = file('changes.ndjson', contents.NDJSON);
  const page = join(folder(), 'report.html');
  const args = ['apply', changes, '--dry-run', '--report'];
  expect((await runHere([...args, page, '--only', 'T-1'])).code).toBe(0);
  expect(readFileSync(page, 'utf8')).toContain('1 line, nothing sent');
  expect((await runHere([...args, '/dev/full'])).code).not.toBe(0);
  expect((await runHere([...args, changes])).stderr).toContain('itself');
});

test('the question counts what would happen, and shows the first few', async () => {
  const changes = file(
    'changes.ndjson',
    `${ndjson(...lines, { ticketId: 'T-4', event: 'CLOSE', staffUserId: 7, from: 'open' }, { ticketId: 'T-5', event: 'START', staffUserId: 7 })}broken\n`,
  );
  const env = { SERIES_API_KEY: 'sk-never-used-anywhere' };
  const all = await runHere(['apply', changes], { env });
  expect([all.code, all.stderr]).toEqual([
    2,
    expect.stringContaining('Apply 4 changes (1 blocked, 1 unreadable) at https://api.series.hr'),
  ]);
  expect(all.stderr).toContain('The first: T-1 START (line 1), T-2 START (line 2)');
  const one = await runHere(['apply', changes, '--only', 'T-1'], { env });
  expect(one.stderr).toContain('Apply 1 change (4 not selected, 1 unreadable) at');
  expect(existsSync(`${changes}.lock`)).toBe(false);
});

test('a resumed run asks about what is left of it', async () => {
  const changes = file('changes.ndjson', contents.NDJSON);
  writeFileSync(changes, contents.NDJSON);
  const { url } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const journal = join(folder(), 'j.journal');
  await runHere(['apply', changes, '--base-url', url, '--journal', journal, '--only', 'T-1']);
  const live = readFileSync(journal, 'utf8').replace(`${url}/`, 'https://api.series.hr/');
  writeFileSync(journal, live.replace(/\{"type":"finished".*\n/, ''));
  const env = { SERIES_API_KEY: 'sk-never-used-anywhere' };
  const { stderr } = await runHere(['apply', '--resume', journal], { env });
  expect(stderr).toContain('Apply 0 changes (2 not selected) at');
});
