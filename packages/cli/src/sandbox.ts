import { once } from 'node:events';
import { SandboxError, startSandbox } from '@ticket-lifecycle/sandbox';
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

/** Runs a sandbox until it is stopped, and prints what it has seen. */
export async function sandbox(options: SandboxCommandOptions, terminal: Terminal): Promise<number> {
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
