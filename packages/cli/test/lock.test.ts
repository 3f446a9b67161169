import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { lockFile } from '../src/lock.ts';
import { folder } from './cli.ts';

vi.setConfig({ testTimeout: 60_000 });
const script = fileURLToPath(new URL('take-lock.ts', import.meta.url));

/** Starts a process that wants a lock; it has said what became of that before this resolves. */
async function want(file: string, moment: number) {
  const args = ['--conditions=@ticket-lifecycle/source', script, file, String(moment)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    said: String(said),
    end: async () => {
      child.stdin.end();
      await once(child, 'close');
    },
  };
}

test('of many who find the lock of a dead process, one takes it over', async () => {
  for (let round = 0; round < 3; round += 1) {
    const file = join(folder(), 'journal');
    const { pid } = spawnSync(process.execPath, ['--version']);
    writeFileSync(`${file}.lock`, JSON.stringify({ pid, host: hostname(), token: 'dead' }));
    const moment = Date.now() + 1000;
    const all = await Promise.all(Array.from({ length: 8 }, () => want(file, moment)));
    await Promise.all(all.map(({ end }) => end()));
    expect(all.map(({ said }) => said).toSorted()).toEqual([
      ...Array.from({ length: 7 }, () => 'CliError'),
      'ours',
    ]);
    expect(readdirSync(join(file, '..'))).toEqual([]);
  }
});

test("a process that died while it took a lock over stands in nobody's way", async () => {
  const file = join(folder(), 'journal');
  const { pid } = spawnSync(process.execPath, ['--version']);
  const dead = JSON.stringify({ pid, host: hostname(), token: 'dead' });
  for (const lock of [`${file}.lock`, `${file}.lock.heir`]) writeFileSync(lock, dead);
  const { said, end } = await want(file, 0);
  await end();
  expect(said).toBe('ours');
  expect(readdirSync(join(file, '..'))).toEqual([]);
});

// Elsewhere files have no modes. The superuser may read all of them, and becomes nobody for this.
const onPosix = test.runIf(process.platform !== 'win32');

onPosix("another person's lock that may not be read is left alone", async () => {
  const file = join(folder(), 'journal');
  writeFileSync(`${file}.lock`, JSON.stringify({ pid: 1, host: hostname(), token: 'theirs' }));
  chmodSync(`${file}.lock`, 0);
  chmodSync(join(file, '..'), 0o777);
  const isSuperuser = process.geteuid?.() === 0;
  if (isSuperuser) process.seteuid?.(65_534);
  try {
    await expect(lockFile(file, 'applied')).rejects.toThrow(/is being applied by another process/);
  } finally {
    if (isSuperuser) process.seteuid?.(0);
  }
});

onPosix('others can see whose a lock is', async () => {
  const file = join(folder(), 'journal');
  const unlock = await lockFile(file, 'applied');
  expect(statSync(`${file}.lock`).mode & 0o777).toBe(0o666 & ~process.umask());
  await unlock();
});
