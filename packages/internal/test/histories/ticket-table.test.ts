import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTicketTable } from '../../src/histories/ticket-table.ts';

const ids = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.integer({ min: 0, max: 40 }).map((number) => `TICKET-${number}`),
  fc.integer({ min: 250, max: 260 }).map((length) => 'x'.repeat(length)),
);

test('remembers for each ticket what a Map would', () => {
  const operations = fc.array(fc.tuple(ids, fc.integer({ min: 0, max: 65_534 })), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(operations, (writes) => {
      const table = createTicketTable();
      const map = new Map<string, number>();
      for (const [id, value] of writes) {
        const place = table.find(id);
        expect(table.read(place)).toBe(map.get(id) ?? 0);
        table.write(place, value);
        map.set(id, value);
      }
      for (const [id, value] of map) {
        const place = table.find(id);
        expect(table.read(place)).toBe(value);
        expect(table.idAt(place)).toBe(id);
      }
      const places = [...map.keys()].map((id) => table.find(id));
      table.close();
      expect(places.map((place) => table.idAt(place))).toEqual([...map.keys()]);
    }),
  );
});

test('does so for very many', () => {
  const table = createTicketTable();
  const numbers = Array.from({ length: 50_000 }, (_, number) => number);
  for (const number of numbers) table.write(table.find(`TICKET-${number}`), number % 7);
  expect(
    numbers.filter((number) => table.read(table.find(`TICKET-${number}`)) !== number % 7),
  ).toEqual([]);
});
