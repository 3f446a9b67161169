import { type Command, Option } from '@commander-js/extra-typings';
import { createSeriesClient, type SeriesClient } from '@ticket-lifecycle/series';
import { wholeNumber } from './arguments.ts';
import { CliError } from './cli-error.ts';
import { findApiKey, sandboxKey, type Destination } from './credentials.ts';
import { exitCodeOf, exitCodesHelp } from './exit-code.ts';
import { openInput } from './input.ts';
import { watchInterrupt } from './interrupt.ts';
import { formats } from './rows.ts';
import { maxWaitMs, runChanges, type Run, type RunOptions } from './run-changes.ts';
import { costText, runText } from './run-text.ts';
import type { Secrets } from './secrets.ts';
import { several, type Terminal } from './terminal.ts';

interface ApplyOptions
  extends Destination, Pick<RunOptions, 'format' | 'plan' | 'staffUserId' | 'json'> {}

/** Adds `apply` to the program. */
export function addApply(program: Command, terminal: Terminal, end: (code: number) => void): void {
  program
    .command('apply')
    .summary('apply the changes of a file to Series, or to a sandbox')
    .description(
      `Applies the changes of a CSV or NDJSON file, those of a ticket in their order.
A line has ticketId, staffUserId, event or to, and from where it is known:

  {"ticketId":"TICKET-1","event":"START","staffUserId":7}
  {"ticketId":"TICKET-1","to":"resolved","from":"in-progress","staffUserId":7}

"to" means the one event that leads there. Where the ticket is further away
that is blocked; with --plan the whole way is walked. Without "from" the ticket
is read before its first change.`,
    )
    .argument('<file>', 'the file, or - for standard input')
    .option('--plan', 'walk the legal way to a status that is several steps away')
    .option('--staff-user-id <n>', 'who changes, for lines that name nobody', wholeNumber(1))
    .option('--base-url <url>', 'where the API is; a sandbox on this machine needs no key')
    .option('--api-key-file <file>', 'a file with the API key, instead of SERIES_API_KEY')
    .addOption(new Option('--format <format>', 'what the file is').choices(formats))
    .option('--json', 'print an object for every outcome, and a summary as the last')
    .addHelpText(
      'after',
      `${exitCodesHelp}\n\nExample:\n  $ ticket-lifecycle apply changes.csv --base-url http://127.0.0.1:4010`,
    )
    .action(async (file, options) => end(await apply(file, options, terminal)));
}

async function apply(file: string, options: ApplyOptions, terminal: Terminal): Promise<number> {
  const client = await connect(options, terminal.secrets);
  const interrupt = watchInterrupt();
  const keyRefused = new AbortController();
  const signal = AbortSignal.any([interrupt.signal, keyRefused.signal, terminal.output.closed]);
  try {
    const input = await openInput(file, signal);
    const stop = () => keyRefused.abort();
    const run = await runChanges(input, { ...options, client, terminal, signal, stop });
    const exitCode = interrupt.exitCode() ?? exitCodeOf(run);
    if (options.json === true) await terminal.output.printJson({ ...toPlain(run), exitCode });
    else await terminal.output.print(`${costText(run)}\n\n${runText(run, terminal.style)}`);
    advise(run, { isStopped: signal.aborted, plan: options.plan === true }, terminal);
    return exitCode;
  } finally {
    interrupt.release();
  }
}

async function connect(options: Destination, secrets: Secrets): Promise<SeriesClient> {
  const apiKey = await findApiKey(options);
  if (apiKey !== sandboxKey) secrets.add(apiKey);
  try {
    return createSeriesClient({ apiKey, baseUrl: options.baseUrl, maxWaitMs });
  } catch (error) {
    // What the client finds wrong with its options is wrong with ours. It never shows the key.
    throw error instanceof TypeError ? new CliError(asUsage(error.message)) : error;
  }
}

const asUsage = (message: string) =>
  message
    .replace('createSeriesClient: option "apiKey"', 'The API key')
    .replace('createSeriesClient: option "baseUrl"', '--base-url');

function toPlain(run: Run): object {
  const { unreadableLines: _, needPlan: __, keyRefused: ___, durationMs, ...rest } = run;
  return { type: 'summary', ...rest, durationMs: Math.round(durationMs) };
}

function advise(
  { needPlan, keyRefused, lines }: Run,
  { isStopped, plan }: { isStopped: boolean; plan: boolean },
  { talk }: Terminal,
): void {
  if (keyRefused > 0) {
    talk.say(
      '\nThe API refused the key or the workspace. Check the key, and that tickets are enabled.',
    );
  }
  if (isStopped)
    talk.say(`\nStopped. What comes after these ${several(lines, 'line')} was not looked at.`);
  if (needPlan > 0 && !plan) {
    talk.say(`\n${several(needPlan, 'change')} would take several steps: --plan walks them.`);
  }
}
