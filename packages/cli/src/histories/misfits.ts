import type { PlacedStep, TicketReplay } from '@ticket-lifecycle/core';

/** Why a ticket does not follow the lifecycle from start to end. The worst counts. */
export const misfitKinds = ['unknown-status', 'jump', 'missed', 'begins-elsewhere'] as const;

/** The name of such a reason. */
export type MisfitKind = (typeof misfitKinds)[number];

/** A step that is not a single step of the lifecycle, and where it is. */
export interface OddStep {
  readonly line: number;
  readonly step: PlacedStep['step'];
}

/** A ticket that does not follow the lifecycle. */
export interface Misfit {
  readonly ticketId: string;
  readonly kind: MisfitKind;
  readonly fitness: number;
  readonly firstLine: number;
  readonly firstState: string;
  readonly steps: readonly OddStep[];
}

/** Why a ticket does not fit, or `undefined` if it does. */
export function misfitOf(
  { fitness, counts, start }: TicketReplay,
  isKnown: (name: string) => boolean,
): MisfitKind | undefined {
  if (fitness === 1) return undefined;
  if (counts['unknown-status'] > 0 || !isKnown(start?.status ?? '')) return 'unknown-status';
  if (counts.jump > 0) return 'jump';
  return counts.path + counts.skipped > 0 ? 'missed' : 'begins-elsewhere';
}

const mostSteps = 5_000_000;

/** Keeps these steps by ticket. */
export function createOddSteps(tickets: number) {
  // A list for each ticket: its last step, and for each step the one before it.
  const latest = new Uint32Array(tickets);
  const before: number[] = [];
  const lines: number[] = [];
  const steps: PlacedStep['step'][] = [];
  return {
    add(ticket: number, line: number, step: PlacedStep['step']): void {
      if (steps.length === mostSteps) return;
      before.push(latest[ticket] ?? 0);
      lines.push(line);
      latest[ticket] = steps.push(step);
    },
    of(ticket: number): OddStep[] {
      const found: OddStep[] = [];
      for (let at = latest[ticket] ?? 0; at !== 0; at = before[at - 1] ?? 0) {
        const step = steps[at - 1];
        if (step !== undefined) found.push({ line: lines[at - 1] ?? 0, step });
      }
      return found.toReversed();
    },
  };
}
