import type { Columns } from './guess.ts';
import type {
  Disorder,
  Histories,
  HistoryOptions,
  HistoryTimes,
  Steps,
  UnreadableTime,
  VisitRow,
} from './histories.ts';
import { HistoryError } from './history-error.ts';
import { inOrderOfTime, reversed, riseAndFall } from './row-order.ts';
import { createRowStore, type VisitStored } from './row-store.ts';
import { createTicketTable } from './ticket-table.ts';
import { createTimeReader } from './times/time-reader.ts';
import { ownCopy } from './json/value-cache.ts';

/** What a row says. */
export interface KeptRow {
  readonly line: number;
  readonly id: string;
  readonly state: string;
  /** Of a row that names a change. */
  readonly from: string | undefined;
  readonly time: string | undefined;
  readonly group: string | undefined;
}

// Where more values differ, the column is not the state's.
const mostValues = 1_000_000;
const mostLetters = 2 ** 24;
const mostPairs = 100_000;
const rowsToLookAt = 2 ** 17;
const pairWidth = 2 ** 20;
// People look these up; all of them are counted.
const mostUnreadable = 1000;
const longestTime = 60;
// 1.2 GB, in 20 bytes each at most: so much is kept of no larger file.
const mostRows = 60_000_000;

/** Keeps the rows of all tickets until the file has ended, and then gives them in order. */
export function createRowKeeper({
  columns,
  isTimeNamed,
  options,
  steps,
}: {
  readonly columns: Columns;
  readonly isTimeNamed: boolean;
  readonly options: HistoryOptions;
  readonly steps: Steps;
}) {
  const isOrderGiven = options.order !== undefined;
  const time = isTimeNamed || !isOrderGiven ? columns.time : undefined;
  const namesChanges = columns.from !== undefined;
  const store = createRowStore(
    time === undefined ? 0 : isTimeNamed ? Infinity : rowsToLookAt,
    namesChanges,
  );
  const times = createTimeReader(options.dates, (change) => store.mapTimes(change));
  // The number of each ticket, plus one; and where it is, by its number.
  const table = createTicketTable();
  let places = new Int32Array(1024);
  let tickets = 0;
  const groups: string[] = [];
  const groupNames = new Map<string, string>();
  const values = new Map<string, number>();
  let letters = 0;
  const counts: number[] = [];
  // What shows which way a log runs: nothing else does where nobody has said it.
  const isOrderSought = !isTimeNamed && !isOrderGiven;
  const isFollowed = isOrderSought || namesChanges;
  // The ticket's last row: which value it had, plus one, and for a change also what it came from.
  let lastValues = new Uint32Array(isFollowed ? 1024 : 0);
  let firstValues = new Uint32Array(isOrderSought ? 1024 : 0);
  let lastFroms = new Uint32Array(namesChanges ? 1024 : 0);
  let lastTimes = new Float64Array();
  const pairs = new Map<number, { count: number }>();
  let [chained, chainedBackwards, unreadable] = [0, 0, 0];
  const unreadableTimes: UnreadableTime[] = [];

  // Of a column that was only guessed, the first rows show whether its times fall.
  const wantsTime = () => time !== undefined && (isTimeNamed || store.size() < rowsToLookAt);

  return { add, finish, wantsTime };

  function add(row: KeptRow): void {
    if (store.size() === mostRows) {
      throw new HistoryError('file', `has more than ${mostRows} rows. Split it by ticket.`);
    }
    const ticket = numberOfTicket(row);
    const value = numberOf(row.state);
    const from = row.from === undefined ? 0 : numberOf(row.from) + 1;
    counts[value] = (counts[value] ?? 0) + 1;
    let at = Number.NaN;
    if (wantsTime()) {
      if (row.time !== undefined) at = times.parse(row.time, store.size());
      if (Number.isNaN(at)) noteTime(row);
    }
    store.add({ ticket, value, from, at, line: row.line });
    if (isFollowed) follow(ticket, value + 1, from);
  }

  function noteTime({ line, id, time: given }: KeptRow): void {
    unreadable += 1;
    if (unreadableTimes.length === mostUnreadable) return;
    const value = given === undefined ? undefined : ownCopy(given.slice(0, longestTime));
    unreadableTimes.push({ line, ticketId: ownCopy(id), value });
  }

  /** Looks which way the rows of a ticket lead. */
  function follow(ticket: number, value: number, from: number): void {
    const before = lastValues[ticket] ?? 0;
    lastValues[ticket] = value;
    if (before === 0) firstValues[ticket] = from === 0 ? value : from;
    // What a change came from is a row of its own there.
    if (from !== 0 && from !== before && from !== value)
      counts[from - 1] = (counts[from - 1] ?? 0) + 1;
    if (namesChanges) {
      if (before !== 0 && from !== 0) {
        if (from === before) chained += 1;
        else if (value === lastFroms[ticket]) chainedBackwards += 1;
      }
      lastFroms[ticket] = from;
    } else if (isOrderSought && before !== 0 && before !== value) {
      const key = (before - 1) * pairWidth + value - 1;
      const known = pairs.get(key);
      if (known !== undefined) known.count += 1;
      else if (pairs.size < mostPairs) pairs.set(key, { count: 1 });
    }
  }

  function numberOfTicket({ id, group }: KeptRow): number {
    const place = table.find(id);
    const known = table.read(place);
    if (known !== 0) return known - 1;
    if (options.by !== undefined) groups.push(group === undefined ? '' : ownGroup(group));
    if (tickets === places.length) {
      places = new Int32Array(doubled(places));
      lastValues = new Uint32Array(doubled(lastValues));
      firstValues = new Uint32Array(doubled(firstValues));
      lastFroms = new Uint32Array(doubled(lastFroms));
    }
    places[tickets] = place;
    tickets += 1;
    table.write(place, tickets);
    return tickets - 1;
  }

  function ownGroup(group: string): string {
    const known = groupNames.get(group);
    if (known !== undefined) return known;
    const own = ownCopy(group);
    groupNames.set(own, own);
    return own;
  }

  function numberOf(value: string): number {
    const known = values.get(value);
    if (known !== undefined) return known;
    letters += value.length;
    if (values.size === mostValues || letters > mostLetters) {
      const column = columns.state ?? columns.to;
      throw new HistoryError(
        'file',
        `has more than ${values.size} different values in "${column}". Is that the state?`,
      );
    }
    const number = values.size;
    values.set(ownCopy(value), number);
    counts.push(0);
    return number;
  }

  function finish(): Pick<
    Histories,
    'rows' | 'tickets' | 'values' | 'groups' | 'times' | 'disorder' | 'take'
  > {
    const names = [...values.keys()];
    const rows = store.size();
    const zone = times.settleZone(options.clocks, (settle) => store.mapTimes(settle));
    const found =
      time === undefined
        ? undefined
        : {
            ...riseAndFall(store, tickets),
            column: time,
            isSorted: isTimeNamed,
            unreadable,
            unreadableTimes,
            zone,
            dates: times.dates(),
          };
    const looked = Math.min(rows, rowsToLookAt);
    const isUsable = found !== undefined && (isTimeNamed || found.unreadable <= looked / 10);
    const disorder = isOrderSought ? findDisorder(isUsable ? found : undefined, names) : undefined;
    table.close();
    firstValues.buffer.transfer(0);
    if (namesChanges) {
      lastValues.fill(0);
      lastFroms.fill(0);
      lastTimes = new Float64Array(tickets);
    } else lastValues.buffer.transfer(0);
    const isMoved =
      isTimeNamed &&
      found !== undefined &&
      (found.falls > 0 || (found.isNewestFirst && found.ties > 0));
    const order = orderOf(isMoved ? found : undefined);
    const idOf = (ticket: number) => table.idAt(places[ticket] ?? 0);
    // What comes at the same time is seen where the rows are in order of time.
    const sorted = found && order ? riseAndFall(store, tickets, order) : found;
    return {
      rows,
      tickets: { count: tickets, idOf },
      values: names.map((value, index) => ({ value, count: counts[index] ?? 0 })),
      groups: options.by === undefined ? undefined : groups,
      times:
        isUsable && sorted !== undefined
          ? {
              ...found,
              ties: sorted.ties,
              tiedTickets: sorted.tied.map(idOf),
              repeated: namesChanges ? sorted.repeated : 0,
            }
          : undefined,
      disorder,
      take: (visit, most = Infinity) => take(order, visit, most),
    };
  }

  function orderOf(found: { isNewestFirst: boolean } | undefined): Uint32Array | undefined {
    if (found !== undefined) return inOrderOfTime(store, tickets, found.isNewestFirst);
    const isReversed = options.order === 'newest-first' && !isTimeNamed;
    return isReversed ? reversed(store.size()) : undefined;
  }

  /** Gives rows. What a change came from is a row too, where the rows before don't show it. */
  function take(order: Uint32Array | undefined, visit: VisitRow, most: number): boolean {
    const give: VisitStored = (ticket, value, from, at, line) => {
      const moment = isTimeNamed ? at : Number.NaN;
      if (namesChanges) {
        const [lastValue, lastFrom] = [lastValues[ticket], lastFroms[ticket]];
        // Exports that join tables have a row several times. Never of rows without a time.
        if (moment === lastTimes[ticket] && value + 1 === lastValue && from === lastFrom) return;
        if (from !== 0 && lastValue !== from) visit(ticket, from - 1, Number.NaN, line);
        [lastValues[ticket], lastFroms[ticket], lastTimes[ticket]] = [value + 1, from, moment];
      }
      visit(ticket, value, moment, line);
    };
    return store.take(give, most, order);
  }

  function findDisorder(
    found: (Pick<HistoryTimes, 'column' | 'falls'> & { readonly rises: number }) | undefined,
    names: readonly string[],
  ): Disorder | undefined {
    if (found !== undefined && found.falls > 0) {
      const { column, falls, rises } = found;
      return { kind: 'times-fall', column, falls, rises, isSlight: falls <= rises / 20 };
    }
    // Times that rise are better evidence than steps.
    if (found !== undefined && found.rises > 0) return undefined;
    let [forwards, backwards] = [chained, chainedBackwards];
    for (const [key, { count }] of pairs) {
      const [from = '', to = ''] = [names[Math.floor(key / pairWidth)], names[key % pairWidth]];
      if (steps.isStep(from, to)) forwards += count;
      if (steps.isStep(to, from)) backwards += count;
    }
    if (backwards <= forwards || !endsWhereItBegins(names)) return undefined;
    return { kind: 'steps-backwards', forwards, backwards };
  }

  /** Whether more tickets end where the lifecycle begins than begin there. */
  function endsWhereItBegins(names: readonly string[]): boolean {
    const initial = new Set(
      names.flatMap((name, index) => (steps.isInitial(name) ? [index + 1] : [])),
    );
    let [begin, end] = [0, 0];
    for (let ticket = 0; ticket < tickets; ticket += 1) {
      if (initial.has(firstValues[ticket] ?? 0)) begin += 1;
      const last = namesChanges ? lastFroms[ticket] : lastValues[ticket];
      if (initial.has(last ?? 0)) end += 1;
    }
    return end > begin;
  }
}

/** Gives a buffer of twice the size. The old one is freed at once. */
const doubled = ({ buffer }: { readonly buffer: ArrayBuffer }): ArrayBuffer =>
  buffer.transfer(buffer.byteLength * 2);
