import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDelimitedReader, type DelimitedRow } from '../../src/histories/delimited.ts';
import { createLineReader, type Line } from '../../src/histories/lines.ts';

async function* inChunksOf(size: number, text: string) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function linesOf(chunks: AsyncIterable<Uint8Array>): Promise<Line[]> {
  const lines: Line[] = [];
  const reader = createLineReader((line) => lines.push(line));
  for await (const chunk of chunks) reader.read(chunk);
  reader.end();
  return lines;
}

async function read(text: string, size = 7) {
  const records: DelimitedRow[] = [];
  const reader = createDelimitedReader((record) => records.push(record));
  for (const line of await linesOf(inChunksOf(size, text))) reader.read(line);
  reader.end();
  return records.map((record) =>
    'fields' in record
      ? [record.line, ...record.fields]
      : [record.line, record.reason.slice(0, 18)],
  );
}

test.each([1, 2, 3, 64])('lines are found in chunks of %i bytes', async (size) => {
  expect(await read('\u{FEFF}a,b\r\nä,"→"\r\n\r\nlast,', size)).toEqual([
    [1, 'a', 'b'],
    [2, 'ä', '→'],
    [4, 'last', ''],
  ]);
});

test('a quoted field may hold commas, quotes and line ends', async () => {
  expect(await read('"a,""b""\n\nc",d\n"""",x\n')).toEqual([
    [1, 'a,"b"\n\nc', 'd'],
    [4, '"', 'x'],
  ]);
});

test('a quote in the wrong place costs its own line only', async () => {
  expect(await read('a,5" screen\n"b"c,d\ne,f\n')).toEqual([
    [1, 'a quote is not all'],
    [2, 'a quote is not all'],
    [3, 'e', 'f'],
  ]);
});

test('a quote that never closes costs its own line only', async () => {
  expect(await read('a,b\nc,"d\ne,f\n\ng,h')).toEqual([
    [1, 'a', 'b'],
    [2, 'a quote is opened '],
    [3, 'e', 'f'],
    [5, 'g', 'h'],
  ]);
});

test('a quote that never closes is given up after a megabyte', async () => {
  const rows = Array.from({ length: 60_000 }, (_, index) => `T-${index},"x""y",z`);
  const records = await read(`a,"b\n${rows.join('\n')}`, 65_536);
  expect(records).toHaveLength(60_001);
  expect(records.slice(0, 2)).toEqual([
    [1, 'a quote is opened '],
    [2, 'T-0', 'x"y', 'z'],
  ]);
});

test('a line without an end is not kept in memory', async () => {
  const megabyte = Buffer.alloc(1024 * 1024, 'x');
  async function* endless() {
    for (let megabytes = 0; megabytes < 300; megabytes += 1) yield megabyte;
    yield Buffer.from('\nnext\n');
  }
  const before = process.memoryUsage().rss;
  expect(await linesOf(endless())).toEqual([
    { line: 1, reason: 'the line is longer than 1 MB' },
    { line: 2, text: 'next' },
  ]);
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
});

test('rows are those that csv-parse finds, for every delimiter', async () => {
  const value = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\t', ' ', '\n', 'é') });
  const table = fc
    .integer({ min: 2, max: 4 })
    .chain((width) =>
      fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 1 }),
    );
  const property = fc.property(table, fc.constantFrom(',', ';', '\t'), (rows, delimiter) => {
    const quoted = (cell: string) =>
      /["\n]/.test(cell) || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell;
    const text = rows.map((row) => row.map(quoted).join(delimiter)).join('\n');
    const found: unknown[] = [];
    const reader = createDelimitedReader((row) => {
      if ('fields' in row) found.push(row.fields);
    }, delimiter);
    const lines = createLineReader(reader.read);
    lines.read(Buffer.from(text));
    lines.end();
    reader.end();
    const skipsEmpty = { delimiter, skip_empty_lines: true, relax_column_count: true };
    const all = parse(text, skipsEmpty);
    // A row of white space alone is empty here, however many cells it has.
    const expected = all.filter((row) => row.some((cell) => cell.trim() !== ''));
    expect(found).toEqual(expected);
  });
  fc.assert(property, { numRuns: 2000 });
});

test('an unclosed quote before very many empty lines is given up soon', () => {
  let given = 0;
  const reader = createDelimitedReader(() => {
    given += 1;
  });
  reader.read({ line: 1, text: 'id,"state' });
  for (let line = 2; line <= 20_000; line += 1) reader.read({ line, text: '' });
  // Before the end: nothing is kept any more.
  expect(given).toBe(1);
});
