import type { Column } from './alignment.ts';
import type { Tally } from './tally.ts';

/** What is kept of one ticket of a log. */
export interface TicketTally extends Tally {
  reopens: number;
  /** The number of its variant so far. */
  variant: number;
}

const width = 12;

/**
 * Keeps the tallies of very many tickets, by their numbers from 0 on. An object for each takes twice
 * the memory, and the garbage collector goes through all of them again and again.
 */
export function createTallies() {
  const columns = createColumns();
  const starts: string[] = [];
  const numbersOfStarts = new Map<string, number>();
  let numbers = new Int32Array(256 * width);
  let count = 0;
  const it: TicketTally = {
    column: undefined as unknown as Column,
    start: '',
    rows: 0,
    entries: 0,
    unchanged: 0,
    unknownSteps: 0,
    strays: 0,
    jumps: 0,
    missed: 0,
    paths: 0,
    reopens: 0,
    variant: 0,
  };

  return {
    count: () => count,
    columnOf,
    /** Gives the tally of a ticket that was written before. It lasts until the next is read. */
    read(ticket: number): TicketTally {
      const at = ticket * width;
      it.column = columnOf(ticket) as Column;
      it.rows = numbers[at] ?? 0;
      it.entries = numbers[at + 1] ?? 0;
      it.unchanged = numbers[at + 2] ?? 0;
      it.unknownSteps = numbers[at + 3] ?? 0;
      it.strays = numbers[at + 4] ?? 0;
      it.jumps = numbers[at + 5] ?? 0;
      it.missed = numbers[at + 6] ?? 0;
      it.paths = numbers[at + 7] ?? 0;
      it.reopens = numbers[at + 8] ?? 0;
      it.variant = numbers[at + 9] ?? 0;
      it.start = starts[numbers[at + 10] ?? 0] ?? '';
      return it;
    },
    /** Sets the tally of a ticket, or that of the next one. */
    write(ticket: number, tally: Readonly<TicketTally>): void {
      const at = ticket * width;
      if (ticket === count) begin(tally);
      const place = numbers[at + 11] ?? 0;
      if (columns.at(place) !== tally.column) {
        numbers[at + 11] = columns.hold(tally.column);
        columns.release(place);
      }
      numbers[at] = tally.rows;
      numbers[at + 1] = tally.entries;
      numbers[at + 2] = tally.unchanged;
      numbers[at + 3] = tally.unknownSteps;
      numbers[at + 4] = tally.strays;
      numbers[at + 5] = tally.jumps;
      numbers[at + 6] = tally.missed;
      numbers[at + 7] = tally.paths;
      numbers[at + 8] = tally.reopens;
      numbers[at + 9] = tally.variant;
    },
  };

  function columnOf(ticket: number): Column | undefined {
    return ticket < count ? columns.at(numbers[ticket * width + 11] ?? 0) : undefined;
  }

  function begin({ start }: Readonly<TicketTally>): void {
    const { buffer, length } = numbers;
    // What is left behind is let go of at once.
    if (count * width === length) numbers = new Int32Array(buffer.transfer(buffer.byteLength * 2));
    const known = numbersOfStarts.get(start);
    if (known === undefined) numbersOfStarts.set(start, starts.push(start) - 1);
    numbers[count * width + 10] = known ?? starts.length - 1;
    count += 1;
  }
}

/** Gives a place to each column that a ticket is in. Place 0 is nobody's. */
function createColumns() {
  const held: (Column | undefined)[] = [undefined];
  const tickets: number[] = [0];
  const free: number[] = [];
  return {
    at: (place: number): Column | undefined => held[place],
    /** For one ticket more. */
    hold(column: Column): number {
      const place = (column.place ??= free.pop() ?? held.length);
      held[place] = column;
      tickets[place] = (tickets[place] ?? 0) + 1;
      return place;
    },
    /** For one ticket less. */
    release(place: number): void {
      const column = held[place];
      if (column === undefined) return;
      const left = (tickets[place] ?? 0) - 1;
      tickets[place] = left;
      if (left > 0) return;
      held[place] = undefined;
      column.place = undefined;
      free.push(place);
    },
  };
}
