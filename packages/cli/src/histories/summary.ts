import type { Histories } from '@ticket-lifecycle/internal/histories/histories';
import type { FigureOptions, Figures } from './figures.ts';
import { misfitKinds, type Misfit, type MisfitKind } from './misfits.ts';
import { isoText } from './time-zone.ts';

/** All that a replay has found: what `--json` ends with, and what text and page show. */
export type ReplaySummary = ReturnType<typeof summaryOf>;

const mostMisfits = 20;
const mostUnreadable = 20;

/** Puts together what was read and what it shows. */
export function summaryOf(
  histories: Histories,
  figures: Figures,
  misfits: () => Iterable<Misfit>,
  { complete, clocks }: Pick<FigureOptions, 'complete' | 'clocks'>,
) {
  const { records, unreadable, unreadableLines, unselected, ignored, disorder } = histories;
  return {
    rows: records,
    ...figures,
    complete,
    unreadable,
    unreadableLines,
    unselected,
    ignored,
    read: readingOf(histories),
    order: orderOf(histories, clocks),
    disorder,
    /** The first of each kind; `--list` writes all. */
    misfits: firstOf(misfits(), figures.conformance.misfits),
  };
}

/** How the file was read: what was told, and what was guessed. */
function readingOf(histories: Histories) {
  const { format, delimiter, encoding, hasAudits, header, columns } = histories;
  const { guessed, where, isWhereGuessed } = histories;
  const guesses = { guessed, where, isWhereGuessed };
  return { format, delimiter, encoding, hasAudits, header, columns, ...guesses };
}

function orderOf({ times }: Histories, clocks: FigureOptions['clocks']) {
  if (times === undefined) return undefined;
  const { column, isSorted, unreadable, unreadableTimes, ties, tiedTickets, repeated } = times;
  const { falls, isNewestFirst, first, last, zone, dates } = times;
  const iso = (at: number) => (Number.isFinite(at) ? isoText(at, clocks) : undefined);
  return {
    column,
    isSorted,
    unreadable,
    /** The first of them; `--list` writes more. */
    unreadableTimes: unreadableTimes.slice(0, mostUnreadable),
    ties,
    tiedTickets,
    repeated,
    outOfOrder: falls,
    isNewestFirst,
    first: iso(first),
    last: iso(last),
    zone,
    dates,
  };
}

/** A jump must not hide behind a hundred tickets with steps skipped. */
function firstOf(misfits: Iterable<Misfit>, all: Readonly<Record<MisfitKind, number>>): Misfit[] {
  const left = new Map(
    misfitKinds.map((kind) => [kind, Math.min(all[kind], mostMisfits)] as const),
  );
  const first: Misfit[] = [];
  for (const misfit of misfits) {
    const room = left.get(misfit.kind) ?? 0;
    if (room > 0) first.push(misfit);
    left.set(misfit.kind, room - 1);
    if ([...left.values()].every((more) => more <= 0)) break;
  }
  return first;
}
