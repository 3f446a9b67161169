import {
  createReplayLog,
  ticketStatuses,
  type Lifecycle,
  type ReplayLogOptions,
} from '@ticket-lifecycle/core';

/** Whether a name is a status of the API. */
export const isStatus = (name: string): boolean =>
  (ticketStatuses as readonly string[]).includes(name);

/**
 * Judges the rows of a log in which the given names stand. Where a log tells states apart that
 * share a status, they are judged as states.
 */
export function createJudge(
  lifecycle: Lifecycle,
  names: Iterable<string>,
  options: Pick<ReplayLogOptions, 'complete' | 'periodOf'> = {},
) {
  const states = [...new Set(names)].filter((name) => lifecycle.isState(name) && !isStatus(name));
  return {
    log: createReplayLog(lifecycle, { ...options, states }),
    /** The status of the API that a name stands for. */
    statusOf: (name: string): string =>
      (states.includes(name) ? lifecycle.statusOf(name) : undefined) ?? name,
  };
}

/** Whether one name follows another in one step of the lifecycle. */
export function isStep(lifecycle: Lifecycle, from: string, to: string): boolean {
  const { log } = createJudge(lifecycle, [from, to]);
  log.add('1', from);
  return log.add('1', to)?.kind === 'edge';
}

/** Whether a change is between states that a picture of the lifecycle has. */
export const isDrawn = (
  lifecycle: Lifecycle,
  { from, to }: { readonly from: string; readonly to: string },
): boolean => [from, to].every((name) => lifecycle.targetsOf(name).length > 0);
