import type { AnyStateMachine } from 'xstate';
import { quote } from '../blockers.ts';
import { expected, isRecord } from '../values.ts';
import { parseDuration } from '../durations.ts';
import type { NoteFault } from '../definition/fault-list.ts';
import { readCalendar, reportUnknownKeys, type WorkingCalendar } from './working-calendar.ts';

/** A clock of `meta.sla`: how long a ticket may take, counted in some of its states. */
export interface SlaClock {
  readonly name: string;
  /** The working time that a ticket may take, as the definition says it, such as `PT8H`. */
  readonly target: string;
  readonly targetMs: number;
  /** The name of its calendar. Without one it counts day and night. */
  readonly calendar: string | undefined;
  /** Whether it counts a ticket's whole life, or each stay in a state from zero. */
  readonly per: 'ticket' | 'stay';
  /** Whether a stop ends it for good, or it counts on where it stopped when a ticket is reopened. */
  readonly afterStop: 'ended' | 'continues';
  /** The states in which it counts, in order of definition. In all others it pauses. */
  readonly runsIn: readonly string[];
  /** The states that stop it. */
  readonly stopsIn: readonly string[];
}

/** What `meta.sla` of a machine and its states declares. */
export interface Sla {
  /** In order of definition. */
  readonly clocks: readonly SlaClock[];
  readonly calendars: ReadonlyMap<string, WorkingCalendar>;
}

const roles = ['run', 'pause', 'stop'];
const clockFields = ['target', 'calendar', 'per', 'afterStop'];

/*
 * The machine's `meta.sla` declares clocks and calendars; a state's `meta.sla` says for a clock
 * whether it runs, pauses or stops there. A clock that a state does not name pauses there. So what
 * a clock does follows from the state alone, and no way out of a pause can be forgotten.
 */

/** Reads all `meta.sla` of a definition, and reports every fault with its place. */
export function readSla({ root }: AnyStateMachine, report: NoteFault): Sla {
  const declared = slaOf(root.meta) ?? {};
  const path = 'meta.sla';
  if (!isRecord(declared)) {
    report(path, 'bad-sla', expected('{ clocks, calendars }', declared));
    return { clocks: [], calendars: new Map() };
  }
  reportUnknownKeys(path, declared, ['clocks', 'calendars'], report);
  const calendars = readCalendars(`${path}.calendars`, declared['calendars'], report);
  const clocks = entriesOf(`${path}.clocks`, declared['clocks'], 'clocks', report);
  const states = Object.values(root.states).map(({ key, meta }) => ({
    state: key,
    roles: readRoles(key, slaOf(meta), clocks, report),
  }));
  return {
    clocks: Object.freeze(
      clocks.map(([name, config]) => {
        const statesThat = (role: string) =>
          states.filter((one) => one.roles.get(name) === role).map(({ state }) => state);
        const clock = {
          ...readClock(`${path}.clocks.${name}`, config, [...calendars.keys()], report),
          name,
          runsIn: Object.freeze(statesThat('run')),
          stopsIn: Object.freeze(statesThat('stop')),
        };
        checkStates(`${path}.clocks.${name}`, clock, report);
        return Object.freeze(clock);
      }),
    ),
    calendars: new Map(
      [...calendars].flatMap(([name, calendar]) => (calendar ? [[name, calendar] as const] : [])),
    ),
  };
}

/** Reads calendars by their names. A faulty one keeps its name, with `undefined` as its calendar. */
export function readCalendars(
  path: string,
  declared: unknown,
  report: NoteFault,
): ReadonlyMap<string, WorkingCalendar | undefined> {
  return new Map(
    entriesOf(path, declared, 'calendars', report).map(([name, config]) => [
      name,
      readCalendar(`${path}.${name}`, config, report),
    ]),
  );
}

const slaOf = (meta: unknown): unknown => (isRecord(meta) ? meta['sla'] : undefined);

function entriesOf(path: string, value: unknown, what: string, report: NoteFault) {
  if (value === undefined) return [];
  if (isRecord(value)) return Object.entries(value);
  report(path, 'bad-sla', expected(`an object of ${what}`, value));
  return [];
}

function readRoles(
  state: string,
  declared: unknown,
  clocks: readonly (readonly [string, unknown])[],
  report: NoteFault,
): ReadonlyMap<string, string> {
  const path = `states.${state}.meta.sla`;
  if (declared === undefined) return new Map();
  if (!isRecord(declared)) {
    report(path, 'bad-sla', expected('an object such as { resolution: "run" }', declared));
    return new Map();
  }
  const names = clocks.map(([name]) => name);
  for (const [name, role] of Object.entries(declared)) {
    if (!names.includes(name)) {
      const cure = names.length > 0 ? `Expected one of ${names.join(', ')}.` : 'There are none.';
      const message = `${quote(name)} is not a clock of the machine's meta.sla.clocks. ${cure}`;
      report(`${path}.${name}`, 'unknown-clock', message);
    }
    if (!roles.includes(role as string)) {
      report(`${path}.${name}`, 'bad-sla', expected('"run", "pause" or "stop"', role));
    }
  }
  return new Map(Object.entries(declared) as [string, string][]);
}

function readClock(
  path: string,
  config: unknown,
  calendars: readonly string[],
  report: NoteFault,
): Omit<SlaClock, 'name' | 'runsIn' | 'stopsIn'> {
  if (!isRecord(config)) report(path, 'bad-sla', expected('an object with a target', config));
  const given = isRecord(config) ? config : {};
  reportUnknownKeys(path, given, clockFields, report);
  const { target, calendar, per = 'ticket', afterStop = 'ended' } = given;
  const targetMs = readTarget(target);
  if (isRecord(config) && !(targetMs > 0)) {
    const what = 'hours, minutes and seconds of working time, such as "PT8H"';
    report(`${path}.target`, 'bad-sla', expected(what, target));
  }
  if (calendar !== undefined && !calendars.includes(calendar as string)) {
    const what = `one of ${calendars.join(', ')}`;
    const known = calendars.length > 0 ? what : 'a calendar of meta.sla.calendars';
    report(`${path}.calendar`, 'unknown-calendar', expected(known, calendar));
  }
  if (per !== 'ticket' && per !== 'stay') {
    report(`${path}.per`, 'bad-sla', expected('"ticket" or "stay"', per));
  }
  if (afterStop !== 'ended' && afterStop !== 'continues') {
    report(`${path}.afterStop`, 'bad-sla', expected('"ended" or "continues"', afterStop));
  }
  return { target, targetMs, calendar, per, afterStop } as SlaClock;
}

/** A day of working time is of no fixed length, so a target has none. */
function readTarget(target: unknown): number {
  const parts = parseDuration(target);
  if (parts === undefined) return Number.NaN;
  const { years, months, weeks, days, hours, minutes, seconds, milliseconds } = parts;
  if (years + months + weeks + days > 0) return Number.NaN;
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds;
}

function checkStates(path: string, { per, runsIn, stopsIn }: SlaClock, report: NoteFault): void {
  if (runsIn.length === 0) {
    const message = 'It runs in no state. Say "run" in the meta.sla of a state.';
    report(path, 'idle-clock', message);
  }
  if (per === 'stay' && stopsIn.length > 0) {
    const message = `A clock per stay ends with its stay. Drop the "stop" of ${stopsIn.join(', ')}.`;
    report(path, 'bad-sla', message);
  }
}
