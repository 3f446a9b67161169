import { graphOf } from '../queries/replay-stepper.ts';
import { createReplayer, type ReplayStep } from '../queries/replay.ts';
import { ticketStatuses } from '../ticket-status.ts';
import type { ComparableLifecycle } from './lifecycle-changes.ts';

/** A history that a lifecycle would have blocked. */
export interface BrokenHistory {
  /** Its place among the given histories, from 0. */
  readonly history: number;
  /** Each place where it is blocked. At least one of them was not blocked before. */
  readonly blocked: readonly BlockedStep[];
}

/** A place where a history is blocked. */
export interface BlockedStep {
  /** Position of the row in the history, from 0. */
  readonly index: number;
  readonly from: string | undefined;
  readonly to: string;
  /** `start`: a ticket is not created with this status. The others are kinds of replay steps. */
  readonly kind: 'start' | Extract<ReplayStep['kind'], 'jump' | 'skipped' | 'unknown-status'>;
  /** Whether the old lifecycle blocks it too. */
  readonly wasBlocked: boolean;
}

/** Replays histories under both lifecycles, and finds what only the new one blocks. */
export function brokenHistories(
  before: ComparableLifecycle,
  after: ComparableLifecycle,
  histories: readonly (readonly string[])[],
  complete: boolean,
): BrokenHistory[] {
  const names = new Set(histories.flat());
  const wasBlocked = createJudge(before, after, names, complete);
  const isBlocked = createJudge(after, before, names, complete);
  return histories.flatMap((rows, history) => {
    const old = new Set(wasBlocked(rows).map(({ index }) => index));
    const blocked = isBlocked(rows).map((step) => ({ ...step, wasBlocked: old.has(step.index) }));
    return blocked.some((step) => !step.wasBlocked) ? [{ history, blocked }] : [];
  });
}

/**
 * Finds the places that a lifecycle blocks. A poller may begin at any time, and miss what lies between.
 *
 * @param names - of all rows. A state that only the other lifecycle has stands for its status
 */
function createJudge(
  lifecycle: ComparableLifecycle,
  other: ComparableLifecycle,
  names: ReadonlySet<string>,
  complete: boolean,
): (rows: readonly string[]) => Omit<BlockedStep, 'wasBlocked'>[] {
  const isStatus = (name: string) => (ticketStatuses as readonly string[]).includes(name);
  const own = lifecycle.states.filter((state) => names.has(state) && !isStatus(state));
  const replayer = createReplayer(graphOf(lifecycle, own));
  const known = (name: string) =>
    isStatus(name) || own.includes(name) ? name : (other.statusOf(name) ?? name);
  return (rows) => {
    const { start, steps } = replayer.replay(rows.map(known), { complete });
    const blocked: Omit<BlockedStep, 'wasBlocked'>[] = [];
    if (complete && start?.isInitial === false) {
      blocked.push({ index: 0, from: undefined, to: start.status, kind: 'start' });
    }
    for (const { index, from, to, kind } of steps) {
      if (kind === 'jump' || kind === 'skipped' || kind === 'unknown-status') {
        blocked.push({ index, from, to, kind });
      }
    }
    return blocked;
  };
}
