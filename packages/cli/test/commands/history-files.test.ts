import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { file, runHere } from '../support/cli.ts';

// Files as tools write them: not real ones, but of the same shapes. Two tickets each, where a tool
// can hold two: A-1 lives a whole life, A-2 skips from new to closed.

const map = [
  '--map',
  'New=open,Open=open,To Do=open,Neu=open,NEW=open,new=open,Active=in-progress,In Progress=in-progress',
  '--map',
  'In Arbeit=in-progress,ASSIGNED=in-progress,pending=in-progress,Resolved=resolved,Gelöst=resolved',
  '--map',
  'RESOLVED=resolved,solved=resolved,Done=closed,Closed=closed,Geschlossen=closed,CLOSED=closed',
];

const utf16 = (text: string) =>
  Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);

const jira = `"Issue key","Author","Created","Field","From","To"
"A-1","Kim","02/Mar/26 9:00 AM","status","To Do","In Progress"
"A-1","Kim","02/Mar/26 9:05 AM","assignee","","Lee, the ""second"""
"A-2","Lee","02/Mar/26 9:10 AM","status","To Do","Done"
"A-1","Lee","02/Mar/26 1:00 PM","status","In Progress","Resolved"
"A-1","Lee","03/Mar/26 12:00 AM","status","Resolved","Done"
`;
const zendesk = `{"ticket_id":1,"created_at":"2026-03-02T09:00:00Z","field_name":"status","previous_value":"new","value":"open"}
{"ticket_id":1,"created_at":"2026-03-02T10:00:00Z","field_name":"priority","previous_value":"low","value":"high"}
{"ticket_id":1,"created_at":"2026-03-02T11:00:00Z","field_name":"status","previous_value":"open","value":"solved"}
{"ticket_id":2,"created_at":"2026-03-02T12:00:00Z","field_name":"status","previous_value":"new","value":"closed"}
{"ticket_id":1,"created_at":"2026-03-03T11:00:00Z","field_name":"status","previous_value":"solved","value":"closed"}
`;
const github = JSON.stringify(
  [
    ['Open', 1, '2026-03-02T09:00:00Z'],
    ['In Progress', 1, '2026-03-02T10:00:00Z'],
    ['Open', 2, '2026-03-02T11:00:00Z'],
    ['Resolved', 1, '2026-03-02T12:00:00Z'],
    ['Closed', 2, '2026-03-02T13:00:00Z'],
    ['Closed', 1, '2026-03-02T14:00:00Z'],
  ].map(([name, number, at]) => ({ issue: { number }, status: { name }, created_at: at })),
  undefined,
  2,
);
const bugzilla = `Bug ID\tWho\tWhen\tWhat\tRemoved\tAdded
1\tkim@example.org\t2026-03-02 09:00:00 PST\tStatus\tNEW\tASSIGNED
1\tkim@example.org\t2026-03-02 09:01:00 PST\tCC\t\tlee@example.org
1\tlee@example.org\t2026-03-02 10:00:00 PST\tStatus\tASSIGNED\tRESOLVED
2\tlee@example.org\t2026-03-02 11:00:00 PST\tStatus\tNEW\tCLOSED
1\tlee@example.org\t2026-03-03 10:00:00 PST\tStatus\tRESOLVED\tCLOSED
`;
const sysAudit = `"documentkey","fieldname","oldvalue","newvalue","sys_created_on"
"a1","state","New","Active","2026-03-02 09:00:00"
"a1","work_notes","","called
the customer, who said: ""yes""","2026-03-02 09:30:00"
"a1","state","Active","Resolved","2026-03-02 10:00:00"
"a2","state","New","Closed","2026-03-02 10:30:00"
"a1","state","Resolved","Closed","2026-03-03 09:00:00"
`;
const xes = `<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="2.0" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <trace>
    <string key="concept:name" value="A-1"/>
    ${[
      ['New', '2026-03-02T09:00:00.000+01:00'],
      ['Active', '2026-03-02T10:00:00.000+01:00'],
      ['Resolved', '2026-03-02T11:00:00.000+01:00'],
      ['Closed', '2026-03-02T12:00:00.000+01:00'],
    ]
      .map(
        ([name, at]) =>
          `<event><string key="concept:name" value="${name}"/><date key="time:timestamp" value="${at}"/></event>`,
      )
      .join('\n    ')}
  </trace>
  <trace>
    <string key="concept:name" value="A &amp; 2"/>
    <event><string key="concept:name" value="New"/><date key="time:timestamp" value="2026-03-02T09:00:00Z"/></event>
    <event><string key="concept:name" value="Closed"/><date key="time:timestamp" value="2026-03-02T10:00:00Z"/></event>
  </trace>
</log>
`;
const german = `sep=;
Vorgang;Zustand;Zeitpunkt;Bemerkung
4711;Neu;02.03.2026 09:00;"Kunde; ruft an"
4711;In Arbeit;02.03.2026 10:00;
4712;Neu;02.03.2026 10:30;Größe prüfen
4711;Gelöst;02.03.2026 11:00;
4712;Geschlossen;02.03.2026 12:00;
4711;Geschlossen;03.03.2026 09:00;
`;
const rows = [
  'A-1,New,2026-03-02T09:00:00Z',
  'A-2,New,2026-03-02T09:30:00Z',
  'A-1,Active,2026-03-02T10:00:00Z',
  'A-1,Resolved,2026-03-02T11:00:00Z',
  'A-2,Closed,2026-03-02T11:30:00Z',
  'A-1,Closed,2026-03-02T12:00:00Z',
];
// Each ticket within a day: only the file as a whole shows which way it runs.
const daysOnly = ['A-1', 'A-2'].flatMap((id, day) =>
  rows.filter((row) => row.startsWith(id)).map((row) => row.replace(/\d\dT.*/, `0${day + 2}`)),
);
const csv = (list: readonly string[]) => `number,state,at\n${list.join('\n')}\n`;
const usDates = `ticket|status|changed
T1|New|03/01/2026 9:00 AM
T1|Active|03/02/2026 9:00 AM
T2|New|03/02/2026 10:00 AM
T1|Resolved|03/03/2026 9:00 AM
T2|Closed|03/13/2026 9:00 AM
T1|Closed|03/14/2026 9:00 PM
`;
const bigIds = ['9007199254740993', '9007199254740992']
  .flatMap((id, index) =>
    (index === 0 ? ['New', 'Active', 'Resolved', 'Closed'] : ['New', 'Closed']).map(
      (state) => `{"id":${id},"state":"${state}"}\n`,
    ),
  )
  .join('');

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const inTime = (column: string) => ['--time', column];

test.each<[string, string | Uint8Array, readonly string[]]>([
  ['Jira, a row for a change, all fields', jira, inTime('Created')],
  ['Jira, without a word about its columns', jira, []],
  ['Jira, every row twice', jira.replaceAll(/^"A-.*$/gm, '$&\n$&'), inTime('Created')],
  [
    'Zendesk, audit events as NDJSON',
    zendesk,
    [...inTime('created_at'), '--map', 'open=in-progress'],
  ],
  ['GitHub, a JSON array with nested objects', github, inTime('created_at')],
  ['GitHub, the same on one line', JSON.stringify(JSON.parse(github)), []],
  ['Bugzilla, tabs, zones without a number', bugzilla, []],
  ['ServiceNow sys_audit, quotes with line ends', sysAudit, inTime('sys_created_on')],
  ['XES', xes, []],
  ['German Excel, semicolons, UTF-8 with a mark', `\u{FEFF}${german}`, inTime('Zeitpunkt')],
  ['German Excel, Windows-1252', latin1(german), inTime('Zeitpunkt')],
  ['German Excel, UTF-16 with tabs', utf16(german.replaceAll(';', '\t').slice(6)), []],
  ['TSV', csv(rows).replaceAll(',', '\t'), inTime('at')],
  ['newest first, sorted by time', csv(rows.toReversed()), inTime('at')],
  ['oldest first, days alone', csv(daysOnly), inTime('at')],
  ['newest first, days alone', csv(daysOnly.toReversed()), inTime('at')],
  ['newest first, said to be so', csv(rows.toReversed()), ['--order', 'newest-first']],
  ['shuffled', csv([3, 0, 5, 1, 4, 2].map((at) => rows[at] ?? '')), inTime('at')],
  ['dates of the USA, found late', usDates, inTime('changed')],
  ['ids beyond 2^53', bigIds, []],
  [
    'JSON documents, one after the other',
    github.replace(/^\[|\]$/g, '').replaceAll('},\n  {', '}\n{'),
    [],
  ],
  ['no header', rows.join('\n'), []],
  [
    'two empty header cells',
    csv(rows)
      .replaceAll(/$/gm, ',,')
      .replace(/(,,)+$/, ''),
    [],
  ],
])('read rightly: %s', async (_, content, args) => {
  const { code, stdout, stderr, objects } = await runHere([
    'replay',
    file('history.log', content),
    ...map,
    ...args,
    '--complete',
    '--json',
  ]);
  expect([code, stdout === '' ? stderr : '']).toEqual([0, '']);
  expect(objects().at(-1)).toMatchObject({
    tickets: 2,
    changes: 4,
    kinds: { edge: 3, skipped: 1, jump: 0, 'unknown-status': 0 },
    conformance: { following: 1, misfits: { missed: 1 } },
    unmapped: [],
    unreadable: 0,
  });
});

test.each([
  ['XES', xes, []],
  ['UTF-16', utf16(german), []],
  ['CSV in quotes', jira, inTime('Created')],
])('a pipe may give %s in small pieces', async (_, input, args) => {
  const asked = ['replay', '-', ...map, ...args, '--complete', '--json'];
  const { code, objects } = await runHere(asked, { input, pieceSize: 7 });
  expect([code, objects().at(-1)]).toMatchObject([
    0,
    { changes: 4, conformance: { following: 1 } },
  ]);
});

test('an event of XES outside of a trace is of no ticket, and its line is named', async () => {
  const at = xes.split('\n').findIndex((line) => line.includes('</trace>')) + 1;
  const stray = '<event><string key="concept:name" value="New"/></event>';
  const content = xes.split('\n').toSpliced(at, 0, stray).join('\n');
  const log = file('history.log', content);
  const { objects } = await runHere(['replay', log, ...map, '--complete', '--json']);
  expect(objects().at(-1)).toMatchObject({
    tickets: 2,
    changes: 4,
    unreadable: 1,
    unreadableLines: [{ line: at + 1 }],
  });
});

test.each<[string, string | Uint8Array, readonly string[], string]>([
  ['gzip', gzipSync(csv(rows)), [], 'packed with gzip. Unpack it first, such as with gunzip'],
  ['an Excel workbook', Buffer.from('PK\u{3}\u{4}rest of it'), [], 'an Excel workbook'],
  ['a web page', '<!DOCTYPE html><html><table>', [], 'a web page. Export the list as CSV'],
  ['other XML', '<?xml version="1.0"?><issues/>', [], 'XML, but not XES'],
  ['broken XML', '<log><trace></log>', [], 'is not valid XML'],
  ['a wrapped list', `{"issues":${github}}`, [], `jq -c '.issues[]'`],
  ['a list wrapped twice', `{"data":{"items":${github}}}`, [], `jq -c '.data.items[]'`],
  [
    'a list under odd names',
    `{"a b":{"it's":${github}}}`,
    [],
    String.raw`jq -c '.["a b"]["it\u0027s"][]'`,
  ],
  ['newest first', csv(rows.toReversed()), [], 'Sort them with --time at.'],
  [
    'no column for the ticket',
    'a,state\nx,New\ny,Closed\n',
    [],
    'Give --id. Its columns: a, state',
  ],
  ['no column for the state', 'number,a,b\n1,x,y\n', [], 'Give --state, or --from and --to.'],
  ['a column that is not there', csv(rows), ['--by', 'nubmer'], '"nubmer" (did you mean number?)'],
  ['a guessed column that is there twice', 'id,state,id\nA,New,B\n', [], 'column "id" twice'],
  ['a guessed time that is there twice', 'id,state,at,at\nA,New,1,2\n', [], 'column "at" twice'],
  [
    'lines that end with CR alone',
    csv(rows).replaceAll('\n', '\r'),
    [],
    String.raw`tr '\r' '\n' <`,
  ],
  ['a field that no line has', zendesk, ['--where', 'fild=status'], 'has no column "fild"'],
  [
    'times that nobody can read',
    csv(rows),
    ['--state', 'state', '--time', 'state'],
    'No time in "state" can be read.',
  ],
  [
    'a title above the header',
    `Export of 3 November\n\n${csv(rows)}`,
    [],
    'Its line 3 looks like the header: delete the lines above it.',
  ],
  [
    'a title above a header with semicolons, and a column by name',
    `Export of 3 November\n${csv(rows).replaceAll(',', ';')}`,
    ['--time', 'at'],
    'Its line 2 looks like the header: delete the lines above it.',
  ],
  ['nothing', '', [], 'has no rows. Did its export fail?'],
])('refused with the remedy: %s', async (_, content, args, remedy) => {
  const { code, stdout, stderr } = await runHere([
    'replay',
    file('history.log', content),
    ...map,
    ...args,
    '--json',
  ]);
  expect([code, stdout]).toEqual([65, '']);
  const { message } = JSON.parse(stderr) as { message: string };
  expect(message).toContain(remedy);
});

/** Audits as Zendesk's API gives them, with events of other fields between. */
const auditsOf = (tickets: number) =>
  Array.from({ length: tickets }, (_, ticket) =>
    ['new', 'open', 'solved', 'closed'].map((value, step, all) => ({
      id: ticket * 10 + step,
      ticket_id: ticket,
      created_at: new Date(Date.UTC(2026, 2, 2 + step, 9, ticket % 60)).toJSON(),
      events: [
        { type: 'Comment', body: `status: closed ${'.'.repeat(200)}` },
        { type: 'Change', field_name: 'priority', previous_value: 'low', value: 'high' },
        step === 0
          ? { type: 'Create', field_name: 'status', value }
          : { type: 'Change', field_name: 'status', previous_value: all[step - 1], value },
      ],
    })),
  ).flat();
const auditMap = ['--map', 'new=open,open=in-progress,solved=resolved'];

test.each([
  ['an answer on one line', (audits: object[]) => JSON.stringify({ audits, next_page: null })],
  ['an answer, laid out', (audits: object[]) => JSON.stringify({ audits }, undefined, 2)],
  [
    'what jq makes of it',
    (audits: object[]) => audits.map((one) => JSON.stringify(one)).join('\n'),
  ],
])('audits of Zendesk are read as they are: %s', async (_, textOf) => {
  const args = ['replay', '-', '--time', 'created_at', ...auditMap];
  const { code, stdout } = await runHere(args, { input: textOf(auditsOf(2)) });
  expect(code).toBe(0);
  expect(stdout).toContain('6 changes of 2 tickets in 8 rows');
  expect(stdout).toContain("the status changes of Zendesk's audits");
  expect(stdout).toMatch(/2 {2}follow the lifecycle from start to end \(100\.0 %\)/);
  expect(stdout).toMatch(/start to first closing +3 d/);
});

test.each([undefined, 2])(
  'an answer of more than 1 MB is refused with the cure',
  async (indent) => {
    const input = JSON.stringify({ audits: auditsOf(1000), next_page: null }, undefined, indent);
    const { code, stderr } = await runHere(['replay', '-'], { input });
    expect(code).toBe(65);
    expect(stderr).toContain("Give the rows alone: jq -c '.audits[]' FILE");
  },
);

test.each([
  [
    'an answer of an API',
    '{"startAt":0,"issues":[{"key":"A","status":"open"}]}',
    "jq -c '.issues[]'",
  ],
  [
    'one with a status of its own',
    '{"state":"ok","rows":[{"id":1}]}',
    'Its rows may be in .rows[]',
  ],
  [
    'audits that hold their changes',
    '{"ticket_id":1,"events":[{"field_name":"status","value":"new"}]}\n{"ticket_id":2,"events":[]}\n',
    'The changes of each row may be in .events[]',
  ],
])('%s: the error says where the rows are', async (_, input, cure) => {
  const { code, stderr, stdout } = await runHere(['replay', '-'], { input });
  expect([code, stdout]).toEqual([65, '']);
  expect(stderr).toContain('does not show which column holds the state');
  expect(stderr).toContain(cure);
});
