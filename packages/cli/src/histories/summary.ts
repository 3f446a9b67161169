import type { Histories } from '@ticket-lifecycle/internal/histories/histories';
import type { Figures } from './figures.ts';
import type { Misfit } from './misfits.ts';

/** All that a replay has found: what `--json` ends with, and what text and page show. */
export type ReplaySummary = ReturnType<typeof summaryOf>;

const mostMisfits = 20;

/** Puts together what was read and what it shows. */
export function summaryOf(
  histories: Histories,
  figures: Figures,
  misfits: () => Iterable<Misfit>,
  complete: boolean,
) {
  const { format, delimiter, encoding, header, columns, guessed, where, isWhereGuessed } =
    histories;
  const { records, unreadable, unreadableLines, unselected, ignored, disorder } = histories;
  return {
    rows: records,
    ...figures,
    complete,
    unreadable,
    unreadableLines,
    records,
    unselected,
    ignored,
    read: { format, delimiter, encoding, header, columns, guessed, where, isWhereGuessed },
    order: orderOf(histories),
    disorder,
    /** The first of them; `--list` writes all. */
    misfits: firstOf(misfits(), mostMisfits),
  };
}

function orderOf({ times }: Histories) {
  if (times === undefined) return undefined;
  const { column, isSorted, unreadable, ties, falls, isNewestFirst, first, last } = times;
  const { assumesUtc, dates } = times;
  const iso = (at: number) => (Number.isFinite(at) ? new Date(at).toISOString() : undefined);
  return {
    column,
    isSorted,
    unreadable,
    ties,
    outOfOrder: falls,
    isNewestFirst,
    first: iso(first),
    last: iso(last),
    assumesUtc,
    dates,
  };
}

function firstOf<Item>(items: Iterable<Item>, most: number): Item[] {
  const first: Item[] = [];
  for (const item of items) {
    first.push(item);
    if (first.length === most) break;
  }
  return first;
}
