import fc from 'fast-check';
import { expect, test } from 'vitest';
import { guessColumns, idColumn } from '../../src/histories/guess.ts';
import { createHistoryReader } from '../../src/histories/history-reader.ts';
import { createValueMap } from '../../src/histories/value-map.ts';

const people = ['user', 'performer', 'author', 'assigneeGroup', 'updated_by', 'requesters'];

test.each(people)('what is of %s is not of the ticket', (whose) => {
  const columns = ['id', 'status', 'created_at', 'number'].map((name) => `${whose}.${name}`);
  expect(idColumn(columns)).toBeUndefined();
  expect(guessColumns(columns, [], {}, () => false)).toEqual({});
});

test.each(people)('a ticket beside %s has its own columns, in any order', (whose) => {
  const others = ['id', 'status', 'updated_at'].map((name) => `${whose}.${name}`);
  for (const own of ['', 'ticket.', 'data.']) {
    const [id, state, time] = ['id', 'status', 'updated_at'].map((name) => `${own}${name}`);
    const columns = [...others, `${own}id`, `${own}status`, `${own}updated_at`];
    expect(guessColumns(columns, [], {}, () => false)).toEqual({ id, state, time });
    expect(guessColumns(columns.toReversed(), [], {}, () => false)).toEqual({ id, state, time });
  }
});

test('of two columns with one name the one further up is taken', () => {
  expect(idColumn(['fields.parent.key', 'fields.key', 'key'])).toBe('key');
  expect(idColumn(['fields.parent.key', 'fields.key'])).toBe('fields.key');
});

test.each(['Ticket-Nr.', 'Ticket-Nr', 'Ticket Nr.', 'TicketNr', 'Vorgangs-Nr.', 'Fall-Nr.'])(
  'the column %s names the ticket',
  (name) => {
    expect(idColumn(['Kommentar', name, 'Status'])).toBe(name);
  },
);

const days = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', '2026-01-02T00:00:00Z'];
const rows = [
  ['T-1', 'open', days[0]],
  ['T-1', 'closed', days[1]],
  ['T-2', 'open', days[2]],
] as string[][];
/** The same columns in each order. */
const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

test.each(orders)('columns without names are found by their values, as %d %d %d', (...order) => {
  const columns = ['1', '2', '3'];
  const sample = rows.map((row, at) => ({
    line: at + 1,
    cells: order.map((from) => row[from] ?? ''),
  }));
  const isState = (value: string) => value === 'open' || value === 'closed';
  const [id, state, time] = [0, 1, 2].map((what) => String(order.indexOf(what) + 1));
  expect(guessColumns(columns, sample, {}, isState)).toEqual({ id, state, time });
  expect(guessColumns(columns, sample, { id }, isState)).toEqual({ id, state, time });
});

// What each column holds in a row: the team is called as a state is, in six rows of ten.
const cellOf = {
  id: (row: number) => String(100 + Math.floor(row / 2)),
  state: (row: number) => (row % 2 === 0 ? 'open' : 'closed'),
  time: (row: number) => `2026-01-${String(row + 1).padStart(2, '0')}T00:00:00Z`,
  team: (row: number) => (row % 10 < 6 ? 'open' : 'Blue'),
  note: (row: number) => 'a'.repeat(row + 1),
} as const;
type Kind = keyof typeof cellOf;
const kinds = Object.keys(cellOf) as Kind[];
// The state, by its name, may be anything.
const oddNames = { id: 'Vorgang', state: 'Lage', time: 'Zeitpunkt', team: 'Vorlage', note: 'Text' };

test('whichever columns are named, the others are found as if none were', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray(kinds, { minLength: kinds.length }),
      fc.subarray(['id', 'state', 'time'] as const),
      fc.boolean(),
      (order, named, hasNames) => {
        const nameOf = (kind: Kind) =>
          hasNames ? oddNames[kind] : String(order.indexOf(kind) + 1);
        const sample = Array.from({ length: 20 }, (_, row) => ({
          line: row + 1,
          cells: order.map((kind) => cellOf[kind](row)),
        }));
        const isState = (value: string) => value === 'open' || value === 'closed';
        const given = Object.fromEntries(named.map((kind) => [kind, nameOf(kind)]));
        expect(guessColumns(order.map(nameOf), sample, given, isState)).toEqual({
          id: nameOf('id'),
          state: nameOf('state'),
          time: nameOf('time'),
        });
      },
    ),
  );
});

function read(lines: readonly string[]) {
  const map = createValueMap([], ['open', 'closed']);
  const steps = { isStep: () => false, isInitial: () => false };
  const reader = createHistoryReader({ map }, steps);
  reader.read(new TextEncoder().encode(lines.join('\n')));
  const { tickets, unreadableLines, unreadable, records } = reader.end();
  const ids = Array.from({ length: tickets.count }, (_, ticket) => tickets.idOf(ticket));
  return { ids, unreadable, unreadableLines, records };
}

test.each([',', ';', '\t'])('a total below a history is no ticket, and named: %j', (delimiter) => {
  const row = (cells: readonly string[]) => cells.join(delimiter);
  for (const header of [['ticket', 'status', 'time'], undefined]) {
    for (const total of [
      ['Summe', '', '264'],
      ['Total', '', '12'],
      ['Total', '', ''],
      ['3 tickets', '', '1.234,50'],
    ]) {
      const lines = [...(header === undefined ? [] : [header]), ...rows, total];
      // In quotes, since the total may hold the delimiter.
      const { ids, unreadable, unreadableLines, records } = read(
        lines.map((cells) => row(cells.map((cell) => `"${cell}"`))),
      );
      const time = header?.[2] ?? '3';
      expect([ids, unreadable, records]).toEqual([['T-1', 'T-2'], 1, 4]);
      expect(unreadableLines).toEqual([
        {
          line: lines.length,
          reason: `there is no value for "${header?.[1] ?? '2'}" and no time in "${time}", so the row is no step of a ticket`,
        },
      ]);
    }
  }
});

test('a row with a state stays one, whatever else it lacks', () => {
  const header = 'ticket,status,time';
  const lines = rows.map((cells) => cells.join());
  expect(read([header, ...lines, 'T-3,open,']).ids).toEqual(['T-1', 'T-2', 'T-3']);
  expect(read([header, ...lines, 'Total,264,']).ids).toEqual(['T-1', 'T-2', 'Total']);
  expect(read([...lines, 'T-3,open,']).ids).toEqual(['T-1', 'T-2', 'T-3']);
});

test('a row without a state that has its time lacks its state only', () => {
  const { unreadableLines } = read(['ticket,status,time', ...rows.map(String), `T-2,,${days[2]}`]);
  expect(unreadableLines).toEqual([{ line: 5, reason: 'there is no value for "status"' }]);
});
