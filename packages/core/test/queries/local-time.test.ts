import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import { localTimeIn } from '../../src/queries/time-zone.ts';

const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Africa/Casablanca',
  'Pacific/Apia',
  'America/Sao_Paulo',
  'UTC',
] as const;

const changes = zones.flatMap((zone) => {
  const found: { zone: string; local: number }[] = [];
  let at = Temporal.Instant.from('1975-01-01T00:00:00Z').toZonedDateTimeISO(zone);
  for (;;) {
    const next = at.getTimeZoneTransition('next');
    if (next === null || next.year > 2040) return found;
    found.push({ zone, local: Date.parse(`${next.toPlainDateTime().toString()}Z`) });
    at = next;
  }
});

/** What Temporal reads, and whether a time of the clocks is shown at all or twice. */
function byTemporal(local: number, zone: string) {
  const plain = Temporal.Instant.fromEpochMilliseconds(local)
    .toZonedDateTimeISO('UTC')
    .toPlainDateTime();
  const read = (disambiguation: 'compatible' | 'earlier' | 'later') =>
    plain.toZonedDateTime(zone, { disambiguation });
  const [earlier, later] = [read('earlier'), read('later')];
  const isShown = earlier.toPlainDateTime().equals(plain);
  const isOnce = earlier.epochMilliseconds === later.epochMilliseconds;
  const shown = isOnce ? 'once' : isShown ? 'twice' : 'never';
  return { at: read('compatible').epochMilliseconds, shown };
}

test('a time of the clocks is the moment that Temporal says, on any day and around every change', () => {
  const anyTime = fc.record({
    zone: fc.constantFrom(...zones),
    local: fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2040, 0) }),
  });
  const nearChange = fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -3_000, max: 3_000 }))
    .map(([{ zone, local }, minutes]) => ({ zone, local: local + minutes * 60_000 }));
  fc.assert(
    fc.property(fc.oneof(anyTime, nearChange), ({ zone, local }) => {
      const { momentOf, localOf } = localTimeIn(zone);
      const found = momentOf(local);
      expect(found).toEqual(byTemporal(local, zone));
      if (found.shown !== 'never') expect(localOf(found.at)).toBe(local);
    }),
    { numRuns: 400 },
  );
});

test.each([
  ['Europe/Berlin', '2026-03-02T09:00Z', '2026-03-02T08:00:00.000Z', 'once'],
  ['Europe/Berlin', '2026-03-29T02:30Z', '2026-03-29T01:30:00.000Z', 'never'],
  ['Europe/Berlin', '2026-10-25T02:30Z', '2026-10-25T00:30:00.000Z', 'twice'],
  ['Europe/Berlin', '2026-10-25T03:00Z', '2026-10-25T02:00:00.000Z', 'once'],
  ['Australia/Lord_Howe', '2026-10-04T02:15Z', '2026-10-03T15:45:00.000Z', 'never'],
  ['Pacific/Apia', '2011-12-30T12:00Z', '2011-12-30T22:00:00.000Z', 'never'],
])('in %s the clocks show %s at %s, %s', (zone, local, at, shown) => {
  const found = localTimeIn(zone).momentOf(Date.parse(local));
  expect([new Date(found.at).toISOString(), found.shown]).toEqual([at, shown]);
});

test.each(['Mars/Olympus', '', undefined, 7])('a zone that nobody knows is refused: %j', (zone) => {
  expect(() => localTimeIn(zone as string)).toThrow(/^timeZone: Expected an IANA time zone/);
});
