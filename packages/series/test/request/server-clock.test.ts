import { expect, test } from 'vitest';
import { createServerClock, serverClockOf } from '../../src/request/server-clock.ts';

const date = (at: number) => new Date(at).toUTCString();

test('each response narrows what is possible', () => {
  const clock = createServerClock();
  expect(clock.offset()).toBeUndefined();
  clock.note(date(5000), 5100, 5200);
  expect(clock.offset()).toEqual({ atLeastMs: -200, atMostMs: 900 });
  clock.note(date(6000), 6010, 6020);
  expect(clock.offset()).toEqual({ atLeastMs: -20, atMostMs: 900 });
});

test('what one client has learnt of a server serves the others of this process', () => {
  const [clock, fetch] = [{}, () => {}];
  const origin = 'https://api.example';
  serverClockOf(origin, clock, fetch).note(date(5000), 5100, 5200);
  expect(serverClockOf(origin, clock, fetch).offset()).toEqual({ atLeastMs: -200, atMostMs: 900 });
  // Another server, another clock of ours and another way to it are other worlds.
  expect(serverClockOf('https://other.example', clock, fetch).offset()).toBeUndefined();
  expect(serverClockOf(origin, {}, fetch).offset()).toBeUndefined();
  expect(serverClockOf(origin, clock, () => {}).offset()).toBeUndefined();
});
