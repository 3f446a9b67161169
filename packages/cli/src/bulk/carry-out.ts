import type { Lifecycle, TicketStatus } from '@ticket-lifecycle/core';
import {
  SeriesError,
  type Outcome,
  type ReadPolicy,
  type TicketWorkflow,
} from '@ticket-lifecycle/series';
import type { LineChange } from './change-line.ts';
import type { Seam } from './write-intents.ts';
import { eventsTo } from '../lifecycle/targets.ts';
import { hasArrived } from '../journal/line-outcome.ts';

/** How to carry out the changes of lines. */
export interface CarryOutOptions {
  readonly lifecycle: Lifecycle;
  readonly workflow: Pick<TicketWorkflow, 'apply' | 'explain' | 'moveTo'>;
  /** Whether a status may be several steps away. */
  readonly plan: boolean;
  /** What the guards are asked with. */
  readonly context: unknown;
}

/** Carries out a change: an outcome for each step that was tried. */
export type CarryOut = (
  change: LineChange,
  options: Seam & { readonly read: ReadPolicy | undefined; readonly signal: AbortSignal },
) => Promise<readonly Outcome[]>;

/** Makes single steps of lines that name an event, and finds the step, or the path, to a status. */
export function createCarryOut({ lifecycle, workflow, plan, context }: CarryOutOptions): CarryOut {
  return async ({ ticketId, event, to, from, staffUserId }, options) => {
    const asked = { from, staffUserId, context, ...options };
    const apply = (type: string, others: Partial<typeof asked> = {}) =>
      workflow.apply(ticketId, { type }, { ...asked, ...others });

    if (event !== undefined) return [await apply(event)];
    if (isStatus(to) && (plan || from === to)) {
      return (await workflow.moveTo(ticketId, to, asked)).outcomes;
    }
    const events = eventsTo(lifecycle, to);
    const [first = ''] = events;
    if (!plan && events.length === 1) return [await apply(first)];

    // Which event leads there depends on where the ticket stands.
    const at = await position(ticketId, first, asked);
    // One that is not where the line says ends as stale.
    if (at === undefined || (from !== undefined && at !== from)) return [await apply(first)];
    const here = { from: at, read: undefined };
    if (!plan) {
      const [only = first, ...others] = eventsTo(lifecycle, to, at);
      return others.length === 0 ? [await apply(only, here)] : [ambiguous(only)];
    }
    return takePath(at);

    function ambiguous(type: string): Outcome {
      const message = `Several events lead from ${String(at)} to ${String(to)}. Name one as event.`;
      const blocker = { code: 'ambiguous', message, parameters: { from: at, to } } as const;
      const base = { ticketId, from: at, to, event: type, attempts: 0, waitedMs: 0 };
      return { kind: 'blocked', ...base, blockers: [blocker], enabled: [] };
    }

    async function takePath(start: string): Promise<readonly Outcome[]> {
      const path = lifecycle.plan(start, String(to), { context });
      if (path.kind !== 'plan') return [await apply(first, here)];
      const outcomes: Outcome[] = [];
      for (const step of path.steps) {
        const outcome = await apply(step.event, { from: step.from, read: undefined });
        outcomes.push(outcome);
        if (!hasArrived(outcome)) break;
      }
      return outcomes;
    }
  };

  async function position(
    ticketId: string,
    event: string,
    asked: Parameters<CarryOutOptions['workflow']['explain']>[2],
  ): Promise<string | undefined> {
    try {
      const { from } = await workflow.explain(ticketId, { type: event }, asked);
      return lifecycle.isState(from) ? from : undefined;
    } catch (error) {
      // Asking for the change fails in the same way, and that is an outcome.
      if (SeriesError.is(error)) return undefined;
      throw error;
    }
  }

  // A state's own name goes before the status that is called the same.
  function isStatus(to: string): to is TicketStatus {
    return !lifecycle.isState(to) || lifecycle.statesWith(to as TicketStatus).join() === to;
  }
}
