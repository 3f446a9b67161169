import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { json, startServer } from '../support/server.ts';

const script = fileURLToPath(new URL('../support/change-tickets.process.ts', import.meta.url));
const answerMs = 300;
// Longer than the time limit of a request.
const stoppedMs = 6000;

// Windows can't stop a process and go on with it later.
test.skipIf(process.platform === 'win32')(
  'a process that was stopped for 6 s still reads the answers that came meanwhile',
  async () => {
    const count = 30;
    const some = 10;
    const stopped = Promise.withResolvers<void>();
    await using server = await startServer((response, request, seen) => {
      const { status } = JSON.parse(request.body) as { status: string };
      const answer = json(200, { success: true, data: { message: `Status changed to ${status}` } });
      setTimeout(() => answer(response, request, seen), answerMs);
      if (seen === some) stopped.resolve();
    });
    const child = spawn(
      process.execPath,
      ['--conditions', '@ticket-lifecycle/source', script, server.url, String(count)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = once(child, 'close');
    await stopped.promise;
    child.kill('SIGSTOP');
    await sleep(stoppedMs);
    child.kill('SIGCONT');
    await ended;
    expect(JSON.parse(output)).toEqual(Array.from({ length: count }, () => 'confirmed'));
    expect(server.seen).toHaveLength(count);
  },
);
