import { mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { DirectoryInUseError } from '../../src/index.ts';
import { thisProcess, type Holder } from '../../src/sql/holder.ts';
import { takeLock } from '../../src/sql/directory-lock.ts';

let directory: string;
let count = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ticket-outbox-lock-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** A lock that somebody left behind, or none. */
async function lockOf(content?: string | Partial<Holder>): Promise<string> {
  const file = join(directory, `lock-${(count += 1)}`);
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  if (content !== undefined) await writeFile(file, text);
  return file;
}

/** Takes a lock, says in whose name it is then, and lets it go. */
async function takenBy(file: string, options?: { readonly watchMs: number }): Promise<number> {
  const unlock = await takeLock(file, options);
  const { pid } = JSON.parse(await readFile(file, 'utf8')) as Holder;
  await unlock();
  return pid;
}

// This process's number, of a process that is no more: no process ever started so.
const gone = async (): Promise<Holder> => ({ ...(await thisProcess()), started: 'never' });

test('a lock is held until it is let go', async () => {
  const file = await lockOf();
  const unlock = await takeLock(file);
  await expect(takeLock(file)).rejects.toThrow(DirectoryInUseError);
  await unlock();
  expect(await takenBy(file)).toBe(process.pid);
  expect((await readdir(directory)).filter((name) => name.includes('.'))).toEqual([]);
});

describe('of those who come at once, one takes', () => {
  const left: Record<string, () => Promise<string | Holder | undefined>> = {
    'a lock that is free': async () => undefined,
    'one that nobody can read': async () => '{"pid":',
  };
  // Elsewhere the number alone has to do, and that is this process's.
  if (process.platform === 'linux') left['one of the dead'] = gone;

  test.each(Object.entries(left))('%s', async (_, leave) => {
    for (let round = 0; round < 20; round += 1) {
      const file = await lockOf(await leave());
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(file)));
      const taken = results.filter(({ status }) => status === 'fulfilled');
      expect(taken).toHaveLength(1);
      for (const result of results) if (result.status === 'fulfilled') await result.value();
    }
  });
});

test('one that died while it took over from the dead stands in nobody’s way', async () => {
  const first = await gone();
  // What nobody can read has no holder on any platform.
  const second = process.platform === 'linux' ? JSON.stringify(await gone()) : '';
  const file = await lockOf(process.platform === 'linux' ? first : '');
  const right = process.platform === 'linux' ? first.token : 'unreadable';
  await writeFile(`${file}.${right}`, second);
  expect(await takenBy(file)).toBe(process.pid);
});

test.each(['null', '[]', '{}', '{"pid":0}', '{"pid":-1}', '{"pid":1,"token":"../../x"}', '\0'])(
  'what is no lock is replaced: %s',
  async (content) => {
    const file = await lockOf(content);
    expect(await takenBy(file)).toBe(process.pid);
  },
);

test('a link to nothing in the place of the lock is named, and not waited for', async () => {
  const file = await lockOf();
  await symlink(join(directory, 'nothing'), file);
  await expect(takeLock(file)).rejects.toThrow(/could not be taken. Remove it by hand/);
  await rm(file);
});

describe('a lock of another host or container', () => {
  // Every container has a process 1, so the number says nothing.
  const elsewhere = async () => ({ ...(await thisProcess()), place: 'another' });

  test('is left alone while its holder shows life', async () => {
    const file = await lockOf(await elsewhere());
    const touching = setInterval(() => void utimes(file, new Date(), new Date()), 5);
    await expect(takeLock(file, { watchMs: 200 })).rejects.toThrow(DirectoryInUseError);
    clearInterval(touching);
  });

  test('is left alone while its holder opens PGlite, and can show none', async () => {
    const file = await lockOf(await elsewhere());
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const said = takeLock(file).catch((error: unknown) => error);
      while (vi.getTimerCount() === 0) await setImmediate();
      vi.advanceTimersByTime(10_000);
      expect(vi.getTimerCount()).toBe(1);
      await utimes(file, new Date(), new Date());
      vi.advanceTimersByTime(10_000);
      expect(await said).toBeInstanceOf(DirectoryInUseError);
    } finally {
      vi.useRealTimers();
    }
  });

  test('is taken over when its holder shows none', async () => {
    const file = await lockOf(await elsewhere());
    expect(await takenBy(file, { watchMs: 1 })).toBe(process.pid);
  });

  test('shows life by itself', async () => {
    const file = await lockOf();
    const unlock = await takeLock(file);
    const held = JSON.parse(await readFile(file, 'utf8')) as Holder;
    await writeFile(file, JSON.stringify({ ...held, place: 'another' }));
    await expect(takeLock(file, { watchMs: 1500 })).rejects.toThrow(DirectoryInUseError);
    await unlock();
  });
});
