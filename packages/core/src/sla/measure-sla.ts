import { quote } from '../blockers.ts';
import { createFaultList } from '../definition/fault-list.ts';
import { readCalendars, type Sla, type SlaClock } from './read-sla.ts';
import type { WorkingCalendarConfig } from './working-calendar.ts';
import { readMoment, type Moment } from '../moments.ts';
import { createReplayer, type Replayer } from '../queries/replay.ts';
import { graphOf, type ReplayableLifecycle } from '../queries/replay-stepper.ts';
import { checkOptionTypes } from '../options.ts';
import { reachableFrom } from '../shortest-paths.ts';
import { expected, isList, isRecord } from '../values.ts';
import { readClock, type SlaReading, type Stay } from './clock.ts';
import { allTime, workingTimeOf, type WorkingTime } from './working-time.ts';

export { type SlaReading } from './clock.ts';

/** What the measuring of clocks needs of a lifecycle. Every `Lifecycle` has it. */
export interface SlaLifecycle<State extends string = string> extends ReplayableLifecycle<State> {
  readonly sla: Sla;
  statesWith(status: never): readonly State[];
}

/**
 * When a ticket came into a state; or into a status, where no more is known. Of a row that has both
 * the state counts.
 */
export type SlaRow<State extends string = string> =
  | { readonly state: State; readonly at: Moment }
  | { readonly status: string; readonly at: Moment };

/** How to measure. */
export interface SlaOptions {
  /**
   * Calendars that take the place of those of the same name in `meta.sla.calendars`: the customer's
   * own hours, or next year's holidays.
   */
  readonly calendars?: Readonly<Record<string, WorkingCalendarConfig>> | undefined;
}

/**
 * Reads the clocks of `meta.sla` for a ticket: what it has consumed, what is left, and when it
 * breaches. Pure: `now` is the caller's, and the calendar decides in which zone an hour counts.
 *
 * Each row says where the ticket was from that moment until the next row, or until `now`. Rows of
 * statuses, as a log has them, are explained by `replay` first; one history may have rows of both.
 *
 * @param history - one ticket's rows, in order of time
 * @throws RangeError for a row that is not in order, not a moment, or of a state that is unknown, and
 *   for a `now` before the last row
 * @throws TypeError for a history that is no list, and for an option that does not exist
 *
 * @example
 * ```ts
 * import { defineLifecycle } from '@ticket-lifecycle/core';
 * import { measureSla } from '@ticket-lifecycle/core/sla';
 *
 * const hours = { monday: '09:00-17:00', tuesday: '09:00-17:00' };
 * const office = { timeZone: 'Europe/Berlin', hours };
 * const lifecycle = defineLifecycle({
 *   meta: {
 *     sla: {
 *       clocks: { resolution: { target: 'PT8H', calendar: 'office' } },
 *       calendars: { office },
 *     },
 *   },
 *   initial: 'open',
 *   states: {
 *     open: { meta: { sla: { resolution: 'run' } }, on: { CLOSE: 'closed' } },
 *     closed: { type: 'final', meta: { sla: { resolution: 'stop' } } },
 *   },
 * });
 * const history = [{ state: 'open', at: '2026-03-02T15:00:00+01:00' }] as const;
 * const [clock] = measureSla(lifecycle, history, '2026-03-03T10:00:00+01:00');
 * console.log(clock?.consumedMs, clock?.leftMs); // 10800000 18000000
 * console.log(clock?.breachAt?.toISOString()); // 2026-03-03T14:00:00.000Z
 * ```
 */
export function measureSla<State extends string>(
  lifecycle: SlaLifecycle<State>,
  history: Iterable<SlaRow<NoInfer<State>>>,
  now: Moment,
  options: SlaOptions = {},
): readonly SlaReading<State>[] {
  checkArguments(lifecycle, history, options);
  const timeOf = createTimes(lifecycle.sla, options);
  const stays = staysOf(lifecycle, [...history], readMoment('now', now));
  return lifecycle.sla.clocks.map(
    (clock) => readClock(clock, stays, timeOf(clock)) as SlaReading<State>,
  );
}

/** A lean lifecycle has no clocks. */
function checkArguments(lifecycle: unknown, history: unknown, options: unknown): void {
  if (!isRecord(lifecycle) || !isRecord(lifecycle['sla'])) {
    const what = 'a lifecycle of defineLifecycle';
    throw new TypeError(`measureSla: lifecycle: ${expected(what, lifecycle)}`);
  }
  if (!isList(history)) {
    throw new TypeError(`measureSla: history: ${expected('a list of rows', history)}`);
  }
  checkOptionTypes('measureSla', options, { calendars: 'an object' });
}

function createTimes(sla: Sla, options: SlaOptions): (clock: SlaClock) => WorkingTime {
  const faults = createFaultList();
  const own = readCalendars('calendars', options.calendars, faults.note);
  for (const name of own.keys()) {
    if (sla.calendars.has(name)) continue;
    const known = `Expected one of ${[...sla.calendars.keys()].join(', ')}.`;
    const message = `${quote(name)} is not a calendar of this lifecycle. ${known}`;
    faults.note(`calendars.${name}`, 'unknown-calendar', message);
  }
  if (!faults.isEmpty()) throw faults.toError('measureSla: the calendars are not right');
  return ({ calendar }) => {
    const found =
      calendar === undefined ? undefined : (own.get(calendar) ?? sla.calendars.get(calendar));
    return found === undefined ? allTime : workingTimeOf(found);
  };
}

/** Rows as stays that follow each other. Repeated rows are one stay. */
function staysOf(lifecycle: SlaLifecycle, rows: readonly SlaRow[], now: number): Stay[] {
  const places = placesOf(lifecycle, rows);
  const stays: Stay[] = [];
  let before = -Infinity;
  for (const [index, { at }] of rows.entries()) {
    const from = readMoment(`history[${index}].at`, at);
    if (from < before) {
      throw new RangeError(`history[${index}].at is before the row above. Sort the rows by time.`);
    }
    before = from;
    const place = places[index];
    const last = stays.at(-1);
    if (place === undefined || place.state === last?.state) continue;
    if (last !== undefined) last.until = from;
    stays.push({ ...place, from, until: now });
  }
  if (now < before) throw new RangeError('now is before the last row of the history.');
  return stays;
}

interface Place {
  readonly state: string;
  readonly candidates: readonly string[];
}

/** Where the ticket was at each row: in the state that the row names, or in an explained one. */
function placesOf(lifecycle: SlaLifecycle, rows: readonly SlaRow[]): Place[] {
  const named = rows.map((row, index) => namedPlace(lifecycle, row, index));
  const statuses = rows.map((row, index) => {
    const place = named[index];
    return place === undefined
      ? (row as { status: string }).status
      : lifecycle.statusOf(place.state);
  });
  // A status that is seen again shows no move, whatever state of it was known before.
  const isAgain = (index: number) =>
    named[index] === undefined && statuses[index] === statuses[index - 1];
  const marked: string[] = [];
  for (const [index, status = ''] of statuses.entries()) {
    const state = named[index]?.state;
    const before = isAgain(index) ? marked.at(-1) : undefined;
    marked.push(before ?? (state === undefined ? status : markOf(state)));
  }
  const isWhole = named.every((place) => place !== undefined);
  const explanation = isWhole ? [] : replayerOf(lifecycle).replay(marked).explanation;
  const explained = new Map(explanation.map(({ index, state }) => [index, state]));
  const places: Place[] = [];
  for (const [index, status] of statuses.entries()) {
    const before = isAgain(index) ? places.at(-1) : undefined;
    places.push(named[index] ?? before ?? explainedPlace(status, index));
  }
  return places;

  function explainedPlace(status: string | undefined, index: number): Place {
    const candidates = lifecycle.statesWith(status as never);
    const state = candidates.find((one) => one === explained.get(index));
    if (state !== undefined) return { state, candidates };
    const what = 'a status that a state stands for';
    throw new RangeError(`history[${index}].status: ${expected(what, status)}`);
  }
}

/** The state that a row names. One that names nothing but a status is left to be explained. */
function namedPlace({ states }: SlaLifecycle, row: unknown, index: number): Place | undefined {
  const { state, status } = isRecord(row) ? row : ({} as Readonly<Record<string, unknown>>);
  // A column of a database that names no state holds null.
  if ((state ?? undefined) === undefined && status !== undefined) return undefined;
  const known = states.find((one) => one === state);
  if (known !== undefined) return { state: known, candidates: [known] };
  const what = `one of the states ${states.join(', ')}`;
  throw new RangeError(`history[${index}].state: ${expected(what, state)}`);
}

const replayers = new WeakMap<SlaLifecycle, Replayer>();

/**
 * Replays rows of which some name a state. Such a row is read as a status that only this state has,
 * in a graph in which each edge may also lead to it and out of it. So what is beside the row leads
 * there, and on from there. A ticket that was in the state before the row comes there as well, unless
 * an edge explains the row.
 */
function replayerOf(lifecycle: SlaLifecycle): Replayer {
  const known = replayers.get(lifecycle);
  if (known !== undefined) return known;
  const { initial, statuses } = graphOf(lifecycle);
  const marks = lifecycle.states.flatMap((state) => [markOf(state), stayOf(state)]);
  const within = lifecycle.edges.filter(({ from, to }) => statuses.get(from) === statuses.get(to));
  const inside = Map.groupBy(within, ({ from }) => from);
  const both = (state: string) => [state, markOf(state)];
  const after = (state: string) => [...reachableFrom(state, inside)].map(markOf);
  const before = (state: string) =>
    lifecycle.states.filter((one) => reachableFrom(one, inside).has(state)).map(markOf);
  const along = (starts: typeof both, ends: typeof both) =>
    lifecycle.edges.flatMap(({ event, from, to }) =>
      starts(from).flatMap((one) => ends(to).map((other) => ({ event, from: one, to: other }))),
    );
  const edges = [
    ...along(both, both),
    // No status shows moves within itself, so these may begin at a row, and end at one.
    ...along(
      (state) => [state, ...before(state)],
      (state) => [state, ...after(state)],
    ),
    ...lifecycle.states.flatMap((state) => [
      { event: '', from: state, to: stayOf(state) },
      { event: '', from: stayOf(state), to: markOf(state) },
    ]),
  ];
  const replayer = createReplayer({
    initial,
    statuses: new Map([...statuses, ...marks.map((mark) => [mark, mark] as const)]),
    edges: Map.groupBy(firstOfEach(edges), ({ from }) => from),
  });
  replayers.set(lifecycle, replayer);
  return replayer;
}

/** Of several edges between two states the first: the replay takes no other. */
function firstOfEach<Edge extends { readonly from: string; readonly to: string }>(
  edges: readonly Edge[],
): readonly Edge[] {
  const first = new Map<string, Edge>();
  for (const edge of edges) {
    const key = JSON.stringify([edge.from, edge.to]);
    if (!first.has(key)) first.set(key, edge);
  }
  return [...first.values()];
}

// No state has such a name: XState takes it for an id.
const markOf = (state: string): string => `#${state}`;
const stayOf = (state: string): string => `##${state}`;
