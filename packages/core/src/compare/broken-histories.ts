import type { ReplayStep } from '../queries/replay.ts';
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
  return histories.flatMap((statuses, history) => {
    const old = new Set(blockedIn(before, statuses, complete).map(({ index }) => index));
    const blocked = blockedIn(after, statuses, complete).map((step) => ({
      ...step,
      wasBlocked: old.has(step.index),
    }));
    return blocked.some(({ wasBlocked }) => !wasBlocked) ? [{ history, blocked }] : [];
  });
}

/** The places that a lifecycle blocks. A poller may begin at any time, and miss what lies between. */
function blockedIn(
  lifecycle: ComparableLifecycle,
  statuses: readonly string[],
  complete: boolean,
): Omit<BlockedStep, 'wasBlocked'>[] {
  const { start, steps } = lifecycle.replay(statuses, { complete });
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
}
