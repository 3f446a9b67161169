import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { runDemo } from '../../src/commands/demo/run.ts';
import { createTerminal } from '../../src/terminal/terminal.ts';

// The same demonstration, with a limit that does not make the tests wait.
async function demo(json: boolean) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const said = Promise.all([text(stdout), text(stderr)]);
  const code = await runDemo({ json, requestsPerSecond: 250 }, createTerminal(stdout, stderr));
  stdout.end();
  stderr.end();
  const [data, messages] = await said;
  return { code, data, messages };
}

test('shows every outcome that a file can bring, and what was stopped', async () => {
  const { code, data, messages } = await demo(false);
  expect(code).toBe(0);
  expect(messages).toContain('A file asks for 329 changes of 98 support tickets');
  expect(data).toMatch(/[1-9]\d* {2}confirmed/);
  expect(data).toMatch(/[1-9]\d* {2}unchanged/);
  expect(data).toMatch(/[1-9]\d* {2}blocked/);
  expect(data).toMatch(/× RESOLVE is not possible in state "open"/);
  expect(data).toMatch(/× <ticket> is not resolved but open/);
  expect(data).toMatch(/× Series knows no ticket <ticket>/);
  expect(data).toMatch(/[1-9]\d* × 404 Ticket not found/);
  expect(data).toContain('did you mean RESOLVE?');
  expect(data).toContain('staffUserId is missing');
  expect(data).toMatch(/^ +0 {2}of them refused for too many in a second \(429\)$/m);
  expect(data).toMatch(/changes were stopped before they cost a write, 6 broken lines/);
  expect(data).toMatch(/changes arrived, each with exactly one system message/);
});

test('the sandbox has seen exactly what was confirmed', async () => {
  const { code, data } = await demo(true);
  const objects = data
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const confirmed = objects.filter(({ kind }) => kind === 'confirmed').length;
  expect(code).toBe(0);
  expect(objects.at(-1)).toMatchObject({
    type: 'summary',
    schema: 1,
    lines: 329,
    unreadable: 6,
    outcomes: { confirmed, refused: 4, 'not-sent': 0, unknown: 0 },
    sandbox: { limited: 0, statusWrites: confirmed, systemMessages: confirmed },
  });
});
