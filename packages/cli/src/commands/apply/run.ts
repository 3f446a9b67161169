import type { SeriesClient } from '@ticket-lifecycle/series';
import type { ApplyOptions } from './apply-options.ts';
import { failed, journalRun, withJournaledOptions, type JournaledRun } from './run-journal.ts';
import { CliError } from '../../cli-error.ts';
import { ask, preview } from './preview.ts';
import { loadLifecycle, type LoadedLifecycle } from '../../lifecycle/load-lifecycle.ts';
import { connect, seriesUrl } from '../../api/connect.ts';
import { exitCodes } from '../../exit-code.ts';
import { exitCodeOf } from '../../bulk/tally.ts';
import { watchInterrupt, type Interrupt } from '../../terminal/interrupt.ts';
import type { JournalError } from '../../journal/journal.ts';
import { gatherFigures, type Gatherer } from '../../report/figures.ts';
import { resumeCommand } from './resume-command.ts';
import { maxWaitMs, runChanges, type Run } from '../../bulk/run-changes.ts';
import { costText, runText } from '../../bulk/run-summary.ts';
import { jsonVersion } from '../../json-version.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { several } from '../../terminal/text.ts';
import { writeErrorText } from '../../error-text.ts';

/** Applies the changes of a file. */
export async function apply(
  given: string | undefined,
  asked: ApplyOptions,
  terminal: Terminal,
): Promise<number> {
  const { file, options, done } = await withJournaledOptions(given, asked);
  if (file === undefined) throw new CliError("missing required argument 'file'");
  const definition = await loadLifecycle(options.definition, terminal);

  const client = await connect({ ...options, maxWaitMs }, terminal.secrets);
  const interrupt = watchInterrupt();
  const stopped = new AbortController();
  const signal = AbortSignal.any([interrupt.signal, stopped.signal, terminal.output.closed]);
  let journaled: JournaledRun | undefined;
  try {
    const { lifecycle } = definition;
    const looked = { lifecycle, options, done, signal };
    const { input, measured, expected } = await preview(file, looked);
    await ask(expected, options, signal, terminal);
    if (signal.aborted) return interrupt.exitCode() ?? exitCodes.ok;
    journaled = await journalRun(file, measured, definition, options, signal, terminal);
    if (signal.aborted) return interrupt.exitCode() ?? exitCodes.ok;
    if (options.report !== undefined) {
      const { checkReport } = await import('../../report/report.ts');
      const journals = journaled === undefined ? [] : [journaled.journal.file];
      await checkReport(options.report, [file, ...journals]);
    }
    sayInterrupted(interrupt, terminal);
    const gatherer = options.report === undefined ? undefined : gatherFigures(client);
    const run = await runChanges(input, {
      ...options,
      journal: undefined,
      ...journaled,
      client,
      terminal,
      signal,
      lifecycle,
      observe: gatherer?.observe,
      stop: () => stopped.abort(),
    });
    if (gatherer !== undefined) {
      await report(run, { gatherer, client, file, definition, options }, terminal);
    }
    const { failure } = journaled?.journal ?? {};
    const code = exitCodeOf(run);
    const worst = failure === undefined || code !== exitCodes.ok ? code : exitCodes.notSent;
    const exitCode = interrupt.exitCode() ?? worst;
    const journal = journaled?.isKept() === true ? journaled.journal.file : undefined;
    const isFinished = !signal.aborted && run.left === 0;
    if (isFinished && journal !== undefined) await journaled?.finish();
    if (options.json === true) {
      await terminal.output.printJson({ ...toPlain(run), journal, exitCode });
    } else {
      await terminal.output.print(`${costText(run)}\n\n${runText(run, terminal.style)}`);
    }
    advise(run, { isStopped: signal.aborted, options, file, journal, failure }, terminal);
    return exitCode;
  } finally {
    interrupt.release();
    await journaled?.release();
  }
}

/** Writes the report. That it can't be written must not hide how the run went. */
async function report(
  run: Run,
  about: {
    readonly gatherer: Gatherer;
    readonly client: SeriesClient;
    readonly file: string;
    readonly definition: LoadedLifecycle;
    readonly options: ApplyOptions;
  },
  { secrets, messages }: Terminal,
): Promise<void> {
  const { gatherer, client, file: input, definition, options } = about;
  const { baseUrl = seriesUrl, report: file = '' } = options;
  const { requestsPerSecond } = client.rateLimiter.describe(client.keyId);
  const figures = gatherer.end();
  try {
    const { writeReport } = await import('../../report/report.ts');
    const { lifecycle } = definition;
    await writeReport({
      file,
      input,
      baseUrl,
      lifecycle,
      run,
      figures,
      requestsPerSecond,
      secrets,
    });
  } catch (error) {
    messages.show(`\nThe report ${file} can't be written: ${writeErrorText(error)}.`);
  }
}

function sayInterrupted({ signal }: Interrupt, { messages }: Terminal): void {
  const say = () =>
    messages.show('\nFinishing what is under way. The same signal once more stops at once.');
  signal.addEventListener('abort', say, { once: true });
}

function toPlain(run: Run): object {
  const {
    unreadableLines: _,
    needPlan: __,
    keyRefused: ___,
    left: ____,
    durationMs,
    ...rest
  } = run;
  return { type: 'summary', schema: jsonVersion, ...rest, durationMs: Math.round(durationMs) };
}

function advise(
  { needPlan, keyRefused, lines, left }: Run,
  {
    isStopped,
    options,
    file,
    journal,
    failure,
  }: {
    readonly isStopped: boolean;
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
    messages.show(`\n${failed(failure).message} What was under way is ended.`);
  if (isStopped)
    messages.show(`\nStopped. What comes after these ${several(lines, 'line')} was not read.`);
  if (needPlan > 0 && options.plan !== true) {
    messages.show(`\n${several(needPlan, 'change')} would take several steps: --plan makes them.`);
  }
  if (journal === undefined) return;
  messages.show(
    isStopped || left > 0
      ? `\nTo go on where this has ended:\n\n  ${resumeCommand(file, journal, options)}`
      : `\nWritten down in ${journal}`,
  );
}
