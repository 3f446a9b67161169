import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ticketLifecycle } from '@ticket-lifecycle/core';
import type { Sandbox } from '@ticket-lifecycle/sandbox';
import type { Outcome, TicketWorkflow } from '@ticket-lifecycle/series';

/** What a soak has shown. */
export interface Soaked {
  readonly changes: number;
  readonly outcomes: ReadonlyMap<Outcome['kind'] | 'broken', number>;
  readonly requests: number;
  /** Memory in use, in megabytes, measured at equal distances after the warm-up. */
  readonly heapMb: readonly number[];
  /** By how much the last third of the measurements lies above the first. */
  readonly growthMb: number;
  readonly timersLeft: number;
}

export const soakTickets = Array.from({ length: 100 }, (_, index) => ({
  ticketId: `TICKET-${index}`,
}));

/** A workflow of the default lifecycle, as far as a soak uses it. */
type Changer = Pick<TicketWorkflow, 'apply'>;

/** Asks for one change after another, each of the next ticket, and counts how they end. */
export function createLoad(workflow: Changer, { tickets }: Sandbox) {
  const outcomes = new Map<Outcome['kind'] | 'broken', number>();
  const underWay = new Set<Promise<void>>();
  let changes = 0;
  return {
    outcomes,
    get changes() {
      return changes;
    },
    ask(): void {
      const { ticketId } = soakTickets[changes % soakTickets.length] ?? { ticketId: '' };
      if (!tickets.has(ticketId)) tickets.add({ ticketId });
      changes += 1;
      const status = tickets.get(ticketId)?.status ?? 'open';
      const event = ticketLifecycle.enabled(status)[0]?.event ?? 'START';
      const ending = workflow
        .apply(ticketId, event, { staffUserId: changes })
        .then(({ kind }) => kind)
        .catch(() => 'broken' as const)
        .then((kind) => void outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1))
        .finally(() => underWay.delete(ending));
      underWay.add(ending);
    },
    /** Resolves when nothing is under way any more. */
    async ended(): Promise<void> {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

// Without the command-line flag as well: a test is not started with it.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Memory in use, once what nobody needs is gone. */
export function heapMb(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / 1024 ** 2;
}

export function growthOf(samples: readonly number[]): number {
  const third = Math.max(1, Math.floor(samples.length / 3));
  const mean = (part: readonly number[]) => part.reduce((sum, one) => sum + one, 0) / part.length;
  return mean(samples.slice(-third)) - mean(samples.slice(0, third));
}
