import {
  ticketStatuses,
  type Lifecycle,
  type PlacedStep,
  type ReplayLogSummary,
} from '@ticket-lifecycle/core';
import type { LocalTime } from '@ticket-lifecycle/core/time-zone';
import type { Histories } from '@ticket-lifecycle/internal/histories/histories';
import type { ValueMap } from '@ticket-lifecycle/internal/histories/value-map';
import { createCounter, type Counted } from '../bulk/counter.ts';
import type { Promised } from './durations.ts';
import { createGroups, type GroupFigures } from './groups.ts';
import { createJudge } from './judge.ts';
import { createOddSteps, misfitOf, type Misfit, type MisfitKind } from './misfits.ts';
import { createOpenTickets, type OpenFigures } from './open-tickets.ts';
import { createServiceLevels, type ServiceLevels, type TicketClock } from './service-levels.ts';
import { isoText, monthsIn } from './time-zone.ts';
import { createVisits, type KeptPromise } from './visits.ts';

/** What the histories of a file show. */
export interface Figures extends Pick<
  ReplayLogSummary,
  'variants' | 'otherTickets' | 'times' | 'missed'
> {
  readonly tickets: number;
  readonly changes: number;
  readonly kinds: Readonly<Record<ChangeKind, number>>;
  /** Each change that occurs, such as `open → resolved`, the most frequent first. */
  readonly mostFrequent: readonly (Counted & SeenChange)[];
  /** Values that no state or status stands for. */
  readonly unmapped: readonly Counted[];
  readonly map: readonly { readonly value: string; readonly name: string; readonly rows: number }[];
  readonly unusedPatterns: readonly string[];
  readonly conformance: Conformance;
  readonly rework: ReplayLogSummary['rework'] & {
    /** Which status they came back from. */
    readonly from: readonly Counted[];
    /** The tickets that came back most often, at most twenty. */
    readonly mostOften: readonly { readonly ticketId: string; readonly reopens: number }[];
  };
  readonly open: OpenFigures;
  readonly sla: readonly KeptPromise[];
  /** The clocks of `meta.sla`. Absent where the lifecycle has none, or nothing has a time. */
  readonly serviceLevels: ServiceLevels | undefined;
  readonly groups: readonly GroupFigures[] | undefined;
}

/** How many tickets follow the lifecycle from their first row to the last. */
export interface Conformance {
  readonly following: number;
  readonly meanFitness: number;
  readonly misfits: Readonly<Record<MisfitKind, number>>;
  /** The first row of tickets that begin elsewhere than the lifecycle, whatever else they do. */
  readonly begins: readonly Counted[];
  readonly beginElsewhere: number;
}

/** A change by its ends. */
export interface SeenChange {
  readonly from: string;
  readonly to: string;
  readonly kind: ChangeKind;
}

/** What a change is. */
export type ChangeKind = Exclude<PlacedStep['step']['kind'], 'unchanged'>;

/** A change of a ticket. */
export interface JudgedChange {
  readonly line: number;
  /** Its number. */
  readonly ticket: number;
  readonly step: PlacedStep['step'];
}

/** How to judge histories. */
export interface FigureOptions {
  readonly lifecycle: Lifecycle;
  readonly map: ValueMap;
  /** Whether the log holds every change, so that a missing step was skipped. */
  readonly complete: boolean;
  /** In whose zone moments and months are shown. @defaultValue UTC */
  readonly clocks?: LocalTime | undefined;
  readonly sla: readonly Promised[];
  /** Is called with each change, in the order of the rows. */
  readonly change?: ((change: JudgedChange) => void) | undefined;
  /** Is called with each reading of a clock, after the changes. */
  readonly clock?: ((reading: TicketClock) => void) | undefined;
  /** Is awaited now and then. */
  readonly pause: () => Promise<void>;
}

// With the wrong column every change may be another.
const mostCounted = 10_000;
const mostReopened = 20;
const rowsAtOnce = 20_000;

/** Judges all rows in order, and gathers what they show. */
export async function gatherFigures(histories: Histories, options: FigureOptions) {
  const { lifecycle, map, complete, clocks, sla, change, pause } = options;
  const { tickets, values, times: read } = histories;
  const meanings = values.map(({ value }) => map.nameOf(value));
  const names = values.map(({ value }, index) => meanings[index] ?? value);
  const { log, statusOf } = createJudge(lifecycle, new Set(names), {
    complete,
    periodOf: clocks && monthsIn(clocks),
  });
  const own = new Set<string>([...ticketStatuses, ...lifecycle.states]);
  const visits = sla.map((promised) => {
    // A name of the log is the row of that name in the report. A status that no row has the name
    // of stands for all its states.
    const nameIn = names.includes(promised.name) ? (name: string) => name : statusOf;
    return createVisits(
      promised,
      names.map((name) => nameIn(name) === promised.name),
      tickets,
    );
  });
  // A ticket of single steps fits, unless a step may have come from several states.
  const isPlain =
    new Set(lifecycle.states.map((state) => lifecycle.statusOf(state))).size ===
    lifecycle.states.length;
  const isOdd = new Uint8Array(tickets.count);
  const odd = createOddSteps(tickets.count);
  const initial = lifecycle.statusOf(lifecycle.initial);
  // The log numbers tickets in the order in which it meets them: sorting may have changed that.
  const numbers = new Uint32Array(tickets.count);
  let begun = 0;
  const firstLines = new Uint32Array(tickets.count);
  const firstNames = new Uint32Array(tickets.count);
  const levels =
    read?.isSorted === true && lifecycle.sla.clocks.length > 0
      ? createServiceLevels(lifecycle, names, tickets)
      : undefined;
  const groups = createGroups(histories.groups);
  const open = createOpenTickets(tickets, names, statusOf, groups !== undefined);
  // What only groups show is not kept without them.
  const grouped = groups === undefined ? 0 : tickets.count;
  const allChanges = new Uint32Array(grouped);
  // By the verdict itself, which is the same object for equal changes.
  const counted = new Map<PlacedStep['step'], { count: number }>();
  const reopenedFrom = createCounter();
  const reopens = new Uint32Array(tickets.count);
  let unknown = 0;

  const take = () =>
    histories.take((ticket, value, at, line) => {
      let number = (numbers[ticket] ?? 0) - 1;
      if (number === -1) {
        number = begun;
        begun += 1;
        numbers[ticket] = begun;
      }
      const name = names[value] ?? '';
      const step = read?.isSorted === true ? log.add(number, name, at) : log.add(number, name);
      for (const visit of visits) visit.add(ticket, value, at);
      open.add(ticket, value, at);
      levels?.add(ticket, value, at);
      if (step === undefined) {
        if (firstLines[ticket] === 0) {
          firstLines[ticket] = line;
          firstNames[ticket] = value;
          if (statusOf(name) !== initial) isOdd[ticket] = 1;
        }
        return;
      }
      // Several values may mean the same status; going from one to the other does not count as a change.
      if (step.kind === 'unchanged' || step.from === step.to) return;
      change?.({ line, ticket, step });
      count(step);
      if (isReopening(statusOf(step.from), statusOf(step.to))) {
        reopenedFrom.add(step.from);
        reopens[ticket] = (reopens[ticket] ?? 0) + 1;
      }
      if (groups !== undefined) allChanges[ticket] = (allChanges[ticket] ?? 0) + 1;
      if (step.kind === 'edge') return;
      isOdd[ticket] = 1;
      odd.add(ticket, line, step);
    }, rowsAtOnce);
  while (take()) await pause();
  await pause();
  const show = (at: number) => isoText(at, clocks);
  const serviceLevels = await levels?.read(read?.last ?? Number.NaN, show, options.clock, pause);
  return { figures: { ...summary(), serviceLevels }, misfits };

  function count(step: PlacedStep['step']): void {
    if (step.kind === 'unknown-status') unknown += 1;
    const known = counted.get(step);
    if (known !== undefined) known.count += 1;
    else if (counted.size < mostCounted) counted.set(step, { count: 1 });
  }

  function isFitting(ticket: number): boolean {
    return isPlain && isOdd[ticket] === 0;
  }

  function summary(): Omit<Figures, 'serviceLevels'> {
    const found = log.summary();
    // First, for it notes the tickets that are late and still there.
    const kept = visits.map((visit) => visit.summary(read?.last ?? Number.NaN));
    const begins = createCounter();
    const reasons = { 'unknown-status': 0, jump: 0, missed: 0, 'begins-elsewhere': 0 };
    for (let ticket = 0; ticket < tickets.count; ticket += 1) {
      if (isFitting(ticket) && groups === undefined) continue;
      const replay = log.ticket((numbers[ticket] ?? 0) - 1);
      if (replay === undefined) continue;
      const kind = misfitOf(replay, (name) => own.has(name));
      if (kind !== undefined) reasons[kind] += 1;
      if (replay.start?.isInitial === false) begins.add(names[firstNames[ticket] ?? 0] ?? '');
      const isLate = visits.some((visit) => visit.isLate(ticket));
      const life = open.lifeOf(ticket);
      groups?.add(ticket, replay, { changes: allChanges[ticket] ?? 0, isLate, life });
    }
    const unmapped = createCounter();
    for (const [index, { value, count: rows }] of values.entries()) {
      if (meanings[index] === undefined) unmapped.add(value, undefined, rows);
    }
    // A later row may show that another state of a shared status was meant, so these are of the
    // whole histories. A word without a meaning that comes again is counted there, and is no change.
    const { edge, path, skipped, jump } = found.counts;
    const kinds = { edge, path, skipped, jump, 'unknown-status': unknown };
    return {
      tickets: tickets.count,
      changes: Object.values(kinds).reduce((sum, number) => sum + number, 0),
      kinds,
      mostFrequent: mostFrequent(),
      unmapped: unmapped.mostFrequent(),
      map: values.flatMap(({ value, count: rows }, index) => {
        const name = meanings[index];
        return name === undefined ? [] : [{ value, name, rows }];
      }),
      unusedPatterns: map.unused(),
      conformance: {
        following: found.fitness.fitting,
        meanFitness: found.fitness.mean,
        misfits: reasons,
        begins: begins.mostFrequent(),
        beginElsewhere: found.startedElsewhere,
      },
      missed: found.missed,
      variants: found.variants,
      otherTickets: found.otherTickets,
      times: found.times,
      rework: { ...found.rework, from: reopenedFrom.mostFrequent(), mostOften: mostOften() },
      open: open.summary(read?.isSorted === true ? read.last : Number.NaN, clocks),
      sla: kept,
      groups: groups?.summary(),
    };
  }

  function mostOften(): { ticketId: string; reopens: number }[] {
    const found: { ticket: number; often: number }[] = [];
    for (const [ticket, often] of reopens.entries()) if (often > 0) found.push({ ticket, often });
    return found
      .toSorted((a, b) => b.often - a.often)
      .slice(0, mostReopened)
      .map(({ ticket, often }) => ({ ticketId: tickets.idOf(ticket), reopens: often }));
  }

  function mostFrequent(): (Counted & SeenChange)[] {
    const changes = new Map<string, Counted & SeenChange>();
    for (const [step, { count: often }] of counted) {
      const { from, to } = step;
      const kind = step.kind as ChangeKind;
      const events = 'events' in step ? ` (${step.events.join(', ')})` : '';
      const name = `${from} → ${to}`;
      const note = `${kind}${events}`;
      const before = changes.get(`${name}\n${note}`)?.count ?? 0;
      changes.set(`${name}\n${note}`, { name, note, from, to, kind, count: before + often });
    }
    return [...changes.values()].toSorted((a, b) => b.count - a.count);
  }

  /** @yields the tickets that don't follow the lifecycle, in the order in which they came */
  function* misfits(): Generator<Misfit> {
    for (let ticket = 0; ticket < tickets.count; ticket += 1) {
      if (isFitting(ticket)) continue;
      const replay = log.ticket((numbers[ticket] ?? 0) - 1);
      const kind = replay && misfitOf(replay, (name) => own.has(name));
      if (replay === undefined || kind === undefined) continue;
      yield {
        ticketId: tickets.idOf(ticket),
        kind,
        fitness: replay.fitness,
        firstLine: firstLines[ticket] ?? 0,
        firstState: names[firstNames[ticket] ?? 0] ?? '',
        steps: odd.of(ticket),
      };
    }
  }
}

const isReopening = (from: string, to: string): boolean =>
  (from === 'resolved' || from === 'closed') && (to === 'open' || to === 'in-progress');
