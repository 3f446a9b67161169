import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createJsonLines, type JsonLine } from '../../../src/histories/json/json-lines.ts';
import { createLineReader } from '../../../src/histories/lines.ts';

const encoder = new TextEncoder();

/** Reads a text in chunks of some length, all of which come in the same memory. */
function read(text: string, isTransient: boolean, chunk = 1 << 16): JsonLine[] {
  const rows: JsonLine[] = [];
  // A value is copied as it would be by whoever keeps it.
  const json = createJsonLines((row) => rows.push(structuredClone(row)), isTransient);
  const reader = createLineReader(json.readLine, 'detect', json.readBlock);
  const bytes = encoder.encode(text);
  const memory = new Uint8Array(chunk);
  for (let at = 0; at < bytes.length; at += chunk) {
    const part = bytes.subarray(at, at + chunk);
    memory.set(part);
    reader.read(memory.subarray(0, part.length));
    memory.fill(0x7b);
  }
  reader.end();
  return rows;
}

const keys = fc.constantFrom('a', 'b', 'ticketId', '1', '__proto__', '', 'x"y', 'ü', 'constructor');
// What a program writes, and what it should not.
const written = fc.oneof(
  fc.constantFrom(
    '"T-1"',
    '"T-2"',
    '"open"',
    '""',
    '"a b"',
    '"{\\"a\\":1}"',
    '"a,b}"',
    '"\\u0041"',
  ),
  fc.constantFrom('0', '7', '-7', 'true', 'false', 'null', '123456789012345'),
  fc.constantFrom(
    '-0',
    '1.0',
    '1e3',
    '9007199254740993',
    '01',
    '+1',
    'NaN',
    'nul',
    "'a'",
    '"a',
    'a"',
  ),
  fc.constantFrom('"tab\there"', '"ü"', '"\u{1F600}"', '"\\"', '"a\\\\"', '{"a":1}', '[1,2]', '[]'),
  fc.string({ maxLength: 30 }).map((text) => JSON.stringify(text)),
  fc.integer().map(String),
);
const space = fc.constantFrom('', '', ' ', '\t');
const line = fc.tuple(
  fc.array(fc.tuple(keys, written), { maxLength: 4 }),
  fc.record({
    before: space,
    inner: space,
    after: space,
    end: fc.constantFrom('}', '}', ']', '', '}}', '},'),
  }),
);
const textOf = ([pairs, { before, inner, after, end }]: typeof line extends fc.Arbitrary<infer Line>
  ? Line
  : never) =>
  `${before}{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${inner}${value}`).join(`,${inner}`)}${end}${after}`;

test('lines are read by their layout as they are parsed one by one', () => {
  // Lines of few layouts, so that they come again with other values.
  const files = fc.array(line, { minLength: 1, maxLength: 3 }).chain((layouts) =>
    fc.array(
      fc
        .tuple(fc.nat(layouts.length - 1), fc.array(written, { maxLength: 4 }))
        .map(([number, values]) => {
          const [pairs = [], spaces] = layouts[number] ?? [];
          const filled = pairs.map(([key, value], at) => [key, values[at] ?? value]);
          return textOf([filled, spaces] as Parameters<typeof textOf>[0]);
        }),
      { minLength: 1, maxLength: 30 },
    ),
  );
  const ends = fc.constantFrom('\n', '\r\n', '\n\n', '\n\u{FEFF}');
  fc.assert(
    fc.property(files, ends, fc.boolean(), fc.integer({ min: 1, max: 400 }), (...args) => {
      const [lines, end, isEnded, chunk] = args;
      const text = lines.join(end) + (isEnded ? end : '');
      const parsed = read(text, false);
      expect(read(text, true, chunk)).toEqual(parsed);
      expect(read(text, true)).toEqual(parsed);
    }),
    { numRuns: 2000 },
  );
});

test('the fields of a line have the order and the kind that JSON.parse gives them', () => {
  const row = '{"b":"x","1":2,"a":null,"constructor":"c"}';
  const rows = read(`${row}\n`.repeat(5), true);
  for (const found of rows) {
    const fields = 'fields' in found ? found.fields : {};
    expect(JSON.stringify(fields)).toBe(JSON.stringify(JSON.parse(row)));
    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
  }
});

test('every line is read, whatever layouts the others have', () => {
  const text = Array.from({ length: 5000 }, (_, at) => `{"k${at % 2000}":${at},"id":"T-${at}"}`);
  const rows = read(text.join('\n'), true);
  expect(rows.map((row) => ('fields' in row ? row.fields['id'] : row))).toEqual(
    text.map((_, at) => `T-${at}`),
  );
});
