import { once } from 'node:events';
import type { Command } from '@commander-js/extra-typings';
import { SandboxError, startSandbox } from '@ticket-lifecycle/sandbox';
import { wholeNumber } from './arguments.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-code.ts';
import { watchInterrupt } from './interrupt.ts';
import { recordText } from './record-text.ts';
import { readTickets } from './seed.ts';
import { several, type Terminal } from './terminal.ts';

interface SandboxCommandOptions {
  readonly port: number;
  readonly tickets?: string | undefined;
  readonly requestsPerSecond: number;
  readonly json?: true | undefined;
}

/** Adds `sandbox` to the program. */
export function addSandbox(
  program: Command,
  terminal: Terminal,
  end: (code: number) => void,
): void {
  program
    .command('sandbox')
    .summary('run the Series ticket API on this machine')
    .description(
      `Runs the Series ticket API on this machine, until Ctrl-C. Then it prints what it
has seen: requests, 429s, the fullest second, and where the tickets stand.`,
    )
    .option('--port <n>', 'where to listen; 0 takes any free port', wholeNumber(0, 65_535), 4010)
    .option(
      '--tickets <file>',
      'CSV or NDJSON with ticketId, and status or from; such as your changes',
    )
    .option('--requests-per-second <n>', 'the limit of each key', wholeNumber(1), 25)
    .option('--json', 'print the record as one object')
    .addHelpText('after', '\nExample:\n  $ ticket-lifecycle sandbox --tickets changes.csv')
    .action(async (options) => end(await sandbox(options, terminal)));
}

async function sandbox(options: SandboxCommandOptions, terminal: Terminal): Promise<number> {
  const { port, requestsPerSecond, tickets: file } = options;
  const { talk, output } = terminal;
  // From here on, so that a signal during a long seeding ends in order too.
  const interrupt = watchInterrupt();
  try {
    const tickets = file === undefined ? [] : await readTickets(file, talk);
    const running = await startSandbox({ port, tickets, requestsPerSecond }).catch(explain);
    talk.say(greeting(running.url, tickets.length, file));
    if (!interrupt.signal.aborted) await once(interrupt.signal, 'abort');
    const record = running.sandbox.record();
    await running.close();
    if (options.json === true) await output.printJson({ type: 'summary', ...record });
    else await output.print(recordText(record, requestsPerSecond));
    return exitCodes.ok;
  } finally {
    interrupt.release();
  }
}

function greeting(url: string, tickets: number, file = 'changes.csv'): string {
  return `The sandbox listens on ${url}, with ${several(tickets, 'ticket')}. Ctrl-C ends it.
Next, in another terminal:

  ticket-lifecycle apply ${/^[\w./-]+$/.test(file) ? file : `'${file}'`} --base-url ${url} --plan --staff-user-id 1
`;
}

function explain(error: unknown): never {
  if (!SandboxError.is(error)) throw error;
  throw new CliError(error.message.replace(/^startSandbox: /, ''));
}
