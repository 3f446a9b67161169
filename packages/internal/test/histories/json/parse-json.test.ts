import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DuplicateKeyError, parseJson } from '../../../src/histories/json/parse-json.ts';

const parseRow = (text: string) => parseJson(text, { keepDigits: true });

const spaced = fc.constantFrom('', ' ', '\t', '\n  ');

/** JSON of a value, with white space where it may stand. */
function written(value: unknown, space: string): string {
  if (Array.isArray(value)) return `[${value.map((one) => written(one, space)).join(`${space},`)}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).map(
    ([key, inner]) => `${space}${JSON.stringify(key)}${space}:${space}${written(inner, space)}`,
  );
  return `{${pairs.join(`${space},`)}${space}}`;
}

test('without odd numbers and double keys it gives what JSON.parse gives', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), spaced, (value, space) => {
      const text = written(value, space);
      const isOdd = /-?\d+[.eE]|-0|\d{16}/.test(text);
      fc.pre(!isOdd);
      expect(parseRow(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('every number keeps its digits', () => {
  const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,30})(\.\d{1,30})?([eE][+-]?\d{1,3})?$/);
  fc.assert(
    fc.property(digits, spaced, fc.constantFrom('{"a"', '[0', '{"b":{"a"'), (text, space, open) => {
      const close = open.startsWith('[') ? ']' : open.startsWith('{"b"') ? '}}' : '}';
      const mark = open.startsWith('[') ? ',' : ':';
      const parsed = parseRow(`${open}${space}${mark}${space}${text}${space}${close}`);
      const [found] = JSON.stringify(parsed).match(/(?<=[:,])"?[^"{}[\]]+(?="?[\]}])/) ?? [];
      expect(found?.replaceAll('"', '')).toBe(text);
    }),
  );
});

test('a key that stands twice is refused, at any depth and however it is written', () => {
  const keys = fc.string({ minLength: 0, maxLength: 5 });
  fc.assert(
    fc.property(keys, fc.jsonValue(), fc.jsonValue(), spaced, fc.boolean(), (...args) => {
      const [key, one, other, space, isNested] = args;
      // The same key, written by its code units.
      const units = Array.from({ length: key.length }, (_, at) =>
        key.charCodeAt(at).toString(16).padStart(4, '0'),
      );
      const again = `"${units.map((unit) => `\\u${unit}`).join('')}"`;
      const object = `{${JSON.stringify(key)}${space}:${written(one, space)},${again}:${space}${written(other, space)}}`;
      const text = isNested ? `[{"x:":"a:b\\":","y" :${object}}]` : object;
      expect(() => parseJson(text)).toThrow(DuplicateKeyError);
    }),
  );
});

test.each(['{"a":"b:c","d" :1}', '{"a\\\\":{"b":[{"c":1},{"c":2}]},"b":"\\":"}', '{}', '[]', '7'])(
  'colons and quotes in strings are no keys: %s',
  (text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text));
  },
);

test('the numbers of a definition or a context stay numbers', () => {
  expect(parseJson('{"a":1.0,"b":1e3}')).toEqual({ a: 1, b: 1000 });
});

test.each([
  ['{"a" :1,"a":2}'],
  ['{"a":1,"a" :2,"b":"c\\":"}'],
  ['{"a":{"b":1,"b":2},"t":"09:00:00"}'],
  ['{"t":"09:00:00","t":"x"}'],
  ['{"a"\n:1,"a"\t:2}'],
])('a key that stands twice is found behind whatever hides it: %s', (text) => {
  expect(() => parseRow(text)).toThrow(DuplicateKeyError);
});

test.each([['{"at":"09:00:00","url":"a://b"}'], ['{"say":"\\":","x" : {"y" :1}}'], ['[":",":"]']])(
  'colons in strings hide nothing: %s',
  (text) => {
    expect(parseRow(text)).toEqual(JSON.parse(text));
  },
);
