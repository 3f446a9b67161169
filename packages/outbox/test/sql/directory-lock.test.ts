import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DirectoryInUseError } from '../../src/index.ts';
import { lockDirectory, makeDirectory } from '../../src/sql/directory-lock.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ticket-outbox-lock-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const newDirectory = () => mkdtemp(join(root, 'one-'));

/** A process that has locked a directory. */
async function holderOf(directory: string) {
  const script = fileURLToPath(new URL('../support/lock-directory.ts', import.meta.url));
  const args = ['--conditions=@ticket-lifecycle/source', script, directory];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

test('a directory is held until it is let go', async () => {
  const directory = await newDirectory();
  const unlock = lockDirectory(directory);
  expect(() => lockDirectory(directory)).toThrow(DirectoryInUseError);
  unlock();
  lockDirectory(directory)();
  expect(await readdir(directory)).toEqual([]);
});

test('another process that has it is named, and no longer stands in the way when it is killed', async () => {
  const directory = await newDirectory();
  const holder = await holderOf(directory);
  expect(() => lockDirectory(directory)).toThrow(
    new DirectoryInUseError(
      `The outbox at ${directory} is in use by process ${holder.pid}. For several processes use Postgres.`,
    ),
  );
  holder.kill('SIGKILL');
  await once(holder, 'close');
  lockDirectory(directory)();
});

test('a copy of it is free while the original is held', async () => {
  const directory = await newDirectory();
  const holder = await holderOf(directory);
  const copy = join(root, 'copy');
  await cp(directory, copy, { recursive: true });
  lockDirectory(copy)();
  expect(() => lockDirectory(directory)).toThrow(DirectoryInUseError);
  holder.kill('SIGKILL');
});

test('a process that is stopped still has it', async ({ skip }) => {
  if (process.platform === 'win32') skip('Windows stops no process');
  const directory = await newDirectory();
  const holder = await holderOf(directory);
  holder.kill('SIGSTOP');
  expect(() => lockDirectory(directory)).toThrow(DirectoryInUseError);
  holder.kill('SIGKILL');
  await once(holder, 'close');
});

test("another user's lock is named", async ({ skip }) => {
  if (process.platform === 'win32') skip('Windows has no such permissions');
  const directory = await newDirectory();
  await writeFile(join(directory, 'lock'), '');
  await chmod(join(directory, 'lock'), 0o444);
  await chmod(root, 0o755);
  await chmod(directory, 0o777);
  // The superuser may write everything, and becomes nobody for this.
  const isSuperuser = process.geteuid?.() === 0;
  if (isSuperuser) process.seteuid?.(65_534);
  try {
    expect(() => lockDirectory(directory)).toThrow(
      /belongs to another user.*lock can't be written/,
    );
  } finally {
    if (isSuperuser) process.seteuid?.(0);
  }
});

test('a directory is made with those above it, and one that is there is left alone', async () => {
  const directory = join(await newDirectory(), 'one', 'two');
  makeDirectory(directory);
  await writeFile(join(directory, 'kept'), '');
  makeDirectory(directory);
  expect(await readdir(directory)).toEqual(['kept']);
});

test("a directory that can't be made is an error that names it, also where Node.js would never end", async ({
  skip,
}) => {
  if (process.platform !== 'linux') skip('Only Linux has such a /proc');
  const file = join(await newDirectory(), 'file');
  await writeFile(file, '');
  for (const directory of ['/proc/none/outbox', join(file, 'outbox'), file]) {
    expect(() => makeDirectory(directory)).toThrow(
      /^The directory of the outbox can't be made: .*mkdir '.*'\. Name another one\.$/,
    );
  }
});

test('what is no lock is named and left alone', async () => {
  const directory = await newDirectory();
  await writeFile(join(directory, 'lock'), 'precious');
  expect(() => lockDirectory(directory)).toThrow(/lock is not a lock of ours\. Remove it/);
});
