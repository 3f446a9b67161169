import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { nobody, sandboxWith } from '../support/api.ts';
import { file, runHere } from '../support/cli.ts';

// Files of changes as people and tools make them.

test.each<[string | Uint8Array, string]>([
  ['id,event\nT-1,START\n', 'has no column "ticketId". Its first line names the columns id, event'],
  ['ticketId,staffUserId\nT-1,1\n', 'has no column "event" or "to"'],
  ['ticketId,event\nT-1,START\n', 'has no column "staffUserId", and --staff-user-id is not given'],
  [
    'ticketId,event,form,staffUserId\nT-1,START,open,1\n',
    'there is no field "form" (did you mean from?)',
  ],
  ['ticketId;event\nT-1;START\n', 'has no column "staffUserId"'],
  ['ticketId,to,to\n', 'has the column "to" twice'],
  ['[{"ticketId":"T-1"}]', 'is a JSON array. Give one object a line'],
  ['{\n  "data": [\n    {"ticketId":"T-1"}\n  ]\n}\n', "Give one object a line: jq -c '.[]'"],
  ['{"data": [\n{"ticketId":"T-1"}]}\n', "Give one object a line: jq -c '.[]'"],
  [gzipSync('ticketId,event\n'), 'packed with gzip. Unpack it first'],
  [Buffer.from('PK\u{3}\u{4}rest of it'), 'an Excel workbook'],
  ['<!DOCTYPE html><html><table>', 'a web page. Export the list as CSV'],
  ['<?xml version="1.0"?><log></log>', 'looks like XES. Give CSV, or one object a line.'],
  ['ticketId,event,staffUserId\rT-1,START,7\r', String.raw`tr '\r' '\n' <`],
])('a file that makes no sense as a whole is named: %j', async (content, message) => {
  const { code, stderr } = await runHere([
    'apply',
    file('changes.csv', content),
    '--base-url',
    await nobody(),
  ]);
  expect(code).toBe(65);
  expect(stderr).toContain(message);
});

const german = 'ticketId;event;staffUserId;note\r\nT-1;START;7;"a;b, ""c"""\r\n';
test.each<[string, string | Uint8Array]>([
  ['semicolons', german],
  ['a line that names the semicolon', `sep=;\r\n${german}`],
  ['tabs', german.replaceAll(/;(?!b)/g, '\t')],
  ['pipes', german.replaceAll(/;(?!b)/g, '|')],
  ['empty cells behind its columns', 'ticketId,event,staffUserId,,\r\nT-1,START,7,,\r\n,,,,\r\n'],
  ['UTF-16 with a mark', Buffer.from(`\u{FEFF}${german}`, 'utf16le')],
  ['UTF-16 without a mark', Buffer.from(german, 'utf16le')],
  ['UTF-16 of the other order', Buffer.from(`\u{FEFF}${german}`, 'utf16le').swap16()],
])('a file with %s is read as any other', async (_, content) => {
  const { url, sandbox } = await sandboxWith({ tickets: [{ ticketId: 'T-1', status: 'open' }] });
  const args = ['apply', file('changes.csv', content), '--base-url', url, '--json'];
  const { code, objects } = await runHere(args);
  expect(code).toBe(0);
  expect(objects().at(-1)).toMatchObject({ lines: 1, outcomes: { confirmed: 1 }, unreadable: 0 });
  expect(sandbox.record().statusWrites).toBe(1);
});

test('a pipe may give a part of a line end first', async () => {
  const input = 'ticketId,event,staffUserId\r\nT-1,START,7\r\n';
  const pieceSize = input.indexOf('\n');
  const { code } = await runHere(['apply', '-', '--dry-run'], { input, pieceSize });
  expect(code).toBe(0);
});

test.each([
  ['{"data":[{"ticketId":"T-1","event":"START","staffUserId":7}]}', '.data[]'],
  ['{"a b":{"items":[{"ticketId":"T-1","event":"START","staffUserId":7}]}}', '.["a b"].items[]'],
])('changes inside of an object are named with the way to them: %s', async (content, path) => {
  const { code, stdout } = await runHere(['apply', '-', '--dry-run'], { input: content });
  expect(code).toBe(65);
  expect(stdout).toContain(`line 1: its changes may be in ${path}: jq -c '${path}' FILE`);
});
