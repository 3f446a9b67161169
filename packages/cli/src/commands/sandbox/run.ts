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
import { quoted, several } from '../../terminal/text.ts';

// What fetch refuses as "bad port": https://fetch.spec.whatwg.org/#bad-port
const blockedPorts: ReadonlySet<number> = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102,
  103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465,
  512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993,
  995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668,
  6669, 6679, 6697, 10_080,
]);

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
  if (blockedPorts.has(port)) {
    throw new CliError(`--port: No client that uses fetch can reach port ${port}. Choose another.`);
  }
  const faults = (options.fault ?? []).map(faultNamed);
  // A signal while a pipe is read simply ends the process.
  const tickets = file === undefined ? [] : await readTickets(file, messages);
  const interrupt = watchInterrupt();
  try {
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

  ticket-lifecycle apply ${quoted(file)} --base-url ${url} --plan --staff-user-id 1
`;
}

function explain(error: unknown): never {
  if (!SandboxError.is(error)) throw error;
  throw new CliError(error.message.replace(/^startSandbox: /, ''));
}
