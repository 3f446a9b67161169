import type { Lifecycle } from '@ticket-lifecycle/core';
import type { HistoryOptions } from '@ticket-lifecycle/internal/histories/histories';
import { zoneText } from '@ticket-lifecycle/internal/histories/times/time-zone';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';
import { visible } from '../rows/input.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { count } from '../terminal/text.ts';
import { disorderText, isSevere } from './disorder.ts';
import { readHistories } from './read-histories.ts';
import { readStatusMap } from './status-map.ts';
import { checkSorted, readClocks } from './time-zone.ts';

/** A way that tickets of a log have gone. */
export interface Way {
  readonly statuses: readonly string[];
  readonly tickets: number;
  /** One of them. */
  readonly ticketId: string;
}

/**
 * Reads the ways that the tickets of a log have gone, repeated rows left out, the most frequent
 * first.
 *
 * @param lifecycle - in which order changes are to be expected
 * @param known - the status that each name of a state or status stands for
 */
export async function readWays(
  log: string,
  lifecycle: Lifecycle,
  known: ReadonlyMap<string, string>,
  {
    map: pairs = [],
    id,
    state,
    time,
    order,
    timeZone,
  }: Pick<HistoryOptions, 'id' | 'state' | 'time' | 'order'> & {
    readonly timeZone?: string | undefined;
    readonly map?: readonly string[] | undefined;
  },
  terminal: Pick<Terminal, 'output' | 'messages'>,
): Promise<Way[]> {
  const map = await readStatusMap(pairs, [...known.keys()]);
  const clocks = await readClocks(timeZone);
  const reading = { id, state, time, order, clocks, map };
  const histories = await readHistories(log, lifecycle, reading, terminal);
  const { tickets, values, disorder, times } = histories;
  checkSorted(histories, timeZone);
  if (times?.isSorted === true) {
    for (const fact of zoneText(times.zone, count)) {
      terminal.messages.note(`${visible(log)}: ${fact}.`);
    }
  }
  if (disorder !== undefined && isSevere(disorder)) {
    throw new CliError(`${visible(log)}: ${disorderText(disorder)}`, exitCodes.unreadable);
  }
  const statuses = values.map(({ value }) => {
    const name = map.nameOf(value) ?? value;
    return known.get(name) ?? name;
  });
  const own = Array.from({ length: tickets.count }, (): string[] => []);
  histories.take((ticket, value) => {
    const rows = own[ticket];
    const status = statuses[value];
    if (status !== undefined && rows?.at(-1) !== status) rows?.push(status);
  });
  const ways = new Map<string, { statuses: string[]; tickets: number; ticketId: string }>();
  for (const [ticket, rows] of own.entries()) {
    const key = JSON.stringify(rows);
    const way = ways.get(key) ?? { statuses: rows, tickets: 0, ticketId: tickets.idOf(ticket) };
    ways.set(key, way);
    way.tickets += 1;
  }
  return [...ways.values()].toSorted((a, b) => b.tickets - a.tickets);
}
