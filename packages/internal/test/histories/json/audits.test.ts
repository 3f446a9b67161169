import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHistoryReader } from '../../../src/histories/history-reader.ts';
import { createValueMap, parseMap } from '../../../src/histories/value-map.ts';

const names = ['open', 'in-progress', 'resolved', 'closed'];
const words = ['new', 'open', 'pending', 'hold', 'solved', 'closed'] as const;

/** The rows that a text is read as, by ticket, and what was told beside them. */
function readAll(text: string, options: { readonly time?: string } = { time: 'created_at' }) {
  const map = createValueMap(parseMap('new=open,pending=in-progress'), names);
  const steps = { isStep: () => true, isInitial: () => true };
  const reader = createHistoryReader({ ...options, map }, steps);
  reader.read(new TextEncoder().encode(text));
  const histories = reader.end();
  const rows: (readonly [string, string, number])[] = [];
  histories.take((ticket, value, at) => {
    const { tickets, values } = histories;
    rows.push([tickets.idOf(ticket), values[value]?.value ?? '', at]);
  });
  return { ...histories, rows };
}

const audit = fc.record({
  ticket: fc.integer({ min: 1, max: 4 }),
  others: fc.array(
    fc.constantFrom<object>(
      { id: 1, type: 'Comment', body: 'status: closed', public: true },
      { id: 2, type: 'Change', field_name: 'priority', value: 'high', previous_value: 'low' },
      { id: 3, type: 'Create', field_name: 'subject', value: 'solved' },
      { id: 4, type: 'Notification', via: { channel: 'rule', source: { from: {} } } },
    ),
    { maxLength: 3 },
  ),
  status: fc.option(fc.constantFrom(...words)),
  isLast: fc.boolean(),
});

/** Audits as the API lays them out, a minute apart, and the changes of the status in them. */
function written(given: readonly (typeof audit extends fc.Arbitrary<infer One> ? One : never)[]) {
  const latest = new Map<number, string>();
  const rows: (readonly [string, string, number])[] = [];
  const audits = given.map(({ ticket, others, status, isLast }, index) => {
    const at = Date.UTC(2026, 2, 2, 9, index);
    const before = latest.get(ticket);
    const isChange = status !== null && status !== before;
    const change = {
      type: before === undefined ? 'Create' : 'Change',
      field_name: 'status',
      value: status,
      ...(before !== undefined && { previous_value: before }),
    };
    if (isChange) {
      rows.push([String(ticket), status, at]);
      latest.set(ticket, status);
    }
    return {
      id: 10 ** 12 + index,
      ticket_id: ticket,
      created_at: `${new Date(at).toISOString().slice(0, 19)}Z`,
      author_id: 7,
      metadata: { system: {}, custom: {} },
      events: isLast
        ? [...others, ...(isChange ? [change] : [])]
        : [...(isChange ? [change] : []), ...others],
      via: { channel: 'web' },
    };
  });
  return { audits, rows };
}

const layouts = [
  [
    'an answer',
    (audits: readonly object[]) => JSON.stringify({ audits, next_page: null, count: 9 }),
  ],
  ['an answer, laid out', (audits: readonly object[]) => JSON.stringify({ audits }, null, 2)],
  [
    'several answers, one after another',
    (audits: readonly object[]) =>
      audits.map((one) => JSON.stringify({ audits: [one], next_page: null }, null, 1)).join('\n'),
  ],
  [
    'a list of answers',
    (audits: readonly object[]) => JSON.stringify([{ audits }, { audits: [] }]),
  ],
  ['a list of audits', (audits: readonly object[]) => JSON.stringify(audits)],
  [
    'a line for each',
    (audits: readonly object[]) => audits.map((one) => `${JSON.stringify(one)}\n`).join(''),
  ],
] as const;

test.each(layouts)('the changes of the status are read out of audits: %s', (_, textOf) => {
  fc.assert(
    fc.property(fc.array(audit, { minLength: 1, maxLength: 12 }), (given) => {
      const { audits, rows } = written(given);
      fc.pre(rows.length > 0);
      const found = readAll(textOf(audits));
      expect(found.rows).toEqual(rows);
      expect(found.unreadable).toBe(0);
      expect(found.hasAudits).toBe(true);
      expect(found.columns).toMatchObject({ id: 'ticket_id', from: 'previous_value', to: 'value' });
    }),
    { numRuns: 60 },
  );
});

test('a ticket whose first audits are missing had the state before, at a time that is unknown', () => {
  const change = { type: 'Change', field_name: 'status', previous_value: 'new', value: 'solved' };
  const one = { ticket_id: 1, created_at: '2026-03-02T09:00:00Z', events: [change] };
  expect(readAll(JSON.stringify({ audits: [one] })).rows).toEqual([
    ['1', 'new', Number.NaN],
    ['1', 'solved', Date.UTC(2026, 2, 2, 9)],
  ]);
});

test('what is no audit within an answer is counted, with the reason', () => {
  const change = { type: 'Create', field_name: 'status', value: 'new' };
  const one = { ticket_id: 1, created_at: '2026-03-02T09:00:00Z', events: [change] };
  const { unreadable, unreadableLines, rows } = readAll(
    JSON.stringify({ audits: [one, { ticket_id: 2, events: [] }, null] }),
  );
  expect([unreadable, rows.length]).toEqual([2, 1]);
  expect(unreadableLines[0]?.reason).toBe('an audit lacks ticket_id, created_at or events');
});

test.each([
  '{"ticket_id":1,"created_at":"2026-03-02","status":"new"}\n{"ticket_id":1,"created_at":"2026-03-03","status":"closed"}\n',
  '{"ticket_id":1,"created_at":"2026-03-02","status":"new","events":"none"}\n',
  '[{"ticket_id":1,"created_at":"2026-03-02","status":"new","audits":"none"}]',
])('other rows are read as before: %s', (text) => {
  const { hasAudits, columns } = readAll(text);
  expect([hasAudits, columns.state]).toEqual([false, 'status']);
});
