import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CliError } from '../../src/cli-error.ts';
import { lockFile } from '../../src/journal/lock.ts';
import { folder } from '../support/cli.ts';

const script = fileURLToPath(new URL('../support/take-lock.ts', import.meta.url));

/** A process that holds the lock of a file. */
async function holderOf(file: string) {
  const args = ['--conditions=@ticket-lifecycle/source', script, file];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

test('a second process is told who has the file, until that one is gone', async () => {
  const file = join(folder(), 'journal');
  const holder = await holderOf(file);
  expect(() => lockFile(file, 'applying')).toThrow(
    new CliError(
      `${file} is in use by process ${holder.pid} (applying it). Wait for it to finish.`,
      75,
    ),
  );
  holder.kill('SIGKILL');
  await once(holder, 'close');
  lockFile(file, 'applying')();
  expect(readdirSync(join(file, '..'))).toEqual([]);
});

test("another user's lock that may not be used is left alone, and named", async ({ skip }) => {
  if (process.platform === 'win32') skip('Windows has no such permissions');
  const file = join(folder(), 'journal');
  writeFileSync(`${file}.lock`, '');
  chmodSync(`${file}.lock`, 0);
  chmodSync(join(file, '..'), 0o777);
  // The superuser may read everything, and becomes nobody for this.
  const isSuperuser = process.geteuid?.() === 0;
  if (isSuperuser) process.seteuid?.(65_534);
  try {
    expect(() => lockFile(file, 'applying')).toThrow(
      `${file} may be in use by another user, who owns ${file}.lock.`,
    );
  } finally {
    if (isSuperuser) process.seteuid?.(0);
  }
});

test('what is no lock is left alone, and named', () => {
  const file = join(folder(), 'journal');
  writeFileSync(`${file}.lock`, 'precious');
  expect(() => lockFile(file, 'applying')).toThrow(`${file}.lock is not a lock of ours.`);
});

test('others can take the lock after a crash', ({ skip }) => {
  if (process.platform === 'win32') skip('Windows has no such permissions');
  const file = join(folder(), 'journal');
  const unlock = lockFile(file, 'applying');
  expect(statSync(`${file}.lock`).mode & 0o777).toBe(0o666 & ~process.umask());
  unlock();
});
