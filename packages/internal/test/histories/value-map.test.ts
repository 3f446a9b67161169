import { expect, test } from 'vitest';
import { HistoryError } from '../../src/histories/history-error.ts';
import { createValueMap, parseMap, parseMapFile } from '../../src/histories/value-map.ts';

const names = ['open', 'in-progress', 'resolved', 'closed', 'waiting'];
const mapOf = (text: string) => createValueMap(parseMap(text), names);

const bytes = (text: string) => new TextEncoder().encode(text);

test('exact values win over patterns, the first pattern over the others', () => {
  const { nameOf } = mapOf('*=open, Awaiting *=in-progress ,Awaiting Godot=closed,a.b=resolved');
  expect(nameOf('Awaiting Godot')).toBe('closed');
  expect(nameOf('Awaiting Vendor')).toBe('open');
  expect(nameOf('a.b')).toBe('resolved');
  expect(mapOf('a.*=open').nameOf('axb')).toBeUndefined();
});

test('our own names need no pair, states as well as statuses', () => {
  expect(mapOf('').nameOf('in-progress')).toBe('in-progress');
  expect(mapOf('').nameOf('waiting')).toBe('waiting');
  expect(mapOf('closed=open').nameOf('closed')).toBe('open');
  expect(mapOf('New=open').nameOf('Old')).toBeUndefined();
  expect(mapOf('On hold=waiting').nameOf('On hold')).toBe('waiting');
});

test.each([
  ['state=1=open', 'state=1', 'open'],
  ['"Closed, done"=closed,New=open', 'Closed, done', 'closed'],
  ['"say ""hi"""=open', 'say "hi"', 'open'],
  ['New=open,"a=b"=closed', 'a=b', 'closed'],
])('a value may hold whatever a log holds: %s', (text, value, name) => {
  expect(mapOf(text).nameOf(value)).toBe(name);
});

test.each([
  ['New', 'is not a pair'],
  ['=open', 'is not a pair'],
  ['New=opne', 'unknown state'],
  ['New=open,New=closed', 'is mapped twice'],
])('a map that makes no sense is refused: %s', (text, message) => {
  expect(() => mapOf(text)).toThrow(HistoryError);
  expect(() => mapOf(text)).toThrow(message);
});

test('entries that no value has met are named', () => {
  const map = mapOf('Closed=closed,Awaiting *=in-progress,New=open');
  for (const value of ['New', 'Awaiting Vendor']) map.nameOf(value);
  expect(map.unused()).toEqual(['Closed']);
});

test('a file holds a pair on each line, or a JSON object', () => {
  const entries = [
    { value: 'New', name: 'open' },
    { value: 'Closed, done', name: 'closed' },
  ];
  expect(parseMapFile(bytes('# our desk\nNew=open\r\n\nClosed, done = closed\n'))).toEqual(entries);
  expect(parseMapFile(bytes('{"New":"open","Closed, done":"closed"}'))).toEqual(entries);
  expect(() => parseMapFile(bytes('{"New":1}'))).toThrow('gives "New" no name');
  const twice = () => parseMapFile(bytes('{"Done":"resolved","Done":"closed"}'));
  expect(twice).toThrow(HistoryError);
  expect(twice).toThrow('"Done" is mapped twice.');
});

test('a file of a map may have the encoding of the log that it is for', () => {
  const entries = [{ value: 'Gelöst', name: 'resolved' }];
  const text = 'Gelöst=resolved\r\n';
  const utf16 = Uint8Array.from([0xff, 0xfe, ...Buffer.from(text, 'utf16le')]);
  for (const written of [
    bytes(text),
    bytes(`\u{FEFF}${text}`),
    Buffer.from(text, 'latin1'),
    utf16,
  ]) {
    expect(parseMapFile(written)).toEqual(entries);
  }
});

test('what is no pair is named with its line', () => {
  expect(() => parseMapFile(bytes('# ours\nVorher=open\nKaputt\n'))).toThrow(
    'line 3: "Kaputt" is not a pair.',
  );
  expect(() => parseMapFile(Uint8Array.of(0x1f, 0x8b))).toThrow('packed with gzip');
});
