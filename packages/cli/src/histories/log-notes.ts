import type { Histories, Tickets } from '@ticket-lifecycle/internal/histories/histories';
import { mapText, suggestMap } from '@ticket-lifecycle/internal/histories/suggest-map';
import { zoneText } from '@ticket-lifecycle/internal/histories/times/time-zone';
import { didYouMean } from '../terminal/did-you-mean.ts';
import { unreadableText } from '../rows/unreadable-lines.ts';
import { count, printable, quoted, several } from '../terminal/text.ts';
import { disorderText } from './disorder.ts';
import { isStatus } from './judge.ts';
import type { Log } from './read-log.ts';

// What is doubtful about a log, and what to do: in the same words for every command that reads one,
// at the terminal and on a page.

const mostNamed = 5;

/** Values that no state or status stands for, and how many rows have each. */
export const unmappedIn = ({ histories, map }: Log) =>
  histories.values.filter(({ value }) => map.nameOf(value) === undefined);

/** Which columns hold what, and which rows were chosen. */
export function columnsText({
  columns,
  guessed,
  where,
  isWhereGuessed,
}: Pick<Histories, 'columns' | 'guessed' | 'where' | 'isWhereGuessed'>): string {
  const words = { id: 'ticket', state: 'state', from: 'from', to: 'to', time: 'time' } as const;
  const shown = Object.entries(words).flatMap(([key, word]) => {
    const column = columns[key as keyof typeof words];
    if (column === undefined) return key === 'id' ? ['one ticket'] : [];
    const isGuessed = guessed.includes(key as keyof typeof words);
    return [`${word} "${printable(column)}"${isGuessed ? ' (guessed)' : ''}`];
  });
  const conditions = where.map(
    (one) => `only ${printable(one)}${isWhereGuessed ? ' (guessed)' : ''}`,
  );
  return [...shown, ...conditions].join(', ');
}

/** The same for commands whose report does not show it: a guess may be wrong. */
export const guessNotes = ({ histories }: Pick<Log, 'histories'>): string[] =>
  histories.guessed.length === 0 ? [] : [`Read: ${columnsText(histories)}.`];

/** What was not read as it stands there, or only with a guess. */
export function readingNotes({ histories }: Pick<Log, 'histories'>): string[] {
  const { unreadable, unreadableLines } = histories;
  const lines = unreadableText({ unreadable, unreadableLines }, '  ');
  return [
    ...timeNotes({ histories }).map((fact) => `${fact[0]?.toUpperCase() ?? ''}${fact.slice(1)}.`),
    ...(unreadable === 0
      ? []
      : [`Not readable: ${several(unreadable, 'line')}\n${lines.join('\n')}`]),
  ];
}

/** The same of the times alone. */
export function timeNotes({ histories: { times } }: Pick<Log, 'histories'>): string[] {
  if (times?.isSorted !== true) return [];
  const { ties, tiedTickets, repeated, isNewestFirst } = times;
  const { unreadable, unreadableTimes, zone, dates } = times;
  const way = isNewestFirst ? 'the lower one goes first' : 'as in the file';
  const lost = unreadableTimes.slice(0, mostNamed).map(({ line, ticketId, value }) => {
    const shown = value === undefined ? 'nothing' : `"${printable(value)}"`;
    return `line ${line} ${shown} (${printable(ticketId).slice(0, 20)})`;
  });
  return [
    ...(ties === 0
      ? []
      : [
          `${several(ties, 'row')} at the same time as the row before, so their order is a guess (${way}): ${named(tiedTickets)}`,
        ]),
    ...(repeated === 0
      ? []
      : [
          `${several(repeated, 'row')} with the same change at the same time as before: counted once`,
        ]),
    ...(unreadable === 0
      ? []
      : [
          `${several(unreadable, 'time')} not readable, so the place of these rows is a guess, and no stay beside them is measured: ${listed(lost, unreadable)}`,
        ]),
    ...zoneText(zone, count),
    ...(dates?.isGuess === true
      ? [
          `it is not clear whether the day or the month comes first: taken as the ${dates.order === 'day-first' ? 'day' : 'month'} (--dates)`,
        ]
      : []),
  ];
}

const named = (tickets: readonly string[]): string =>
  listed(
    tickets.slice(0, mostNamed).map((ticketId) => printable(ticketId).slice(0, 20)),
    tickets.length,
  );

const listed = (some: readonly string[], all: number): string =>
  `${some.join(', ')}${all > some.length ? ' …' : ''}`;

/** What a person should know of a log, or put right. */
export function logNotes(log: Log): string[] {
  const { histories, map } = log;
  const { disorder, columns } = histories;
  const values = histories.values.map(({ value }) => value);
  const meanings = values.map((value) => map.nameOf(value));
  const notes: string[] = [];
  // A list of issues, such as Jira's export of a search: each says only where it is now.
  const hasHistories = histories.rows > histories.tickets.count || columns.from !== undefined;
  if (!hasHistories && histories.tickets.count > 1) {
    notes.push(
      'No ticket has a second row, so this file shows no changes. Export the history of the tickets, with a row for each change.',
    );
  }
  if (disorder !== undefined) notes.push(disorderText(disorder));
  const unmapped = unmappedIn(log);
  for (const pattern of map.unused()) {
    const unused = unmapped.map(({ value }) => value);
    const meant = didYouMean(pattern, unused) || didYouMean(pattern, values);
    notes.push(`--map: "${printable(pattern)}" fits no value${meant}.`);
  }
  if (unmapped.length > 0) {
    // A state of the lifecycle means itself: with its status alone the log would say less.
    const settled = new Set(
      values.filter((value, index) => {
        const name = meanings[index];
        return name !== undefined && (value !== name || !isStatus(name));
      }),
    );
    const draft = suggestMap(values).filter(({ value }) => !settled.has(value));
    const suggested = draft.length === 0 ? '' : ` A first draft: --map ${quoted(mapText(draft))}`;
    const shown = unmapped
      .toSorted((a, b) => b.count - a.count)
      .slice(0, mostNamed)
      .map(
        ({ value, count: rows }) => `"${printable(value.slice(0, 60))}" (${several(rows, 'row')})`,
      );
    notes.push(
      `Values without a meaning here were found: ${listed(shown, unmapped.length)}. Give them one with --map, or pass over their rows with --ignore.${suggested}`,
    );
  }
  if (histories.withoutState > 0) {
    notes.push(
      `Rows without a state are not readable. Where they are no changes of it, pass over them with --ignore '""'.`,
    );
  }
  const isOpen = (word: string) =>
    values.some((value, index) => value.toLowerCase() === word && meanings[index] === 'open');
  if (values.includes('open') && isOpen('open') && isOpen('new')) {
    notes.push(
      'Both "new" and "open" mean open here, so a change between them does not count. Where work on an open ticket has begun, add --map open=in-progress.',
    );
  }
  return notes;
}

/** The column of the time by which nothing was sorted, although it is in order. */
export function measureNote({ histories: { columns, times, disorder } }: Log): string[] {
  if (columns.time === undefined || disorder !== undefined) return [];
  // Absent where few of its values are times, and where rows are in the order that was named.
  if (times === undefined || times.isSorted) return [];
  return [`To measure times, add --time ${quoted(columns.time)}.`];
}

/** Ids that `apply` can't use, counted. */
export async function idNotes(tickets: Tickets): Promise<string[]> {
  const { ticketIdSchema } = await import('@ticket-lifecycle/series');
  let wrong = 0;
  let first = '';
  let reason = '';
  for (let ticket = 0; ticket < tickets.count; ticket += 1) {
    const ticketId = tickets.idOf(ticket);
    const { error } = ticketIdSchema.safeParse(ticketId);
    if (error === undefined) continue;
    wrong += 1;
    if (wrong > 1) continue;
    first = printable(ticketId.slice(0, 60));
    reason = error.issues[0]?.message ?? '';
  }
  if (wrong === 0) return [];
  return [
    `${several(wrong, 'ticket id')} can't be used by apply, such as "${first}" (${reason}). Map them to ids of your workspace first.`,
  ];
}
