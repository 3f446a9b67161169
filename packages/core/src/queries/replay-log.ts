import { createAligner } from './alignment.ts';
import { momentOf, type Moment } from '../moments.ts';
import { createLogTimes, type LogTimes } from './log-times.ts';
import { checkOptionTypes } from '../options.ts';
import { replayOptionTypes, type ReplayOptions } from './replay.ts';
import { graphOf, type PlacedStep, type ReplayableLifecycle } from './replay-stepper.ts';
import { countSteps, fitnessOf, fitOf, type ReplayCounts, type ReplayFit } from './tally.ts';
import { createLogTickets } from './log-tickets.ts';
import { expected } from '../values.ts';
import type { Variant } from './variants.ts';

/** How to read a log. */
export interface ReplayLogOptions extends ReplayOptions {
  /**
   * The states that rows may name where several share a status. A row that names the status then
   * means the other states of it.
   *
   * @defaultValue none: rows name statuses
   */
  readonly states?: readonly string[] | undefined;
  /**
   * The period that a moment belongs to, for the counts of rework.
   *
   * @defaultValue the month in UTC, such as `2026-03`
   */
  readonly periodOf?: ((milliseconds: number) => string) | undefined;
}

/** What a log shows of one ticket so far. */
export interface TicketReplay<State extends string = string> extends ReplayFit<State> {
  readonly rows: number;
  /** The steps of the cheapest explanation of all rows so far. */
  readonly counts: ReplayCounts;
  /** Changes from resolved or closed back to open or in-progress. */
  readonly reopens: number;
}

/** What a log shows of all its tickets so far. */
export interface ReplayLogSummary {
  readonly rows: number;
  readonly tickets: number;
  readonly counts: ReplayCounts;
  /** The mean over all tickets, and how many of them have a fitness of 1. */
  readonly fitness: { readonly mean: number; readonly fitting: number };
  /** Tickets whose first row does not have the initial state's status. */
  readonly startedElsewhere: number;
  /** Statuses that the explanations pass and the log does not show. */
  readonly missed: number;
  /** The ways through life, the most frequent first. */
  readonly variants: readonly Variant[];
  /** Tickets whose way is none of these: more than 50,000 different beginnings are not kept. */
  readonly otherTickets: number;
  readonly rework: Rework;
  /** Absent where no row has a time. */
  readonly times: LogTimes | undefined;
}

/** How often tickets came back. */
export interface Rework {
  /** Changes from resolved or closed back to open or in-progress. */
  readonly reopens: number;
  /** How many tickets were reopened once, twice and so on. */
  readonly tickets: readonly { readonly reopens: number; readonly tickets: number }[];
  /** By period, in the order of their names. Rows without a time are in none. */
  readonly periods: readonly {
    readonly period: string;
    readonly changes: number;
    readonly reopens: number;
  }[];
}

/** Replays the rows of many tickets as they come. */
export interface ReplayLog<Event extends string = string, State extends string = string> {
  /**
   * Takes a row, and explains it by the ticket's rows up to it. A ticket's rows come in order of
   * time. The first row of a ticket is not a step.
   *
   * @param ticketId - its id; or, where the caller numbers the tickets from 0 in the order in which
   *   they come, its number, which is quicker
   * @param at - when it was. A text needs its zone; anything else counts as unreadable, and so does a
   *   row without it in a log whose other rows have times: nobody knows when its stay began
   */
  add(
    ticketId: string | number,
    status: string,
    at?: Moment,
  ): PlacedStep<Event, State>['step'] | undefined;
  /** What is known of one ticket. */
  ticket(ticketId: string | number): TicketReplay<State> | undefined;
  summary(): ReplayLogSummary;
}

/**
 * Replays a log of many tickets, whose rows may alternate, in one pass. No rows are kept: a ticket
 * takes 12 bytes, 32 more where rows have times, and its id where it has no number; twice as much
 * while room is made for more. Ways through life beyond the first 50,000 take about 100 more
 * for each ticket. The durations of a status or a state take 400 KB at most, and as much
 * again while a summary sorts them.
 *
 * @example
 * ```ts
 * import { createReplayLog, ticketLifecycle } from '@ticket-lifecycle/core';
 *
 * const log = createReplayLog(ticketLifecycle, { complete: true });
 * log.add('T-1', 'open', '2026-03-02T09:00:00Z');
 * log.add('T-2', 'open', '2026-03-02T09:30:00Z');
 * log.add('T-1', 'in-progress', '2026-03-02T10:00:00Z');
 * const step = log.add('T-2', 'closed', '2026-03-02T11:30:00Z');
 * console.log(step?.kind); // skipped
 * console.log(log.ticket('T-1')?.fitness, log.ticket('T-2')?.missed); // 1 2
 * console.log(log.summary().times?.statuses['open']?.median); // 5400000
 * ```
 */
export function createReplayLog<State extends string, Event extends string>(
  lifecycle: ReplayableLifecycle<State, Event>,
  options: ReplayLogOptions = {},
): ReplayLog<Event, State> {
  const types = { ...replayOptionTypes, states: 'an array', periodOf: 'a function' };
  checkOptionTypes('createReplayLog', options, types);
  const { complete = false, states = [], periodOf = createMonths() } = options;
  const stranger = states.find((state) => !lifecycle.states.includes(state as State));
  if (stranger !== undefined) {
    const known = lifecycle.states.join(', ');
    throw new RangeError(`states: ${expected(`states of the lifecycle (${known})`, stranger)}`);
  }
  const aligner = createAligner(graphOf(lifecycle, states), complete);
  const statuses = new Map<string, string>(
    states.map((state) => [state, lifecycle.statusOf(state as State) ?? state]),
  );
  /** The status of the API that a row stands for. */
  const statusOf = (name: string) => (statuses.size === 0 ? name : (statuses.get(name) ?? name));
  const tickets = createLogTickets(aligner, (from, to) =>
    isReopening(statusOf(from), statusOf(to)),
  );
  const numbers = new Map<string, number>();
  const find = (id: string | number) =>
    typeof id === 'string' ? numbers.get(id) : tickets.has(id) ? id : undefined;
  const periods = new Map<string, { changes: number; reopens: number }>();
  let times: ReturnType<typeof createLogTimes> | undefined;
  let rows = 0;

  return { add, ticket, summary } as ReplayLog<Event, State>;

  function add(ticketId: string | number, status: string, at?: Moment) {
    const known = find(ticketId);
    const number = known ?? begin(ticketId);
    rows += 1;
    const { step, left, isReopened } = tickets.add(number, status);
    const time = at === undefined ? Number.NaN : momentOf(at);
    if (at !== undefined) times ??= createLogTimes();
    times?.add({
      ticket: number,
      at: time,
      status: statusOf(status),
      isFirst: known === undefined,
      left,
    });
    if (left !== undefined && !Number.isNaN(time)) countIn(time, isReopened);
    return step;
  }

  function begin(ticketId: string | number): number {
    const number = tickets.count();
    if (typeof ticketId === 'string') numbers.set(ticketId, number);
    else if (ticketId !== number)
      throw new RangeError(
        `ticketId: ${expected(`the next number, ${number}, or a text`, ticketId)}`,
      );
    return number;
  }

  function countIn(time: number, isReopened: boolean): void {
    const period = periodOf(time);
    let counted = periods.get(period);
    if (counted === undefined) periods.set(period, (counted = { changes: 0, reopens: 0 }));
    counted.changes += 1;
    if (isReopened) counted.reopens += 1;
  }

  function ticket(ticketId: string | number): TicketReplay | undefined {
    const number = find(ticketId);
    if (number === undefined) return undefined;
    const it = tickets.tallyOf(number);
    const { rows: own, reopens } = it;
    return { ...fitOf(it, aligner), rows: own, counts: countSteps(it, aligner), reopens };
  }

  function summary(): ReplayLogSummary {
    const counts = { unchanged: 0, edge: 0, path: 0, jump: 0, 'unknown-status': 0, skipped: 0 };
    const kinds = Object.keys(counts) as (keyof typeof counts)[];
    const byReopens = new Map<number, number>();
    let [sum, fitting, startedElsewhere, missed, reopens] = [0, 0, 0, 0, 0];
    for (const [it, often] of tickets.tallies()) {
      const own = countSteps(it, aligner);
      for (const kind of kinds) counts[kind] += own[kind] * often;
      const fitness = fitnessOf(it);
      sum += fitness * often;
      missed += it.missed * often;
      reopens += it.reopens * often;
      if (fitness === 1) fitting += often;
      if (it.start !== aligner.initialStatus) startedElsewhere += often;
      if (it.reopens > 0) byReopens.set(it.reopens, (byReopens.get(it.reopens) ?? 0) + often);
    }
    const repeated = tickets.repeated();
    counts.unchanged += repeated.unchanged;
    counts['unknown-status'] += repeated.unknownSteps;
    const size = tickets.count();
    return {
      rows,
      tickets: size,
      counts,
      fitness: { mean: size === 0 ? 1 : sum / size, fitting },
      startedElsewhere,
      missed,
      ...tickets.variants(),
      rework: {
        reopens,
        tickets: [...byReopens]
          .map(([often, count]) => ({ reopens: often, tickets: count }))
          .toSorted((a, b) => a.reopens - b.reopens),
        periods: [...periods]
          .map(([period, counted]) => ({ period, ...counted }))
          .toSorted((a, b) => (a.period < b.period ? -1 : 1)),
      },
      times: times?.summary(closedTickets(), rows),
    };
  }

  function* closedTickets(): Generator<number> {
    for (let number = 0; number < tickets.count(); number += 1) {
      if (statusOf(tickets.statusOf(number)) === 'closed') yield number;
    }
  }
}

const isReopening = (from: string, to: string): boolean =>
  (from === 'resolved' || from === 'closed') && (to === 'open' || to === 'in-progress');

/** The month in UTC. Most rows lie in few days, whose months are remembered. */
function createMonths(): (milliseconds: number) => string {
  const months = new Map<number, string>();
  return (milliseconds) => {
    const day = Math.floor(milliseconds / 86_400_000);
    const month = months.get(day) ?? new Date(milliseconds).toISOString().slice(0, 7);
    if (months.size < 100_000) months.set(day, month);
    return month;
  };
}
