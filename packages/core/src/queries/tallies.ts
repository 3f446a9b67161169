import type { Column } from './alignment.ts';
import type { Tally } from './tally.ts';

/** What is kept of one ticket of a log. */
export interface TicketTally extends Tally {
  reopens: number;
}

const width = 9;

/**
 * Keeps the tallies of very many tickets, by their numbers from 0 on. An object for each takes three
 * times the memory, and the garbage collector goes through all of them again and again.
 */
export function createTallies() {
  const columns: Column[] = [];
  const starts: string[] = [];
  let numbers = new Int32Array(256 * width);
  const read: TicketTally = {
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
  };

  return {
    columnOf: (ticket: number): Column | undefined => columns[ticket],
    /** Gives the tally of a ticket that was written before. It lasts until the next is read. */
    read(ticket: number): TicketTally {
      const at = ticket * width;
      read.column = columns[ticket] as Column;
      read.start = starts[ticket] ?? '';
      read.rows = numbers[at] ?? 0;
      read.entries = numbers[at + 1] ?? 0;
      read.unchanged = numbers[at + 2] ?? 0;
      read.unknownSteps = numbers[at + 3] ?? 0;
      read.strays = numbers[at + 4] ?? 0;
      read.jumps = numbers[at + 5] ?? 0;
      read.missed = numbers[at + 6] ?? 0;
      read.paths = numbers[at + 7] ?? 0;
      read.reopens = numbers[at + 8] ?? 0;
      return read;
    },
    write(ticket: number, tally: Readonly<TicketTally>): void {
      const at = ticket * width;
      if (at === numbers.length) {
        const larger = new Int32Array(numbers.length * 2);
        larger.set(numbers);
        numbers = larger;
      }
      columns[ticket] = tally.column;
      starts[ticket] = tally.start;
      numbers[at] = tally.rows;
      numbers[at + 1] = tally.entries;
      numbers[at + 2] = tally.unchanged;
      numbers[at + 3] = tally.unknownSteps;
      numbers[at + 4] = tally.strays;
      numbers[at + 5] = tally.jumps;
      numbers[at + 6] = tally.missed;
      numbers[at + 7] = tally.paths;
      numbers[at + 8] = tally.reopens;
    },
  };
}
