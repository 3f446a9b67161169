import type { Lifecycle } from '@ticket-lifecycle/core';
import type { TransitionCount } from '@ticket-lifecycle/diagram';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-code.ts';
import { gatherFigures } from '../../histories/figures.ts';
import { logNotes, readingNotes } from '../../histories/log-notes.ts';
import { readLog, refuseDisorder, type LogOptions } from '../../histories/read-log.ts';
import { targetNames } from '../../lifecycle/targets.ts';
import { visible } from '../../rows/input.ts';
import type { Terminal } from '../../terminal/terminal.ts';

/** How often a log of tickets has each change, between states that the lifecycle knows. */
export async function countsIn(
  file: string,
  lifecycle: Lifecycle,
  options: LogOptions,
  terminal: Pick<Terminal, 'output' | 'messages'>,
): Promise<TransitionCount[]> {
  const log = await readLog(file, lifecycle, targetNames(lifecycle), options, terminal);
  refuseDisorder(log, 'Nothing was drawn.');
  const { histories, map } = log;
  for (const note of [...logNotes(log), ...readingNotes(log)]) {
    terminal.messages.note(`${visible(file)}: ${note}`);
  }
  const counts = new Map<string, TransitionCount>();
  let unknown = 0;
  await gatherFigures(histories, {
    lifecycle,
    map,
    complete: false,
    sla: [],
    change({ step: { from, to } }) {
      if ([from, to].some((name) => lifecycle.targetsOf(name).length === 0)) {
        unknown += 1;
        return;
      }
      const key = JSON.stringify([from, to]);
      counts.set(key, { from, to, count: (counts.get(key)?.count ?? 0) + 1 });
    },
    pause: () => Promise.resolve(),
  });
  if (counts.size === 0 && options.allowEmpty !== true) {
    throw new CliError(
      `${visible(file)} has no change between states of this lifecycle. "ticket-lifecycle replay" says what it has; --map says what its states mean.`,
      exitCodes.unreadable,
    );
  }
  if (unknown > 0) {
    terminal.messages.show(
      `${visible(file)}: ${unknown} of its changes are from or to a state that the lifecycle does not have, and are not drawn. --map says what it means.`,
    );
  }
  return [...counts.values()];
}
