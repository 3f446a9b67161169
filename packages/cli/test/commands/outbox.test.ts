import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPgliteOutbox } from '@ticket-lifecycle/outbox';
import { afterAll, beforeAll, expect, test } from 'vitest';

const bin = fileURLToPath(new URL('../../src/bin.ts', import.meta.url));

/** From source: PGlite finds its own files only where it is not bundled. */
function run(args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@ticket-lifecycle/source', bin, ...args],
    { encoding: 'utf8', env: { PATH: process.env['PATH'], NO_COLOR: '1' } },
  );
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  const objects = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { code: status, stdout, stderr, objects };
}

let directory: string;
let dead: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ticket-lifecycle-'));
  const ended = Promise.withResolvers<void>();
  const outbox = await createPgliteOutbox({
    directory,
    onEvent: ({ type }) => type === 'ended' && ended.resolve(),
  });
  dead = await outbox.accept({ ticketId: 'TICKET-1', event: 'START', staffUserId: 7 });
  await outbox.accept({ ticketId: 'TICKET-1', event: 'RESOLVE', staffUserId: 7 });
  await outbox.run(async () => ({ kind: 'dead', reason: 'the ticket is gone' }));
  await ended.promise;
  await outbox.close();
}, 60_000);
afterAll(() => rm(directory, { recursive: true }));

test('shows what holds a ticket, and lets it go on', { timeout: 60_000 }, () => {
  const place = ['--directory', directory];
  const status = run(['outbox', 'status', '--json', ...place]);
  expect(status.objects()).toMatchObject([{ waiting: 1, dead: 1 }, { key: 'default' }]);
  expect(status.code).toBe(5);

  const list = run(['outbox', 'dead', ...place]);
  expect(list.stdout).toContain(`id ${dead}`);
  expect(list.stdout).toContain('reason the ticket is gone');

  const skipped = run(['outbox', 'skip', dead, '--note', 'done by hand', ...place]);
  expect([skipped.code, skipped.stderr]).toEqual([0, 'It is given up; its ticket goes on.\n']);
});

test.each([
  [['outbox', 'status'], 'Set DATABASE_URL'],
  [['outbox', 'status', '--directory', '/nowhere/at/all'], 'There is no directory'],
  [['outbox', 'redrive', 'TICKET-1'], 'The id of a change is a UUID'],
  [['outbox', 'skip', '019ac000-0000-7000-8000-000000000000'], '--note'],
])('says what is wrong with %j', (args, message) => {
  const { code, stderr } = run(args);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});
