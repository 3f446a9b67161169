import type { createRowStore } from './row-store.ts';

type Rows = Pick<ReturnType<typeof createRowStore>, 'size' | 'ticketOf' | 'timeOf' | 'isAlike'>;

// People look at a few of them.
const mostTied = 20;

/**
 * Whether the times of tickets rise or fall from row to row, and the first and the last of all.
 * Where they do neither, as in a log that knows days only, the times of the whole file tell whether
 * its newest rows stand first.
 *
 * @param order - the rows in another order than they came
 */
export function riseAndFall(rows: Rows, tickets: number, order?: Uint32Array) {
  // The ticket's latest row with a time, plus one.
  const latest = new Uint32Array(tickets);
  let [ties, repeated, falls, rises] = [0, 0, 0, 0];
  const tied = new Set<number>();
  let [first, last] = [Infinity, -Infinity];
  let [above, fallsOfAll, risesOfAll] = [Number.NaN, 0, 0];
  for (let place = 0; place < rows.size(); place += 1) {
    const index = order?.[place] ?? place;
    const at = rows.timeOf(index);
    if (Number.isNaN(at)) continue;
    const ticket = rows.ticketOf(index);
    const before = (latest[ticket] ?? 0) - 1;
    const earlier = before === -1 ? Number.NaN : rows.timeOf(before);
    if (at === earlier && rows.isAlike(before, index)) repeated += 1;
    else if (at === earlier) {
      ties += 1;
      if (tied.size < mostTied) tied.add(ticket);
    }
    if (at < earlier) falls += 1;
    else if (at > earlier) rises += 1;
    latest[ticket] = index + 1;
    if (at < above) fallsOfAll += 1;
    else if (at > above) risesOfAll += 1;
    above = at;
    if (at < first) first = at;
    if (at > last) last = at;
  }
  // At once: the garbage collector may wait until there is no more room.
  latest.buffer.transfer(0);
  const isNewestFirst = rises === falls ? risesOfAll < fallsOfAll : rises < falls;
  return { ties, tied: [...tied], repeated, falls, rises, first, last, isNewestFirst };
}

/**
 * The rows by their time; those at the same time as they stand, or the other way round where the
 * newest stand first. A row whose time can't be read stays behind its ticket's row before.
 */
export function inOrderOfTime(rows: Rows, tickets: number, isNewestFirst: boolean): Uint32Array {
  const size = rows.size();
  const order = Uint32Array.from({ length: size }, (_, index) => index);
  const moments = new Float64Array(size);
  const before = new Float64Array(tickets).fill(-Infinity);
  for (const index of isNewestFirst ? reversed(size) : order) {
    const ticket = rows.ticketOf(index);
    const at = rows.timeOf(index);
    if (!Number.isNaN(at)) before[ticket] = at;
    moments[index] = before[ticket] ?? -Infinity;
  }
  before.buffer.transfer(0);
  order.sort((a, b) => {
    const [one = 0, other = 0] = [moments[a], moments[b]];
    if (one !== other) return one < other ? -1 : 1;
    return isNewestFirst ? b - a : a - b;
  });
  moments.buffer.transfer(0);
  return order;
}

/** All rows, the last first. */
export const reversed = (size: number): Uint32Array =>
  Uint32Array.from({ length: size }, (_, index) => size - 1 - index);
