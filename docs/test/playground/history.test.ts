import { defineLifecycle, ticketLifecycle } from '@ticket-lifecycle/core';
import { toSvg } from '@ticket-lifecycle/diagram';
import { describe, expect, test } from 'vitest';
import { readPaste } from '../../playground/history.ts';
import {
  countsFor,
  judgePaste,
  notClosedText,
  reopenedText,
} from '../../playground/judge-paste.ts';

const map =
  'New=open, Active=in-progress, Awaiting *=in-progress, Resolved=resolved, Closed=closed';

/** The steps of each ticket, and what the page says beside them. */
function judged(text: string) {
  const { tickets, ...said } = readPaste(text, map, ticketLifecycle);
  const steps = tickets.map(({ statuses }) =>
    ticketLifecycle.replay(statuses).steps.map(({ kind, from, to }) => `${from} ${kind} ${to}`),
  );
  return { steps, ...said };
}

const wholeLife = [
  'open edge in-progress',
  'in-progress edge resolved',
  'resolved edge closed',
] as const;

test('audits are pasted as the API of Zendesk gives them', () => {
  const values = ['New', 'Active', 'Resolved'];
  const audits = values.map((value, step) => ({
    ticket_id: 'A-1',
    created_at: `2026-03-0${step + 2}T09:00:00Z`,
    events: [
      { type: 'Comment', body: 'Closed' },
      { type: 'Change', field_name: 'status', previous_value: values[step - 1], value },
    ],
  }));
  const { steps, notes, problem } = judged(JSON.stringify({ audits }, null, 2));
  expect(problem).toBeUndefined();
  expect(steps).toEqual([['open edge in-progress', 'in-progress edge resolved']]);
  expect(notes).toContain("Read the status changes of Zendesk's audits.");
});

test.each([
  {
    paste: 'Number,State\nA-1,New\nA-1,Active\nA-1,Resolved\nA-1,Closed\nA-2,New\nA-2,Active',
    steps: [wholeLife, ['open edge in-progress']],
  },
  { paste: 'A-1,Closed\nA-1,Resolved\nA-1,Active\nA-1,New', steps: [wholeLife] },
  {
    paste: 'Key,From,To\nA-1,New,Active\nA-1,Active,Resolved\nA-1,Resolved,Closed',
    steps: [wholeLife],
  },
  {
    paste: 'id,note,state\nA-1,"Closed, says Kim",New\nA-1,"thanks",Active',
    steps: [['open edge in-progress']],
  },
  {
    paste: 'id,note,state\nA-1,"Closed,\nsays Kim",New\nA-1,"thanks",Active',
    steps: [['open edge in-progress']],
  },
  {
    paste: '{"status":"open"}\n{"status":"in-progress"}',
    steps: [['open edge in-progress']],
  },
  // Other pastes of the same kinds.
  { paste: 'New\nActive\nResolved\nClosed', steps: [wholeLife] },
  { paste: 'open → in-progress → resolved → closed', steps: [wholeLife] },
  { paste: 'open → in-progress →\nresolved\n → closed', steps: [wholeLife] },
  {
    paste: 'open -> in-progress\n\nopen -> closed\n',
    steps: [['open edge in-progress'], ['open path closed']],
  },
  {
    paste: 'Vorgang\tZustand\n7\tNew\n8\tNew\n7\tActive\n8\tClosed',
    steps: [['open edge in-progress'], ['open path closed']],
  },
  {
    paste: '[{"issue":{"number":1},"state":"New"},\n {"issue":{"number":1},"state":"Active"}]',
    steps: [['open edge in-progress']],
  },
  {
    paste:
      'key,state,changed\nA,Closed,2026-03-04\nA,Resolved,2026-03-03\nA,Active,2026-03-02\nA,New,2026-03-01',
    steps: [wholeLife],
  },
  {
    paste: 'id,field,from,to\nA,status,New,Active\nA,assignee,kim,lee\nA,status,Active,Resolved',
    steps: [wholeLife.slice(0, 2)],
  },
])('a paste is read as the command line reads a file: $paste', ({ paste, steps }) => {
  expect(judged(paste)).toMatchObject({ steps });
  expect(judged(paste).problem).toBeUndefined();
});

describe.each([
  { head: 'Akte,Status,Zeit', column: 'Akte' },
  { head: 'Request,Status,When', column: 'Request' },
  { head: 'when,status,who', column: 'who' },
  { head: '', column: '1' },
])('a log that does not show which column names the ticket: $head', ({ head, column }) => {
  const at = head.split(',').indexOf(column);
  const row = (id: string, status: string, day: number) => {
    const time = `2026-03-0${day}T09:00:00Z`;
    return (at === 2 ? [time, status, id] : [id, status, time]).join(',');
  };
  const rows = [row('R', 'open', 1), row('S', 'open', 2), row('R', 'closed', 3)];
  const text = [...(head === '' ? [] : [head]), ...rows].join('\n');

  test('is not read as one ticket: its columns are offered', () => {
    const { tickets, problem, columns } = readPaste(text, '', ticketLifecycle);
    expect(tickets).toEqual([]);
    expect(problem).toContain('does not show which column names the ticket. Choose it');
    expect(columns).toEqual(head === '' ? ['1', '2', '3'] : head.split(','));
  });

  test('is read by the column that is chosen', () => {
    const paste = readPaste(text, '', ticketLifecycle, { ticketColumn: column });
    expect(paste.problem).toBeUndefined();
    expect(paste.tickets.map(({ id, statuses }) => [id, statuses])).toEqual([
      ['R', ['open', 'closed']],
      ['S', ['open']],
    ]);
  });

  test('is read as one ticket where somebody says so', () => {
    const { tickets } = readPaste(text, '', ticketLifecycle, { isOneTicket: true });
    expect(tickets.map(({ statuses }) => statuses)).toEqual([['open', 'open', 'closed']]);
  });
});

test('a column that was chosen for another paste is passed over', () => {
  const options = { ticketColumn: 'Request' };
  const { tickets, columns } = readPaste('id,state\nA,open', '', ticketLifecycle, options);
  expect([tickets.length, columns]).toEqual([1, ['id', 'state']]);
  const other = readPaste('who,state,note\nA,open,b', '', ticketLifecycle, options);
  expect(other.problem).toContain('Choose it');
});

test('one ticket stays one where its column has a name that tools give', () => {
  const text = 'id,state\n1,open\n2,in-progress\n3,closed';
  const { tickets } = readPaste(text, '', ticketLifecycle, { isOneTicket: true });
  expect(tickets.map(({ statuses }) => statuses)).toEqual([['open', 'in-progress', 'closed']]);
});

test('what only the command line reads leads there', () => {
  const xes = '<?xml version="1.0"?><log xes.version="1.0"></log>';
  expect(readPaste(xes, '', ticketLifecycle).problem).toMatch(/XES.*ticket-lifecycle replay/);
});

test('a log that runs backwards is turned round, and the page says so', () => {
  const { notes } = judged('A-1,Closed\nA-1,Resolved\nA-1,Active\nA-1,New');
  expect(notes).toEqual(['The newest rows came first, so they were reversed.']);
});

test('words without a meaning get a map to begin with', () => {
  const paste = 'status\nnew\nopen\npending\nsolved\nclosed';
  const { suggested = '', notes } = judged(paste);
  expect(notes[0]).toBe('Without a meaning: new, pending, solved.');
  expect(suggested).toContain('new=open,open=in-progress,pending=in-progress,solved=resolved');
  const [ticket] = readPaste(paste, suggested, ticketLifecycle).tickets;
  expect(ticketLifecycle.replay(ticket?.statuses ?? []).counts).toMatchObject({
    edge: 3,
    'unknown-status': 0,
  });
});

test('a state of the lifecycle means itself: a map to begin with leaves it', () => {
  const states = {
    open: { on: { WAIT: 'waiting' } },
    waiting: { meta: { status: 'in-progress' }, on: { END: 'closed' } },
    closed: { type: 'final' as const },
  };
  const lifecycle = defineLifecycle({ initial: 'open', states });
  const { suggested } = readPaste('id,state\nA,new\nA,waiting\nA,done', '', lifecycle);
  expect(suggested).toBe('new=open,done=closed');
});

const waitingDesk = defineLifecycle({
  initial: 'open',
  states: {
    open: { on: { WAIT: 'waiting' } },
    waiting: { meta: { status: 'in-progress' }, on: { END: 'closed' } },
    closed: { type: 'final' },
  },
});

test.each([
  // What was typed, the words of the log, and the map that is offered.
  [
    'Waiting on Customer=waiting,Merged=closed',
    'Waiting on Customer, Merged, Done',
    ',Done=closed',
  ],
  ['New=waiting', 'New, Open, Done', ',Open=in-progress,Done=closed'],
  ['Open=waiting, Waiting*=waiting, ', 'New, Open, Waiting on Kim', ',New=open'],
  ['"Done, really"=open', '"Done, really", Done', ',Done=closed'],
  ['', 'New, Done', 'New=open,Done=closed'],
  // Nothing to add.
  ['Open=open,Waiting on Customer=waiting', 'Open, Waiting on Customer, Merged', undefined],
  ['Waiting*=waiting', 'Waiting on Customer, Huh', undefined],
  ['', 'open, closed', undefined],
])('a map to begin with keeps what was typed: %j for %s', (typed, words, added) => {
  const paste = `state\n${words.replaceAll(/, (?!really)/g, '\n')}`;
  const { suggested, tickets, problem } = readPaste(paste, typed, waitingDesk);
  expect(problem).toBeUndefined();
  expect(suggested).toBe(added === undefined ? undefined : typed.trim().replace(/,$/, '') + added);
  if (suggested === undefined) return;
  const meant = (text: string) => readPaste(paste, text, waitingDesk).tickets[0];
  const before = tickets[0]?.states ?? [];
  const after = meant(suggested)?.states ?? [];
  // No word that had a meaning by the map has another one now.
  expect(after.filter((_, row) => typed !== '' && before[row] === 'waiting')).toEqual(
    before.filter((state) => typed !== '' && state === 'waiting'),
  );
  expect(readPaste(paste, suggested, waitingDesk).suggested).toBeUndefined();
});

test.each([
  [['A,closed', 'A,open', 'B,closed'], 'Reopened: 1 of 2 tickets (50 %), once.'],
  [['A,closed', 'A,open', 'A,closed', 'A,open'], 'Reopened: 1 of 1 ticket (100 %), 2 times.'],
  [
    ['A,closed', 'A,open', 'A,closed', 'A,open', 'B,resolved', 'B,open', 'C,open'],
    'Reopened: 2 of 3 tickets (66.7 %), 3 times.',
  ],
  [['A,open', 'A,closed'], ''],
  [[], ''],
])('what came back is counted as on the command line: %j', (rows, told) => {
  const paste = readPaste(['id,state', ...rows].join('\n'), '', ticketLifecycle);
  const { summary } = judgePaste(paste, ticketLifecycle, false);
  expect(reopenedText(summary.rework, paste.tickets.length)).toBe(told);
});

test.each([
  [['A,open', 'A,closed', 'B,closed'], ''],
  [['A,open', 'B,closed', 'B,open'], 'Not closed at the end: 2 tickets (2 open).'],
  [
    ['A,closed', 'B,open', 'C,waiting', 'D,in-progress', 'E,open'],
    'Not closed at the end: 4 tickets (2 open, 1 waiting, 1 in-progress).',
  ],
  [['A,waiting'], 'Not closed at the end: 1 ticket (1 waiting).'],
])('what has not ended is told as on the command line: %j', (rows, told) => {
  const paste = readPaste(['id,state', ...rows].join('\n'), '', waitingDesk);
  expect(notClosedText(paste)).toBe(told);
});

test('a map that makes no sense is named', () => {
  expect(readPaste('New', 'New=opne', ticketLifecycle).problem).toContain('"New=opne"');
});

test('a table whose state is not to be found is named with its columns', () => {
  expect(judged('a,b\nx,y\nz,w').problem).toContain('Its columns: a, b');
});

test('what only a program can read is named', () => {
  expect(judged('<html><table></table></html>').problem).toContain('looks like a web page');
});

test('a list of tickets, each where it is now, is named as one without changes', () => {
  const note = 'No ticket has a second row, so there are no changes to explain.';
  expect(readPaste('id,state\nA,open\nB,closed', '', ticketLifecycle).notes).toContain(note);
  expect(readPaste('id,state\nA,open\nA,closed', '', ticketLifecycle).notes).not.toContain(note);
  expect(readPaste('id,from,to\nA,open,closed\nB,open,closed', '', ticketLifecycle).notes).toEqual(
    [],
  );
});

describe('states that share a status', () => {
  const desk = defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { START: 'in-progress' } },
      'in-progress': { on: { WAIT: 'waiting', RESOLVE: 'resolved' } },
      waiting: { meta: { status: 'in-progress' }, on: { ANSWER: 'in-progress' } },
      resolved: { on: { REOPEN: 'in-progress' } },
    },
  });
  const text = [
    'Ticket,At,State',
    'A,2026-03-02 09:00,open',
    'A,2026-03-02 10:00,in-progress',
    'A,2026-03-02 12:00,Waiting',
    'A,2026-03-04 12:00,in-progress',
    'A,2026-03-04 13:00,resolved',
  ].join('\n');

  test('are told apart in steps and times, as on the command line', () => {
    const paste = readPaste(text, 'Waiting=waiting', desk);
    const { steps, summary } = judgePaste(paste, desk, false);
    expect(steps.map(({ from, to, kind }) => `${from} → ${to}: ${kind}`)).toEqual([
      'open → in-progress: edge',
      'in-progress → waiting: edge',
      'waiting → in-progress: edge',
      'in-progress → resolved: edge',
    ]);
    const hours = Object.entries(summary.times?.statuses ?? {}).map(([name, { count, median }]) => [
      name,
      count,
      median / 3_600_000,
    ]);
    expect(hours).toEqual([
      ['open', 1, 1],
      ['in-progress', 2, 1.5],
      ['waiting', 1, 48],
    ]);
  });

  test('are one where the log names their status alone', () => {
    const paste = readPaste(text, 'Waiting=in-progress', desk);
    const { steps } = judgePaste(paste, desk, false);
    expect(steps.map(({ kind }) => kind)).toEqual(['edge', 'edge']);
  });
});

test.each(['ticket;status;time\n', ''])(
  'a total below a log is named, and is no ticket: %j',
  (head) => {
    const log = `${head}T-1;open;2026-01-01T00:00:00Z
T-1;resolved;2026-01-02T00:00:00Z
T-2;open;2026-01-02T00:00:00Z
Summe;;264
`;
    const { tickets, notes } = readPaste(log, '', ticketLifecycle);
    expect(tickets.map(({ id, statuses }) => [id, statuses])).toEqual([
      ['T-1', ['open', 'resolved']],
      ['T-2', ['open']],
    ]);
    const line = head === '' ? 4 : 5;
    expect(notes).toEqual([expect.stringMatching(`^1 not readable. Line ${line}: .* is no step`)]);
  },
);

describe('a log with words that are no states', () => {
  const log = `number,state
A,New
A,Reassigned
A,
A,Active
A,Escalated (L2)
A,Resolved
`;

  test('is drawn: the map counts only what it has', async () => {
    const paste = readPaste(log, map, ticketLifecycle);
    const { steps } = judgePaste(paste, ticketLifecycle, false);
    expect(steps.filter(({ kind }) => kind === 'unknown-status')).not.toEqual([]);
    const counts = countsFor(steps, ticketLifecycle);
    for (const { from, to } of counts)
      expect(ticketLifecycle.states).toEqual(expect.arrayContaining([from, to]));
    await expect(toSvg(ticketLifecycle, { counts })).resolves.toContain('<svg');
  });

  test.each([
    ['Reassigned, Escalated*, ""', 3, []],
    ['Reassigned,Escalated (L2)', 2, ['1 not readable. Line 4: there is no value for "state".']],
  ])('passes over %s', (ignore, ignored, others) => {
    const { tickets, notes } = readPaste(log, map, ticketLifecycle, { ignore });
    expect(tickets.map(({ statuses }) => statuses)).toEqual([['open', 'in-progress', 'resolved']]);
    expect(notes).toEqual([`${ignored} passed over.`, ...others]);
  });
});

describe.each([
  ['a day that does not exist', '2026-02-31 10:00'],
  ['a word', 'yesterday'],
  ['an hour that does not exist', '2026-03-03 25:10'],
  ['nothing', ''],
])('a row whose time is %s', (_, time) => {
  test('is named, and ends no stay that the row before it then seems to have', () => {
    const rows = [
      ['A-1', '2026-03-02 09:00', 'open'],
      ['A-1', '2026-03-02 10:00', 'in-progress'],
      ['A-1', time, 'resolved'],
      ['A-1', '2026-03-09 10:00', 'closed'],
    ];
    const paste = readPaste(
      ['Ticket,Time,State', ...rows.map((row) => row.join(','))].join('\n'),
      '',
      ticketLifecycle,
    );
    expect(paste.notes).toContain(
      '1 time is not readable (A-1), so the stays before and after are not counted.',
    );
    const { times } = judgePaste(paste, ticketLifecycle, false).summary;
    expect(Object.keys(times?.statuses ?? {})).toEqual(['open']);
  });
});
