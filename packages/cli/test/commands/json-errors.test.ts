import { expect, test } from 'vitest';
import { sandboxWith } from '../support/api.ts';
import { file, ndjson, runHere } from '../support/cli.ts';

const change = { ticketId: 'T-1', event: 'START', staffUserId: 7 };
const changes = () => file('changes.ndjson', ndjson(change));

const mistakes: readonly (readonly [args: () => readonly string[], code: number, said: string])[] =
  [
    [() => ['plan', '--from', 'opne', '--to', 'closed'], 2, 'did you mean open?'],
    [() => ['plan', '--from', 'open'], 2, "required option '--to"],
    [() => ['apply', changes(), '--dry-run', '--nosuch'], 2, "unknown option '--nosuch'"],
    [() => ['apply', changes(), '--dry-run', '--only', 'T-9'], 2, 'Nothing was sent'],
    [() => ['apply', 'nosuch.csv', '--dry-run'], 2, 'nosuch.csv does not exist'],
    [() => ['apply', file('a.csv', ''), '--dry-run'], 65, 'has no rows'],
    [() => ['replay', file('a.ndjson', '{"a":1}\n'), '--state', 'nosuch'], 65, 'Give --id'],
    [() => ['observe', '../x'], 2, 'Invalid ticket id'],
  ];

test.each(mistakes.map((one, at) => [at, ...one] as const))(
  'with --json, mistake %i is an object on stderr',
  async (_, args, code, said) => {
    const plain = await runHere(args());
    expect([plain.code, plain.stderr]).toEqual([code, expect.stringContaining(said)]);
    const { code: ended, stdout, stderr } = await runHere([...args(), '--json']);
    expect([ended, stdout]).toEqual([code, '']);
    const [line = ''] = stderr.split('\n').filter((text) => text.startsWith('{'));
    expect(JSON.parse(line)).toEqual({
      type: 'error',
      schema: 1,
      code,
      message: expect.stringContaining(said) as unknown,
    });
    expect(stderr).not.toMatch(/^error:/m);
  },
);

test('an error object does not repeat the key either', async () => {
  const { code, stderr } = await runHere(['apply', changes(), '--api-key=sk-secret-1', '--json']);
  expect([code, stderr.includes('sk-secret-1')]).toEqual([2, false]);
  expect(JSON.parse(stderr)).toMatchObject({ type: 'error', code: 2 });
});

test.each(['10s', '5000ms', '0.5min', '1m30s'])('a time may be written %s', async (timeout) => {
  const { url } = await sandboxWith({ tickets: [{ ticketId: 'T-1' }] });
  const { code } = await runHere(['observe', 'T-1', '--base-url', url, '--timeout', timeout]);
  expect(code).toBe(0);
});

test.each(['0', '2', '10000', '0s', '11min', '10 years', '-1s', '1e3', '10h', 'x'])(
  'a time of %s is refused, with what it may be',
  async (timeout) => {
    const { code, stderr } = await runHere(['observe', 'T-1', `--timeout=${timeout}`]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('such as 10s or 500ms')]);
  },
);

test('what observe can not read is an object for each ticket', async () => {
  const { url } = await sandboxWith({ tickets: [{ ticketId: 'T-2' }] });
  const args = ['observe', 'T-1', 'T-2', 'T-3', '--base-url', url, '--json'];
  const { code, objects, stderr } = await runHere(args);
  expect([code, objects().length]).toEqual([5, 1]);
  const errors = stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(errors).toEqual(
    ['T-1', 'T-3'].map((ticketId) => ({
      type: 'error',
      schema: 1,
      code: 5,
      ticketId,
      message: expect.any(String) as unknown,
    })),
  );
});

// A command of a terminal, text from right to left, the end of a line.
const driving = '\u{9B}31m\u{7F}\u{202E}\u{2066}\u{2028}\u{2029}\u{61C}';

test('no line of JSON drives the terminal, and each keeps what it says', async () => {
  const { url } = await sandboxWith({});
  const path = file('changes.ndjson', ndjson({ ...change, [`from\u{9B}`]: 'open' }));
  const log = file('log.ndjson', ndjson({ id: 'A', state: 'open' }, { id: 'A', state: driving }));
  const replay = await runHere(['replay', log, '--json']);
  expect(replay.objects()).toContainEqual(expect.objectContaining({ to: driving }));
  const apply = await runHere(['apply', path, '--base-url', url, '--json']);
  const dry = await runHere(['apply', path, '--dry-run', '--json']);
  for (const { objects } of [apply, dry])
    expect(objects()[0]).toMatchObject({
      reason: expect.stringContaining('from\u{9B}') as unknown,
    });
  for (const { stdout, stderr } of [apply, replay, dry]) {
    const said = `${stdout}${stderr}`.replaceAll('\n', '');
    expect(said).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
  }
});
