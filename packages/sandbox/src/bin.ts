#!/usr/bin/env node
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import packageJson from '../package.json' with { type: 'json' };
import { SandboxError } from './error.ts';
import { type FaultKind, faultKinds, faultMeanings } from './faults/fault-kinds.ts';
import { limitAlgorithms } from './limits/create-rate-limit.ts';
import { startSandbox, type StartSandboxOptions } from './start-sandbox.ts';

const usage = `Usage: ticket-lifecycle-sandbox [options]

Runs the Series ticket API on this machine, until Ctrl-C. Then it prints its record as JSON.

  --port <n>                 where to listen; 0 takes any free port (4010)
  --ticket <id>              a ticket to begin with, open; may be repeated
  --limit <algorithm>        ${[...limitAlgorithms, 'none'].join(', ')}
  --requests-per-second <n>  the limit of each key (25)
  --burst <n>                how many requests the leaky bucket takes at once (5)
  --fault <name>             the next request meets this fault; may be repeated, in order
  --fault-rate <share>       this share of all requests meets one of those faults, or any
  --seed <n>                 repeats the same random faults (1)
  --faults                   list the faults and what they do
  --help, --version
`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args,
      options: {
        port: { type: 'string', default: '4010' },
        ticket: { type: 'string', multiple: true, default: [] },
        limit: { type: 'string' },
        'requests-per-second': { type: 'string' },
        burst: { type: 'string' },
        fault: { type: 'string', multiple: true, default: [] },
        'fault-rate': { type: 'string' },
        seed: { type: 'string' },
        faults: { type: 'boolean' },
        help: { type: 'boolean' },
        version: { type: 'boolean' },
      },
    });
    if (values.help) return print(usage);
    if (values.version) return print(`${packageJson.version}\n`);
    if (values.faults) return print(faultList());
    const running = await startSandbox({
      port: numberOf(values.port),
      tickets: values.ticket.map((ticketId) => ({ ticketId })),
      ...given('limit', values.limit as StartSandboxOptions['limit']),
      ...given('requestsPerSecond', numberOf(values['requests-per-second'])),
      ...given('burst', numberOf(values.burst)),
    });
    try {
      switchOn(running.sandbox.faults, values.fault as FaultKind[], {
        share: numberOf(values['fault-rate']),
        seed: numberOf(values.seed),
      });
      say(`The sandbox listens on ${running.url}, and shows itself there. Ctrl-C ends it.`);
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      return print(`${JSON.stringify(running.sandbox.record())}\n`);
    } finally {
      await running.close();
    }
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    const isUsage = SandboxError.is(error) || String(code).startsWith('ERR_PARSE_ARGS');
    if (!isUsage) throw error;
    say(`error: ${(error as Error).message}\nAdd --help to see how it is used.`);
    return 2;
  }
}

function switchOn(
  faults: Awaited<ReturnType<typeof startSandbox>>['sandbox']['faults'],
  kinds: readonly FaultKind[],
  { share, seed }: { readonly share: number | undefined; readonly seed: number | undefined },
): void {
  if (share !== undefined)
    faults.rate(share, { seed, ...(kinds.length > 0 ? { faults: kinds } : {}) });
  else for (const kind of kinds) faults.next(1, kind);
}

// What is no number becomes NaN, which the option itself refuses by its name.
function numberOf<Text extends string | undefined>(
  text: Text,
): Text extends string ? number : number | undefined {
  const number = text === undefined ? undefined : text.trim() === '' ? Number.NaN : Number(text);
  return number as Text extends string ? number : number | undefined;
}

function given<Name extends string, Value>(name: Name, value: Value | undefined) {
  return (value === undefined ? {} : { [name]: value }) as { [name in Name]?: Value };
}

function faultList(): string {
  const width = Math.max(...faultKinds.map(({ length }) => length));
  return faultKinds.map((kind) => `${kind.padEnd(width)}  ${faultMeanings[kind]}\n`).join('');
}

function print(text: string): 0 {
  process.stdout.write(text);
  return 0;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
