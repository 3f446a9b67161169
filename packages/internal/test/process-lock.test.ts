import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, test } from 'vitest';
import { takeProcessLock, type LockAttempt } from '../src/process-lock.ts';

const root = mkdtempSync(join(tmpdir(), 'process-lock-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const takeLock = fileURLToPath(new URL('./support/take-lock.ts', import.meta.url));
const takeTurns = fileURLToPath(new URL('./support/take-turns.ts', import.meta.url));
const isWindows = process.platform === 'win32';

/** The name of a lock in a folder of its own. */
const newLock = () => join(mkdtempSync(join(root, 'one-')), 'lock');

/** What lies in the folder of a lock. */
const filesBeside = (file: string) => readdirSync(join(file, '..'));

/** Starts a process that wants a lock; it has said what became of that before this resolves. */
async function want(file: string, moment = 0) {
  const args = [takeLock, file, String(moment)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (piece: Buffer) => (stderr += String(piece)));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    child,
    attempt: JSON.parse(String(said)) as LockAttempt,
    stderr: () => stderr,
    async end() {
      child.stdin.end();
      await once(child, 'close');
    },
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

function take(file: string): () => void {
  const attempt = takeProcessLock(file);
  if (!attempt.isTaken) throw new Error(`Not taken: ${attempt.reason}`);
  return attempt.release;
}

const heldByUs = { isTaken: false, reason: 'held', pid: process.pid };

test('a lock is held until it is let go, and leaves no file behind', async () => {
  const file = newLock();
  const release = take(file);
  expect((await want(file)).attempt).toEqual(heldByUs);
  release();
  expect(filesBeside(file)).toEqual([]);
  const other = await want(file);
  expect(other.attempt.isTaken).toBe(true);
  expect(takeProcessLock(file)).toEqual({ ...heldByUs, pid: other.child.pid });
  await other.end();
  expect(filesBeside(file)).toEqual([]);
});

test('to let go twice does not take the lock from the next holder', async () => {
  const file = newLock();
  const release = take(file);
  release();
  const next = take(file);
  release();
  expect((await want(file)).attempt).toEqual(heldByUs);
  next();
});

test('a second attempt of the same process, or of one of its threads, is refused and frees nothing', async () => {
  const file = newLock();
  const release = take(file);
  expect(takeProcessLock(file)).toEqual(heldByUs);
  const worker = new Worker(takeLock, { argv: [file], stdin: true, stdout: true });
  const ended = once(worker, 'exit');
  worker.stdin?.end();
  const [said] = (await once(worker.stdout, 'data')) as [Buffer];
  await ended;
  expect(JSON.parse(String(said))).toEqual(heldByUs);
  expect((await want(file)).attempt).toEqual(heldByUs);
  release();
});

test('a child of the holder does not inherit the lock', async () => {
  const file = newLock();
  const release = take(file);
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
  expect(takeProcessLock(file).isTaken).toBe(false);
  release();
  expect(takeProcessLock(file).isTaken).toBe(true);
  child.kill();
});

test('a killed holder frees the lock at once', async () => {
  const file = newLock();
  const holder = await want(file);
  expect(holder.attempt.isTaken).toBe(true);
  await holder.kill();
  expect(existsSync(file)).toBe(true);
  take(file)();
  expect(filesBeside(file)).toEqual([]);
});

test('a stopped holder keeps the lock', async ({ skip }) => {
  if (isWindows) skip('Windows stops no process');
  const file = newLock();
  const holder = await want(file);
  holder.child.kill('SIGSTOP');
  expect(takeProcessLock(file)).toMatchObject({ reason: 'held', pid: holder.child.pid });
  await holder.kill();
});

test.each<[what: string, leave: (file: string) => void]>([
  ['a lock that is free', () => {}],
  ['what a dead process left', (file) => writeFileSync(file, '')],
])('of many who come at once, one takes %s', async (_, leave) => {
  for (let round = 0; round < 3; round += 1) {
    const file = newLock();
    leave(file);
    const moment = Date.now() + 700;
    const all = await Promise.all(Array.from({ length: 6 }, () => want(file, moment)));
    expect(all.filter(({ attempt }) => attempt.isTaken)).toHaveLength(1);
    await Promise.all(all.map((one) => one.end()));
    expect(filesBeside(file)).toEqual([]);
  }
});

test('two never hold it together, however often it is taken and let go', async () => {
  const file = newLock();
  const children = Array.from({ length: 4 }, () => spawn(process.execPath, [takeTurns, file]));
  const next = () => Promise.all(children.map(({ stdout }) => once(stdout, 'data')));
  await next();
  const counted = next();
  const until = String(Date.now() + 2500);
  for (const { stdin } of children) stdin.end(until);
  const all = (await counted).map(
    ([said]) => JSON.parse(String(said)) as { readonly taken: number; readonly together: number },
  );
  expect(all.reduce((sum, { taken }) => sum + taken, 0)).toBeGreaterThan(20);
  expect(all.map(({ together }) => together)).toEqual([0, 0, 0, 0]);
});

test('a holder that keeps nothing of the lock keeps the lock', async () => {
  const file = newLock();
  const module = new URL('../src/process-lock.ts', import.meta.url).href;
  const code = `const { takeProcessLock } = await import('${module}');
    takeProcessLock(process.argv[1]);
    for (let round = 0; round < 10; round += 1) {
      gc();
      await new Promise((resolve) => setImmediate(resolve));
    }
    console.log('still here');
    process.stdin.resume();`;
  const args = ['--expose-gc', '--input-type=module', '-e', code, file];
  const child = spawn(process.execPath, args);
  await once(child.stdout, 'data');
  expect(takeProcessLock(file)).toEqual({ ...heldByUs, pid: child.pid });
  child.kill();
});

test('nothing is said on stderr, and other warnings still are', async () => {
  const holder = await want(newLock());
  await holder.end();
  expect(holder.stderr()).toBe('');
  const module = new URL('../src/process-lock.ts', import.meta.url).href;
  const code = `const { takeProcessLock } = await import('${module}');
    takeProcessLock(process.argv[1]); process.emitWarning('Mind the gap.', 'ExperimentalWarning');`;
  const args = ['--input-type=module', '-e', code, newLock()];
  const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toContain('Mind the gap.');
  expect(stderr).not.toContain('SQLite');
});

describe('what stands in the place of a lock', () => {
  test.each(['null', '{"pid":1}', '\0', ' '])('is named and left alone: %j', (content) => {
    const file = newLock();
    writeFileSync(file, content);
    expect(takeProcessLock(file)).toEqual({ isTaken: false, reason: 'not-a-lock' });
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  test('may be a database, which is left alone too', () => {
    const file = newLock();
    const database = new DatabaseSync(file);
    database.exec('create table precious (id)');
    database.close();
    expect(takeProcessLock(file)).toEqual({ isTaken: false, reason: 'not-a-lock' });
    expect(existsSync(file)).toBe(true);
  });

  test('may be a folder', () => {
    const file = newLock();
    mkdirSync(file);
    expect(takeProcessLock(file)).toEqual({ isTaken: false, reason: 'not-a-lock' });
  });

  test('is not followed where only the number of the holder is to be written', () => {
    const file = newLock();
    const victim = join(file, '..', 'victim');
    writeFileSync(victim, 'precious');
    symlinkSync(victim, `${file}.pid`);
    take(file)();
    expect(readFileSync(victim, 'utf8')).toBe('precious');
  });
});

test.each([0, 0o444])("another user's lock of mode %o is left alone", (mode) => {
  if (isWindows) return;
  const file = newLock();
  writeFileSync(file, '');
  chmodSync(file, mode);
  chmodSync(join(file, '..'), 0o777);
  expect(asNobody(() => takeProcessLock(file))).toEqual({
    isTaken: false,
    reason: 'no-permission',
  });
  expect(existsSync(file)).toBe(true);
});

test('a folder that is not there, or may not be written, is the error of the file system', () => {
  const file = newLock();
  expect(() => takeProcessLock(join(file, 'lock'))).toThrow(/ENOENT/);
  if (isWindows) return;
  chmodSync(join(file, '..'), 0o555);
  chmodSync(root, 0o755);
  expect(() => asNobody(() => takeProcessLock(file))).toThrow(/EACCES/);
});

test('others may take the lock after a crash, as far as the umask allows', ({ skip }) => {
  if (isWindows) skip('Windows has no such permissions');
  const file = newLock();
  const release = take(file);
  expect(statSync(file).mode & 0o777).toBe(0o666 & ~process.umask());
  release();
});

test('the number of a holder in another container is not shown: it means another process here', () => {
  const file = newLock();
  const release = take(file);
  writeFileSync(`${file}.pid`, `${process.pid} another-host pid:[1]\n`);
  expect(takeProcessLock(file)).toEqual({ isTaken: false, reason: 'held', pid: undefined });
  release();
});

/** The superuser may do everything, and becomes nobody for this. */
function asNobody<Result>(work: () => Result): Result {
  const isSuperuser = process.geteuid?.() === 0;
  chmodSync(root, 0o755);
  if (isSuperuser) process.seteuid?.(65_534);
  try {
    return work();
  } finally {
    if (isSuperuser) process.seteuid?.(0);
  }
}
