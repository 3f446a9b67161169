import { createReplayLog, ticketStatuses, type Lifecycle } from '@ticket-lifecycle/core';
import { createHistoryReader } from '@ticket-lifecycle/internal/histories/history-reader';
import { HistoryError } from '@ticket-lifecycle/internal/histories/history-error';
import type { Histories, HistoryOptions } from '@ticket-lifecycle/internal/histories/histories';
import { mapText, suggestMap } from '@ticket-lifecycle/internal/histories/suggest-map';
import {
  createValueMap,
  parseMap,
  type ValueMap,
} from '@ticket-lifecycle/internal/histories/value-map';

/** The rows of one ticket, in order of time: statuses, and words that mean nothing here. */
export interface PastedTicket {
  readonly id: string;
  readonly statuses: readonly string[];
}

/** What was pasted. */
export interface Paste {
  readonly tickets: readonly PastedTicket[];
  /** What was noticed, or done, while reading. */
  readonly notes: readonly string[];
  /** A map for words that have no meaning yet. */
  readonly suggested?: string | undefined;
  /** Why nothing can be read, and what to do. */
  readonly problem?: string | undefined;
}

/** Reads histories as the command line reads files of them, with one reader. */
export function readPaste(text: string, map: string, lifecycle: Lifecycle): Paste {
  if (text.trim() === '') return { tickets: [], notes: [] };
  try {
    const names = [...new Set<string>([...ticketStatuses, ...lifecycle.states])];
    const valueMap = createValueMap(parseMap(map.replaceAll('\n', ',')), names);
    return pasteOf(readText(text, valueMap, lifecycle), valueMap, lifecycle);
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    const what = error.at === 'file' ? 'This' : 'The map:';
    return { tickets: [], notes: [], problem: `${what} ${error.message}` };
  }
}

interface Read {
  readonly histories: Histories;
  readonly isTurned: boolean;
}

function readText(text: string, map: ValueMap, lifecycle: Lifecycle): Read {
  // Somebody may write a history as it is spoken of: open → resolved.
  const arrows = /→|->/;
  const rows = arrows.test(text) && !/[,;\t{]/.test(text) ? text.split(arrows).join('\n') : text;
  const read = (options: Partial<HistoryOptions>): Histories => {
    const reader = createHistoryReader(
      { ...options, map, oneTicket: true },
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
  const isSlight = disorder?.kind === 'times-fall' && disorder.isSlight;
  if (disorder === undefined || isSlight) return { histories, isTurned: false };
  // A page has no options: it sorts by what it has found, or turns the rows round.
  const isTimed = disorder.kind === 'times-fall';
  const sorted = read(isTimed ? { ...columns, time: disorder.column } : { order: 'newest-first' });
  return { histories: sorted, isTurned: !isTimed || disorder.falls > disorder.rises };
}

function isStep(lifecycle: Lifecycle, from: string | undefined, to: string | undefined): boolean {
  if (from === undefined || to === undefined || from === to) return false;
  const log = createReplayLog(lifecycle);
  log.add('1', statusOf(lifecycle, from));
  return log.add('1', statusOf(lifecycle, to))?.kind === 'edge';
}

const statusOf = (lifecycle: Lifecycle, name: string): string =>
  lifecycle.isState(name) ? (lifecycle.statusOf(name) ?? name) : name;

function pasteOf({ histories, isTurned }: Read, map: ValueMap, lifecycle: Lifecycle): Paste {
  const { tickets, values, times, unreadable, unreadableLines, where } = histories;
  const rows = Array.from({ length: tickets.count }, (): string[] => []);
  histories.take((ticket, value) => {
    const word = values[value]?.value ?? '';
    rows[ticket]?.push(statusOf(lifecycle, map.nameOf(word) ?? word));
  });
  const unknown = values
    .map(({ value }) => value)
    .filter((value) => map.nameOf(value) === undefined);
  const draft = suggestMap(unknown.length === 0 ? [] : values.map(({ value }) => value));
  const [first] = unreadableLines;
  const notes = [
    ...(isTurned ? ['The newest rows stand first: they were turned round.'] : []),
    ...(times?.isSorted === true && !isTurned ? [`Sorted by "${times.column}".`] : []),
    ...(where.length > 0 ? [`Only rows with ${where.join(' and ')}.`] : []),
    ...(first === undefined
      ? []
      : [`${unreadable} not readable. Line ${first.line}: ${first.reason}.`]),
    ...(unknown.length === 0 ? [] : [`Without a meaning: ${unknown.slice(0, 10).join(', ')}.`]),
  ];
  return {
    tickets: rows.map((statuses, ticket) => ({ id: tickets.idOf(ticket), statuses })),
    notes,
    ...(draft.length > 0 && unknown.length > 0 && { suggested: mapText(draft) }),
  };
}
