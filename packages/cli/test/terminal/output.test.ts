import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createOutput } from '../../src/terminal/output.ts';
import { createSecrets } from '../../src/terminal/secrets.ts';
import { sandboxWith } from '../support/api.ts';
import { bin, file, ndjson } from '../support/cli.ts';

// What is written there meets a full disk. Other systems than Linux have no such file.
const hasFullDisk = existsSync('/dev/full');
if (!hasFullDisk) console.log('Without /dev/full no disk is full here: three tests are skipped.');

/** Runs the command line with its output on a full disk. */
function runOnFullDisk(args: readonly string[]): Promise<{ code: unknown; stderr: string }> {
  const command = '"$0" --conditions=@ticket-lifecycle/source "$@" > /dev/full';
  return new Promise((resolve) => {
    execFile('sh', ['-c', command, process.execPath, bin, ...args], (error, _, stderr) => {
      resolve({ code: error?.code ?? 0, stderr });
    });
  });
}

test.skipIf(!hasFullDisk)('what can not be written is named in a sentence', async () => {
  for (const args of [['explain', '--from', 'open'], ['--help'], ['help', 'formats']]) {
    const { code, stderr } = await runOnFullDisk(args);
    expect(stderr).toBe("error: Standard output can't be written: the disk is full.\n");
    expect(code).toBe(1);
  }
});

test.skipIf(!hasFullDisk)('with --json, that is an object as every error is', async () => {
  const { code, stderr } = await runOnFullDisk(['explain', '--from', 'open', '--json']);
  const message = "Standard output can't be written: the disk is full.";
  expect([code, JSON.parse(stderr)]).toEqual([1, { type: 'error', schema: 1, code: 1, message }]);
});

test.skipIf(!hasFullDisk)('a run whose output finds no room stops, and can go on', async () => {
  const changes = Array.from({ length: 50 }, (_, index) => ({
    ticketId: `T-${index}`,
    event: 'START',
    staffUserId: 1,
    from: 'open',
  }));
  const tickets = changes.map(({ ticketId }) => ({ ticketId }));
  const { url, sandbox } = await sandboxWith({ tickets });
  const path = file('changes.ndjson', ndjson(...changes));
  const { code, stderr } = await runOnFullDisk(['apply', path, '--base-url', url, '--json']);
  expect(stderr).toContain('the disk is full');
  expect(stderr).toContain(`--resume ${path}`);
  expect(stderr).not.toContain('    at ');
  expect(code).not.toBe(0);
  expect(sandbox.requests.length).toBeLessThan(50);
  expect(existsSync(`${/--resume (\S+)/.exec(stderr)?.[1]}.lock`)).toBe(false);
});

test('many who wait for a slow reader wait together', async () => {
  const writes: (() => void)[] = [];
  const stream = new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, done) => void writes.push(done),
  });
  const output = createOutput(stream, createSecrets());
  const prints = Array.from({ length: 100 }, () => output.print('a line'));
  expect(stream.listenerCount('drain')).toBe(1);
  for (let left = 100; left > 0; left -= 1) {
    writes.shift()?.();
    await Promise.resolve();
  }
  await Promise.all(prints);
  expect(stream.listenerCount('drain')).toBe(0);
});
