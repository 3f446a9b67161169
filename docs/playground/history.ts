import { createReplayLog, ticketStatuses, type Lifecycle } from '@ticket-lifecycle/core';
import { localTimeIn, type LocalTime } from '@ticket-lifecycle/core/time-zone';
import { createHistoryReader } from '@ticket-lifecycle/internal/histories/history-reader';
import { HistoryError } from '@ticket-lifecycle/internal/histories/history-error';
import type { Histories, HistoryOptions } from '@ticket-lifecycle/internal/histories/histories';
import { mapText, suggestMap } from '@ticket-lifecycle/internal/histories/suggest-map';
import { timeZoneFault, zoneText } from '@ticket-lifecycle/internal/histories/times/time-zone';
import {
  createValueMap,
  parseMap,
  type ValueMap,
} from '@ticket-lifecycle/internal/histories/value-map';

/** The rows of one ticket, in order of time: statuses, and words that mean nothing here. */
export interface PastedTicket {
  readonly id: string;
  readonly statuses: readonly string[];
  /** Of each row the state of the lifecycle that its word names, if it names one. */
  readonly states: readonly (string | undefined)[];
  /** When each row was, in milliseconds since 1970; NaN where it does not say. */
  readonly times: readonly number[];
}

/** What somebody says of a paste, beside the map. */
export interface PasteOptions {
  /** The zone of times that have none. @defaultValue UTC */
  readonly timeZone?: string;
  /** Values of the state to pass over, with commas between them. */
  readonly ignore?: string;
  /** The column that names the ticket. Passed over in a paste without it. @defaultValue found */
  readonly ticketColumn?: string;
  /** Whether all rows are of one ticket, whatever columns there are. */
  readonly isOneTicket?: boolean;
}

/** What was pasted. */
export interface Paste {
  readonly tickets: readonly PastedTicket[];
  /** All its columns, and the one that names the ticket. */
  readonly columns: readonly string[];
  readonly ticketColumn?: string | undefined;
  /** What was noticed, or done, while reading. */
  readonly notes: readonly string[];
  /** The clocks of the zone that was named. */
  readonly clocks?: LocalTime | undefined;
  /** The map, with entries for words that have no meaning yet. */
  readonly suggested?: string | undefined;
  /** Why nothing can be read, and what to do. */
  readonly problem?: string | undefined;
}

/** The reader speaks to the command line; a page has no options. */
const forPage = (message: string): string =>
  message
    .replace(
      'Give --state, or --from and --to.',
      'Name the column "state" in the first line, or the two columns "from" and "to".',
    )
    .replace('Give --id.', 'Choose it under “Column of the ticket”.')
    .replace(
      'which is not read here.',
      'which is not read here. The command line reads it: ticket-lifecycle replay log.xes',
    );

/** Reads histories as the command line reads files of them, with one reader. */
export function readPaste(
  text: string,
  map: string,
  lifecycle: Lifecycle,
  options: PasteOptions = {},
): Paste {
  const nothing = { tickets: [], columns: [], notes: [] };
  if (text.trim() === '') return nothing;
  const { timeZone = '', ignore = '', ticketColumn = '', isOneTicket = false } = options;
  try {
    const names = [...new Set<string>([...ticketStatuses, ...lifecycle.states])];
    const valueMap = createValueMap(parseMap(map.replaceAll('\n', ',')), names);
    const zone = timeZone.trim();
    const fault = zone === '' ? undefined : timeZoneFault(zone);
    if (fault !== undefined) return { ...nothing, problem: `The time zone: ${fault}` };
    const clocks = zone === '' ? undefined : localTimeIn(zone);
    const ignored = ignore.split(',').map((value) => value.trim());
    const read = readText(text, lifecycle, {
      map: valueMap,
      clocks,
      ignore: ignored.filter((value) => value !== ''),
      id: ticketColumn === '' || isOneTicket ? undefined : ticketColumn,
      oneTicket: isOneTicket,
    });
    const { draft, ...paste } = pasteOf(read, valueMap, lifecycle);
    const suggested = draft.length > 0 && { suggested: addedTo(map, mapText(draft)) };
    return { ...paste, ...suggested, clocks };
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    const { at, columns } = error;
    // The choice was made for another paste.
    if (ticketColumn !== '' && columns.length > 0 && !columns.includes(ticketColumn))
      return readPaste(text, map, lifecycle, { ...options, ticketColumn: '' });
    const what = at === 'file' ? 'This' : 'The map:';
    return { ...nothing, columns, problem: `${what} ${forPage(error.message)}` };
  }
}

/** What somebody has typed stays as it is. */
function addedTo(map: string, draft: string): string {
  const typed = map.trim().replace(/,$/, '');
  return typed === '' ? draft : `${typed},${draft}`;
}

interface Read {
  readonly histories: Histories;
  readonly isTurned: boolean;
}

function readText(text: string, lifecycle: Lifecycle, asked: HistoryOptions): Read {
  const { map } = asked;
  const rows = rowsOf(text);
  const read = (options: Partial<HistoryOptions>): Histories => {
    const reader = createHistoryReader(
      { ...asked, ...options },
      {
        isStep: (from, to) => isStep(lifecycle, map.nameOf(from), map.nameOf(to)),
        isInitial: (value) =>
          lifecycle.targetsOf(map.nameOf(value) ?? '').includes(lifecycle.initial),
      },
    );
    reader.read(new TextEncoder().encode(rows));
    return reader.end();
  };
  const histories = read({});
  const { disorder, columns } = histories;
  // A page has no options: it sorts by the times that it has found, or turns the rows round. A few late
  // entries are left where they are, as the command line does.
  const isSlight = disorder?.kind === 'times-fall' && disorder.isSlight;
  if (columns.time !== undefined && !isSlight) {
    const isTurned = disorder?.kind === 'times-fall' && disorder.falls > disorder.rises;
    return { histories: read(columns), isTurned };
  }
  if (disorder?.kind !== 'steps-backwards') return { histories, isTurned: false };
  return { histories: read({ order: 'newest-first' }), isTurned: true };
}

const arrow = /→|->/;

/** Somebody may write histories as they are spoken of: `open → resolved`, each ticket on a line. */
function rowsOf(text: string): string {
  if (!arrow.test(text) || /[,;\t{]/.test(text)) return text;
  const tickets: string[][] = [];
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const words = line.split(arrow).map((word) => word.trim());
    // An arrow at the end of a line, or at the beginning of the next, goes on with the ticket.
    const last = tickets.at(-1);
    if (last !== undefined && (last.at(-1) === '' || words[0] === '')) last.push(...words);
    else tickets.push(words);
  }
  const rows = tickets.flatMap((words, at) =>
    words.filter((word) => word !== '').map((word) => `${at + 1},${word}`),
  );
  return ['ticket,state', ...rows].join('\n');
}

function isStep(lifecycle: Lifecycle, from: string | undefined, to: string | undefined): boolean {
  if (from === undefined || to === undefined || from === to) return false;
  const log = createReplayLog(lifecycle);
  log.add('1', statusOf(lifecycle, from));
  return log.add('1', statusOf(lifecycle, to))?.kind === 'edge';
}

const statusOf = (lifecycle: Lifecycle, name: string): string =>
  lifecycle.isState(name) ? (lifecycle.statusOf(name) ?? name) : name;

function pasteOf({ histories, isTurned }: Read, map: ValueMap, lifecycle: Lifecycle) {
  const { tickets, values, times, names, columns, unreadable, unreadableLines, where } = histories;
  const rows = Array.from({ length: tickets.count }, (_, ticket) => ({
    id: tickets.idOf(ticket),
    statuses: [] as string[],
    states: [] as (string | undefined)[],
    times: [] as number[],
  }));
  histories.take((ticket, value, at) => {
    const word = values[value]?.value ?? '';
    const name = map.nameOf(word) ?? word;
    rows[ticket]?.statuses.push(statusOf(lifecycle, name));
    rows[ticket]?.states.push(lifecycle.isState(name) ? name : undefined);
    rows[ticket]?.times.push(at);
  });
  const unknown = values
    .map(({ value }) => value)
    .filter((value) => map.nameOf(value) === undefined);
  // A state of the lifecycle means itself: with its status alone the log would say less.
  const isOwnState = (value: string) => lifecycle.isState(value) && !isStatus(value);
  const words = values.map(({ value }) => value).filter((value) => !isOwnState(value));
  // Without an entry for a word that has no meaning yet, nothing is offered.
  const added = suggestMap(words).filter(({ value }) => !map.covers(value));
  const draft = added.some(({ value }) => unknown.includes(value)) ? added : [];
  const [first] = unreadableLines;
  const notes = [
    ...(rows.length > 1 && rows.every(({ statuses }) => statuses.length === 1)
      ? ['No ticket has a second row, so there are no changes to explain.']
      : []),
    ...(isTurned ? ['The newest rows came first, so they were reversed.'] : []),
    ...(times !== undefined && times.falls > 0 && !isTurned
      ? [`Sorted by "${times.column}".`]
      : []),
    ...zoneText(times?.zone).map((fact) => `${fact}.`),
    ...(times?.dates?.isGuess === true
      ? [
          `It is not clear whether the day or the month comes first: taken as the ${times.dates.order === 'day-first' ? 'day' : 'month'}.`,
        ]
      : []),
    ...untimedText(times?.unreadable ?? 0, rows, columns.from !== undefined),
    ...(histories.hasAudits ? ["Read the status changes of Zendesk's audits."] : []),
    ...(where.length > 0 ? [`Only rows with ${where.join(' and ')}.`] : []),
    ...(histories.ignored === 0 ? [] : [`${histories.ignored} passed over.`]),
    ...(first === undefined
      ? []
      : [`${unreadable} not readable. Line ${first.line}: ${first.reason}.`]),
    ...(unknown.length === 0 ? [] : [`Without a meaning: ${unknown.slice(0, 10).join(', ')}.`]),
  ];
  return { tickets: rows, columns: names, ticketColumn: columns.id, notes, draft };
}

/** That times are missing, and at which tickets. Where a ticket began by `from` is no row of its own. */
function untimedText(
  count: number,
  tickets: readonly PastedTicket[],
  hasFrom: boolean,
): readonly string[] {
  if (count === 0) return [];
  const isUntimed = ({ times }: PastedTicket) =>
    times.some((at, row) => Number.isNaN(at) && (row > 0 || !hasFrom));
  const named = tickets.filter(isUntimed).map(({ id }) => id);
  const ids = `${named.slice(0, 3).join(', ')}${named.length > 3 ? ' and more' : ''}`;
  const many = count === 1 ? '1 time is' : `${count} times are`;
  return [`${many} not readable (${ids}), so the stays before and after are not counted.`];
}

/** Whether a name is a status of the API. */
export const isStatus = (name: string): boolean =>
  (ticketStatuses as readonly string[]).includes(name);
