import { expect, test } from 'vitest';
import { parseStatusMap } from '../../src/commands/replay/status-map.ts';

test('exact values win over patterns, the first pattern over the others', () => {
  const toStatus = parseStatusMap(
    '*=open, Awaiting *=in-progress ,Awaiting Godot=closed,a.b=resolved',
  );
  expect(toStatus('Awaiting Godot')).toBe('closed');
  expect(toStatus('Awaiting Vendor')).toBe('open');
  expect(toStatus('a.b')).toBe('resolved');
  expect(parseStatusMap('a.*=open')('axb')).toBeUndefined();
});

test('our own names need no pair', () => {
  expect(parseStatusMap()('in-progress')).toBe('in-progress');
  expect(parseStatusMap('closed=open')('closed')).toBe('open');
  expect(parseStatusMap('New=open')('Old')).toBeUndefined();
});

test('a value may hold an equals sign', () => {
  expect(parseStatusMap('state=1=open')('state=1')).toBe('open');
});
