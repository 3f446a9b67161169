import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { startSandbox } from '@ticket-lifecycle/sandbox';
import { expect, onTestFinished, test } from 'vitest';
import { createSeriesClient, createTicketWorkflow } from '../../src/index.ts';
import { createSqliteStatusStore } from '../../src/stores/sqlite-status-store.ts';
import { withWaiting } from '../support/with-waiting.ts';

const script = fileURLToPath(new URL('../support/crash-after-write.process.ts', import.meta.url));

/** Runs the process until it is killed. Gives what the next one begins with. */
async function runUntilKilled(moment: 'before' | 'after', ...events: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'series-crash-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'tickets.db');
  const { url, sandbox, close } = await startSandbox({ tickets: [{ ticketId: 'T-1' }] });
  onTestFinished(close);
  const child = spawn(
    process.execPath,
    ['--conditions', '@ticket-lifecycle/source', script, url, path, moment, ...events],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  const db = new DatabaseSync(path);
  // The next process begins when no request of this one can arrive any more.
  db.exec('UPDATE ticket_status SET seen_at = seen_at - 60000');
  const store = createSqliteStatusStore(db);
  const client = createSeriesClient({ apiKey: 'key', baseUrl: url });
  const workflow = createTicketWorkflow({ lifecycle: withWaiting, client, store });
  const messages = () => sandbox.systemMessages.map(({ from, to }) => [from, to]);
  return { store, sandbox, workflow, messages };
}

// What a process leaves behind that was killed between the answer and its store.
test.skipIf(process.platform === 'win32').each([
  ['the same change', 'START', 'unchanged', 'in-progress'],
  ['the next change', 'RESOLVE', 'confirmed', 'resolved'],
] as const)('after kill -9, %s is judged by a read', async (_, event, kind, status) => {
  const { sandbox, workflow, messages } = await runUntilKilled('after', 'START');
  expect(sandbox.tickets.get('T-1')?.status).toBe('in-progress');
  const outcome = await workflow.apply('T-1', event, { staffUserId: 1 });
  expect(outcome.kind).toBe(kind);
  expect(sandbox.tickets.get('T-1')?.status).toBe(status);
  expect(messages()).toEqual(
    [
      ['open', 'in-progress'],
      ['in-progress', 'resolved'],
    ].slice(0, event === 'START' ? 1 : 2),
  );
});

test.skipIf(process.platform === 'win32').each([
  ['before', 'confirmed', 'waiting'],
  ['after', 'unchanged', 'resolved'],
] as const)(
  'after kill -9 %s the write, a state that shares its status is still known',
  async (moment, kind, from) => {
    const { store, workflow, messages } = await runUntilKilled(moment, 'START', 'ASK', 'GIVE_UP');
    expect(store.get('T-1')).toMatchObject({ state: 'waiting', goingTo: 'resolved' });
    const outcome = await workflow.apply('T-1', 'GIVE_UP', { staffUserId: 1 });
    expect(outcome).toMatchObject({ kind, from });
    expect(messages()).toEqual([
      ['open', 'in-progress'],
      ['in-progress', 'resolved'],
    ]);
  },
);
