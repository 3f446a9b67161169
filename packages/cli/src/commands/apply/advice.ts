import type { ApplyOptions } from './apply-options.ts';
import { failed } from './run-journal.ts';
import { resumeCommand } from './resume-command.ts';
import { mostInRow } from '../../bulk/fuse.ts';
import type { Run } from '../../bulk/run-changes.ts';
import type { JournalError } from '../../journal/journal.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { several } from '../../terminal/text.ts';

/** Says what is to be done after a run. */
export function advise(
  { needPlan, keyRefused, lines, left, isCutOff }: Run,
  {
    isStopped,
    inFile,
    options,
    file,
    journal,
    failure,
  }: {
    readonly isStopped: boolean;
    /** How many lines the file has, where that is known. */
    readonly inFile: number | undefined;
    readonly options: ApplyOptions;
    readonly file: string;
    readonly journal: string | undefined;
    readonly failure: JournalError | undefined;
  },
  { messages }: Terminal,
): void {
  if (keyRefused > 0) {
    messages.show(
      '\nThe API refused the key or the workspace. Check the key, and that tickets are enabled.',
    );
  }
  if (failure !== undefined)
    messages.show(`\n${failed(failure).message} Requests that were under way have ended.`);
  if (isCutOff && keyRefused === 0) {
    messages.show(
      `\nThe last ${mostInRow} changes in a row did not get through, so the run stopped. Check that the server is running, and its address.`,
    );
  }
  if (isStopped) messages.show(`\n${stoppedText(lines, left, inFile)}`);
  if (needPlan > 0 && options.plan !== true) {
    messages.note(
      `\n${several(needPlan, 'change')} would take several steps: --plan --again --read always makes them.`,
    );
  }
  if (journal === undefined) return;
  if (!isStopped && left === 0) return messages.note(`\nWritten down in ${journal}`);
  messages.show(`\nTo go on where this has ended:\n\n  ${resumeCommand(file, journal, options)}`);
}

function stoppedText(lines: number, left: number, inFile: number | undefined): string {
  if (inFile === undefined || lines < inFile) {
    return `Stopped. The rest of the file, after ${theseLines(lines)}, was not read.`;
  }
  const open = left === 0 ? 'none is' : several(left, 'of them is', 'of them are');
  return `Stopped. All ${several(inFile, 'line')} of the file were read, and ${open} left to do.`;
}

const theseLines = (lines: number) =>
  lines === 1 ? 'this line' : `these ${several(lines, 'line')}`;
