import type { Lifecycle } from '@ticket-lifecycle/core';
import {
  SeriesError,
  type ApplyOptions,
  type Outcome,
  type ReadPolicy,
  type TicketWorkflow,
} from '@ticket-lifecycle/series';
import type { LineChange } from './change-line.ts';
import type { Seam } from './write-intents.ts';
import { eventsTo, soleEventTo, stepTo } from '../lifecycle/targets.ts';

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

/** Makes single steps of lines that name an event, and finds the step, or the path, to a target. */
export function createCarryOut({ lifecycle, workflow, plan, context }: CarryOutOptions): CarryOut {
  return async ({ ticketId, event, to, from, staffUserId }, options) => {
    const asked = { from, staffUserId, context, ...options };
    const apply = async (type: string, others: Partial<ApplyOptions> = {}) => [
      await workflow.apply(ticketId, { type }, { ...asked, ...others }),
    ];
    if (event !== undefined) return apply(event);
    const move = async (others: Partial<typeof asked> = {}) =>
      (await workflow.moveTo(ticketId, to, { ...asked, ...others })).outcomes;

    const [first] = eventsTo(lifecycle, to);
    // It takes the path, and says where there is nothing to do, or no way.
    if (plan || from === to || first === undefined) return move();
    if (soleEventTo(lifecycle, to) === first) return apply(first);

    // Which event leads there depends on where the ticket stands. Memory alone must not decide that.
    const read = from === undefined ? 'always' : options.read;
    const at = await position(ticketId, first, { ...asked, read });
    // One that is not where the line says ends as stale. One that can only now be read is not changed.
    if (at === undefined || (from ?? at) !== at) return apply(first, { mayWrite: () => false });
    const seen = { from: at, read: undefined };
    if (from === undefined && lifecycle.targetsOf(to).includes(at)) return move(seen);
    const step = stepTo(lifecycle, at, to, context);
    if ('event' in step) return apply(step.event, seen);
    const base = { ticketId, from: at, to, event: undefined, attempts: 0, waitedMs: 0 };
    return [{ kind: 'blocked', ...base, blockers: [step.blocker], enabled: [] }];
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
}
