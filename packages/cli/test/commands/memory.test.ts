import { expect, test } from 'vitest';
import { file, ndjson, run } from '../support/cli.ts';

// A bound that counts rows, values or names is none where each may be as long as it likes. Every
// file here is several times as large as the memory that its reader gets.
const heap = { NODE_OPTIONS: '--max-old-space-size=96' };
const rows = 300;
const long = 'z'.repeat(500_000);

const csv = (header: string, row: (number: number) => string) =>
  [header, ...Array.from({ length: rows }, (_, number) => row(number))].join('\n');
const lines = (fieldsOf: (number: number) => object) =>
  ndjson(
    ...Array.from({ length: rows }, (_, number) => ({ ticketId: 'T-1', ...fieldsOf(number) })),
  );
const start = { event: 'START', staffUserId: 7 };

const replay = ['replay', '-', '--id', 'id', '--state', 's'];
const dryRun = ['apply', '-', '--dry-run'];

const longValues: readonly (readonly [string, readonly string[], () => string])[] = [
  ['states', replay, () => csv('id,s', (n) => `t${n % 9},s${n}${long}`)],
  ['ids of tickets', replay, () => csv('id,s', (n) => `t${n}${long},open`)],
  ['groups', [...replay, '--by', 'g'], () => csv('id,s,g', (n) => `t${n},open,g${n}${long}`)],
  ['texts beside', replay, () => csv('id,s,note', (n) => `t${n},open,${n}${long}`)],
  [
    'texts in objects',
    ['replay', '-', '--id', 'ticketId', '--state', 'event'],
    () => lines((n) => ({ ...start, note: `${n}${long}` })),
  ],
  ['events', dryRun, () => lines((n) => ({ ...start, event: `e${n}${long}` }))],
  ['states of changes', dryRun, () => lines((n) => ({ ...start, from: `s${n}${long}` }))],
  ['ids of changes', dryRun, () => lines((n) => ({ ...start, ticketId: `T-${n}${long}` }))],
  ['names of fields', dryRun, () => lines((n) => ({ ...start, [`f${n}${long}`]: 1 }))],
  [
    'names beside a condition',
    [...dryRun, '--where', 'team=x'],
    () => lines((n) => ({ ...start, [`f${n}${long}`]: 1 })),
  ],
  ['broken lines', dryRun, () => csv('{"ticketId":', (n) => `{${n}${long}`)],
];

test.each(longValues)('%s of any length take little memory', async (_, args, input) => {
  const { code, stderr } = await run(args, { input: input(), env: heap });
  expect(stderr).not.toContain('heap');
  // Each ends by itself: read, unreadable, or a usage error.
  expect([0, 2, 65]).toContain(code);
});

test.each([
  ['elements in each other', () => `<log>${'<trace>'.repeat(1_500_000)}`, 'more than 100 deep'],
  [
    'values of one event',
    () =>
      `<log><trace><event>${Array.from({ length: 200_000 }, (_, n) => `<string key="k${n}" value="${'v'.repeat(400)}"/>`).join('')}`,
    'more than 1 MB in one event',
  ],
  [
    'values of one trace',
    () =>
      `<log><trace>${Array.from({ length: 200_000 }, (_, n) => `<string key="k${n}" value="${'v'.repeat(400)}"/>`).join('')}`,
    'more than 1 MB in one trace',
  ],
  [
    'attributes of one element',
    () => `<log><trace ${Array.from({ length: 2_000_000 }, (_, n) => `a${n}="v"`).join(' ')}`,
    'more than 1000 attributes',
  ],
])('of XES, many %s take little memory', async (_, input, reason) => {
  const { code, stderr } = await run(['replay', '-'], { input: input(), env: heap });
  expect([code, stderr.replaceAll(/\s+/g, ' ')]).toEqual([65, expect.stringContaining(reason)]);
});

test('a value that is longer than any name makes its row unreadable, and says so', async () => {
  const input = `id,s\na,open\na,${'x'.repeat(1001)}\na,in-progress\n`;
  const { code, stdout } = await run(replay, { input });
  expect(code).toBe(65);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('is longer than 1000 characters');
  expect(stdout).toContain('1 change of 1 ticket');
});

test('a file that is small by its nature is read no further than 1 MB', async () => {
  const large = ' '.repeat(2 ** 20 + 1);
  const [map, definition] = [file('desk.map', large), file('own.json', large)];
  const explain = ['explain', '--from', 'open', '--event', 'START'];
  for (const args of [
    [...replay, '--map', `@${map}`],
    [...replay, '--map', '@/dev/zero'],
    [...explain, '--definition', definition],
    ['observe', 'T-1', '--base-url', 'https://series.invalid', '--api-key-file', '/dev/zero'],
  ]) {
    const { code, stderr } = await run(args, { input: 'id,s\na,open\n', env: heap });
    expect([args, code]).toEqual([args, args[0] === 'observe' ? 2 : 65]);
    expect(stderr).toContain('is larger than 1 MB');
  }
});
