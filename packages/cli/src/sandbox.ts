import { once } from 'node:events';
import { type Command, Option } from '@commander-js/extra-typings';
import {
  type FaultKind,
  faultKinds,
  type Faults,
  type LimitAlgorithm,
  limitAlgorithms,
  SandboxError,
  startSandbox,
} from '@ticket-lifecycle/sandbox';
import { oneOf, share, wholeNumber } from './arguments.ts';
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
  readonly limit: LimitAlgorithm | 'none';
  readonly burst: number;
  readonly fault?: readonly FaultKind[] | undefined;
  readonly faultRate?: number | undefined;
  readonly seed: number;
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
has seen: requests, 429s, the fullest second, and where the tickets stand. Opened in a
browser, it shows what comes in and has a switch for every fault.`,
    )
    .option('--port <n>', 'where to listen; 0 takes any free port', wholeNumber(0, 65_535), 4010)
    .option(
      '--tickets <file>',
      'CSV or NDJSON with ticketId, and status or from; such as your changes',
    )
    .option('--requests-per-second <n>', 'the limit of each key', wholeNumber(1), 25)
    .addOption(
      new Option('--limit <algorithm>', 'how the limit is kept')
        .choices([...limitAlgorithms, 'none'] as const)
        .default('sliding-log' as const),
    )
    .option('--burst <n>', 'how many requests the leaky bucket takes at once', wholeNumber(1), 5)
    .option('--fault <name>', 'the next request meets this fault; repeatable', oneOf(faultKinds))
    .option('--fault-rate <share>', 'this share of all requests meets one of those, or any', share)
    .option('--seed <n>', 'repeats the same faults', wholeNumber(0), 1)
    .option('--json', 'print the record as one object')
    .addHelpText(
      'after',
      `\nFaults:\n${inLines(faultKinds)}\n\nExamples:\n  $ ticket-lifecycle sandbox --tickets changes.csv\n  $ ticket-lifecycle sandbox --fault-rate 0.05 --fault lost-after-applying --fault cut-body`,
    )
    .action(async (options) => end(await sandbox(options, terminal)));
}

async function sandbox(options: SandboxCommandOptions, terminal: Terminal): Promise<number> {
  const { port, requestsPerSecond, limit, burst, tickets: file } = options;
  const { talk, output } = terminal;
  // From here on, so that a signal during a long seeding ends in order too.
  const interrupt = watchInterrupt();
  try {
    const tickets = file === undefined ? [] : await readTickets(file, talk);
    const limits = { requestsPerSecond, limit, burst };
    const running = await startSandbox({ port, tickets, ...limits }).catch(explain);
    switchOn(running.sandbox.faults, options);
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

function switchOn(
  faults: Faults,
  { fault: kinds = [], faultRate, seed }: SandboxCommandOptions,
): void {
  if (faultRate === undefined) for (const kind of kinds) faults.next(1, kind);
  else faults.rate(faultRate, { seed, faults: kinds.length === 0 ? undefined : kinds });
}

function inLines(names: readonly string[]): string {
  const lines = [''];
  for (const name of names) {
    const line = lines.at(-1) ?? '';
    if (line.length + name.length > 76) lines.push(name);
    else lines[lines.length - 1] = line === '' ? name : `${line}, ${name}`;
  }
  return lines.map((line) => `  ${line}`).join('\n');
}

function greeting(url: string, tickets: number, file = 'changes.csv'): string {
  return `The sandbox listens on ${url}, with ${several(tickets, 'ticket')}. Ctrl-C ends it.
Open that address in a browser to watch it, and to make it fail. Next, in another terminal:

  ticket-lifecycle apply ${/^[\w./-]+$/.test(file) ? file : `'${file}'`} --base-url ${url} --plan --staff-user-id 1
`;
}

function explain(error: unknown): never {
  if (!SandboxError.is(error)) throw error;
  throw new CliError(error.message.replace(/^startSandbox: /, ''));
}
