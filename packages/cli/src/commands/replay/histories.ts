import {
  createReplayStepper,
  type Lifecycle,
  type PlacedStep,
  type ReplayPlace,
} from '@ticket-lifecycle/core';
import type { Row } from '../../rows/rows.ts';
import type { UnreadableLine } from '../../rows/lines.ts';
import type { StatusMap } from './status-map.ts';
import { createTicketTable } from '../../bulk/ticket-table.ts';

/** How to read histories. */
export interface HistoryOptions {
  readonly lifecycle: Lifecycle;
  /** The column or field with the ticket. */
  readonly id: string;
  /** The column or field with its state. */
  readonly state: string;
  readonly toStatus: StatusMap;
  /** Whether the log holds every change, so that a missing step was skipped. */
  readonly complete: boolean;
}

/** A step in a ticket's history, explained by the lifecycle. */
export interface HistoryStep {
  readonly line: number;
  readonly ticketId: string;
  readonly step: PlacedStep['step'];
}

/** Counts rows. */
export interface Listener {
  readonly unreadable: (line: UnreadableLine) => void;
  /** Every row that can be read. `unmapped` is its value if that means nothing to us. */
  readonly row: (isNew: boolean, unmapped: string | undefined) => void;
}

/** A value of a history: a status of ours, or something else that is a state of its own. */
interface Value {
  readonly seen: string;
  readonly unmapped: string | undefined;
}

// Where more values differ, the wrong column was given.
const mostValues = 65_000;
const another = '(another value)';

/** Reads many tickets' histories row by row. Remembers only where each ticket can be. */
export function createHistoryReader(
  { lifecycle, id, state, toStatus, complete }: HistoryOptions,
  listener: Listener,
): (row: Row) => HistoryStep | undefined {
  const stepper = createReplayStepper(lifecycle, { complete });
  const last = createTicketTable();
  const values = new Map<string, Value>();
  // A ticket's number is its place in this list, plus one.
  const places: ReplayPlace[] = [];
  const numbers = new Map<ReplayPlace, number>();

  return (row) => {
    if ('reason' in row) {
      listener.unreadable(row);
      return undefined;
    }
    const { line, fields } = row;
    const ticketId = textOf(fields[id]);
    const name = textOf(fields[state]);
    if (ticketId === undefined || name === undefined) {
      const missing = ticketId === undefined ? id : state;
      listener.unreadable({ line, reason: `there is no value for "${missing}"` });
      return undefined;
    }
    const { seen, unmapped } = values.get(name) ?? learn(name);
    const known = last.find(ticketId);
    const place = places[last.read(known) - 1];
    listener.row(place === undefined, unmapped);
    if (place === undefined) {
      last.write(known, numberOf(stepper.first(seen)));
      return undefined;
    }
    // Several values may mean the same status; going from one to the other is no change.
    if (place.status === seen) return undefined;
    const { to, step } = stepper.follow(place, seen);
    last.write(known, numberOf(to));
    return { line, ticketId, step };
  };

  function learn(name: string): Value {
    const status = toStatus(name);
    const unmapped = status === undefined ? name : undefined;
    if (values.size === mostValues) return { seen: status ?? another, unmapped };
    const value = { seen: status ?? name, unmapped };
    values.set(name, value);
    return value;
  }

  function numberOf(place: ReplayPlace): number {
    const known = numbers.get(place);
    if (known !== undefined) return known;
    const number = places.push(place);
    numbers.set(place, number);
    return number;
  }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' ? String(value) : undefined;
}
