import { expect, test } from 'vitest';
import { sandboxWith } from '../support/api.ts';
import { file, ndjson, run, start } from '../support/cli.ts';

test('says where it listens and what to do next, and sums up when it is stopped', async () => {
  const tickets = file('tickets.csv', 'ticketId,status\nT-1,resolved\nT-1,open\nT-2,\nT-3,closd\n');
  const { child, ended, untilSaid } = start(['sandbox', '--port', '0', '--tickets', tickets]);
  const url = await untilSaid(/listens on (\S+), with 2 tickets/);
  await untilSaid(/ticket-lifecycle apply .* --base-url http:/);
  const headers = { apikey: 'any' };
  expect((await fetch(`${url}/tickets/get/T-1`, { headers })).status).toBe(200);
  child.kill('SIGINT');
  const { code, stdout, stderr } = await ended;
  expect(code).toBe(0);
  expect(stderr).toContain(
    'line 5: Unknown status "closd". Expected one of open, in-progress, resolved, closed (did you mean closed?)',
  );
  expect(stderr).toContain('line 3: T-1 is resolved by line 2, not open. It is left out.');
  expect(stdout).toContain('1  requests');
  expect(stdout).toContain('0  of them refused for too many in a second (429)');
  expect(stdout).toContain('tickets  1 open, 1 resolved');
});

test('is stopped while it waits for tickets from a pipe', async () => {
  const args = ['sandbox', '--port', '0', '--tickets', '-'];
  const { child, ended, untilSaid } = start(args, { isOpen: true });
  child.stdin?.write('ticketId,status\nT-1,closd\n');
  await untilSaid(/It is left out/);
  child.kill('SIGTERM');
  await ended;
  expect(child.signalCode).toBe('SIGTERM');
});

test('a ticket may have several changes, and begins where the first says', async () => {
  const changes = file(
    'changes.csv',
    'ticketId,event,from\nT-1,START,open\nT-1,RESOLVE,in-progress\nT-1,CLOSE,\n',
  );
  const { child, ended, untilSaid } = start(['sandbox', '--port', '0', '--tickets', changes]);
  await untilSaid(/with 1 ticket\./);
  child.kill('SIGTERM');
  const { code, stdout, stderr } = await ended;
  expect([code, stdout]).toEqual([0, expect.stringContaining('tickets  1 open')]);
  expect(stderr).not.toContain('left out');
});

test('keeps to the limit that it was given', async () => {
  const { child, ended, untilSaid } = start([
    'sandbox',
    '--port',
    '0',
    '--requests-per-second',
    '1',
    '--json',
  ]);
  const url = await untilSaid(/listens on (\S+),/);
  const get = async () =>
    (await fetch(`${url}/tickets/get/T-1`, { headers: { apikey: 'any' } })).status;
  // Together: a slow machine may need a second for two in a row.
  const answers = await Promise.all(Array.from({ length: 10 }, get));
  expect(new Set(answers)).toEqual(new Set([404, 429]));
  child.kill('SIGTERM');
  const limited = answers.filter((status) => status === 429).length;
  const summary = { type: 'summary', schema: 1, requests: 10, limited };
  expect((await ended).objects()).toMatchObject([summary]);
});

test('keeps the limit by the algorithm that it was given', async () => {
  const args =
    'sandbox --port 0 --limit leaky-bucket --burst 2 --requests-per-second 1 --json'.split(' ');
  const { child, ended, untilSaid } = start(args);
  const url = await untilSaid(/listens on (\S+),/);
  const get = () => fetch(`${url}/tickets/get/T-1`, { headers: { apikey: 'any' } });
  const answers = await Promise.all(Array.from({ length: 10 }, get));
  expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
});

test('the next requests meet the faults that it was given, in that order', async () => {
  const args = 'sandbox --port 0 --fault 503-before-applying --fault 401 --json'.split(' ');
  const { child, ended, untilSaid } = start(args);
  const url = await untilSaid(/listens on (\S+),/);
  const get = async () =>
    (await fetch(`${url}/tickets/get/T-1`, { headers: { apikey: 'any' } })).status;
  expect([await get(), await get(), await get()]).toEqual([503, 401, 404]);
  child.kill('SIGTERM');
  expect((await ended).objects()).toMatchObject([
    { faults: { '503-before-applying': 1, '401': 1 } },
  ]);
});

test('a share of the requests meets one of the faults that it was given', async () => {
  const args = 'sandbox --port 0 --fault-rate 1 --fault 409 --seed 3'.split(' ');
  const { child, ended, untilSaid } = start(args);
  const url = await untilSaid(/listens on (\S+),/);
  const response = await fetch(`${url}/tickets/get/T-1`, { headers: { apikey: 'any' } });
  expect(response.status).toBe(409);
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
});

test('lists the faults and what they do', async () => {
  const { code, stdout } = await run(['sandbox', '--faults']);
  expect([code, stdout.trim().split('\n').length]).toEqual([0, 37]);
  expect(stdout).toMatch(/^empty-200 +Applied; the answer is a 200 without a body\.$/m);
});

test.each([
  ['--fault', 'cut-bdy', 'There is no fault "cut-bdy" (did you mean cut-body?)'],
  ['--fault-rate', '5', 'It takes a number above 0 and at most 1'],
  ['--limit', 'fixed', 'Allowed choices are sliding-log, fixed-window'],
  ['--burst', '0', 'It takes a whole number of at least 1.'],
])('refuses %s %s', async (option, value, message) => {
  const { code, stderr } = await run(['sandbox', '--port', '0', option, value]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test.each([
  [
    ['--burst', '3'],
    '--burst has no effect with --limit sliding-log. Leave it out, or choose --limit leaky-bucket.',
  ],
  [
    ['--limit', 'none', '--burst', '5'],
    '--burst has no effect with --limit none. Leave it out, or choose --limit leaky-bucket.',
  ],
  [['--seed', '3'], '--seed has no effect without --fault-rate. Leave it out, or add that.'],
])('refuses %j, which would have no effect', async (options, message) => {
  const { code, stderr } = await run(['sandbox', '--port', '0', ...options]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('a port that is taken is named', async () => {
  const { port } = await sandboxWith({});
  const { code, stderr } = await run(['sandbox', '--port', String(port)]);
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining(`port ${port} on 127.0.0.1 is already in use`),
  ]);
});

test('a file without tickets is named', async () => {
  const { code, stderr } = await run([
    'sandbox',
    '--port',
    '0',
    '--tickets',
    file('x.csv', 'a,b\n'),
  ]);
  expect([code, stderr]).toEqual([65, expect.stringContaining('has no column "ticketId"')]);
  for (const empty of ['', 'ticketId,status\n']) {
    const answer = await run(['sandbox', '--port', '0', '--tickets', file('empty.csv', empty)]);
    expect([answer.code, answer.stderr]).toEqual([
      65,
      expect.stringMatching(
        /empty\.csv has no rows\. .* Leave --tickets out to start without tickets\./,
      ),
    ]);
  }
  const changes = file('changes.ndjson', ndjson({ type: 'summary' }));
  const { child, untilSaid, ended } = start(['sandbox', '--port', '0', '--tickets', changes]);
  await untilSaid(/with 0 tickets/);
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
});
