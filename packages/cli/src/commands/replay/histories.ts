import type { Lifecycle, ReplayStep } from '@ticket-lifecycle/core';
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
  readonly step: ReplayStep;
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
  readonly code: number;
}

// What can be told apart in two bytes. Where more values differ, the wrong column was given.
const mostValues = 65_000;
const another = '(another value)';

/** Reads many tickets' histories row by row. Remembers only each ticket's last state. */
export function createHistoryReader(
  { lifecycle, id, state, toStatus, complete }: HistoryOptions,
  listener: Listener,
): (row: Row) => HistoryStep | undefined {
  const last = createTicketTable();
  const values = new Map<string, Value>();
  const codes = new Map<string, number>();
  const seenBy: string[] = [];
  const steps = new Map<number, ReplayStep | undefined>();

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
    const value = values.get(name) ?? learn(name);
    const place = last.find(ticketId);
    const before = last.read(place) - 1;
    listener.row(before === -1, value.unmapped);
    if (before === value.code) return undefined;
    last.write(place, value.code + 1);
    const step = before === -1 ? undefined : stepBetween(before, value);
    return step && { line, ticketId, step };
  };

  function learn(name: string): Value {
    const status = toStatus(name);
    const seen = status ?? name;
    const unmapped = status === undefined ? name : undefined;
    // Several values may mean the same status; going from one to the other is no change.
    const code = codes.get(seen) ?? seenBy.length;
    if (code === mostValues) return { seen: another, unmapped, code };
    const value = { seen, unmapped, code };
    codes.set(seen, code);
    seenBy[code] = seen;
    values.set(name, value);
    return value;
  }

  // Few pairs occur, each very often.
  function stepBetween(before: number, { seen, code }: Value): ReplayStep | undefined {
    const pair = before * (mostValues + 1) + code;
    if (steps.has(pair)) return steps.get(pair);
    const from = seenBy[before] ?? another;
    const [step] = lifecycle.replay([from, seen], { complete }).steps;
    if (steps.size < mostValues) steps.set(pair, step);
    return step;
  }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' ? String(value) : undefined;
}
