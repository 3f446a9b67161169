import { expect, test } from 'vitest';
import { reachableFrom } from '../src/shortest-paths.ts';

test('what can be reached includes the start, circles and nothing else', () => {
  const roads = new Map([
    ['a', [{ from: 'a', to: 'b' }]],
    ['b', [{ from: 'b', to: 'a' }]],
    ['c', [{ from: 'c', to: 'a' }]],
  ]);
  expect([...reachableFrom('a', roads)]).toEqual(['a', 'b']);
  expect([...reachableFrom('lonely', new Map())]).toEqual(['lonely']);
});
