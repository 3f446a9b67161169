import { describe, expect, test } from 'vitest';
import { file, runHere } from '../support/cli.ts';

// Logs and lists that people have edited, or that hold more than one thing in a row.

const header = ['number', 'at', 'state', 'team'];
const rows = [
  ['A-1', '2026-03-02 09:00', 'open', 'one'],
  ['A-1', '2026-03-02 10:00', 'in-progress', 'one'],
  ['A-1', '2026-03-02 12:00', 'resolved', ''],
  ['A-1', '2026-03-02 13:00', 'closed', ''],
];
const reassigned = ['A-1', '2026-03-02 11:00', '', 'two'];
const csv = (lines: readonly (readonly string[])[], delimiter = ',') =>
  lines.map((cells) => cells.join(delimiter)).join('\n');
const objects = (lines: readonly (readonly string[])[]) =>
  lines
    .map((cells) => JSON.stringify(Object.fromEntries(cells.map((cell, at) => [header[at], cell]))))
    .join('\n');

const logs = {
  CSV: csv([header, ...rows.slice(0, 2), reassigned, ...rows.slice(2)]),
  NDJSON: objects([...rows.slice(0, 2), reassigned, ...rows.slice(2)]),
  'objects without the field': objects([...rows.slice(0, 2), reassigned, ...rows.slice(2)]).replace(
    '"state":"",',
    '',
  ),
};

describe.each(Object.entries(logs))('rows without a state, in %s', (_, input) => {
  const replay = ['replay', '-', '--time', 'at'];

  test('are named as not readable, with the cure', async () => {
    const { code, stdout, stderr } = await runHere(replay, { input });
    expect(code).toBe(65);
    expect(stdout).toContain('Not readable: 1 line');
    expect(stderr).toContain(`--ignore '""'`);
  });

  test.each([
    ['--ignore', '""', '1 ignored'],
    ['--where', 'state!=""', '1 not selected'],
    ['--where', 'team!=two', '1 not selected'],
  ])('are passed over with %s %s', async (option, value, counted) => {
    const { code, stdout, stderr } = await runHere([...replay, option, value], { input });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('3 changes of 1 ticket in 5 rows');
    expect(stdout).toContain(counted);
  });

  test('are the only ones that an empty condition wants', async () => {
    const { stdout } = await runHere([...replay, '--where', 'team=""', '--quiet'], { input });
    expect(stdout).toContain('1 change of 1 ticket in 5 rows');
  });

  test.each(['state=', 'state!=', 'state= '])(
    'a condition without a value is refused, as apply does: --where %j',
    async (condition) => {
      const { code, stdout, stderr } = await runHere([...replay, '--where', condition], { input });
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('has no value. Is a variable unset?');
      expect(stderr).toContain(`=""`);
    },
  );
});

test('a pattern for anything passes over no row without a state', async () => {
  const { code, stdout } = await runHere(['replay', '-', '--ignore', 'x*', '--ignore', '*x'], {
    input: logs.CSV,
  });
  expect(code).toBe(65);
  expect(stdout).toContain('Not readable: 1 line');
});

test.each(['Summe;;;264', 'Total;;;', 'Total;12,5;;two'])(
  'a total below the rows is counted and named with its line, and is no ticket: %s',
  async (total) => {
    const input = [csv([header, ...rows], ';'), total].join('\n');
    const { code, stdout } = await runHere(['replay', '-', '--time', 'at'], { input });
    expect(code).toBe(65);
    expect(stdout).toContain('3 changes of 1 ticket in 5 rows');
    expect(stdout).toContain('Not readable: 1 line');
    expect(stdout).toMatch(/line 6: there is no value for "state" and no time in "at", so/);
  },
);

describe.each([
  ['of delimiters', ';;;'],
  ['of fewer delimiters than the header', ';'],
  ['of more delimiters', ';;;;;;;'],
  ['of spaces between them', ' ; ;\t;'],
  ['of quotes', '"";"";"";""'],
])('a row %s, as a spreadsheet leaves it, is an empty line', (_, blank) => {
  test('for replay, wherever it is', async () => {
    const lines = csv([header, ...rows], ';').split('\n');
    const input = [blank, ...lines.flatMap((line) => [line, blank]), blank].join('\r\n');
    const { code, stdout, stderr } = await runHere(['replay', '-', '--time', 'at'], { input });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('3 changes of 1 ticket in 4 rows');
  });

  test('for apply', async () => {
    const lines = ['ticketId;to;from;note', 'T-1;closed;resolved;x', blank, 'T-2;closed;resolved;'];
    const args = ['apply', '-', '--dry-run', '--staff-user-id', '7'];
    const { code, stdout } = await runHere(args, { input: [...lines, blank].join('\n') });
    expect(code).toBe(0);
    expect(stdout).toContain('2 lines, nothing sent');
  });
});

describe('an answer whose tickets hold their changes', () => {
  const tickets = [
    {
      id: 7,
      subject: 'a',
      history: [{ at: '2026-03-02T09:00:00Z', activity: { status: 'open' } }],
    },
    { id: 8, subject: 'b', history: [] },
  ];
  const answers: [string, unknown, string][] = [
    ['in a list', { tickets, meta: { total: 2 } }, '.tickets[] | .history[] + {ticket: .id}'],
    ['further down', { data: { items: tickets } }, '.data.items[] | .history[] + {ticket: .id}'],
    [
      'whose key needs quotes',
      { tickets: [{ 'issue-key': 'A', log: [{ status: 'open' }] }] },
      '.tickets[] | .log[] + {ticket: .["issue-key"]}',
    ],
    [
      'with the id further down',
      { rows: [{ issue: { number: 1 }, steps: [{ status: 'open' }] }] },
      '.rows[] | .steps[] + {ticket: .issue.number}',
    ],
    ['that have no id', { tickets: [{ log: [{ status: 'open' }] }] }, '.tickets[] | .log[]'],
  ];

  test.each(answers)('%s: the cure keeps the id of the ticket', async (_, answer, filter) => {
    const { code, stderr } = await runHere(['replay', file('answer.json', JSON.stringify(answer))]);
    expect(code).toBe(65);
    expect(stderr).toContain(`jq -c '${filter}' FILE`);
  });

  test('so does that of the tickets alone, a line each', async () => {
    const input = tickets.map((ticket) => JSON.stringify(ticket)).join('\n');
    const { stderr } = await runHere(['replay', '-'], { input });
    expect(stderr).toContain(`The changes of each row may be in .history[]`);
    expect(stderr).toContain(`jq -c '.history[] + {ticket: .id}' FILE`);
  });

  test('columns that are named and never found get the cure too', async () => {
    const args = ['replay', file('answer.json', JSON.stringify({ tickets }))];
    const named = ['--id', 'id', '--state', 'history.activity.status'];
    const { code, stdout, stderr } = await runHere([...args, ...named]);
    expect([code, stdout]).toEqual([65, '']);
    expect(stderr).toContain('has no column "id"');
    expect(stderr).toContain(`jq -c '.tickets[] | .history[] + {ticket: .id}' FILE`);
  });
});

describe('a staffUserId that is none', () => {
  test.each(['seven', '7.5', '0', '-3', '1e2', '007', '+7', '99999999999999999999'])(
    '%s: the message gives the rule that it breaks',
    async (value) => {
      for (const input of [
        `ticketId,to,from,staffUserId\nT-1,closed,resolved,${value}`,
        `{"ticketId":"T-1","to":"closed","from":"resolved","staffUserId":"${value}"}`,
      ]) {
        const { code, stdout } = await runHere(['apply', '-', '--dry-run'], { input });
        expect(code).toBe(65);
        expect(stdout).toContain('a staffUserId must be a whole number of at least 1');
      }
    },
  );

  test.each([0, -3, 7.5, 1e300])('%s, as a number of JSON, too', async (staffUserId) => {
    const line = { ticketId: 'T-1', to: 'closed', from: 'resolved', staffUserId };
    const { stdout } = await runHere(['apply', '-', '--dry-run'], { input: JSON.stringify(line) });
    expect(stdout).toContain('a staffUserId must be a whole number of at least 1');
  });
});

test('all columns to be renamed are named at once', async () => {
  const input = 'ticket_id,target,staff_user_id,From\nT-1,closed,7,open\n';
  const { code, stderr } = await runHere(['apply', '-', '--dry-run'], { input });
  expect(code).toBe(65);
  expect(stderr).toContain('has columns to be renamed');
  for (const meant of ['ticketId', 'staffUserId', 'from'])
    expect(stderr).toContain(`(did you mean ${meant}?)`);
});
