import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type * as Outboxes from '@ticket-lifecycle/outbox';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { idle } from '../../src/commands/outbox/why.ts';
import { createProgram } from '../../src/program.ts';
import { createTerminal } from '../../src/terminal/terminal.ts';
import { runHere } from '../support/cli.ts';

// Opening a PGlite takes longer than all that is asked of it, so the commands of this process share
// one of each directory.
const opened = vi.hoisted(() => new Map<string, Outboxes.Outbox>());
vi.mock('@ticket-lifecycle/outbox', async (original) => {
  const outboxes = await original<typeof Outboxes>();
  const createPgliteOutbox = async (options: { directory: string }) => {
    const outbox = opened.get(options.directory) ?? (await outboxes.createPgliteOutbox(options));
    opened.set(options.directory, outbox);
    return { ...outbox, close: async () => {} };
  };
  return { ...outboxes, createPgliteOutbox };
});
const { createMemoryOutbox, createPgliteOutbox } = await vi.importActual<typeof Outboxes>(
  '@ticket-lifecycle/outbox',
);

async function remove(directory: string): Promise<void> {
  await opened.get(directory)?.close();
  await rm(directory, { recursive: true });
}

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

/** In this process: that is quicker. */
async function here(args: readonly string[]) {
  let code = 0;
  const [out, err] = [new PassThrough(), new PassThrough()];
  const [stdout, stderr] = [text(out), text(err)];
  const program = createProgram(createTerminal(out, err), (end) => (code = end));
  try {
    await program.parseAsync(['outbox', ...args], { from: 'user' });
  } catch (error) {
    err.write(`error: ${String(error)}`);
  }
  out.end();
  err.end();
  const lines = (await stdout).split('\n').filter((line) => line.startsWith('{'));
  const objects = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { code, stdout: await stdout, stderr: await stderr, objects };
}

let directory: string;
let dead: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ticket-lifecycle-'));
  const ended = Promise.withResolvers<void>();
  const outbox = await createPgliteOutbox({
    directory,
    onEvent: (event) => {
      if (event.type === 'ended' && event.kind === 'dead') ended.resolve();
    },
  });
  dead = await outbox.accept({ ticketId: 'TICKET-1', event: 'START', staffUserId: 7 });
  await outbox.accept({ ticketId: 'TICKET-1', event: 'RESOLVE', staffUserId: 7 });
  await outbox.run(async (job) => {
    // More than an outbox keeps.
    for (let time = 0; time < 40; time += 1) job.note('sent', `request ${time}`);
    if (job.attempt === 1) return { kind: 'retry', reason: 'busy', delayMs: 1 };
    return { kind: 'dead', reason: 'the ticket is gone' };
  });
  await ended.promise;
  await outbox.close();
});
afterAll(() => remove(directory));

test('shows what holds a ticket, and lets it go on', () => {
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

test('says that older entries of a change are not kept, or not shown', async () => {
  const place = ['--directory', directory];
  const kept = (await here(['why', dead, '--json', ...place])).objects();
  expect(kept).toMatchObject([{ notShown: 0, mayBeCut: true }]);
  const { evidence } = kept[0] as { evidence: object[] };
  expect(evidence.length).toBeGreaterThan(2);

  const limited = await here(['why', dead, '--limit', '2', ...place]);
  expect(limited.stdout).toContain('… older entries may be gone: an outbox keeps the latest 60');
  const left = evidence.length - 2;
  expect(limited.stdout).toContain(`… ${left} older entries: --limit ${evidence.length}\n`);
  expect(limited.stdout.match(/ {2}\d{4}-\d\d-\d\dT/g)).toHaveLength(2);
  const last = (await here(['why', dead, '--limit', '1', '--json', ...place])).objects();
  expect(last).toMatchObject([{ evidence: [evidence.at(-1)], notShown: left + 1 }]);
});

test('lists what is still to be sent, for a comparison before a deployment', async () => {
  const own = await mkdtemp(join(tmpdir(), 'ticket-lifecycle-'));
  onTestFinished(() => remove(own));
  const outbox = await createPgliteOutbox({ directory: own });
  const change = { ticketId: 'TICKET-1', staffUserId: 7, key: 'north' };
  const notBefore = new Date(Date.now() + 3_600_000);
  const first = await outbox.accept({ ...change, event: 'START' });
  await outbox.accept({ ...change, event: { type: 'RESOLVE', note: 'x' }, from: 'in-progress' });
  await outbox.accept({ ...change, event: 'CLOSE', whileIn: 'resolved' }, { notBefore });
  await outbox.close();
  const place = ['--directory', own];
  const { code, stdout } = await here(['waiting', ...place]);
  expect(code).toBe(0);
  expect(stdout).toContain(`ticketId TICKET-1  event START  key north  id ${first}\n`);
  const name = { type: 'waiting', schema: 1, key: 'north', ticketId: 'TICKET-1' };
  expect((await here(['waiting', '--json', ...place])).objects()).toMatchObject([
    { ...name, id: first, event: 'START' },
    { ...name, event: { type: 'RESOLVE', note: 'x' }, from: 'in-progress' },
    {
      ...name,
      event: 'CLOSE',
      from: 'resolved',
      whileIn: 'resolved',
      notBefore: notBefore.toISOString(),
    },
  ]);
  expect((await here(['cancel', first, ...place])).code).toBe(0);
  expect((await here(['waiting', '--json', ...place])).objects()).toHaveLength(2);
});

test('tells why, and carries the decisions of a person out', async () => {
  const own = await mkdtemp(join(tmpdir(), 'ticket-lifecycle-'));
  onTestFinished(() => remove(own));
  const ended = Promise.withResolvers<void>();
  const outbox = await createPgliteOutbox({
    directory: own,
    onEvent: ({ type }) => type === 'ended' && ended.resolve(),
  });
  const change = { event: 'START', staffUserId: 7, key: 'north' };
  const first = await outbox.accept({ ticketId: 'TICKET-1', ...change });
  const second = await outbox.accept({ ticketId: 'TICKET-1', ...change, event: 'RESOLVE' });
  await outbox.run(async (job) => {
    job.note('sent', 'change-status');
    return { kind: 'unknown', reason: 'It is elsewhere.' };
  });
  await ended.promise;
  await outbox.close();
  const place = ['--directory', own];

  const why = await here(['why', first, ...place]);
  const words = why.stdout.split('\n').map((line) => line.split('  ')[2]);
  expect(words.slice(2, 6)).toEqual(['accepted', 'claimed', 'sent', 'ended']);
  expect(why.stdout).not.toContain('older');
  expect(why.stdout).toMatch(
    /^TICKET-1 START, key north\nunknown \(in doubt.*\), since \d{4}-\S+Z: It is elsewhere/,
  );
  expect(why.stdout).toContain(`safe: outbox redrive ${first}  The ticket is read first`);
  expect(why.code).toBe(6);
  const json = await here(['why', second, '--json', ...place]);
  expect(json.objects()).toMatchObject([
    { type: 'why', id: second, heldBy: first, steps: [{ step: 'none' }, { step: 'cancel' }] },
  ]);

  const says = async (args: readonly string[]) => {
    const { stderr } = await here([...args, ...place]);
    return stderr;
  };
  expect(await says(['cancel', second])).toBe('It is taken back.\n');
  expect(await says(['give-back', first])).toContain(`No change ${first} is under way.`);
  expect(await says(['redrive', '--key', 'north', '--reason', 'else'])).toBe(
    '1 change is tried again.\n',
  );
  expect(await says(['pause', 'north', '--note', 'moving'])).toContain('north is paused');
  expect((await here(['retrying', '--json', ...place])).objects()).toMatchObject([
    { kind: 'paused', by: first, change: first, reason: 'Its key is paused. moving' },
  ]);
  // As in the text, which calls it so.
  expect((await here(['blocked', '--json', ...place])).objects()).toMatchObject([
    { type: 'blocked', by: first, change: first },
  ]);
  const status = (await here(['status', '--json', ...place])).objects();
  expect(status.map(({ type }) => type)).toEqual(['depth', 'paused', 'budget']);
  const retrying = await here(['retrying', ...place]);
  expect(retrying.stdout).toMatch(
    new RegExp(`^ticketId TICKET-1  kind paused  since .*  change ${first}  reason Its key`),
  );
  expect((await here(['why', first, ...place])).stdout).not.toContain('nothing to do');
  expect(await says(['resume', 'north'])).toBe('north goes on.\n');
  expect(await says(['resume', 'north'])).toContain('north is not paused.');

  // A key of which nothing is known is paused all the same: its first change may be on its way.
  expect(await says(['pause', 'nrth', '--note', 'moving'])).toContain(
    'No change of nrth waits, and none was ever sent. Check the name. Keys in use: north.',
  );
  expect(await says(['pause', 'north', '--note', 'moving'])).not.toContain('Check the name');
  expect(await says(['pause', 'no rth', '--note', 'moving'])).toContain('English letters, digits');
  // So does one that is misspelt for a redrive.
  expect(await says(['redrive', '--key', 'nrth', '--kind', 'dead'])).toBe(
    '0 changes are tried again.\nNo change of nrth waits, and none was ever sent. Check the name. Keys in use: north.\n',
  );
  for (const filter of [
    ['--key', 'north'],
    ['--reason', 'nothing'],
    ['--kind', 'dead'],
  ]) {
    const said = await says(['redrive', ...filter]);
    expect(said).toBe(
      '0 changes are tried again.\nNone that is dead or unknown fits: outbox dead lists them.\n',
    );
  }
});

test('of a change that hangs it says what is kept, and when it is tried again', async () => {
  const own = await mkdtemp(join(tmpdir(), 'ticket-lifecycle-'));
  onTestFinished(() => remove(own));
  await mkdir(join(own, 'data'));
  await writeFile(join(own, 'data', 'PG_VERSION'), '');
  const outbox = createMemoryOutbox({ deliveryTimeoutMs: 100_000 });
  opened.set(own, outbox);
  const hangs = Promise.withResolvers<void>();
  const ends = Promise.withResolvers<{ readonly kind: 'done' }>();
  const id = await outbox.accept({ ticketId: 'TICKET-1', event: 'START', staffUserId: 7 });
  await outbox.run(async ({ attempt, note }) => {
    for (let time = 0; time < 27; time += 1) note('read', `time ${time}`);
    if (attempt < 3) return { kind: 'retry', reason: 'busy', delayMs: 1 };
    hangs.resolve();
    return ends.promise;
  });
  await hangs.promise;
  // All of them: one less than an outbox keeps, beside that it was accepted.
  const [why] = (await here(['why', id, '--json', '--directory', own])).objects();
  expect(why).toMatchObject({ kind: 'underWay', mayBeCut: false });
  expect(why?.['evidence']).toHaveLength(60);
  const { stderr } = await here(['give-back', id, '--directory', own]);
  expect(stderr).toContain('tried again in about eight seconds');
  ends.resolve({ kind: 'done' });
});

test('what the database refuses is told like any other mistake', async () => {
  const broken = await mkdtemp(join(tmpdir(), 'ticket-lifecycle-'));
  onTestFinished(() => remove(broken));
  const outbox = await createPgliteOutbox({
    directory: broken,
    onEnd: async (_, tx) => {
      await tx.query('alter function ticket_outbox.outbox_blocked(jsonb) rename to gone');
    },
  });
  const ended = Promise.withResolvers<void>();
  outbox.on(({ type }) => type === 'ended' && ended.resolve());
  await outbox.accept({ ticketId: 'TICKET-1', event: 'START', staffUserId: 7 });
  await outbox.run(async () => ({ kind: 'done' }));
  await ended.promise;
  await outbox.close();
  const { stderr } = await here(['blocked', '--directory', broken]);
  expect(stderr).toContain('error: CliError: The database could not read the outbox: function');
});

test.each([
  ['waiting', 'it waits:'],
  ['retrying', 'it waits:'],
  ['later', 'it waits:'],
  ['underWay', 'under way:'],
  ['done', 'nothing to do:'],
  ['dropped', 'nothing to do:'],
  ['skipped', 'nothing to do:'],
] as const)('a change that is %s and needs no step is told as "%s"', (kind, words) => {
  expect(idle(kind)).toBe(words);
});

test.each([
  [['outbox', 'redrive'], 'Name a change by its id, or several'],
  [['outbox', 'redrive', '019ac000-0000-7000-8000-000000000000', '--key', 'a'], 'Name a change'],
  [['outbox', 'install'], 'Set DATABASE_URL'],
  [['outbox', 'status'], 'Set DATABASE_URL'],
  [['outbox', 'status', '--directory', '/nowhere/at/all'], 'There is no directory'],
  [['outbox', 'redrive', 'TICKET-1'], 'The id of a change is a UUID'],
  [['outbox', 'skip', '019ac000-0000-7000-8000-000000000000'], '--note'],
])('says what is wrong with %j', async (args, message) => {
  const { code, stderr } = await runHere(args);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test('a server that says nothing where the database should be is not waited for', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('DATABASE_URL', `postgres://127.0.0.1:${port}/db`);
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
    server.close();
  });
  const ended = here(['status']);
  await once(server, 'connection');
  await vi.advanceTimersByTimeAsync(10_000);
  expect((await ended).stderr).toContain('No database answered within 10 s.');
});
