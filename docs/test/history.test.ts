import { expect, test } from 'vitest';
import { readHistory, readMap } from '../playground/history.ts';

const isStatus = (name: string) => ['open', 'in-progress', 'resolved', 'closed'].includes(name);
const map = readMap('New=open, Awaiting *=in-progress, a.b=closed');

test('words are mapped, statuses are taken as they are, and the rest stays to be seen', () => {
  const history = readHistory('New\nAwaiting user\nResolved\non hold\n', map, isStatus);
  expect(history).toEqual(['open', 'in-progress', 'resolved', 'on hold']);
});

test('of several columns the first known one counts', () => {
  expect(readHistory('2026-01-02,INC1,"New",high\n;;closed', map, isStatus)).toEqual([
    'open',
    'closed',
  ]);
});

test('a map holds plain words: only * stands for anything', () => {
  expect(readHistory('aXb', map, isStatus)).toEqual(['aXb']);
  expect(readHistory('a.b', map, isStatus)).toEqual(['closed']);
});
