import { expect, test } from 'vitest';
import { sandboxWith } from '../support/api.ts';
import { file, ndjson, runHere } from '../support/cli.ts';

const staffUserId = 7;

/** What `replay` prints of a log: the plan that `apply --plan` takes. */
async function planOf(log: string): Promise<string> {
  const { stdout } = await runHere([
    'replay',
    file('log.csv', log),
    '--id',
    'id',
    '--state',
    's',
    '--json',
  ]);
  expect(stdout).toContain('"type":"change"');
  return file('plan.ndjson', stdout);
}

const log = `id,s\n${['T-1', 'T-2', 'T-3']
  .flatMap((id) => ['open', 'in-progress', 'resolved'].map((state) => `${id},${state}`))
  .join('\n')}\n`;

test('a log of yesterday moves no ticket that has moved on since', async () => {
  const tickets = [
    { ticketId: 'T-1', status: 'closed' },
    { ticketId: 'T-2', status: 'open' },
    { ticketId: 'T-3', status: 'resolved' },
  ] as const;
  const { url, sandbox } = await sandboxWith({ limit: 'none', tickets });
  const plan = await planOf(log);
  const args = ['apply', plan, '--plan', '--staff-user-id', '7', '--base-url', url, '--json'];
  const { objects } = await runHere(args);
  const ended = objects()
    .filter(({ type }) => type === 'outcome')
    .map(({ ticketId, kind, blockers }) => [
      ticketId,
      kind,
      (blockers as { code: string }[])?.[0]?.code,
    ]);
  const of = (ticketId: string) =>
    ended.filter(([id]) => id === ticketId).map(([, ...rest]) => rest);
  expect(of('T-1')).toEqual([
    ['blocked', 'stale'],
    ['blocked', 'stale'],
  ]);
  expect(of('T-2')).toEqual([
    ['confirmed', undefined],
    ['confirmed', undefined],
  ]);
  // The last line has what it wants.
  expect(of('T-3')).toEqual([
    ['blocked', 'stale'],
    ['unchanged', undefined],
  ]);
  expect(sandbox.systemMessages.map(({ ticketId }) => ticketId)).toEqual(['T-2', 'T-2']);
});

test('where nothing has moved, each ticket is read once, and a dry run says so', async () => {
  const tickets = ['T-1', 'T-2', 'T-3'].map((ticketId) => ({ ticketId }));
  const { url, sandbox } = await sandboxWith({ limit: 'none', tickets });
  const plan = await planOf(log);
  const args = ['apply', plan, '--plan', '--staff-user-id', '7', '--json'];
  const forecast = (await runHere([...args, '--dry-run'])).objects().at(-1);
  expect(forecast).toMatchObject({ requests: { least: 9, most: 9 } });
  expect((await runHere([...args, '--base-url', url])).code).toBe(0);
  expect(sandbox.record()).toMatchObject({ requests: 9, statusWrites: 6 });
});

test('what a person says of a ticket is believed as before', async () => {
  const { url, sandbox } = await sandboxWith({ limit: 'none', tickets: [{ ticketId: 'T-1' }] });
  const line = { ticketId: 'T-1', event: 'START', from: 'open', staffUserId };
  const { code } = await runHere([
    'apply',
    file('changes.ndjson', ndjson(line)),
    '--base-url',
    url,
  ]);
  expect([code, sandbox.record().requests]).toEqual([0, 1]);
});

test('the clocks of a log are no changes, and a line that asks for one is not passed over', async () => {
  const states = {
    open: { meta: { sla: { reply: 'run' } }, on: { START: 'in-progress' } },
    'in-progress': { meta: { sla: { reply: 'stop' } }, on: { RESOLVE: 'resolved' } },
    resolved: { type: 'final' },
  };
  const meta = { sla: { clocks: { reply: { target: 'PT1H' } } } };
  const definition = file('desk.json', JSON.stringify({ meta, initial: 'open', states }));
  const rows = 'id,s,at\nT-1,open,2026-03-02 09:00\nT-1,in-progress,2026-03-02 10:00\n';
  const flags = ['--definition', definition];
  const replayed = await runHere([
    'replay',
    file('log.csv', rows),
    ...flags,
    '--time',
    'at',
    '--json',
  ]);
  expect(replayed.stdout).toContain('"type":"clock"');
  const odd = ndjson({ type: 'clock', ticketId: 'T-2', event: 'START', staffUserId });
  const plan = file('plan.ndjson', `${replayed.stdout.trim()}\n${odd}`);
  const tickets = ['T-1', 'T-2'].map((ticketId) => ({ ticketId }));
  const { url, sandbox } = await sandboxWith({ limit: 'none', tickets });
  const args = ['apply', plan, '--plan', ...flags, '--staff-user-id', '7', '--json'];
  const forecast = (await runHere([...args, '--dry-run'])).objects();
  expect(forecast.filter(({ type }) => type !== 'summary').length).toBe(2);
  const { code, stderr } = await runHere([...args, '--base-url', url]);
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('not readable')]);
  expect(sandbox.record().statusWrites).toBe(2);
});
