import { ticketLifecycle, type TicketStatus } from '@ticket-lifecycle/core';
import { ticketIdSchema, type Outcome, type TicketWorkflow } from '@ticket-lifecycle/series';
import { parseChange, type LineChange } from './change-line.ts';
import { createGate } from './gate.ts';
import type { Fields, Row } from './rows.ts';

/** How each step of a line ended, or why the line could not be read. */
export type LineResult =
  | { readonly line: number; readonly change: LineChange; readonly outcomes: readonly Outcome[] }
  | { readonly line: number; readonly fault: string };

/** How to apply rows. */
export interface ApplyRowsOptions {
  readonly workflow: Pick<TicketWorkflow, 'apply' | 'moveTo'>;
  /** Whether a status may be several steps away. */
  readonly plan: boolean;
  /** For lines that name nobody. */
  readonly staffUserId: number | undefined;
  /** Starts nothing new when it aborts. */
  readonly signal: AbortSignal;
  /** Is told the result of every line. While it waits, so does the reading. */
  readonly report: (result: LineResult) => Promise<void>;
}

// Enough to keep the budget busy, and a bound for the memory, whatever the length of the file.
const mostUnderWay = 1000;

/** Applies the changes of many tickets at once, and those of one ticket in their order. */
export async function applyRows(
  rows: AsyncIterable<Row>,
  { workflow, plan, staffUserId, signal, report }: ApplyRowsOptions,
): Promise<void> {
  const gate = createGate(mostUnderWay);
  const tails = new Map<string, Promise<void>>();
  // After a line that did not arrive, the next one's `from` speaks of a step that never happened.
  const doubted = new Set<string>();

  try {
    for await (const row of rows) {
      if (signal.aborted) break;
      if ('fields' in row && row.fields['type'] === 'summary') continue;
      const parsed = 'fields' in row ? parseChange(row.fields, staffUserId) : row;
      const ticketId = 'fields' in row ? ticketOf(row.fields) : undefined;
      await gate.start(() =>
        inOrder(ticketId, async () => {
          if ('change' in parsed) return carryOut(row.line, parsed.change);
          if (ticketId !== undefined) doubted.add(ticketId);
          return report({ line: row.line, fault: parsed.fault });
        }),
      );
    }
  } catch (error) {
    // Reading was cut off because it should be.
    if (!signal.aborted) throw error;
  } finally {
    await gate.drain();
  }

  async function inOrder(ticketId: string | undefined, task: () => Promise<void>): Promise<void> {
    if (ticketId === undefined) return task();
    const run = (tails.get(ticketId) ?? Promise.resolve()).then(task);
    tails.set(ticketId, run);
    try {
      await run;
    } finally {
      if (tails.get(ticketId) === run) tails.delete(ticketId);
    }
  }

  async function carryOut(line: number, change: LineChange): Promise<void> {
    const outcomes = await ask(change);
    const hasArrived = ['confirmed', 'unchanged'].includes(outcomes.at(-1)?.kind ?? '');
    if (!hasArrived) doubted.add(change.ticketId);
    await report({ line, change, outcomes });
  }

  async function ask({ ticketId, event, to, ...rest }: LineChange): Promise<readonly Outcome[]> {
    const read = doubted.delete(ticketId) ? ('always' as const) : undefined;
    const options = { ...rest, read, signal } as const;
    if (event !== undefined) return [await workflow.apply(ticketId, event, options)];
    if (plan || rest.from === to) return (await workflow.moveTo(ticketId, to, options)).outcomes;
    return [await workflow.apply(ticketId, eventTowards(to), options)];
  }
}

/** Also of a line that is otherwise broken: the lines after it may build on it. */
const ticketOf = ({ ticketId }: Fields) => ticketIdSchema.safeParse(ticketId).data;

/** The event that leads to a status. In the default lifecycle there is one for each. */
function eventTowards(to: TicketStatus): string {
  const { states, events } = ticketLifecycle;
  const leadsThere = (event: (typeof events)[number]) =>
    states.some((state) => ticketLifecycle.eventsBetween(state, to).includes(event));
  return events.find(leadsThere) ?? '';
}
