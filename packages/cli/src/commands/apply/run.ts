import type { ApplyOptions } from './apply-options.ts';
import { missingArgument } from '../missing-argument.ts';
import { advise } from './advice.ts';
import { ask, preview } from './preview.ts';
import { journalRun, withJournaledOptions, type LockedRun } from './run-journal.ts';
import { createWrittenFiles } from './written-files.ts';
import { CliError } from '../../cli-error.ts';
import { loadLifecycle } from '../../lifecycle/load-lifecycle.ts';
import { connect } from '../../api/connect.ts';
import { errorText } from '../../error-text.ts';
import { exitCodes, mostUrgent } from '../../exit-code.ts';
import { exitCodeOf } from '../../bulk/tally.ts';
import { watchInterrupt, type Interrupt } from '../../terminal/interrupt.ts';
import { maxWaitMs, runChanges, type Run } from '../../bulk/run-changes.ts';
import { costText, runText } from '../../bulk/run-summary.ts';
import { jsonVersion } from '../../json-version.ts';
import type { Terminal } from '../../terminal/terminal.ts';

/** Applies the changes of a file. */
export async function apply(
  given: string | undefined,
  asked: ApplyOptions,
  terminal: Terminal,
): Promise<number> {
  const { file, options, done } = await withJournaledOptions(given, asked, terminal);
  if (file === undefined) throw new CliError(missingArgument('file'));
  const definition = await loadLifecycle(options.definition, terminal);

  const interrupt = watchInterrupt();
  const stopped = new AbortController();
  const signal = AbortSignal.any([interrupt.signal, stopped.signal, terminal.output.closed]);
  let locked: LockedRun | undefined;
  try {
    const { lifecycle } = definition;
    const looked = { lifecycle, options, done, signal };
    const { input, measured, expected } = await preview(file, looked);
    const client = await connect({ ...options, maxWaitMs }, terminal);
    await ask(expected, options, signal, terminal);
    if (signal.aborted) return interrupt.exitCode() ?? exitCodes.notSent;
    const files = createWrittenFiles(file, options, definition, client, terminal);
    locked = await journalRun(file, measured, definition, options, signal, terminal, files.note);
    const { journaled } = locked;
    if (signal.aborted) return interrupt.exitCode() ?? exitCodes.notSent;
    await files.check();
    sayInterrupted(interrupt, terminal);
    const run = await runChanges(input, {
      ...options,
      journal: undefined,
      ...journaled,
      client,
      terminal,
      signal,
      lifecycle,
      observe: files.observe(),
      note: files.note,
      stop: () => stopped.abort(),
    });
    const areWritten = await files.write(run, measured !== undefined);
    const { failure } = journaled?.journal ?? {};
    const inFile = input.lines;
    const isCut = signal.aborted && (run.left > 0 || run.lines < (inFile ?? Infinity));
    const cut = isCut || failure !== undefined ? exitCodes.notSent : exitCodes.ok;
    const why = run.failure === undefined ? cut : exitCodes.unreadable;
    const worst = mostUrgent([exitCodeOf(run), why]);
    const otherwise = areWritten ? exitCodes.ok : exitCodes.unexpected;
    const exitCode = interrupt.exitCode() ?? (worst === exitCodes.ok ? otherwise : worst);
    const journal = journaled?.isKept() === true ? journaled.journal.file : undefined;
    const isFinished = !signal.aborted && run.left === 0;
    if (isFinished && journal !== undefined) await journaled?.finish();
    if (options.json === true) {
      await terminal.output.printJson({ ...toPlain(run), journal, exitCode });
    } else {
      await terminal.output.print(`${costText(run)}\n\n${runText(run, terminal.style)}`);
    }
    advise(run, { isStopped: signal.aborted, inFile, options, file, journal, failure }, terminal);
    if (run.failure !== undefined) throw new CliError(errorText(run.failure), exitCode);
    return exitCode;
  } catch (error) {
    // It was stopped while it only read: nothing was sent.
    if (!signal.aborted || (error as Partial<Error>).name !== 'AbortError') throw error;
    return interrupt.exitCode() ?? exitCodes.notSent;
  } finally {
    interrupt.release();
    await locked?.release();
  }
}

function sayInterrupted({ signal }: Interrupt, { messages }: Terminal): void {
  const say = () =>
    messages.note('\nFinishing what is under way. The same signal once more stops at once.');
  signal.addEventListener('abort', say, { once: true });
}

function toPlain(run: Run): object {
  const {
    unreadableLines: _,
    needPlan: __,
    keyRefused: ___,
    left: ____,
    isCutOff: _____,
    failure: ______,
    durationMs,
    ...rest
  } = run;
  return { type: 'summary', schema: jsonVersion, ...rest, durationMs: Math.round(durationMs) };
}
