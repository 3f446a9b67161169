import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { lockFile } from '../../src/journal/lock.ts';
import { folder } from '../support/cli.ts';

vi.setConfig({ testTimeout: 60_000 });
const script = fileURLToPath(new URL('../support/take-lock.ts', import.meta.url));

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

test("another person's lock that may not be read is left alone", async ({ skip }) => {
  if (process.platform === 'win32') skip('Windows has no such permissions');
  const file = join(folder(), 'journal');
  writeFileSync(`${file}.lock`, JSON.stringify({ pid: 1, host: hostname(), token: 'theirs' }));
  chmodSync(`${file}.lock`, 0);
  chmodSync(join(file, '..'), 0o777);
  // The superuser may read everything, and becomes nobody for this.
  const isSuperuser = process.geteuid?.() === 0;
  if (isSuperuser) process.seteuid?.(65_534);
  try {
    await expect(lockFile(file, 'applying')).rejects.toThrow(
      /is in use by another process \(applying it\)/,
    );
  } finally {
    if (isSuperuser) process.seteuid?.(0);
  }
});

test('others can see whose a lock is', async ({ skip }) => {
  if (process.platform === 'win32') skip('Windows has no such permissions');
  const file = join(folder(), 'journal');
  const unlock = await lockFile(file, 'applying');
  expect(statSync(`${file}.lock`).mode & 0o777).toBe(0o666 & ~process.umask());
  await unlock();
});

describe('a lock of another container, whose host has the same name', () => {
  // It has a process of the same number, as every container has a process 1.
  const left = () => {
    const file = join(folder(), 'journal');
    const theirs = { pid: process.pid, host: hostname(), place: 'another', token: 'theirs' };
    writeFileSync(`${file}.lock`, JSON.stringify(theirs));
    return file;
  };

  test('is left alone while its holder shows life', async () => {
    const file = left();
    const touching = setInterval(() => utimesSync(`${file}.lock`, new Date(), new Date()), 5);
    await expect(lockFile(file, 'applying', { watchMs: 200 })).rejects.toThrow(/another process/);
    clearInterval(touching);
  });

  test('is taken over when its holder shows none', async () => {
    const file = left();
    const unlock = await lockFile(file, 'applying', { watchMs: 1 });
    await unlock();
    expect(readdirSync(join(file, '..'))).toEqual([]);
  });

  test('shows life by itself', async () => {
    const file = join(folder(), 'journal');
    const unlock = await lockFile(file, 'applying');
    const held = JSON.parse(readFileSync(`${file}.lock`, 'utf8')) as object;
    writeFileSync(`${file}.lock`, JSON.stringify({ ...held, place: 'another' }));
    await expect(lockFile(file, 'applying', { watchMs: 1500 })).rejects.toThrow(/another process/);
    await unlock();
  });
});
