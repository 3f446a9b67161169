import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sandboxWith } from '../support/api.ts';
import { bin, file, ndjson, runHere } from '../support/cli.ts';

const changes = ndjson(
  { ticketId: 'T-1', event: 'START', from: 'open', staffUserId: 7 },
  { ticketId: 'T-1', event: 'START', staffUserId: 7 },
  { ticketId: 'T-1', event: 'CLOSE', from: 'in-progress', staffUserId: 7 },
  { ticketId: 'T-2', event: 'START', staffUserId: 7 },
  { ticketId: 'T-3', to: 'closed', from: 'open', staffUserId: 7 },
  { ticketId: 'T-4', event: 'STRAT', staffUserId: 7 },
);

test('a dry run judges every line and sends nothing', async () => {
  const { code, stdout } = await runHere(['apply', '-', '--dry-run'], { input: changes });
  expect(code).toBe(65);
  expect(stdout).toBe(`6 lines, nothing sent

        1  would be sent
        1  depend on the status of the ticket: it would be read first
        1  are there already
        2  are forbidden by the lifecycle
           1 × CLOSE is not possible in state "in-progress". Possible events: RESOLVE. (first in line 3)
           1 × CLOSE is not possible in state "open". Possible events: START. (first in line 5)
        1  can't be read
           line 6: event: Unknown event "STRAT". Expected one of START, RESOLVE, CLOSE, REOPEN (did you mean START?) (T-4)

3 to 4 requests, at most 25 a second: about a second
`);
});

test.each([
  [2, 'open', '2 requests, at most 25 a second: about a second'],
  [1, 'open', '1 request, at most 25 a second: about a second'],
  [1, 'closed', 'No request'],
])(
  'a dry run of %i changes from %s tells the number of requests once',
  async (times, from, cost) => {
    const lines = Array.from({ length: times }, (_, at) => ({ ticketId: `T-${at}`, from }));
    const input = ndjson(...lines.map((line) => ({ ...line, event: 'START', staffUserId: 7 })));
    const { stdout } = await runHere(['apply', '-', '--dry-run'], { input });
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(cost);
  },
);

test('a dry run says what it costs, with --plan and with a share of the budget', async () => {
  const args = ['apply', '-', '--dry-run', '--plan', '--rate-share', '0.5', '--json'];
  const { code, objects } = await runHere(args, { input: changes });
  expect(code).toBe(65);
  expect(objects()[4]).toEqual({
    type: 'forecast',
    line: 5,
    ticketId: 'T-3',
    kind: 'sends',
    requests: 3,
    from: 'open',
    to: 'closed',
    events: ['START', 'RESOLVE', 'CLOSE'],
    blockers: [],
  });
  expect(objects().at(-1)).toMatchObject({
    type: 'summary',
    schema: 1,
    dryRun: true,
    lines: 6,
    requests: { least: 6, most: 7 },
    // Half of 25, in whole requests.
    seconds: { least: 6 / 12, most: 7 / 12 },
  });
});

test('a step inside one status needs no request but the read of a ticket that is only remembered', async () => {
  const definition = file(
    'own.json',
    JSON.stringify({
      initial: 'open',
      states: {
        open: { on: { TAKE: 'in-progress' } },
        'in-progress': { on: { ASK: 'waiting' } },
        waiting: { meta: { status: 'in-progress' }, type: 'final' },
      },
    }),
  );
  const tickets = [{ ticketId: 'T-1' }];
  const { url, sandbox } = await sandboxWith({ limit: 'none', tickets });
  const input = ndjson(
    { ticketId: 'T-1', event: 'TAKE', from: 'open', staffUserId: 7 },
    { ticketId: 'T-1', event: 'ASK', staffUserId: 7 },
    { ticketId: 'T-1', event: 'ASK', staffUserId: 7 },
  );
  const args = ['apply', '-', '--json', '--definition', definition];
  const dry = await runHere([...args, '--dry-run'], { input });
  expect(dry.objects()).toMatchObject([
    { kind: 'sends', requests: 1 },
    { kind: 'lifecycle', requests: 1 },
    { kind: 'unchanged', requests: 1 },
    { forecasts: { sends: 1, lifecycle: 1, unchanged: 1 }, requests: { least: 3, most: 3 } },
  ]);
  const real = await runHere([...args, '--base-url', url], { input });
  expect(real.objects()).toMatchObject([
    { kind: 'confirmed', by: 'response' },
    { kind: 'confirmed', by: 'lifecycle' },
    { kind: 'unchanged' },
    { requests: 3 },
  ]);
  expect(sandbox.record().requests).toBe(3);

  const always = await runHere([...args, '--dry-run', '--read', 'always'], { input });
  expect(always.objects().at(-1)).toMatchObject({ requests: { least: 4, most: 4 } });
});

test('what a dry run is sure of comes true in the run', async () => {
  const states = ['open', 'in-progress', 'resolved', 'closed'];
  const line = fc.record({
    ticketId: fc.constantFrom('T-0', 'T-1', 'T-2', 'T-3'),
    wish: fc.constantFrom(
      ...['START', 'RESOLVE', 'CLOSE', 'REOPEN'].map((event) => ({ event })),
      ...states.map((to) => ({ to })),
    ),
  });
  const kinds = { sends: 'confirmed', unchanged: 'unchanged', blocked: 'blocked' } as const;
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 5, maxLength: 25 }),
      fc.boolean(),
      async (wishes, plan) => {
        const tickets = states.map(
          (status, index) => ({ ticketId: `T-${index}`, status }) as const,
        );
        const { url } = await sandboxWith({ limit: 'none', tickets: tickets as never });
        const first = tickets.map(({ ticketId, status }) => ({
          ticketId,
          to: status,
          from: status,
        }));
        const lines = [...first, ...wishes.map(({ ticketId, wish }) => ({ ticketId, ...wish }))];
        const input = file('c.ndjson', ndjson(...lines.map((one) => ({ ...one, staffUserId: 7 }))));
        const args = ['apply', input, '--json', ...(plan ? ['--plan'] : [])];
        const dry = await runHere([...args, '--dry-run']);
        const real = await runHere([...args, '--base-url', url, '--requests-per-second', '1000']);
        const ends = new Map(real.objects().map((outcome) => [outcome['line'], outcome['kind']]));
        for (const { type, line: number, kind } of dry.objects()) {
          if (type !== 'forecast') continue;
          expect([number, ends.get(number)]).toEqual([number, kinds[kind as keyof typeof kinds]]);
        }
      },
    ),
    { numRuns: 4 },
  );
});

test('a run takes as many lines and requests as its dry run says', async () => {
  const states = ['open', 'in-progress', 'resolved', 'closed'] as const;
  const ids = states.map((_, index) => `T-${index}`);
  const line = fc.record(
    {
      ticketId: fc.constantFrom(...ids),
      wish: fc.constantFrom(
        ...['START', 'RESOLVE', 'CLOSE', 'REOPEN', 'NOPE'].map((event) => ({ event })),
        ...states.map((to) => ({ to })),
      ),
      from: fc.constantFrom(...states),
      staffUserId: fc.constantFrom(7, 7, 7, 'seven'),
    },
    { requiredKeys: ['ticketId', 'wish', 'staffUserId'] },
  );
  const options = fc.subarray([['--plan'], ['--read', 'always'], ['--only', 'T-0,T-1']]);
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 8, maxLength: 30 }),
      options,
      async (wishes, chosen) => {
        const tickets = ids.map((ticketId, index) => ({ ticketId, status: states[index] }));
        const { url } = await sandboxWith({ limit: 'none', tickets: tickets as never });
        // So that --only always finds its tickets.
        const first = tickets.map(({ ticketId, status }, index) => {
          const isStated = index % 2 === 0;
          return { ticketId, to: 'closed', staffUserId: 7, ...(isStated ? { from: status } : {}) };
        });
        const lines = [...first, ...wishes.map(({ wish, ...others }) => ({ ...others, ...wish }))];
        const args = ['apply', file('c.ndjson', ndjson(...lines)), '--json', ...chosen.flat()];
        const said = (await runHere([...args, '--dry-run'])).objects().at(-1) as {
          requests: { least: number; most: number };
        };
        const real = await runHere([...args, '--base-url', url, '--requests-per-second', '1000']);
        const made = real.objects().at(-1);
        expect(made).toMatchObject({ lines: said['lines' as never] });
        expect(made?.['requests']).toBeGreaterThanOrEqual(said.requests.least);
        expect(made?.['requests']).toBeLessThanOrEqual(said.requests.most);
      },
    ),
    { numRuns: 6 },
  );
});

test('a line that reads nothing by itself is read after one that did not arrive', async () => {
  const input = ndjson(
    ...['START', 'CLOSE', 'REOPEN'].map((event) => ({
      ticketId: 'T-1',
      event,
      from: 'closed',
      staffUserId: 7,
    })),
  );
  const args = ['apply', '-', '--json'];
  const { url } = await sandboxWith({ tickets: [{ ticketId: 'T-1', status: 'closed' }] });
  const real = await runHere([...args, '--base-url', url], { input });
  expect(real.objects().at(-1)).toMatchObject({ requests: 3 });
  const dry = await runHere([...args, '--dry-run'], { input });
  expect(dry.objects().at(-1)).toMatchObject({ requests: { least: 3, most: 3 } });
});

test('--only and --where choose lines, in a dry run as in a run', async () => {
  const input = `ticketId,event,from,staffUserId,team
A-1,START,open,7,billing
A-2,START,open,7,sales
B-1,START,open,7,billing
`;
  const kept = async (...args: string[]) => {
    const { objects } = await runHere(['apply', '-', '--dry-run', '--json', ...args], { input });
    return objects().flatMap(({ ticketId }) => ticketId ?? []);
  };
  expect(await kept('--only', 'A-*')).toEqual(['A-1', 'A-2']);
  expect(await kept('--only', 'A-2,B-1')).toEqual(['A-2', 'B-1']);
  expect(await kept('--where', 'team=billing', '--only', 'A-*')).toEqual(['A-1']);
  expect(await kept('--where', 'team!=billing')).toEqual(['A-2']);
  expect(await kept('--where', 'team=b*', '--where', 'ticketId!=A-1')).toEqual(['B-1']);
  const typo = await runHere(['apply', '-', '--dry-run', '--where', 'taem=billing'], { input });
  expect([typo.code, typo.stderr]).toEqual([
    2,
    expect.stringContaining('--where: no line has a field "taem" (did you mean team?)'),
  ]);
  const nonsense = await runHere(['apply', '-', '--dry-run', '--where', 'billing'], { input });
  expect([nonsense.code, nonsense.stderr]).toEqual([
    2,
    expect.stringContaining('is not a condition'),
  ]);
});

test('--max-errors stops a run that goes wrong', async () => {
  const { url, sandbox } = await sandboxWith({ limit: 'none' });
  const lines = Array.from({ length: 100 }, (_, index) => ({
    ticketId: `T-${index}`,
    event: 'START',
    from: 'open',
    staffUserId: 7,
  }));
  const args = ['apply', '-', '--base-url', url, '--max-errors', '3', '--concurrency', '1'];
  const { code, stderr } = await runHere(args, { input: ndjson(...lines) });
  expect([code, stderr]).toEqual([5, expect.stringContaining('Stopped.')]);
  expect(sandbox.record().requests).toBe(3);
});

test('a pipe that the shell names like a file is forecast like standard input', async () => {
  const line = { ticketId: 'T-1', event: 'START', from: 'open', staffUserId: 7 };
  const path = file('changes.ndjson', ndjson(line));
  const command = '"$0" --conditions=@ticket-lifecycle/source "$1" apply <(cat "$2") --dry-run';
  const args = ['-c', command, process.execPath, bin, path];
  const { status, stdout, stderr } = spawnSync('bash', args, { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain('1 line, nothing sent');
});
