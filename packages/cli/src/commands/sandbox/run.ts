import { once } from 'node:events';
import {
  type FaultKind,
  faultKinds,
  faultMeanings,
  type Faults,
  type LimitAlgorithm,
  SandboxError,
  startSandbox,
} from '@ticket-lifecycle/sandbox';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-code.ts';
import { watchInterrupt } from '../../terminal/interrupt.ts';
import { didYouMean } from '../../terminal/did-you-mean.ts';
import { recordText } from './record-text.ts';
import { jsonVersion } from '../../json-version.ts';
import { readTickets } from './tickets-file.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { several } from '../../terminal/text.ts';

interface SandboxCommandOptions {
  readonly port: number;
  readonly tickets?: string | undefined;
  readonly requestsPerSecond: number;
  readonly limit: LimitAlgorithm | 'none';
  readonly burst: number;
  readonly fault?: readonly string[] | undefined;
  readonly faultRate?: number | undefined;
  readonly seed: number;
  readonly faults?: true | undefined;
  readonly json?: true | undefined;
}

/** Runs a sandbox until it is stopped, and prints what it has seen. */
export async function sandbox(options: SandboxCommandOptions, terminal: Terminal): Promise<number> {
  const { port, requestsPerSecond, limit, burst, tickets: file } = options;
  const { messages, output } = terminal;
  if (options.faults === true) {
    await output.print(faultList());
    return exitCodes.ok;
  }
  const faults = (options.fault ?? []).map(faultNamed);
  // From here on, so that a signal during a long seeding ends in order too.
  const interrupt = watchInterrupt();
  try {
    const tickets = file === undefined ? [] : await readTickets(file, messages);
    const limits = { requestsPerSecond, limit, burst };
    const running = await startSandbox({ port, tickets, ...limits }).catch(explain);
    switchOn(running.sandbox.faults, faults, options);
    messages.show(greeting(running.url, tickets.length, file));
    if (!interrupt.signal.aborted) await once(interrupt.signal, 'abort');
    const record = running.sandbox.record();
    await running.close();
    if (options.json === true)
      await output.printJson({ type: 'summary', schema: jsonVersion, ...record });
    else await output.print(recordText(record, requestsPerSecond));
    return exitCodes.ok;
  } finally {
    interrupt.release();
  }
}

function faultNamed(name: string): FaultKind {
  const fault = faultKinds.find((kind) => kind === name);
  if (fault !== undefined) return fault;
  throw new CliError(
    `There is no fault "${name}"${didYouMean(name, faultKinds)}; --faults lists them.`,
  );
}

function switchOn(
  faults: Faults,
  kinds: readonly FaultKind[],
  { faultRate, seed }: SandboxCommandOptions,
): void {
  if (faultRate === undefined) for (const kind of kinds) faults.next(1, kind);
  else faults.rate(faultRate, { seed, faults: kinds.length === 0 ? undefined : kinds });
}

function faultList(): string {
  const width = Math.max(...faultKinds.map(({ length }) => length));
  return faultKinds.map((kind) => `${kind.padEnd(width)}  ${faultMeanings[kind]}`).join('\n');
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
