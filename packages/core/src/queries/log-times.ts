import type { Column } from './alignment.ts';
import { createSample, type Durations, type Sample } from '../quantiles.ts';

/** The time that tickets spent somewhere. */
export interface TimeSpent extends Durations {
  /** Of all time that was measured in the log, from 0 to 1. */
  readonly share: number;
}

/** What the times of a log's rows tell. */
export interface LogTimes {
  /** Rows with a time. */
  readonly rows: number;
  /** Rows without a time that can be read. */
  readonly unreadable: number;
  /** Rows with the same time as the ticket's row before, and another status. */
  readonly ties: number;
  /** Rows with an earlier time than the ticket's row before. A stay that ends with one is left out. */
  readonly reversals: number;
  /** Each status's stays that have ended. A stay lasts until the first row with another status. */
  readonly statuses: Readonly<Record<string, TimeSpent>>;
  /** The same for states, as far as the rows up to a stay leave only one. */
  readonly states: Readonly<Record<string, TimeSpent>>;
  /** From a ticket's first row to the first that is closed. */
  readonly toFirstClosing: Durations | undefined;
  /** From the first row to the last change into closed, of tickets that are closed now. */
  readonly toLastClosing: Durations | undefined;
}

/** A row with a time, and what it changed. */
interface TimedRow {
  readonly ticket: number;
  readonly at: number;
  readonly status: string;
  /** Whether it is the ticket's first. */
  readonly isFirst: boolean;
  /** Where the ticket was, if the row has another status. */
  readonly left: Column | undefined;
}

const closed = 'closed';
const width = 4;
const [firstAt, lastAt, enteredAt, closedAt] = [0, 1, 2, 3];
// Closed, and nobody knows how long after the first row.
const atSomeTime = Number.NEGATIVE_INFINITY;
const ticketsPerPart = 2 ** 14;

/** Gathers the times of rows. A ticket is known by a number, from 0 without gaps. */
export function createLogTimes() {
  // Four times a ticket. NaN: there is none. In parts, since one array that grows is in memory
  // twice while it is copied.
  const parts: Float64Array[] = [];
  const statuses = new Map<string, Sample>();
  // Of states that share a status. The others have the stays of their status.
  const states = new Map<string, Sample>();
  const onlyStates = new Map<string, string>();
  const toFirstClosing = createSample();
  let [rows, ties, reversals, measured] = [0, 0, 0, 0];

  return { add, summary };

  /** Takes the time of a row; NaN where it has none that can be read. */
  function add({ ticket, at, status, isFirst, left }: TimedRow): void {
    const times = partOf(ticket);
    const place = placeOf(ticket);
    const isEntry = isFirst || left !== undefined;
    if (Number.isNaN(at)) {
      // Nobody knows when this stay began.
      if (isEntry) times[place + enteredAt] = at;
      if (isEntry && status === closed) times[place + closedAt] = atSomeTime;
      return;
    }
    rows += 1;
    const before = times[place + lastAt] ?? at;
    if (at < before) reversals += 1;
    times[place + lastAt] = at;
    if (left !== undefined) {
      if (at === before) ties += 1;
      const stay = at - (times[place + enteredAt] ?? at);
      // Neither is true of NaN.
      if (stay >= 0 && at >= before && left.isKnown) {
        measured += stay;
        addStay(left, stay);
      }
    }
    if (!isEntry) return;
    if (isFirst) times[place + firstAt] = at;
    times[place + enteredAt] = at;
    if (status !== closed) return;
    const age = at - (times[place + firstAt] ?? at);
    const isFirstClosing = Number.isNaN(times[place + closedAt]);
    if (age >= 0 && isFirstClosing) toFirstClosing.add(age);
    times[place + closedAt] = age >= 0 ? at : atSomeTime;
  }

  function addStay({ status, states: possible, cells }: Column, stay: number): void {
    const known = statuses.get(status);
    const sample = known ?? createSample();
    sample.add(stay);
    if (known === undefined) {
      statuses.set(status, sample);
      const [only] = cells;
      if (possible === undefined && only !== undefined) onlyStates.set(only.state, status);
    }
    const [state, ...others] = possible ?? [];
    if (state === undefined || others.length > 0) return;
    const own = states.get(state) ?? createSample();
    states.set(state, own);
    own.add(stay);
  }

  function summary(closedTickets: Iterable<number>, allRows: number): LogTimes {
    const toLastClosing = createSample();
    for (const ticket of closedTickets) {
      const times = partOf(ticket);
      const place = placeOf(ticket);
      const age = (times[place + closedAt] ?? Number.NaN) - (times[place + firstAt] ?? 0);
      if (age >= 0) toLastClosing.add(age);
    }
    const spent = (samples: ReadonlyMap<string, Sample>) =>
      Object.fromEntries(
        [...samples].map(([name, sample]) => [
          name,
          { ...sample.summary(), share: measured === 0 ? 0 : sample.total / measured } as TimeSpent,
        ]),
      );
    for (const [state, status] of onlyStates) {
      const sample = statuses.get(status);
      if (sample !== undefined) states.set(state, sample);
    }
    return {
      rows,
      unreadable: allRows - rows,
      ties,
      reversals,
      statuses: spent(statuses),
      states: spent(states),
      toFirstClosing: toFirstClosing.summary(),
      toLastClosing: toLastClosing.summary(),
    };
  }

  function partOf(ticket: number): Float64Array {
    const number = Math.floor(ticket / ticketsPerPart);
    while (number >= parts.length) {
      parts.push(new Float64Array(ticketsPerPart * width).fill(Number.NaN));
    }
    return parts[number] as Float64Array;
  }
}

const placeOf = (ticket: number): number => (ticket % ticketsPerPart) * width;
