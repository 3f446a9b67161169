/*
 * The clocks of `meta.sla` over a log, for the command line and the playground.
 *
 * Nothing is known after the last row of a log, so all clocks are read at that moment: one that
 * runs then may have stopped since. A ticket whose rows can't be measured is told with the reason;
 * it counts nowhere. One whose first row is not where the lifecycle begins is counted and told: what
 * its clocks showed before that row is not known.
 */

/** What one clock shows of a ticket: `measureSla` of core reads it. */
export interface ClockReading {
  readonly clock: string;
  readonly phase: 'not-started' | 'running' | 'paused' | 'stopped';
  readonly targetMs: number;
  readonly consumedMs: number;
  /** Less than 0 where more was used. */
  readonly leftMs: number;
  readonly isBreached: boolean;
  /** How many stays breached, for a clock per stay; otherwise 0 or 1. */
  readonly breaches: number;
  readonly assumed: boolean;
}

/** A row to measure: the state, or the status where no more is known. */
export type MeasuredRow =
  | { readonly state: string; readonly at: number }
  | { readonly status: string; readonly at: number };

/** What is asked of a lifecycle. */
export interface Measure<Reading extends ClockReading> {
  /** The state in which tickets begin. */
  readonly initial: string;
  /** The states that stand for a status; none for what is no status. */
  readonly statesWith: (status: string) => readonly string[];
  readonly measure: (rows: readonly MeasuredRow[], now: number) => readonly Reading[];
}

/** The rows of one ticket, in order of time. */
export interface TicketRows {
  readonly statuses: readonly string[];
  /** Of each row the state that it names, if it names one. */
  readonly states: readonly (string | undefined)[];
  /** Milliseconds since 1970, or NaN. */
  readonly times: readonly number[];
}

/** The clocks of a ticket, and whether they start late: with a row that is not the ticket's first. */
interface TicketClocks<Reading extends ClockReading> {
  readonly clocks: readonly Reading[];
  readonly beginsElsewhere: boolean;
}

/**
 * Reads the clocks of one ticket after another, or says why they can't be read.
 *
 * @param speaksOfStates - whether the log names a state that is no status. In all others
 *   `in-progress` is a status, which several states may share
 * @param readAt - the last time of the log
 */
export function createClockReader<Reading extends ClockReading>(
  { initial, statesWith, measure }: Measure<Reading>,
  { speaksOfStates, readAt }: { readonly speaksOfStates: boolean; readonly readAt: number },
): (ticket: TicketRows) => TicketClocks<Reading> | { readonly reason: string } {
  return (ticket) => {
    const reason = whyUnread(ticket);
    if (reason !== undefined) return { reason };
    return { clocks: measure(rowsOf(ticket), readAt), beginsElsewhere: beginsElsewhere(ticket) };
  };

  function beginsElsewhere({ statuses, states }: TicketRows): boolean {
    const [status] = statuses;
    if (status === undefined) return false;
    const state = speaksOfStates ? states[0] : undefined;
    return state === undefined ? !statesWith(status).includes(initial) : state !== initial;
  }

  function whyUnread({ statuses, times }: TicketRows): string | undefined {
    const timeless = times.findIndex((at) => Number.isNaN(at));
    if (timeless !== -1) return `row ${timeless + 1} has no time`;
    const early = times.findIndex((at, row) => at < (times[row - 1] ?? -Infinity));
    if (early !== -1) return `row ${early + 1} is earlier than the row before it`;
    const unknown = statuses.find((status) => statesWith(status).length === 0);
    return unknown === undefined ? undefined : `"${unknown}" has no meaning`;
  }

  function rowsOf({ statuses, states, times }: TicketRows): readonly MeasuredRow[] {
    return statuses.map((status, row) => {
      const state = speaksOfStates ? states[row] : undefined;
      const at = times[row] ?? Number.NaN;
      return state === undefined ? { status, at } : { state, at };
    });
  }
}

type Urgency = Pick<ClockReading, 'breaches' | 'isBreached' | 'leftMs'>;

/** Whether a clock missed its target, now or in an earlier stay. */
export const isMissed = ({ breaches, isBreached }: Urgency): boolean => isBreached || breaches > 0;

/** Those that missed their target first, then those that have the least left. */
export const byUrgency = (one: Urgency, other: Urgency): number =>
  Number(isMissed(other)) - Number(isMissed(one)) || one.leftMs - other.leftMs;

/** A clock over all tickets whose rows can be measured: they are in one of the four counts. */
export interface ClockSum {
  readonly clock: string;
  readonly targetMs: number;
  readonly tickets: number;
  /** Stopped in time. */
  met: number;
  breached: number;
  /** Neither yet: it runs or pauses. */
  open: number;
  notStarted: number;
  /** Readings in which a state was assumed. */
  assumed: number;
  /** What all tickets have used together. */
  consumedMs: number;
}

/** Sums up the readings of all tickets, by clock. */
export function createClockSums() {
  const sums = new Map<string, ClockSum & { tickets: number }>();
  return {
    add(reading: ClockReading): void {
      const { clock, targetMs, phase, consumedMs, assumed } = reading;
      let sum = sums.get(clock);
      if (sum === undefined) {
        const counts = { met: 0, breached: 0, open: 0, notStarted: 0, assumed: 0, consumedMs: 0 };
        sums.set(clock, (sum = { clock, targetMs, tickets: 0, ...counts }));
      }
      sum.tickets += 1;
      sum.consumedMs += consumedMs;
      if (assumed) sum.assumed += 1;
      if (isMissed(reading)) sum.breached += 1;
      else if (phase === 'stopped') sum.met += 1;
      else if (phase === 'not-started') sum.notStarted += 1;
      else sum.open += 1;
    },
    all: (): readonly ClockSum[] => [...sums.values()],
  };
}

/** Says of how many tickets the clocks start late, and of the first which these are. */
export function lateStartsText(tickets: number, first: readonly string[]): string {
  const isOne = tickets === 1;
  const all = `${tickets.toLocaleString('en')} ${isOne ? 'ticket begins' : 'tickets begin'}`;
  const ids = `${first.slice(0, 3).join(', ')}${tickets > 3 ? ' …' : ''}`;
  const clocks = isOne ? 'its clocks start' : 'their clocks start';
  return `${all} elsewhere than the lifecycle (${ids}): ${clocks} late, and may show too little`;
}

/**
 * Explains a breach with nothing over: in working hours the clock stood still, and it ran on all the
 * same. Empty for any other reading.
 *
 * @param lateMs - from the breach to the end of the clock, by the calendar
 */
export function ranOnText(
  { phase, leftMs, isBreached }: Pick<ClockReading, 'phase' | 'leftMs' | 'isBreached'>,
  lateMs: number,
): string {
  if (!isBreached || leftMs !== 0) return '';
  const late = lateMs < 60_000 ? 'less than a minute' : hoursText(lateMs);
  const end = phase === 'stopped' ? `, ended ${late} after the deadline` : '';
  return `: ran on outside working hours${end}`;
}

/** What is left of a target, or how much more was used. */
export function leftText(leftMs: number): string {
  if (leftMs >= 0) return `${hoursText(leftMs)} left`;
  return leftMs > -60_000 ? 'less than a minute over' : `${hoursText(leftMs)} over`;
}

/** A working time in hours and minutes: a working day is of no fixed length. */
export function hoursText(ms: number): string {
  const minutes = Math.floor(Math.abs(ms) / 60_000);
  const hours = Math.floor(minutes / 60);
  const parts = [
    ...(hours > 0 ? [`${hours} h`] : []),
    ...(minutes % 60 > 0 || hours === 0 ? [`${minutes % 60} min`] : []),
  ];
  return parts.join(' ');
}
