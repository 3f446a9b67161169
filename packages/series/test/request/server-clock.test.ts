import { describe, expect, onTestFinished, test } from 'vitest';
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

test.each(['Thu Jan  1 00:00:05 1970', 'Thursday, 01-Jan-70 00:00:05 GMT'])(
  'a date in an old form is by no time zone of ours: %s',
  (text) => {
    const zone = process.env['TZ'];
    process.env['TZ'] = 'America/New_York';
    onTestFinished(() => {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    });
    const clock = createServerClock();
    clock.note(text, 5100, 5200);
    expect(clock.offset()).toEqual({ atLeastMs: -200, atMostMs: 900 });
  },
);

test.each(['5', '1970-01-01 00:00:05', 'Thu, 01 Jan 1970 00:00:05 +0100'])(
  'what is no date of HTTP is none: %s',
  (text) => {
    const clock = createServerClock();
    clock.note(text, 5100, 5200);
    expect(clock.offset()).toBeUndefined();
  },
);

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

test('a date is behind an earlier one by more than the second to which it is exact', () => {
  const clock = createServerClock();
  const isBehind = (second: number, at: number) => clock.note(date(second), at, at + 20);
  expect(isBehind(100_000, 100_000)).toBe(false);
  expect(isBehind(101_000, 102_000)).toBe(false);
  expect(isBehind(101_000, 102_500)).toBe(true);
  // However often that is repeated: what it shows does not become the newest.
  expect(isBehind(101_000, 102_600)).toBe(true);
  expect(isBehind(103_000, 103_000)).toBe(false);
  expect(isBehind(101_000, 104_000)).toBe(true);
  expect(isBehind(Number.NaN, 104_000)).toBe(false);
  // A clock that was set back is believed after a time.
  expect(isBehind(700_000, 703_000)).toBe(true);
  expect(isBehind(701_000, 704_000)).toBe(false);
});

describe('a date that is older than its request', () => {
  function after(first: number) {
    const clock = createServerClock();
    clock.note(date(first), first, first + 50);
    return (second: number, at: number) => {
      const isOld = clock.isOld(date(second), at, at + 50);
      if (!isOld) clock.note(date(second), at, at + 50);
      return isOld;
    };
  }

  test('is that of an old answer, however often it is repeated', () => {
    const isOld = after(100_000);
    for (const at of [160_000, 160_200, 161_500, 190_000, 400_000]) {
      expect(isOld(100_000, at)).toBe(true);
      expect(isOld(at, at)).toBe(false);
    }
  });

  test('is one where several caches repeat answers of different ages', () => {
    const isOld = after(100_000);
    for (const [second, at] of [
      [100_000, 160_000],
      [130_000, 160_300],
      [100_000, 161_000],
    ] as const) {
      expect(isOld(second, at)).toBe(true);
    }
  });

  test('is that of a slow clock, once it is seen to go on', () => {
    const isOld = after(100_000);
    // Set back by half a minute.
    expect(isOld(130_000, 160_000)).toBe(true);
    expect(isOld(130_000, 160_400)).toBe(true);
    expect(isOld(131_000, 161_300)).toBe(false);
    expect(isOld(140_000, 170_000)).toBe(false);
  });

  test('also where a server of the right time answers in between', () => {
    const isOld = after(100_000);
    expect(isOld(130_000, 160_000)).toBe(true);
    expect(isOld(161_000, 161_000)).toBe(false);
    for (const at of [162_000, 170_000, 180_000]) {
      expect(isOld(at - 30_000, at)).toBe(false);
      expect(isOld(at + 1000, at + 1000)).toBe(false);
    }
  });

  test('and of two in turn, however many answers come in a second', () => {
    const isOld = after(100_000);
    let old = 0;
    for (let at = 160_000; at < 164_000; at += 50) {
      if (isOld(at - 30_000, at)) old += 1;
      isOld(at, at);
    }
    // Those of the first second, which tell nothing yet.
    expect(old).toBe(20);
  });

  test('tells nothing within what servers behind one address may differ by', () => {
    const isOld = after(100_000);
    for (const at of [160_000, 161_000]) expect(isOld(at - 5000, at)).toBe(false);
  });

  test('nor where nothing is known of the server, or what is known is old', () => {
    expect(createServerClock().isOld(date(0), 100_000, 100_050)).toBe(false);
    expect(after(100_000)(100_000, 100_000 + 601_000)).toBe(false);
    for (const none of [null, '', 'soon']) {
      const clock = createServerClock();
      clock.note(date(100_000), 100_000, 100_050);
      expect(clock.isOld(none, 160_000, 160_050)).toBe(false);
    }
  });
});
