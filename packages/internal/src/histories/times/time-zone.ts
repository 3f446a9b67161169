import { nearestName } from '../nearest-name.ts';

/** The clocks of a zone: `localTimeIn` of core makes them. A page that names no zone loads none. */
export interface ZoneClocks {
  readonly timeZone: string;
  /** When they show a time, which is given as if it were UTC; and how often they show it. */
  readonly momentOf: (local: number) => {
    readonly at: number;
    readonly shown: 'once' | 'twice' | 'never';
  };
}

/** How times without a zone were read. */
export interface ZoneReading {
  /** `UTC` where no zone was named. */
  readonly timeZone: string;
  /** Rows without a zone. */
  readonly rows: number;
  /** Those whose time the clocks show twice: the first was taken. */
  readonly shownTwice: number;
  /** Those whose time the clocks never show: read as if they had not been set forward yet. */
  readonly neverShown: number;
}

/** Says what is wrong with the name of a zone, and what to write; `undefined` where nothing is. */
export function timeZoneFault(name: string): string | undefined {
  try {
    // A distance from UTC is no zone: it does not know when clocks are changed.
    if (/^[a-z]/i.test(name) && new Intl.DateTimeFormat('en', { timeZone: name })) return undefined;
  } catch {
    // It is none.
  }
  const near = nearestZone(name);
  const meant = near === undefined ? '' : ` Did you mean ${near}?`;
  const shown = JSON.stringify(name.slice(0, 60));
  return `${shown} is not a time zone. Write an IANA name, such as Europe/Berlin.${meant}`;
}

/** Says how times without a zone were read, a sentence each; nothing where all have their zone. */
export function zoneText(
  reading: ZoneReading | undefined,
  count: (number: number) => string = String,
): string[] {
  if (reading === undefined) return [];
  const { timeZone, rows, shownTwice, neverShown } = reading;
  const times = (number: number) => `${count(number)} ${number === 1 ? 'time' : 'times'}`;
  return [
    `${times(rows)} without a zone: taken as ${timeZone}`,
    ...(shownTwice === 0
      ? []
      : [`${times(shownTwice)} that the clocks show twice (set back): the first was taken`]),
    ...(neverShown === 0
      ? []
      : [
          `${times(neverShown)} that the clocks never show (set forward): read by the clock before`,
        ]),
  ];
}

/** The names of zones that this runtime lists. It knows older ones too. */
export const timeZoneNames = (): readonly string[] =>
  [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])].toSorted();

/** People write a city alone, and not the one of their continent. */
function nearestZone(name: string): string | undefined {
  const names = timeZoneNames();
  const cities = names.map((zone) => zone.slice(zone.lastIndexOf('/') + 1));
  const whole = nearestName(name, names);
  if (whole !== undefined) return whole;
  const city = nearestName(name.slice(name.lastIndexOf('/') + 1), cities);
  return city === undefined ? undefined : names[cities.indexOf(city)];
}
