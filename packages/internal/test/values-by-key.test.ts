import { expect, test } from 'vitest';
import { createValuesByKey } from '../src/values-by-key.ts';

const keys = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `key-${from + index}`);

function setUp() {
  const busy = new Set<string>();
  const values = createValuesByKey(
    (key) => ({ key }),
    ({ key }) => !busy.has(key),
  );
  return { busy, values, kept: () => [...values.entries()].map(([key]) => key) };
}

test('gives a key the same value each time, and makes none for a key that is only looked up', () => {
  const { values, kept } = setUp();
  const first = values.of('a');
  expect(values.of('a')).toBe(first);
  expect(values.get('a')).toBe(first);
  expect(values.get('b')).toBeUndefined();
  expect(kept()).toEqual(['a']);
});

test('forgets idle keys when there are many, and never a busy one', () => {
  const { busy, values, kept } = setUp();
  busy.add('key-3').add('key-7');
  const held = values.of('key-3');
  for (const key of keys(0, 1000)) values.of(key);
  expect(kept().length).toBeLessThanOrEqual(101);
  expect(kept()).toContain('key-7');
  expect(values.get('key-3')).toBe(held);
});

test('keeps all of many busy keys', () => {
  const { busy, values, kept } = setUp();
  for (const key of keys(0, 1000)) {
    busy.add(key);
    values.of(key);
  }
  expect(kept()).toEqual(keys(0, 1000));
});
