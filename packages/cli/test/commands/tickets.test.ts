import { expect, test } from 'vitest';
import { nobody, sandboxWith, serverThat } from '../support/api.ts';
import { file, runHere } from '../support/cli.ts';

const many = Array.from({ length: 23 }, (_, at) => ({
  ticketId: `T-${at + 1}`,
  status: at % 2 === 0 ? ('open' as const) : ('closed' as const),
  subject: `No ${at + 1}, "quoted"`,
}));

test('all tickets are listed, page by page', async () => {
  const { url } = await sandboxWith({ tickets: many });
  const { code, stdout, stderr } = await runHere(['tickets', '--base-url', url]);
  expect([code, stderr]).toEqual([0, '23 tickets\n']);
  const ids = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ')[0]);
  expect(new Set(ids)).toEqual(new Set(many.map(({ ticketId }) => ticketId)));
  expect(ids).toHaveLength(many.length);
});

test.each([
  [['--status', 'open'], 12],
  [['--status', 'open', '--limit', '5'], 5],
  [['--limit', '23'], 23],
  [['--status', 'in-progress'], 0],
] as const)('%j chooses among them', async (options, expected) => {
  const { url } = await sandboxWith({ tickets: many });
  const { code, objects } = await runHere(['tickets', ...options, '-o', 'json', '--base-url', url]);
  expect(code).toBe(0);
  expect(objects()).toHaveLength(expected);
  const status = options[0] === '--status' ? options[1] : undefined;
  for (const ticket of objects()) {
    expect(ticket).toMatchObject({ type: 'ticket', schema: 1, ...(status && { status }) });
  }
});

test('the list is a file that other commands read', async () => {
  const { url } = await sandboxWith({ tickets: many });
  for (const form of ['csv', 'json']) {
    const { stdout } = await runHere(['tickets', '-o', form, '--base-url', url]);
    const list = file(form === 'csv' ? 'list.csv' : 'list.ndjson', stdout);
    const args = ['replay', list, '--id', 'ticketId', '--state', 'status'];
    const { objects } = await runHere([...args, '--json']);
    expect(objects().at(-1)).toMatchObject({ rows: 23, tickets: 23, unreadable: 0 });
  }
});

test('a subject that a spreadsheet would take for a formula stays a text', async () => {
  const tickets = [{ ticketId: 'T-1', status: 'open' as const, subject: '=HYPERLINK("x")' }];
  const { url } = await sandboxWith({ tickets });
  const { stdout } = await runHere(['tickets', '-o', 'csv', '--base-url', url]);
  expect(stdout).toContain(`"'=HYPERLINK(""x"")"`);
});

test('an id is printed as it is, so that the list can be read back', async () => {
  const ids = ['-7', '--', '-', '_1', '007', '1e5'];
  const tickets = ids.map((ticketId) => ({ ticketId, status: 'open' as const }));
  const { url } = await sandboxWith({ tickets });
  const { stdout } = await runHere(['tickets', '-o', 'csv', '--base-url', url]);
  const [, ...lines] = stdout.trimEnd().split('\n');
  const read = lines.map((line) => line.split(',')[0] ?? '');
  expect(read.toSorted()).toEqual(ids.toSorted());
  const changes = file('c.csv', `ticketId,event\n${read.map((id) => `${id},START\n`).join('')}`);
  const args = ['apply', changes, '--staff-user-id', '7', '--base-url', url, '--json'];
  const { objects } = await runHere(args);
  expect(objects().at(-1)).toMatchObject({ outcomes: { confirmed: ids.length }, unreadable: 0 });
});

test('a list that fails says why, by its exit code too', async () => {
  const closed = await sandboxWith({ subscription: 'none' });
  expect((await runHere(['tickets', '--base-url', closed.url])).code).toBe(4);
  expect((await runHere(['tickets', '--base-url', await nobody(), '--timeout', '1s'])).code).toBe(
    75,
  );
  const typo = await runHere(['tickets', '--status', 'opne', '--base-url', closed.url]);
  expect([typo.code, typo.stderr]).toEqual([2, expect.stringContaining('did you mean open?')]);
});

test('a list that ends short of its total says so, after all that was found', async () => {
  const url = await serverThat((_, response) => {
    const Tickets = [{ TicketId: 'T-1', Status: 'open' }];
    const Pagination = { TotalPages: 4, TotalCount: 35, HasNextPage: false };
    response.end(JSON.stringify({ success: true, data: { Tickets, Pagination } }));
  });
  const { code, stdout, stderr } = await runHere(['tickets', '--base-url', url]);
  expect(code).toBe(75);
  expect(stdout).toMatch(/^T-1 /);
  expect(stderr).toContain('1 of 35');
  expect(stderr).toContain('1 ticket had been listed.');
});

test('--verbose says of each request what came back, and never the key', async () => {
  const { url } = await sandboxWith({ tickets: many });
  const key = 'sk-very-secret-0123456789';
  const { stderr } = await runHere(['tickets', '--verbose', '--base-url', url], {
    env: { SERIES_API_KEY: key },
  });
  expect(stderr.match(/^GET \/\S*tickets\/list\?page=[123] {2}200 {2}\d+ ms$/gm)).toHaveLength(3);
  expect(stderr).not.toContain(key);
});

test('--verbose names a request that nobody answered', async () => {
  const url = await serverThat((request) => void request.socket.destroy());
  const { stderr } = await runHere(['observe', 'T-1', '--verbose', '--base-url', url]);
  expect(stderr).toMatch(/^GET \/\S*T-1 {2}no answer \(.+\) {2}\d+ ms$/m);
});
