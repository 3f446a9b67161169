import type { SeriesClient } from '@ticket-lifecycle/series';
import type { ApplyOptions } from './apply-options.ts';
import { seriesUrl } from '../../api/api-key.ts';
import { createChangeParser } from '../../bulk/change-line.ts';
import { createFailedLines } from '../../bulk/failed-lines.ts';
import type { Run, RunOptions } from '../../bulk/run-changes.ts';
import { CliError } from '../../cli-error.ts';
import { writeErrorText } from '../../error-text.ts';
import { readEnds } from '../../journal/journal-ends.ts';
import { isCalledJournal } from '../../journal/not-a-journal.ts';
import type { LoadedLifecycle } from '../../lifecycle/load-lifecycle.ts';
import { gatherFigures } from '../../report/figures.ts';
import { openInput } from '../../rows/input.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { several } from '../../terminal/text.ts';

/** The files that a run leaves because they were asked for: `--report` and `--failed`. */
export function createWrittenFiles(
  input: string,
  options: ApplyOptions,
  { lifecycle }: LoadedLifecycle,
  client: SeriesClient,
  { secrets, messages }: Terminal,
) {
  const { report, failed: failedFile, baseUrl = seriesUrl } = options;
  const failed = createFailedLines();
  let gatherer: ReturnType<typeof gatherFigures> | undefined;
  return {
    /** Takes what became of a line. */
    note: failedFile === undefined ? undefined : failed.note,
    /** What is told of every outcome. */
    observe(): RunOptions['observe'] {
      if (report !== undefined) gatherer = gatherFigures(client);
      return gatherer?.observe;
    },
    /** Makes sure of the files before the run. They take the place of no journal, of whichever run. */
    async check(): Promise<void> {
      const { checkWritable } = await import('../../rows/output-file.ts');
      const others = [input];
      for (const [option, file, mode] of [
        ['--report', report, undefined],
        ['--failed', failedFile, 0o600],
      ] as const) {
        if (file === undefined) continue;
        const { kind } = await readEnds(file);
        if (kind === 'journal' || (kind === 'unreadable' && isCalledJournal(file)))
          throw new CliError(`${option}: ${file} is a journal. Give another name.`);
        await checkWritable(option, file, others, mode);
        others.push(file);
      }
    },
    /** Writes them; that one can't be written must not hide how the run went. Answers whether. */
    async write(run: Run, isReadable: boolean): Promise<boolean> {
      const areWritten = [await writeReport(run), await writeFailed(isReadable)];
      return areWritten.every(Boolean);
    },
  };

  async function writeReport(run: Run): Promise<boolean> {
    if (report === undefined || gatherer === undefined) return true;
    const { requestsPerSecond } = client.rateLimiter.describe(client.keyId);
    const figures = gatherer.end();
    const about = { input, baseUrl, lifecycle, run, figures, requestsPerSecond, secrets };
    return trying('report', report, async () => {
      const page = await import('../../report/report.ts');
      await page.writeReport({ file: report, ...about });
    });
  }

  async function writeFailed(isReadable: boolean): Promise<boolean> {
    if (failedFile === undefined) return true;
    return trying('file', failedFile, async () => {
      const { format, staffUserId } = options;
      const parse = createChangeParser(lifecycle, staffUserId);
      const again = isReadable ? { open: () => openInput(input), format, parse } : undefined;
      const { lines, unreadable } = await failed.write(failedFile, again);
      const besides =
        unreadable === 0 ? '' : ` ${several(unreadable, 'unreadable line')} left out.`;
      messages.note(`\n${several(lines, 'line')} that did not arrive: ${failedFile}.${besides}`);
    });
  }

  async function trying(what: string, file: string, write: () => Promise<void>): Promise<boolean> {
    try {
      await write();
      return true;
    } catch (error) {
      messages.show(`\nThe ${what} ${file} can't be written: ${writeErrorText(error)}.`);
      return false;
    }
  }
}
