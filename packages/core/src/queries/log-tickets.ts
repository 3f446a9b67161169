import { advance, beginTally } from './tally.ts';
import type { Aligner, Column, StepVerdict } from './alignment.ts';
import { createVariants, type TicketTally, type VariantNode } from './variants.ts';

/** A row of a ticket, as its log sees it. */
export interface LogRow {
  /** Absent for a ticket's first row. */
  readonly step: (StepVerdict & { readonly from: string; readonly to: string }) | undefined;
  /** Where the ticket was, if the row has another status. */
  readonly left: Column | undefined;
  readonly isReopened: boolean;
}

// Of a ticket: its place in the tree of ways, plus one; how many known and how many unknown rows of
// it were repeated. Where it is in no place: 0, and where its own tally is.
const width = 3;

/*
 * How very many tickets are kept
 *
 * What a replay knows of a ticket follows from its statuses, one after the other. Tickets go few
 * ways through life, so a ticket keeps its place in the tree of all ways, and the place has what
 * the tickets there share. A row then is a look into the tree, and a sum over all tickets is one
 * over all places. A row with the ticket's status changes nothing but how many such rows there are.
 *
 * The tree is bounded. A ticket whose way leads out of it has a tally of its own from then on.
 *
 * All tickets lie side by side in one array: an object for each takes several times the memory, and
 * the garbage collector goes through all of them again and again.
 */

/** Keeps the tickets of a log, by their numbers from 0 on. */
export function createLogTickets(
  aligner: Aligner,
  isReopening: (from: string, to: string) => boolean,
) {
  const variants = createVariants((before, status) => {
    const arrival = aligner.follow(before?.column ?? aligner.unseen, status);
    if (before === undefined) {
      return { tally: { ...beginTally(arrival), reopens: 0 }, arrival, isReopened: false };
    }
    const isReopened = isReopening(before.column.status, status);
    const tally = { ...before };
    advance(tally, arrival);
    if (isReopened) tally.reopens += 1;
    return { tally, arrival, isReopened };
  });
  const own: TicketTally[] = [];
  let numbers = new Uint32Array(256 * width);
  let count = 0;

  return {
    count: () => count,
    add,
    has: (ticket: number): boolean => Number.isInteger(ticket) && ticket >= 0 && ticket < count,
    statusOf: (ticket: number): string => (nodeOf(ticket) ?? tallyOf(ticket).column).status,
    tallyOf,
    /** @yields what tickets have shown so far, and how many of them */
    *tallies(): Generator<readonly [tally: Readonly<TicketTally>, tickets: number]> {
      for (const { tally, tickets } of variants.nodes) if (tickets > 0) yield [tally, tickets];
      for (const tally of own) yield [tally, 1];
    },
    /** Rows that repeat the ticket's status, and that the tallies of `tallies` leave out. */
    repeated(): { unchanged: number; unknownSteps: number } {
      let [unchanged, unknownSteps] = [0, 0];
      for (let at = 0; at < count * width; at += width) {
        if (numbers[at] === 0) continue;
        unchanged += numbers[at + 1] ?? 0;
        unknownSteps += numbers[at + 2] ?? 0;
      }
      return { unchanged, unknownSteps };
    },
    variants: () => variants.summary(count),
  };

  /** Takes a row of a ticket, or of the next one. */
  function add(ticket: number, status: string): LogRow {
    if (ticket === count) return begin(status);
    const at = ticket * width;
    const node = nodeOf(ticket);
    if (node === undefined) return goOn(tallyOf(ticket), status);
    const { column } = node.tally;
    if (node.status === status) {
      const kind = column.isKnown ? 1 : 2;
      numbers[at + kind] = (numbers[at + kind] ?? 0) + 1;
      return { step: aligner.follow(column, status).step, left: undefined, isReopened: false };
    }
    const next = variants.next(node, status);
    if (next === undefined) {
      const tally = { ...tallyOf(ticket) };
      node.tickets -= 1;
      keep(at, tally);
      return goOn(tally, status);
    }
    node.tickets -= 1;
    next.tickets += 1;
    numbers[at] = next.number + 1;
    return { step: next.arrival.step, left: column, isReopened: next.isReopened };
  }

  function begin(status: string): LogRow {
    const { buffer, length } = numbers;
    const at = count * width;
    // What is left behind is let go of at once.
    if (at === length) numbers = new Uint32Array(buffer.transfer(buffer.byteLength * 2));
    count += 1;
    const node = variants.next(undefined, status);
    if (node === undefined) {
      keep(at, { ...beginTally(aligner.follow(aligner.unseen, status)), reopens: 0 });
    } else {
      node.tickets += 1;
      numbers[at] = node.number + 1;
    }
    return { step: undefined, left: undefined, isReopened: false };
  }

  function keep(at: number, tally: TicketTally): void {
    numbers[at] = 0;
    numbers[at + 1] = own.push(tally) - 1;
  }

  function goOn(tally: TicketTally, status: string): LogRow {
    const before = tally.column;
    const arrival = aligner.follow(before, status);
    const left = arrival.to === before ? undefined : before;
    const isReopened = left !== undefined && isReopening(left.status, status);
    advance(tally, arrival);
    if (isReopened) tally.reopens += 1;
    return { step: arrival.step, left, isReopened };
  }

  function nodeOf(ticket: number): VariantNode | undefined {
    return variants.nodes[(numbers[ticket * width] ?? 0) - 1];
  }

  /** All that its rows have shown so far. */
  function tallyOf(ticket: number): TicketTally {
    const at = ticket * width;
    const [first, second] = [numbers[at + 1] ?? 0, numbers[at + 2] ?? 0];
    const node = nodeOf(ticket);
    if (node === undefined) return own[first] as TicketTally;
    const { tally } = node;
    return {
      ...tally,
      rows: tally.rows + first + second,
      unchanged: tally.unchanged + first,
      unknownSteps: tally.unknownSteps + second,
    };
  }
}
