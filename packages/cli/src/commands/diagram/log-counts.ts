import type { Lifecycle } from '@ticket-lifecycle/core';
import type { TransitionCount } from '@ticket-lifecycle/diagram';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-code.ts';
import { gatherFigures } from '../../histories/figures.ts';
import { isDrawn } from '../../histories/judge.ts';
import { guessNotes, logNotes, readingNotes } from '../../histories/log-notes.ts';
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
  for (const note of [...guessNotes(log), ...logNotes(log), ...readingNotes(log)]) {
    terminal.messages.note(`${visible(file)}: ${note}`);
  }
  const { figures } = await gatherFigures(histories, {
    lifecycle,
    map,
    complete: false,
    sla: [],
    pause: () => Promise.resolve(),
  });
  const { mostFrequent, changes } = figures;
  const counts = mostFrequent.filter((change) => isDrawn(lifecycle, change));
  const unknown = counts.reduce((left, change) => left - change.count, changes);
  if (counts.length === 0 && options.allowEmpty !== true) {
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
  return counts.map(({ from, to, count }) => ({ from, to, count }));
}
