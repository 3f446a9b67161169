import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createPgliteOutbox, DirectoryInUseError, type OutboxOptions } from '../../src/index.ts';
import { byHandContract } from '../support/by-hand-contract.ts';
import { circuitContract } from '../support/circuit-contract.ts';
import { contract } from '../support/contract.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { assess, startSandboxProcess, ticketsOf } from '../support/fleet.ts';
import { identityContract } from '../support/identity-contract.ts';
import { isAllDone, startPgliteProcess } from '../support/pglite-process.ts';
import { change, delivering } from '../support/trial.ts';

let pglite: PGlite;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ticket-outbox-'));
  pglite = await PGlite.create();
  await (await createPgliteOutbox({ pglite })).close();
});
afterAll(async () => {
  await pglite.close();
  await rm(directory, { recursive: true, force: true });
});

async function open(options: OutboxOptions) {
  await pglite.exec(emptyTables());
  return createPgliteOutbox({ pglite, pace: 'burst', ...options });
}

contract('on PGlite', open);
identityContract('on PGlite', open);
byHandContract('on PGlite', open);
circuitContract('on PGlite', open);

test('joins a transaction of the service', async () => {
  const outbox = await createPgliteOutbox({ pglite });
  const before = (await outbox.inspect.depth()).waiting;
  await pglite.transaction(async (tx) => {
    await outbox.accept(change('TICKET-1'), { tx });
    await tx.rollback();
  });
  expect((await outbox.inspect.depth()).waiting).toBe(before);
  await pglite.transaction(async (tx) => {
    await outbox.accept(change('TICKET-1'), { tx });
  });
  expect((await outbox.inspect.depth()).waiting).toBe(before + 1);
  await outbox.close();
});

test('one of the outboxes on a PGlite delivers, and the others only accept', async () => {
  const one = await createPgliteOutbox({ pglite });
  const other = await createPgliteOutbox({ pglite });
  await one.run(delivering());
  await expect(other.run(delivering())).rejects.toThrow(
    /Another outbox delivers.* Close that one first/,
  );
  await one.close();
  await other.run(delivering());
  await other.close();
});

test('of a restored backup nothing is sent while its keys are paused, nor what was taken back', async () => {
  await pglite.exec(emptyTables());
  const before = await createPgliteOutbox({ pglite, pace: 'burst' });
  const arrived = await before.accept(change('TICKET-1'));
  const missing = await before.accept(change('TICKET-2'));
  const backup = await pglite.dumpDataDir('none');
  await before.run(delivering());
  await expect.poll(async () => (await before.inspect.change(arrived))?.kind).toBe('done');
  await before.close();

  const restored = await PGlite.create({ loadDataDir: backup });
  const outbox = await createPgliteOutbox({ pglite: restored, pace: 'burst' });
  onTestFinished(async () => {
    await outbox.close();
    await restored.close();
  });
  await outbox.pause('default', 'restored');
  const sent: string[] = [];
  await outbox.run(async ({ id }) => {
    sent.push(id);
    return { kind: 'done' };
  });
  const held = await outbox.inspect.blocked();
  expect(Object.fromEntries(held.map(({ by, kind }) => [by, kind]))).toEqual({
    [arrived]: 'paused',
    [missing]: 'paused',
  });

  expect(await outbox.cancel(arrived)).toBe(true);
  await outbox.resume('default');
  await expect.poll(async () => (await outbox.inspect.depth()).waiting).toBe(0);
  await expect.poll(() => sent).toEqual([missing]);
});

describe('a directory', () => {
  test('is refused while another opens it or has it', async () => {
    const place = join(directory, 'locked');
    const both = await Promise.allSettled(
      [1, 2].map(() => createPgliteOutbox({ directory: place })),
    );
    const [refused] = both.filter(({ status }) => status === 'rejected');
    expect(refused).toMatchObject({ reason: expect.any(DirectoryInUseError) });
    const [opened] = both.filter((one) => one.status === 'fulfilled');
    const outbox = opened?.value;
    expect(outbox?.capabilities).toEqual({
      transactional: false,
      scope: 'process',
      survives: 'process-death',
      liveness: 'none',
    });
    await expect(createPgliteOutbox({ directory: place })).rejects.toThrow(DirectoryInUseError);
    await outbox?.close();
    await (await createPgliteOutbox({ directory: place })).close();
  });

  test('holds all that was accepted when its process is killed', async () => {
    const tickets = ticketsOf(6);
    const sandbox = await startSandboxProcess({
      tickets: tickets.map((ticketId) => ({ ticketId })),
      delayMs: { beforeCounting: [50, 150], beforeAnswering: [50, 150] },
    });
    const place = { directory: join(directory, 'killed'), baseUrl: sandbox.url, settleMs: 5000 };
    const first = startPgliteProcess({ ...place, tickets, steps: 3 });
    await first.until(({ underWay, waiting }) => underWay > 1 && waiting < 18);
    await first.kill();
    const second = startPgliteProcess({ ...place, tickets, steps: 0 });
    const end = await second.until(isAllDone);
    expect(end).toMatchObject({ dead: 0, unknown: 0 });
    await second.kill();
    expect(assess(await sandbox.writes(), tickets, 3)).toEqual({
      written: 18,
      lost: 0,
      orderViolations: 0,
      duplicates: 0,
    });
    sandbox.stop();
  });
});
